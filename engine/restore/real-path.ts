import { constants, existsSync } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { foldersAreReal, lstatOrNothing } from './live.ts';
import { below, foldersAbove, nameOf } from './paths.ts';

/**
 * Changing a path of the target without ever going through a link, not even one that is put in place of a folder between
 * the look and the call.
 *
 * Node has no `openat`. On Linux a folder held open is reached as `/proc/self/fd/<fd>`, so each folder on the way is
 * opened below the one before, links refused, and the last one is held while the change is made: the same as `openat`,
 * `renameat` and the rest. Elsewhere each folder is looked at immediately before, and a swap within those microseconds is
 * a gap that remains; content is never written through such a path, only renamed.
 */

/** open(2): only a handle on the place in the tree, which needs no permission to read it. Not among Node's constants. */
const O_PATH = 0o10000000;
const handles = process.platform === 'linux' && existsSync('/proc/self/fd');
const folderFlags = handles ? O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW : 0;

function openFolder(fs: FileSystem, path: string): number | undefined {
  try {
    return fs.open(path, folderFlags);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/**
 * Calls `act` with a path that stands for `path` below `root`, to be used within the call only; with undefined when
 * one of the folders on the way is not a real folder.
 */
export function withRealPath<T>(fs: FileSystem, root: string, path: string, act: (at: string | undefined) => T): T {
  if (path === '') return act(lstatOrNothing(fs, root)?.isDirectory() === true ? root : undefined);
  if (!handles) return act(foldersAreReal(fs, root, path) ? below(root, path) : undefined);
  let held = openFolder(fs, root);
  try {
    for (const folder of foldersAbove(path)) {
      if (held === undefined) break;
      const next = openFolder(fs, `/proc/self/fd/${held}/${nameOf(folder)}`);
      fs.close(held);
      held = next;
    }
    return act(held === undefined ? undefined : `/proc/self/fd/${held}/${nameOf(path)}`);
  } finally {
    if (held !== undefined) fs.close(held);
  }
}

/** One of Larder's own folders, held for as long as a task needs it. */
export interface HeldFolder {
  /** Reaches the folder, wherever its name leads by then. */
  readonly path: string;
  close(): void;
}

/** Holds a folder; a link in its place is not followed. Gone: its own path, at which nothing will be found. */
export function holdFolder(fs: FileSystem, path: string): HeldFolder {
  const held = handles ? openFolder(fs, path) : undefined;
  if (held === undefined) return { path, close() {} };
  return { path: `/proc/self/fd/${held}`, close: () => fs.close(held) };
}
