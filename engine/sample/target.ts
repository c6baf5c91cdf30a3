import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** What the sample takes on disk, about, and what must be free for it. */
const requiredBytes = 80_000_000;

const chooseHint = 'Choose a new or empty folder.';

/** A place the sample can be written to. */
export interface SampleTarget {
  /** Real path of the sample's root, which may not exist yet. */
  readonly root: string;
  /** Folders to be made, outermost first; the root is the last of them unless it exists. */
  readonly missing: readonly string[];
}

/** Whether the path itself exists, links not followed. Any other difficulty is thrown. */
function exists(fs: FileSystem, path: string): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    if (isSystemError(error, 'ENOTDIR')) return false;
    throw toLarderError(error, path);
  }
}

function requireFolder(fs: FileSystem, path: string): void {
  let isFolder: boolean;
  try {
    isFolder = fs.stat(path).isDirectory();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
    const message = `${displayName(path)} is a link that leads nowhere.`;
    throw new LarderError('INVALID_INPUT', message, { hint: chooseHint, cause: error });
  }
  if (!isFolder) throw new LarderError('INVALID_INPUT', `${displayName(path)} is not a folder.`, { hint: chooseHint });
}

function requireSpace(fs: FileSystem, folder: string, path: string): void {
  let free: number;
  try {
    const { bavail, bsize } = fs.statfs(folder);
    free = bavail * bsize;
  } catch (error) {
    throw toLarderError(error, folder);
  }
  if (free >= requiredBytes) return;
  const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_000_000)} MB`;
  throw new LarderError(
    'NO_SPACE',
    `The sample needs ${megabytes(requiredBytes)}, and the disk of ${displayName(path)} has ${megabytes(free)} free.`,
    { hint: 'Free some space, or choose a folder on another disk.', details: { path, requiredBytes, freeBytes: free } },
  );
}

/** Where the sample would be written for `path`. Throws `INVALID_INPUT` when it is relative or not a folder. */
export function locateTarget(fs: FileSystem, path: string): SampleTarget {
  if (!isAbsolute(path)) {
    throw new LarderError('INVALID_INPUT', `${displayName(path)} is not an absolute path.`, { hint: chooseHint });
  }
  let folder = resolve(path);
  const names: string[] = [];
  while (!exists(fs, folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new LarderError('NOT_FOUND', `${displayName(folder)} is not there.`);
    names.unshift(basename(folder));
    folder = parent;
  }
  requireFolder(fs, folder);
  let root: string;
  try {
    root = fs.realPath(folder);
  } catch (error) {
    throw toLarderError(error, folder);
  }
  const missing = names.map((name) => (root = join(root, name)));
  return { root, missing };
}

/**
 * Where the sample is to be written for `path`. Throws `INVALID_INPUT` naming the path when it is relative, not a
 * folder, or not empty, and `NO_SPACE` when it would not fit. Writes nothing.
 */
export function checkTarget(fs: FileSystem, path: string): SampleTarget {
  const target = locateTarget(fs, path);
  const [outermost] = target.missing;
  const existing = outermost === undefined ? target.root : dirname(outermost);
  let taken: boolean;
  try {
    taken = outermost === undefined && fs.readDirectory(existing).length > 0;
  } catch (error) {
    throw toLarderError(error, existing);
  }
  if (taken) throw new LarderError('INVALID_INPUT', `${displayName(path)} is not empty.`, { hint: chooseHint });
  requireSpace(fs, existing, path);
  return target;
}
