import { dirname, relative } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { formatBytes } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { MoveAction } from './actions.ts';
import { copyTree } from './copy-tree.ts';
import type { CopyProgress } from './copy-tree.ts';
import { readJournal, removeJournal, writeJournal } from './move-journal.ts';
import type { MoveJournal, MoveOwner } from './move-journal.ts';
import { changedOnDisk, withoutLinks } from './real-place.ts';
import { treeFacts } from './tree-facts.ts';

export interface MoveRequest {
  readonly id: string;
  readonly setup: string;
  readonly home: string;
  readonly root: string;
  readonly owner: MoveOwner;
  readonly action: MoveAction;
}

export interface MoveContext {
  readonly fs: FileSystem;
  readonly check: () => void;
  readonly progress: (progress: CopyProgress) => void;
  /** From here on it is not to be cancelled. */
  readonly switching: () => void;
}

export interface Moved {
  readonly strayLinks: readonly string[];
}

/** The folder in a store's root that belongs to Larder; backups and counts pass it over. */
const larderFolder = '.larder-undo';

/** What the disk keeps for itself and others while a copy is made. */
const spareBytes = 64 * 1024 * 1024;

export function inodeOf(fs: FileSystem, path: string): string | undefined {
  try {
    const { dev, ino } = fs.lstat(path);
    return `${dev}:${ino}`;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Copies, verifies and switches, in the order of move-journal.ts. When it throws, everything is as it was. */
export function moveIn(request: MoveRequest, context: MoveContext): Moved {
  const { fs, check } = context;
  const { action, home, root, id, setup, owner } = request;
  const { from, to, kept, leave } = action;
  if (treeFacts(fs, from, check).digest !== action.digest) throw changedOnDisk(from);
  const { bavail, bsize } = fs.statfs(to);
  if (bavail * bsize < action.allocated + spareBytes) {
    throw new LarderError(
      'NO_SPACE',
      `${displayName(from)} takes ${formatBytes(action.allocated)}; with ${formatBytes(spareBytes)} to spare that does not fit into ` +
        `the ${formatBytes(bavail * bsize)} free on the disk of ${displayName(to)}.`,
      { hint: 'Free some space, or move it by hand.' },
    );
  }
  const onRoot = fs.stat(root).dev === fs.stat(to).dev;
  const staging = onRoot ? `${root}/${larderFolder}/m-${id}` : `${to}/.larder-move-${id}.tmp`;
  const fromInode = inodeOf(fs, from);
  if (fromInode === undefined) throw changedOnDisk(from);
  const copying: MoveJournal = {
    ...{ id, setup, owner, root, from, fromInode, to, kept, leave, staging },
    state: 'copying',
    entries: [],
    digest: '',
    removes: false,
  };
  writeJournal(fs, home, copying);
  try {
    if (onRoot) makeLarderFolder(fs, root);
    withoutLinks(fs, root, staging, (at) => fs.makeDirectory(at, { mode: 0o700 }));
    const { strayLinks } = copyTree(from, staging, context);
    if (treeFacts(fs, from, check).digest !== action.digest) {
      throw new LarderError('CHANGED_ON_DISK', `Something wrote to ${displayName(from)} while it was copied.`, {
        hint: 'Stop what writes to it, and plan again.',
      });
    }
    check();
    context.switching();
    const entries = fs.readNames(staging).map((name) => ({ name, inode: inodeOf(fs, `${staging}/${name}`) ?? '' }));
    const { digest } = treeFacts(fs, staging, check);
    const journal: MoveJournal = { ...copying, state: 'switching', entries, digest };
    writeJournal(fs, home, journal);
    putInPlace(fs, journal);
    finish(fs, home, journal);
    return { strayLinks };
  } catch (error) {
    const journal = readJournal(fs, home, id) ?? copying;
    settleMove(fs, home, journal);
    throw error;
  }
}

function makeLarderFolder(fs: FileSystem, root: string): void {
  try {
    withoutLinks(fs, root, `${root}/${larderFolder}`, (at) => fs.makeDirectory(at, { mode: 0o700 }));
  } catch (error) {
    if (!isSystemError(error, 'EEXIST') || !fs.lstat(`${root}/${larderFolder}`).isDirectory()) throw error;
  }
}

/** Renames the copies to their places. Nothing there is replaced: a name that is taken by now ends it. */
function putInPlace(fs: FileSystem, { entries, staging, to, root }: MoveJournal): void {
  for (const { name } of entries) {
    withoutLinks(fs, root, `${to}/${name}`, (at) => {
      if (inodeOf(fs, at) !== undefined) throw changedOnDisk(`${to}/${name}`);
      fs.rename(`${staging}/${name}`, at);
    });
  }
  fs.fsyncDirectory(to);
}

/** The switch, and what follows it. What was done already is passed over. */
function finish(fs: FileSystem, home: string, journal: MoveJournal): void {
  const { from, kept, leave, to, fromInode } = journal;
  if (inodeOf(fs, from) === fromInode) {
    if (inodeOf(fs, kept) !== undefined) throw changedOnDisk(kept);
    fs.rename(from, kept);
    fs.fsyncDirectory(dirname(from));
  }
  if (leave === 'link' && inodeOf(fs, from) === undefined) {
    fs.symlink(linkText(from, to), from);
    fs.fsyncDirectory(dirname(from));
  }
  removeStaging(fs, journal);
  writeJournal(fs, home, { ...journal, state: 'done' });
}

function removeStaging(fs: FileSystem, { staging, root }: MoveJournal): void {
  removeTree(fs, staging);
  try {
    // Only when nothing else is kept there.
    if (staging.startsWith(`${root}/${larderFolder}/`)) fs.removeDirectory(dirname(staging));
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

/** Removes a tree of Larder's own. Links are removed, not followed. */
export function removeTree(fs: FileSystem, path: string): void {
  let stats;
  try {
    stats = fs.lstat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  if (!stats.isDirectory()) {
    fs.unlink(path);
    return;
  }
  // A folder that was copied read-only would keep what is in it.
  if ((Number(stats.mode) & 0o700) !== 0o700) fs.chmod(path, 0o700);
  for (const name of fs.readNames(path)) removeTree(fs, `${path}/${name}`);
  fs.removeDirectory(path);
}

/** What settling a move that had not ended came to. */
export type Settled = 'back' | 'finished' | 'left' | 'undone';

/**
 * Brings a move that a crash or a fault ended to one of its ends: before the switch back to how it was, after it on to how
 * it was to be. Copies that somebody changed meanwhile are never removed: then `left`, and both places stand.
 */
export function settleMove(fs: FileSystem, home: string, journal: MoveJournal): Settled {
  switch (journal.state) {
    case 'done':
      return 'finished';
    case 'undoing':
      finishUndo(fs, home, journal);
      return 'undone';
    case 'copying':
      removeStaging(fs, journal);
      removeJournal(fs, home, journal.id);
      return 'back';
    case 'switching': {
      const switched =
        inodeOf(fs, journal.from) !== journal.fromInode && inodeOf(fs, journal.kept) === journal.fromInode;
      if (switched) {
        finish(fs, home, journal);
        return 'finished';
      }
      const settled = takeBack(fs, journal);
      if (settled) removeStaging(fs, journal);
      removeJournal(fs, home, journal.id);
      return settled ? 'back' : 'left';
    }
  }
}

/** Renames copies that are in place back to the staging folder; false when they changed since, and stay. */
function takeBack(fs: FileSystem, journal: MoveJournal): boolean {
  const { entries, to, staging } = journal;
  const placed = entries.filter(({ name, inode }) => inodeOf(fs, `${to}/${name}`) === inode);
  const waiting = entries.filter(({ name, inode }) => inodeOf(fs, `${staging}/${name}`) === inode);
  if (placed.length === entries.length && !isAsPlaced(fs, journal)) return false;
  // Some are in place and some are not: nobody can have taken them for the data yet. But nothing written is thrown away.
  if (placed.length + waiting.length < entries.length) return false;
  if (placed.length === 0) return true;
  makeAgain(fs, staging);
  for (const { name } of placed) fs.rename(`${to}/${name}`, `${staging}/${name}`);
  fs.fsyncDirectory(to);
  return true;
}

/** The staging folder, which an ended move has removed. */
function makeAgain(fs: FileSystem, staging: string): void {
  try {
    fs.makeDirectory(staging, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
}

function isAsPlaced(fs: FileSystem, { entries, to, digest }: MoveJournal): boolean {
  try {
    const names = entries.map(({ name }) => name);
    return treeFacts(fs, to, () => {}, names).digest === digest;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** What undoing a move came to. `kept`: the copies changed since and stay in the store. */
export interface UndoneMove {
  readonly back: boolean;
  readonly kept: boolean;
  readonly reason?: string;
}

/** Gives the old place its content back, and takes the copies out of the store unless they changed since. */
export function undoMove(fs: FileSystem, home: string, journal: MoveJournal): UndoneMove {
  const { from, kept, fromInode, to } = journal;
  if (inodeOf(fs, kept) !== fromInode) {
    return { back: false, kept: true, reason: `${displayName(kept)}, what it was before, is not there any more.` };
  }
  if (inodeOf(fs, from) !== undefined && !isOurLink(fs, from, to)) {
    return { back: false, kept: true, reason: `There is something else at ${displayName(from)} now.` };
  }
  const undoing: MoveJournal = { ...journal, state: 'undoing', removes: isAsPlaced(fs, journal) };
  writeJournal(fs, home, undoing);
  finishUndo(fs, home, undoing);
  return { back: true, kept: !undoing.removes };
}

/** Relative, so that it still leads there when the project moves as a whole. */
function linkText(from: string, to: string): string {
  return relative(dirname(from), to);
}

function isOurLink(fs: FileSystem, path: string, to: string): boolean {
  return fs.lstat(path).isSymbolicLink() && fs.readLink(path) === linkText(path, to);
}

function finishUndo(fs: FileSystem, home: string, journal: MoveJournal): void {
  const { from, kept, to, fromInode, removes } = journal;
  if (inodeOf(fs, kept) === fromInode) {
    if (inodeOf(fs, from) !== undefined && isOurLink(fs, from, to)) fs.unlink(from);
    if (inodeOf(fs, from) !== undefined) throw changedOnDisk(from);
    fs.rename(kept, from);
    fs.fsyncDirectory(dirname(from));
  }
  if (removes) takeBack(fs, journal);
  removeStaging(fs, journal);
  removeJournal(fs, home, journal.id);
}
