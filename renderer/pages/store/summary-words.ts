import type { StoreRules, UsageSummary } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';

const mostNamed = 3;

/** What the figures of a store leave out or count otherwise than one may think, a sentence each. */
export function asideWords(
  summary: Pick<UsageSummary, 'hardLinks' | 'sparse' | 'mounts'>,
  { crossMounts }: Pick<StoreRules, 'crossMounts'>,
): string[] {
  const { hardLinks, sparse, mounts } = summary;
  const words: string[] = [];
  if (hardLinks.names > 0) {
    const names = formatQuantity(hardLinks.names, 'further name');
    words.push(`${names} of files that have several, counted once: ${formatBytes(hardLinks.bytes)} less than it seems`);
  }
  if (sparse.files > 0) {
    words.push(
      `${formatQuantity(sparse.files, 'sparse file')} with ${formatBytes(sparse.bytes)} of holes that take no space`,
    );
  }
  if (mounts.length > 0) {
    const named = mounts.slice(0, mostNamed).map(displayName).join(', ');
    const more = mounts.length > mostNamed ? ` and ${mounts.length - mostNamed} more` : '';
    words.push(`Other disks inside, ${crossMounts ? 'counted as well' : 'not counted'}: ${named}${more}`);
  }
  return words;
}
