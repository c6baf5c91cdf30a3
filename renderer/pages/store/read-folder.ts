import type { Client } from '../../../shared/client/index.ts';
import type { Input, UsageEntry } from '../../../shared/contract/index.ts';

/** Entries asked for at once when all are needed. */
const wholePageSize = 5_000;

/** Reads all entries of a folder, page by page. */
export async function readFolder(
  client: Pick<Client, 'call'>,
  input: Omit<Input<'usage.children'>, 'offset' | 'limit'>,
): Promise<readonly UsageEntry[]> {
  const entries = new Map<string, UsageEntry>();
  for (let offset = 0, total = 1; offset < total; offset += wholePageSize) {
    const page = await client.call('usage.children', { ...input, offset, limit: wholePageSize });
    total = page.total;
    // What moved between two pages may be in both.
    for (const entry of page.entries) entries.set(entry.name, entry);
  }
  return [...entries.values()];
}
