import { comparePaths } from '../../shared/path-text.ts';
import { DiffRows } from './diff-rows.ts';
import type { Change, DiffData, DiffRow } from './diff-rows.ts';

/** Two sorted lists of entries compared, pure. */

/** An entry of a backup or of the live store. */
export interface Side {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly size?: number;
  /** Of a file whose content is known. */
  readonly sha256?: string;
  /** Of a symlink. */
  readonly target?: string;
}

/** A restored time is exact to about a microsecond only (see `FileSystem.lutimes`). */
const mtimeToleranceNs = 2_000n;

/** `content`: of files of one size whose content must be compared to tell. */
export type Comparison = Extract<Change, 'modified' | 'metadata'> | 'same' | 'time' | 'content';

/** Compares two entries of one path. `time`: nothing but the modification time differs. */
export function compareSides(before: Side, after: Side): Comparison {
  if (before.type !== after.type) return 'modified';
  if (before.type === 'symlink') {
    if (before.target !== after.target) return 'modified';
    return before.uid === after.uid && before.gid === after.gid ? 'same' : 'metadata';
  }
  const apart = after.mtimeNs - before.mtimeNs;
  const sameTime = apart <= mtimeToleranceNs && apart >= -mtimeToleranceNs;
  if (before.type === 'file') {
    if (before.size !== after.size) return 'modified';
    if (before.sha256 !== undefined && after.sha256 !== undefined) {
      if (before.sha256 !== after.sha256) return 'modified';
    } else if (!sameTime) return before.size === 0 ? 'metadata' : 'content';
  }
  const sameRest = before.mode === after.mode && before.uid === after.uid && before.gid === after.gid;
  if (!sameRest) return 'metadata';
  return sameTime ? 'same' : 'time';
}

/** A file whose content decides: the row says `modified` until it has been read. */
export interface Undecided {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export interface DiffOutput {
  readonly data: DiffData;
  readonly undecided: readonly Undecided[];
}

/**
 * What differs between two lists sorted by path. `lookAgain`: what stands now at the path of an entry that the second
 * list does not have (it may have been left out of it), `gone` or, when nobody can tell, `unknown`.
 */
export function diffEntries(
  before: Iterable<Side>,
  after: Iterable<Side>,
  lookAgain: (entry: Side) => Side | 'gone' | 'unknown',
  check: () => void,
): DiffOutput {
  const rows = new DiffRows();
  const undecided: Undecided[] = [];
  /** Rows of folders of which only the time differs. */
  const touched = new Map<string, number>();
  /** Those among them in which a name came or went, which is what the time says. */
  const explained = new Set<number>();
  /** Folders that are none any more; nothing below them is there. */
  const goneFolders = new Set<string>();

  /** A name came, went, or stands for something else. */
  const explain = (path: string): void => {
    const folder = touched.get(folderOf(path));
    if (folder !== undefined && path !== '') explained.add(folder);
  };
  const add = (row: DiffRow): number => {
    if (row.change === 'added' || row.change === 'removed') explain(row.path);
    return rows.add(row);
  };
  const removed = (entry: Side): void => {
    if (entry.type === 'dir') goneFolders.add(entry.path);
    add({ path: entry.path, type: entry.type, change: 'removed', before: entry.size });
  };
  const both = (old: Side, now: Side): void => {
    if (old.type === 'dir' && now.type !== 'dir') goneFolders.add(old.path);
    const found = compareSides(old, now);
    if (found === 'same') return;
    const { path, type } = now;
    const change = found === 'time' ? 'metadata' : found === 'content' ? 'modified' : found;
    const row = add({ path, type, change, before: old.size, after: now.size });
    if (found === 'modified' && (type === 'symlink' || type !== old.type)) explain(path);
    if (found === 'time' && type === 'dir') touched.set(path, row);
    if (found === 'content' && old.sha256 !== undefined) {
      undecided.push({ path, size: old.size ?? 0, sha256: old.sha256 });
    }
  };
  const onlyBefore = (old: Side): void => {
    const now = goneFolders.has(folderOf(old.path)) ? 'gone' : lookAgain(old);
    if (now === 'gone') removed(old);
    else if (now !== 'unknown') both(old, now);
  };

  const left = before[Symbol.iterator]();
  const right = after[Symbol.iterator]();
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    check();
    const order = a.done === true ? 1 : b.done === true ? -1 : comparePaths(a.value.path, b.value.path);
    if (order < 0 && a.done !== true) {
      onlyBefore(a.value);
      a = left.next();
    } else if (order > 0 && b.done !== true) {
      const { path, type, size } = b.value;
      add({ path, type, change: 'added', after: size });
      b = right.next();
    } else if (a.done !== true && b.done !== true) {
      both(a.value, b.value);
      a = left.next();
      b = right.next();
    }
  }
  return { data: rows.take(explained), undecided };
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
