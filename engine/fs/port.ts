import type { BigIntStats, Stats, StatsFs } from 'node:fs';

/** One name in a directory, with its type as the directory itself tells it (no `stat`). */
export interface DirectoryEntry {
  /** Path text. */
  readonly name: string;
  readonly kind: 'file' | 'dir' | 'symlink' | 'other';
}

/**
 * The file system as the engine uses it. All paths are absolute path text (see shared/path-text.ts).
 *
 * Exists so that tests can fail, kill or slow any step; the product has the one implementation {@link file://./node-fs.ts}.
 * Calls are synchronous because they run in pool workers, where that is several times faster than promises; what may
 * block for long (`fsync` of a large file) has an asynchronous form for the engine thread.
 * Errors are Node's, with `code` (`ENOENT`, `ENOSPC`, …) and `path`.
 */
export interface FileSystem {
  open(path: string, flags: string | number, mode?: number): number;
  close(fd: number): void;
  /** Bytes read; 0 at the end. `position` null reads on. */
  read(fd: number, into: Uint8Array, offset: number, length: number, position: number | null): number;
  /** Writes all of `data`, at `position` or on from the last write. */
  write(fd: number, data: Uint8Array, position?: number | null): void;
  /** The same off the calling thread. `data` must stay as it is meanwhile. */
  writeAsync(fd: number, data: Uint8Array, position: number): Promise<void>;
  truncate(fd: number, length: number): void;
  fsync(fd: number): void;
  fsyncAsync(fd: number): Promise<void>;
  /** Makes a rename or creation inside `path` durable; a no-op where directories cannot be synced (Windows). */
  fsyncDirectory(path: string): void;

  lstat(path: string): BigIntStats;
  /** The same in numbers, which costs less: an inode or device from 2^53 comes out rounded. */
  lstatNumbers(path: string): Stats;
  stat(path: string): BigIntStats;
  fstat(fd: number): BigIntStats;
  readDirectory(path: string): DirectoryEntry[];
  /** The names alone: of a folder with half a million files that takes 200 MB less. */
  readNames(path: string): string[];
  readFile(path: string): Buffer;
  readLink(path: string): string;
  realPath(path: string): string;
  /** Throws unless this user may use it so: `constants.R_OK`, `W_OK`, `X_OK`. Links are followed. */
  access(path: string, mode: number): void;
  statfs(path: string): StatsFs;

  makeDirectory(path: string, options?: { recursive?: boolean; mode?: number }): void;
  removeDirectory(path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  link(existing: string, path: string): void;
  symlink(target: string, path: string): void;
  chmod(path: string, mode: number): void;
  fchmod(fd: number, mode: number): void;
  /** Owner of the entry itself, links not followed. */
  lchown(path: string, uid: number, gid: number): void;
  /** Seconds since the epoch as a double, so exact to about a microsecond. Links not followed. */
  lutimes(path: string, atimeSeconds: number, mtimeSeconds: number): void;
}
