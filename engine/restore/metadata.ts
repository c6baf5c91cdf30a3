import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { toSeconds } from './times.ts';

/** Owner, mode and modification time of an entry, as a journal holds them: `mtimeNs` in decimal digits. */
export interface Metadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: string;
}

/** What of it is put back on this machine by this user. */
export interface MetadataRules {
  readonly owners: boolean;
  readonly modes: boolean;
}

export function metadataOf(stat: BigIntStats): Metadata {
  return {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeNs: String(stat.mtimeNs),
  };
}

const { O_RDONLY } = constants;
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/**
 * Sets metadata of the entry at `path`, which is `now`, links not followed. The owner comes first, because changing it
 * clears set-id bits, and times come last.
 */
export function setMetadata(
  fs: FileSystem,
  path: string,
  now: BigIntStats,
  wanted: Metadata,
  rules: MetadataRules,
): void {
  let chowned = false;
  if (rules.owners && (now.uid !== BigInt(wanted.uid) || now.gid !== BigInt(wanted.gid))) {
    fs.lchown(path, wanted.uid, wanted.gid);
    chowned = true;
  }
  if (rules.modes && !now.isSymbolicLink()) {
    if (chowned || (Number(now.mode) & 0o7777) !== wanted.mode) setMode(fs, path, now, wanted.mode);
  }
  const mtimeNs = BigInt(wanted.mtimeNs);
  fs.lutimes(path, toSeconds(now.atimeNs), toSeconds(mtimeNs));
}

/** Through a descriptor of the very entry where it can be opened, so that a link put in its place is not followed. */
function setMode(fs: FileSystem, path: string, now: BigIntStats, mode: number): void {
  let fd: number;
  try {
    fd = fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    // Its own mode keeps the owner from opening it, and on Windows a folder cannot be opened; it was looked at just now.
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EISDIR')) throw error;
    fs.chmod(path, mode);
    return;
  }
  try {
    const opened = fs.fstat(fd);
    if (opened.ino !== now.ino || opened.dev !== now.dev) {
      throw Object.assign(new Error(`EBUSY: replaced meanwhile, ${path}`), { code: 'EBUSY', path });
    }
    fs.fchmod(fd, mode);
  } finally {
    fs.close(fd);
  }
}
