import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { maxReads } from './limits.ts';

/** Reading a file that others may be writing to. */

export const changedWhileReading = 'changed while reading';
export const noLongerAFile = 'is no longer a file';
export const vanishedBeforeRead = 'vanished before it was read';

/** What must stay as it is for two reads to be of the same content. */
export interface FileIdentity {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
}

export function identityOf({ size, mtimeNs, ctimeNs, dev, ino }: BigIntStats): FileIdentity {
  return { size, mtimeNs, ctimeNs, dev, ino };
}

export function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.dev === b.dev && a.ino === b.ino;
}

// Never through a link put in the file's place, and never waiting for a pipe's other end.
const openFlags =
  constants.O_RDONLY |
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0) |
  ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

export function openForReading(fs: FileSystem, path: string): number {
  return fs.open(path, openFlags);
}

/** Why a file was left out, in a person's words. Errors that are not the system's are defects and go on. */
export function skipReason(error: unknown): string {
  if (!isSystemError(error)) throw error;
  if (error.code === 'ELOOP' || error.code === 'EISDIR' || error.code === 'ENXIO') return noLongerAFile;
  return error.code === 'ENOENT' ? vanishedBeforeRead : reasonOf(error);
}

/** Reads up to `length` bytes at `position`; fewer at the end of the file. */
export function readFully(
  fs: FileSystem,
  fd: number,
  into: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  let done = 0;
  while (done < length) {
    const got = fs.read(fd, into, offset + done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

export type ReadOutcome =
  | { readonly t: 'read'; readonly stats: BigIntStats; readonly length: number; readonly changed: boolean }
  /** {@link Place} had no room for it. */
  | { readonly t: 'too-long' }
  | { readonly t: 'left-out'; readonly reason: string };

/** Where in the buffer the content goes, given what `fstat` says; undefined when it does not fit. */
export type Place = (stats: BigIntStats) => number | undefined;

/**
 * Reads a whole file into a buffer. When size, mtime or ctime moved while it was read it is read again, five times at
 * most; then what was read last stands, marked as changed.
 */
export function readWhole(fs: FileSystem, path: string, into: Uint8Array, place: Place): ReadOutcome {
  for (let attempt = 1; ; attempt++) {
    let fd: number;
    try {
      fd = openForReading(fs, path);
    } catch (error) {
      return { t: 'left-out', reason: skipReason(error) };
    }
    try {
      const stats = fs.fstat(fd);
      if (!stats.isFile()) return { t: 'left-out', reason: noLongerAFile };
      const offset = place(stats);
      if (offset === undefined) return { t: 'too-long' };
      const size = Number(stats.size);
      const length = readFully(fs, fd, into, offset, size, 0);
      const same = length === size && isSame(stats, fs.fstat(fd));
      if (same || attempt === maxReads) return { t: 'read', stats, length, changed: !same };
    } catch (error) {
      return { t: 'left-out', reason: skipReason(error) };
    } finally {
      fs.close(fd);
    }
  }
}
