import type { BigIntStats } from 'node:fs';
import type { Skipped } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { usedSince } from './beside.ts';
import { concernsOnePath } from './faults.ts';
import { readJournalLines, undoPaths } from './journal.ts';
import type { FolderLine, MetaLine, Old, PlaceLine, RestoreLine, TakeLine } from './journal.ts';
import { lstatOrNothing } from './live.ts';
import { leavesOld } from './operations.ts';
import { setMetadata } from './metadata.ts';
import { below, parentOf } from './paths.ts';
import { changedReason } from './prepare-task.ts';
import { holdFolder, withRealPath } from './real-path.ts';

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
    const staging = holdFolder(fs, paths.staging);
    const old = holdFolder(fs, paths.old);
    const from = { staging: staging.path, old: old.path };
    const skipped: Skipped[] = [];
    const folders: FolderLine[] = [];
    const newFolders: PlaceLine[] = [];
    const touched = new Set<string>();
    let header: RestoreLine | undefined;
    let done = 0;

    const change = (
      line: PlaceLine | TakeLine | MetaLine,
      run: (at: string, header: RestoreLine) => string | undefined,
    ): void => {
      const rules = header;
      if (rules === undefined) return;
      let reason: string | undefined;
      try {
        reason = withRealPath(fs, input.target, line.path, (at) =>
          at === undefined ? 'A folder it lies in was replaced.' : run(at, rules),
        );
      } catch (error) {
        if (!concernsOnePath(error)) throw error;
        reason = `It ${reasonOf(error)}.`;
      }
      if (reason !== undefined) {
        skipped.push({ path: line.path, reason });
        if (line.t === 'place' && line.old?.how === 'linked') unlinkIfThere(fs, below(from.old, line.path));
      } else if (line.t === 'place' && line.type === 'dir') newFolders.push(line);
      touched.add(below(input.target, parentOf(line.path)));
      if (line.t === 'take' || (line.t === 'place' && leavesOld(line))) {
        touched.add(below(paths.old, parentOf(line.path)));
      }
      done += 1;
      if (done % reportEvery === 0) context.post({ done });
    };

    try {
      readJournalLines(fs, paths.journal, (line) => {
        switch (line.t) {
          case 'restore':
            header = line;
            return;
          case 'place':
            change(line, (at, rules) => place(fs, at, from, line, rules));
            return;
          case 'take':
            change(line, (at) => take(fs, at, from.old, line));
            return;
          case 'meta':
            change(line, (at, rules) => changeMetadata(fs, at, line, rules));
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
    } finally {
      staging.close();
      old.close();
    }

    // Last, and the deepest first: what is done inside a folder changes its time, and its mode may forbid doing more.
    const settings = [
      ...folders.flatMap((line) => (line.after === undefined ? [] : [{ ...line, after: line.after }])),
      ...newFolders,
    ].sort((a, b) => depthOf(b.path) - depthOf(a.path));
    for (const line of settings) {
      const rules = header;
      if (rules === undefined) break;
      withRealPath(fs, input.target, line.path, (at) => {
        const now = at === undefined ? undefined : lstatOrNothing(fs, at);
        try {
          if (at === undefined || now?.isDirectory() !== true || String(now.ino) !== line.inode) {
            skipped.push({ path: line.path, reason: changedReason });
          } else setMetadata(fs, at, now, line.after, rules);
        } catch (error) {
          if (!concernsOnePath(error)) throw error;
          skipped.push({ path: line.path, reason: `It ${reasonOf(error)}.` });
        }
      });
      touched.add(below(input.target, line.path));
    }
    if (input.sync) for (const folder of touched) syncIfThere(fs, folder);
    context.post({ done });
    return skipped;
  },
});

function depthOf(path: string): number {
  return path === '' ? -1 : path.split('/').length;
}

function isStill(now: BigIntStats | undefined, old: Old, isIndex = false): now is BigIntStats {
  if (now === undefined || String(now.ino) !== old.inode) return false;
  // A folder's contents were compared when it was prepared; that something is added to it meanwhile loses nothing.
  if (old.type === 'dir') return now.isDirectory();
  // Every reader writes to the index of a WAL.
  if (isIndex) return now.isFile();
  // Not its change time: that moves when another name of the same file is dealt with before it.
  return Number(now.size) === old.size && String(now.mtimeNs) === old.mtimeNs;
}

/** Puts something in place; what belongs to what it replaces goes aside first, and comes back when that stays after all. */
function place(
  fs: FileSystem,
  at: string,
  from: { staging: string; old: string },
  line: PlaceLine,
  { atMs }: RestoreLine,
): string | undefined {
  if (usedSince(fs, at, line, atMs)) return changedReason;
  const besides = (line.beside ?? []).map(({ path, old }) => {
    return { old, now: at + path.slice(line.path.length), aside: below(from.old, path) };
  });
  for (const { old, now } of besides) {
    if (!isStill(lstatOrNothing(fs, now), old, now.endsWith('-shm'))) return changedReason;
  }
  const moved: typeof besides = [];
  const back = (): void => {
    for (const { now, aside } of moved) fs.rename(aside, now);
  };
  try {
    for (const beside of besides) {
      fs.rename(beside.now, beside.aside);
      moved.push(beside);
    }
    const reason = placeOne(fs, at, from, line);
    if (reason !== undefined) back();
    return reason;
  } catch (error) {
    if (concernsOnePath(error)) back();
    throw error;
  }
}

function placeOne(
  fs: FileSystem,
  at: string,
  from: { staging: string; old: string },
  line: PlaceLine,
): string | undefined {
  const staged = `${from.staging}/${line.stage}`;
  const now = lstatOrNothing(fs, at);
  if (line.old === undefined) {
    if (now !== undefined) return 'Something appeared in its place while the restore ran, and was left alone.';
    fs.rename(staged, at);
    return undefined;
  }
  if (!isStill(now, line.old)) return changedReason;
  if (line.old.how === 'linked') {
    fs.rename(staged, at);
    return undefined;
  }
  const aside = below(from.old, line.path);
  fs.rename(at, aside);
  try {
    fs.rename(staged, at);
  } catch (error) {
    if (concernsOnePath(error)) fs.rename(aside, at);
    throw error;
  }
  return undefined;
}

function take(fs: FileSystem, at: string, old: string, line: TakeLine): string | undefined {
  if (!isStill(lstatOrNothing(fs, at), line.old)) return changedReason;
  fs.rename(at, below(old, line.path));
  return undefined;
}

function changeMetadata(fs: FileSystem, at: string, line: MetaLine, rules: RestoreLine): string | undefined {
  const now = lstatOrNothing(fs, at);
  if (now === undefined || String(now.ino) !== line.inode || String(now.ctimeNs) !== line.ctimeNs) {
    return changedReason;
  }
  setMetadata(fs, at, now, line.after, rules);
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
