import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { absolute } from '../scan/index.ts';
import { findMount, readMounts } from './mount-table.ts';

/** What the disk says of one entry. */
export interface Looked {
  kind: 'dir' | 'file' | 'symlink' | 'other';
  bytes: number;
  allocated: number;
  mtimeMs: number;
  ctimeMs: number;
  mode: number;
  uid: number;
  gid: number;
  owner?: string;
  group?: string;
  links: number;
  inode: bigint;
  device: bigint;
  target?: string;
  dangling?: boolean;
  /** Why it could not be read. */
  unreadable?: string;
  mountPoint: string;
  fileSystem: string;
}

function kindOf(stats: BigIntStats): Looked['kind'] {
  if (stats.isDirectory()) return 'dir';
  if (stats.isFile()) return 'file';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/**
 * Looks at an entry of a store. Throws `NOT_FOUND` when it is not there, `INVALID_INPUT` for a path that leads out of the
 * store, be it through `..` or a symbolic link, and `PERMISSION` when a folder on the way may not be entered.
 */
export function lookAt(fs: FileSystem, root: string, path: string): Looked {
  const full = absolute(root, path);
  const stats = statInside(fs, root, path);
  const kind = kindOf(stats);
  const [owner, group] = [nameOf(fs, '/etc/passwd', stats.uid), nameOf(fs, '/etc/group', stats.gid)];
  const mount = findMount(fs, readMounts(fs), kind === 'dir' ? full : full.slice(0, full.lastIndexOf('/')) || '/');
  const unreadable = kind === 'dir' || kind === 'file' ? whyUnreadable(fs, full) : undefined;
  return {
    kind,
    bytes: kind === 'file' ? Number(stats.size) : 0,
    allocated: Number(stats.blocks) * 512,
    mtimeMs: Number(stats.mtimeMs),
    ctimeMs: Number(stats.ctimeMs),
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    // What a directory's number of links is differs between file systems, and it has one name.
    links: kind === 'dir' ? 1 : Number(stats.nlink),
    inode: stats.ino,
    device: stats.dev,
    ...(kind === 'symlink' ? linkOf(fs, full) : {}),
    ...(unreadable === undefined ? {} : { unreadable }),
    mountPoint: mount.mountPoint,
    fileSystem: mount.type,
  };
}

/** The entry's own `lstat`. Each folder on the way is a folder itself: a link would lead out of the store. */
function statInside(fs: FileSystem, root: string, path: string): BigIntStats {
  const parts = path === '' ? [] : path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new LarderError('INVALID_INPUT', `${displayName(path)} is not a path inside the store.`);
  }
  let at = root;
  try {
    let stats = fs.lstat(at);
    for (const part of parts) {
      if (!stats.isDirectory()) throw notThere(at);
      at = absolute(at, part);
      stats = fs.lstat(at);
    }
    return stats;
  } catch (error) {
    throw toLarderError(error, at);
  }
}

function notThere(path: string): LarderError {
  return new LarderError('NOT_FOUND', `${displayName(path)} is not a folder.`, {
    hint: 'It may have been removed or renamed since it was listed.',
  });
}

function linkOf(fs: FileSystem, full: string): { target: string; dangling: boolean } {
  const target = fs.readLink(full);
  try {
    fs.stat(full);
    return { target, dangling: false };
  } catch (error) {
    // What may not be looked at is there all the same, as far as anyone can tell.
    return { target, dangling: isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP') };
  }
}

function whyUnreadable(fs: FileSystem, full: string): string | undefined {
  try {
    fs.close(fs.open(full, 'r'));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Name of a user or group (passwd(5), group(5)); undefined where the system's files do not have it. */
function nameOf(fs: FileSystem, file: string, id: bigint): string | undefined {
  try {
    for (const line of fs.readFile(file).toString('utf8').split('\n')) {
      const [name, , own] = line.split(':');
      if (name !== undefined && name !== '' && own === String(id)) return name;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  return undefined;
}
