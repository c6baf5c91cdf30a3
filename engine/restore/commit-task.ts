import type { BigIntStats } from 'node:fs';
import type { Skipped } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { concernsOnePath } from './faults.ts';
import { readJournalLines, undoPaths } from './journal.ts';
import type { FolderLine, JournalLine, MetaLine, Old, PlaceLine, RestoreLine } from './journal.ts';
import { foldersAreReal, lstatOrNothing } from './live.ts';
import { setMetadata } from './metadata.ts';
import { below, parentOf } from './paths.ts';
import { changedReason } from './prepare-task.ts';

export interface CommitInput {
  readonly target: string;
  readonly id: string;
  /** Whether the folders concerned are made durable one by one; otherwise the caller flushes the whole file system. */
  readonly sync: boolean;
}

const reportEvery = 256;

/**
 * Makes the changes that a journal lists. Each path is looked at immediately before; one that moved is left alone and
 * returned. Any error that concerns more than one path is thrown, and the caller goes back.
 */
export const commitTask = defineTask({
  name: 'restore.commit',
  run(input: CommitInput, context: TaskContext): Skipped[] {
    const { fs } = context;
    const paths = undoPaths(input.target, input.id);
    const skipped: Skipped[] = [];
    const folders: FolderLine[] = [];
    const newFolders: PlaceLine[] = [];
    const touched = new Set<string>();
    let header: RestoreLine | undefined;
    let done = 0;

    const change = (line: JournalLine, run: (header: RestoreLine) => string | undefined): void => {
      if (header === undefined || !('path' in line)) return;
      let reason: string | undefined;
      try {
        reason = foldersAreReal(fs, input.target, line.path) ? run(header) : 'A folder it lies in was replaced.';
      } catch (error) {
        if (!concernsOnePath(error)) throw error;
        reason = `It ${reasonOf(error)}.`;
      }
      if (reason !== undefined) {
        skipped.push({ path: line.path, reason });
        if (line.t === 'place' && line.old?.how === 'linked') unlinkIfThere(fs, below(paths.old, line.path));
      } else if (line.t === 'place' && line.type === 'dir') newFolders.push(line);
      touched.add(below(input.target, parentOf(line.path)));
      if (line.t === 'take' || (line.t === 'place' && line.old !== undefined)) {
        touched.add(below(paths.old, parentOf(line.path)));
      }
      done += 1;
      if (done % reportEvery === 0) context.post({ done });
    };

    readJournalLines(fs, paths.journal, (line) => {
      switch (line.t) {
        case 'restore':
          header = line;
          return;
        case 'place':
          change(line, () => place(fs, input.target, paths, line));
          return;
        case 'take':
          change(line, () => take(fs, input.target, paths.old, line));
          return;
        case 'meta':
          change(line, (rules) => changeMetadata(fs, input.target, line, rules));
          return;
        case 'folder':
          folders.push(line);
          return;
        case 'made':
        case 'begin':
        case 'skip':
        case 'commit':
        case 'leave':
        case 'undo':
        case 'undone':
          return;
      }
    });

    // Last, and the deepest first: what is done inside a folder changes its time, and its mode may forbid doing more.
    const settings = [
      ...folders.flatMap((line) => (line.after === undefined ? [] : [{ ...line, after: line.after }])),
      ...newFolders,
    ].sort((a, b) => depthOf(b.path) - depthOf(a.path));
    for (const line of settings) {
      if (header === undefined) break;
      const path = below(input.target, line.path);
      const now = foldersAreReal(fs, input.target, line.path) ? lstatOrNothing(fs, path) : undefined;
      try {
        if (now?.isDirectory() !== true || String(now.ino) !== line.inode) {
          skipped.push({ path: line.path, reason: changedReason });
        } else setMetadata(fs, path, now, line.after, header);
      } catch (error) {
        if (!concernsOnePath(error)) throw error;
        skipped.push({ path: line.path, reason: `It ${reasonOf(error)}.` });
      }
      touched.add(path);
    }
    if (input.sync) for (const folder of touched) syncIfThere(fs, folder);
    context.post({ done });
    return skipped;
  },
});

function depthOf(path: string): number {
  return path === '' ? -1 : path.split('/').length;
}

function isStill(now: BigIntStats | undefined, old: Old): now is BigIntStats {
  if (now === undefined || String(now.ino) !== old.inode) return false;
  // A folder's contents were compared when it was prepared; that something is added to it meanwhile loses nothing.
  if (old.type === 'dir') return now.isDirectory();
  // Not its change time: that moves when another name of the same file is dealt with before it.
  return Number(now.size) === old.size && String(now.mtimeNs) === old.mtimeNs;
}

function place(
  fs: FileSystem,
  target: string,
  paths: { staging: string; old: string },
  line: PlaceLine,
): string | undefined {
  const path = below(target, line.path);
  const staged = `${paths.staging}/${line.stage}`;
  const now = lstatOrNothing(fs, path);
  if (line.old === undefined) {
    if (now !== undefined) return 'Something appeared in its place while the restore ran, and was left alone.';
    fs.rename(staged, path);
    return undefined;
  }
  if (!isStill(now, line.old)) return changedReason;
  if (line.old.how === 'linked') {
    fs.rename(staged, path);
    return undefined;
  }
  const aside = below(paths.old, line.path);
  fs.rename(path, aside);
  try {
    fs.rename(staged, path);
  } catch (error) {
    if (concernsOnePath(error)) fs.rename(aside, path);
    throw error;
  }
  return undefined;
}

function take(fs: FileSystem, target: string, old: string, line: { path: string; old: Old }): string | undefined {
  const path = below(target, line.path);
  if (!isStill(lstatOrNothing(fs, path), line.old)) return changedReason;
  fs.rename(path, below(old, line.path));
  return undefined;
}

function changeMetadata(fs: FileSystem, target: string, line: MetaLine, rules: RestoreLine): string | undefined {
  const path = below(target, line.path);
  const now = lstatOrNothing(fs, path);
  if (now === undefined || String(now.ino) !== line.inode || String(now.ctimeNs) !== line.ctimeNs) {
    return changedReason;
  }
  setMetadata(fs, path, now, line.after, rules);
  return undefined;
}

export function unlinkIfThere(fs: FileSystem, path: string): void {
  if (lstatOrNothing(fs, path) !== undefined) fs.unlink(path);
}

/** Makes a folder durable; one that is gone or cannot be opened by this user was not changed by it. */
export function syncIfThere(fs: FileSystem, path: string): void {
  try {
    fs.fsyncDirectory(path);
  } catch (error) {
    if (!concernsOnePath(error)) throw error;
  }
}
