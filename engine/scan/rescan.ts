import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { joinRelative } from './read-directory.ts';
import type { ScanBounds } from './read-directory.ts';
import { header, recordStatus } from './record.ts';
import { readAgain, readTask } from './tasks.ts';
import type { ReadAgain } from './tasks.ts';
import type { UsageTree } from './tree.ts';

export interface RescanOptions {
  fs: FileSystem;
  pool: Pool;
  /** How long the calling thread may read by itself, ms; 0 leaves all to the pool. */
  inlineMs: number;
  /** Called before a directory is read: the moment to see that it is watched, so that no change falls in between. */
  beforeRead?: ((path: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Rescanned {
  /** Directories whose figures or names changed. */
  changed: string[];
  /** Directories to be read next: new ones, and those this showed to be out of date. */
  next: string[];
  /** Directories that are gone. */
  removed: string[];
  /** Directories that took long to read, with the time in ms. */
  slow: { path: string; tookMs: number }[];
  /** The root is gone, or is another directory than before; nothing of this is in the tree. */
  rootLost: boolean;
}

/** Directories that took longer than this are reported as slow. */
const slowMs = 1;

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/**
 * Reads single directories again and brings the tree up to date with them.
 *
 * A few small directories are read at once on the calling thread, so that a change shows without waiting for the pool;
 * as soon as that takes longer than `inlineMs` the pool reads the rest.
 */
export async function rescan(
  tree: UsageTree,
  bounds: ScanBounds,
  paths: readonly string[],
  { fs, pool, inlineMs, beforeRead, signal }: RescanOptions,
): Promise<Rescanned> {
  const outcome: Rescanned = { changed: [], next: [], removed: [], slow: [], rootLost: false };
  const begun = performance.now();
  const rest: string[] = [];
  for (const path of paths) {
    if (tree.find(path) === undefined) continue;
    beforeRead?.(path);
    if (performance.now() - begun >= inlineMs) {
      rest.push(path);
      continue;
    }
    const started = performance.now();
    takeOver(tree, readAgain(fs, bounds, path), outcome);
    const tookMs = performance.now() - started;
    if (tookMs > slowMs) outcome.slow.push({ path, tookMs });
    if (outcome.rootLost) return outcome;
  }
  if (rest.length === 0) return outcome;
  const started = performance.now();
  const parts = Math.min(pool.size, Math.ceil(rest.length / 8));
  const read = await Promise.all(
    Array.from({ length: parts }, (_, part) =>
      pool.run(readTask, { bounds, paths: rest.filter((_path, index) => index % parts === part) }, { signal }),
    ),
  );
  const tookMs = performance.now() - started;
  if (rest.length === 1 && tookMs > slowMs) outcome.slow.push({ path: rest[0] ?? '', tookMs });
  for (const directory of read.flat()) {
    takeOver(tree, directory, outcome);
    if (outcome.rootLost) break;
  }
  return outcome;
}

function takeOver(tree: UsageTree, { path, record, found }: ReadAgain, outcome: Rescanned): void {
  const id = tree.find(path);
  if (id === undefined) return;
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const gone = header.status(buffer, 0) === recordStatus.gone;
  if (path === '' && (gone || (header.inode(buffer, 0) !== 0n && header.inode(buffer, 0) !== tree.inode(id)))) {
    outcome.rootLost = true;
    return;
  }
  const applied = tree.apply(id, buffer, found);
  if (applied.changed) outcome.changed.push(path);
  outcome.removed.push(...applied.removed);
  // What took its place, a mount perhaps, is for the parent to list.
  if (gone) outcome.next.push(parentOf(path));
  if (applied.added.length > 0) tree.addUnread(id, applied.added);
  for (const directory of applied.added) outcome.next.push(joinRelative(path, directory.name));
  for (const stale of applied.stale) outcome.next.push(tree.path(stale));
}
