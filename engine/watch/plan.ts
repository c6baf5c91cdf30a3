import { hasRawBytes } from '../../shared/path-text.ts';

/** What the plan needs to know of a counted store. */
export interface WatchedTree {
  /** Every directory, parents first, the root as `''`. */
  walk(from?: number): Iterable<{ id: number; path: string }>;
  childDirectories(id: number): readonly number[];
  /** Entries directly in a directory. */
  entryCount(id: number): number;
  /** Files and directories below. */
  figures(id: number): { files: number; dirs: number };
  name(id: number): string;
}

const rootId = 0;

/** Whether a relative path is one of these, or lies below one. */
export function isAtOrBelow(path: string, of: ReadonlySet<string>): boolean {
  if (of.size === 0) return false;
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) if (of.has(at)) return true;
  return false;
}

export interface WatchPlan {
  /** Directories for chokidar: the root and ordinary subtrees. */
  ordinary: Set<string>;
  /** Directories to watch one by one. */
  dense: string[];
}

/** A subtree with more entries than this is dense: chokidar takes about 3 KB an entry, a plain watch under 1 KB a directory. */
export const denseEntries = 1_000;
/** Entries that chokidar may be given in one store, all ordinary subtrees together. */
export const ordinaryEntries = 4_000;

/**
 * Which directories of a store chokidar watches, and which are dense and watched one by one (design: architecture,
 * Processes). Nothing in or below `unwatched` is. The smallest subtrees are ordinary, up to a bound for all of them.
 */
export function planWatch(tree: WatchedTree, unwatched: ReadonlySet<string> = new Set()): WatchPlan {
  const ordinary = new Set<string>();
  const dense: string[] = [];
  let left = ordinaryEntries;
  const rootEntries = tree.entryCount(rootId);
  if (rootEntries <= denseEntries) {
    ordinary.add('');
    left -= rootEntries;
  } else dense.push('');

  const subtrees = tree
    .childDirectories(rootId)
    .map((id) => {
      const { files, dirs } = tree.figures(id);
      return { id, entries: files + dirs };
    })
    .sort((a, b) => a.entries - b.entries);
  for (const { id, entries } of subtrees) {
    const paths: string[] = [];
    for (const { path } of tree.walk(id)) if (!isAtOrBelow(path, unwatched)) paths.push(path);
    // chokidar takes paths as strings, which cannot say a name that is not UTF-8.
    const isOrdinary =
      ordinary.has('') && entries <= Math.min(denseEntries, left) && !paths.some((path) => hasRawBytes(path));
    if (isOrdinary) {
      left -= entries;
      for (const path of paths) ordinary.add(path);
    } else dense.push(...paths);
  }
  return { ordinary, dense };
}
