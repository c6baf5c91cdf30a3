import { join } from 'node:path';
import type { MoveLeaves } from '../../shared/contract/index.ts';
import { isSystemError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { ProcessIdentity } from '../process/index.ts';

export interface MoveOwner extends ProcessIdentity {
  /** Tells one engine from an earlier one in the same process. */
  readonly instance: string;
}

/**
 * The journal of one move, a JSON file in Larder's home, and the order in which a move writes.
 *
 * 1. `copying`, durable. The copy is made in `staging`, on the file system it is to stay on, each file's digest taken
 *    while it is read; everything is made durable and read again against the digests. The old place is looked at
 *    once more: it must be as it was. A crash until here: the staging folder goes, the old place is as it was.
 * 2. `switching`, durable, with the names of the copy's top entries and their inodes. Each is renamed to its place, which
 *    nothing holds. A crash until here: they are renamed back and go.
 * 3. The old place is renamed to `kept`. This one rename is the switch. A crash from here on: the rest is finished.
 * 4. With `link`, a link to the new place takes the old place's name. `done`, durable.
 *
 * Undo: `undoing`, durable; the link goes, `kept` gets its name back; then the copies are renamed to `staging` and go,
 * unless they changed since: those stay. A crash after `undoing` is finished at the next start.
 */
export interface MoveJournal {
  readonly id: string;
  readonly setup: string;
  readonly owner: MoveOwner;
  /** Root of the store. */
  readonly root: string;
  readonly state: 'copying' | 'switching' | 'done' | 'undoing';
  readonly from: string;
  /** `device:inode` of the old place. */
  readonly fromInode: string;
  readonly to: string;
  readonly kept: string;
  readonly leave: MoveLeaves;
  readonly staging: string;
  /** From `switching` on: what is put in place, with `device:inode`. */
  readonly entries: readonly { readonly name: string; readonly inode: string }[];
  /** Of the copies, by names, sizes and times, as they were put in place. */
  readonly digest: string;
  /** Of an undo: whether the copies go. */
  readonly removes: boolean;
}

export function movesFolder(home: string): string {
  return join(home, 'setup-moves');
}

export function writeJournal(fs: FileSystem, home: string, journal: MoveJournal): void {
  fs.makeDirectory(movesFolder(home), { recursive: true, mode: 0o700 });
  writeFileDurable(fs, join(movesFolder(home), `${journal.id}.json`), Buffer.from(JSON.stringify(journal)));
}

export function readJournal(fs: FileSystem, home: string, id: string): MoveJournal | undefined {
  try {
    return JSON.parse(fs.readFile(join(movesFolder(home), `${id}.json`)).toString('utf8')) as MoveJournal;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function removeJournal(fs: FileSystem, home: string, id: string): void {
  try {
    fs.unlink(join(movesFolder(home), `${id}.json`));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}

export function journalIds(fs: FileSystem, home: string): string[] {
  try {
    return fs.readNames(movesFolder(home)).flatMap((name) => /^([\w-]+)\.json$/.exec(name)?.[1] ?? []);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
