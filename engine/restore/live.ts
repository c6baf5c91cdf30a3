import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { LiveStat } from './decide.ts';
import { below, foldersAbove, parentOf } from './paths.ts';
import { microseconds } from './times.ts';

/** Looking at the live tree without ever following a link in it. */

export type LiveType = LiveStat['type'];

export function typeOf(stat: BigIntStats): LiveType {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  return stat.isSymbolicLink() ? 'symlink' : 'other';
}

/** `lstat`, or undefined when nothing is there. */
export function lstatOrNothing(fs: FileSystem, path: string): BigIntStats | undefined {
  try {
    return fs.lstat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** A 53-bit hash of a text (cyrb53, public domain): enough to notice that a stat changed, small enough to keep millions. */
export function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

/** Stamp of a path where nothing is. */
export const nothingThere = 0;

/**
 * What a plan remembers of a path, to tell later whether the ground moved: type, inode, size, owner, mode and times. Of a
 * folder that is only passed through, its times are left out: what others do in it does not matter. Of a file with several
 * names, the change time is left out: it changes when one of the names does, which a restore itself may bring about.
 */
export function stampOf(stat: BigIntStats | undefined, passedThrough = false): number {
  if (stat === undefined) return nothingThere;
  const type = typeOf(stat);
  const identity = `${type}:${stat.dev}:${stat.ino}:${stat.mode}:${stat.uid}:${stat.gid}`;
  // To the microsecond: what Larder itself puts back after a change inside a folder is no more exact.
  if (type === 'dir') return hash53(passedThrough ? identity : `${identity}:${microseconds(stat.mtimeNs)}`);
  const changed = stat.nlink > 1n ? 'linked' : stat.ctimeNs;
  return hash53(`${identity}:${stat.size}:${stat.mtimeNs}:${changed}`);
}

export type ParentState = 'dir' | 'missing' | 'blocked' | 'mount';

/**
 * Tells for folders of the target whether they are real folders all the way down: `blocked` when one of them is a link
 * or a file, `mount` when another file system is mounted on one. Remembers answers, so make one for each pass.
 */
export class Folders {
  private readonly known = new Map<string, ParentState>();
  private readonly fs: FileSystem;
  private readonly root: string;
  private readonly device: bigint;

  constructor(fs: FileSystem, root: string, device: bigint) {
    this.fs = fs;
    this.root = root;
    this.device = device;
    this.known.set('', 'dir');
  }

  stateOf(path: string): ParentState {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const above = this.stateOf(parentOf(path));
    const state = above === 'dir' ? this.look(path) : above;
    this.known.set(path, state);
    return state;
  }

  private look(path: string): ParentState {
    const stat = lstatOrNothing(this.fs, below(this.root, path));
    if (stat === undefined) return 'missing';
    if (!stat.isDirectory()) return 'blocked';
    return stat.dev === this.device ? 'dir' : 'mount';
  }
}

/**
 * Whether every folder that `path` lies in is a real folder right now, root included. Asked immediately before each
 * change. Node has no `openat`, so a folder swapped for a link between this look and the call that follows is the one
 * gap that remains; content is never written through such a path, only renamed.
 */
export function foldersAreReal(fs: FileSystem, root: string, path: string): boolean {
  if (!lstatOrNothing(fs, root)?.isDirectory()) return false;
  return foldersAbove(path).every((folder) => lstatOrNothing(fs, below(root, folder))?.isDirectory() ?? false);
}

const readBytes = 1024 * 1024;

/** SHA-256 of a file, hex, read in steps between which `check` may throw. Links are not followed. */
export function digestFile(fs: FileSystem, path: string, noFollow: number, check: () => void): string {
  const fd = fs.open(path, noFollow);
  try {
    const digest = createHash('sha256');
    const buffer = Buffer.allocUnsafe(readBytes);
    for (;;) {
      check();
      const got = fs.read(fd, buffer, 0, buffer.length, null);
      if (got === 0) return digest.digest('hex');
      digest.update(buffer.subarray(0, got));
    }
  } finally {
    fs.close(fd);
  }
}
