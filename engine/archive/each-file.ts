import type { BackupReader, FileEntry } from './types.ts';

/** Lets other work of this thread go first. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const entriesPerTurn = 2_000;

/** Goes through the files without holding the thread for long. */
export async function eachFile(reader: BackupReader, act: (entry: FileEntry) => void | Promise<void>): Promise<void> {
  let seen = 0;
  for (const entry of reader.entries()) {
    if (++seen % entriesPerTurn === 0) await breathe();
    if (entry.type !== 'file') continue;
    const done = act(entry);
    if (done !== undefined) await done;
  }
}
