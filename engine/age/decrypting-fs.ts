import type { BigIntStats } from 'node:fs';
import type { FileSystem } from '../fs/index.ts';
import { withOpen } from './layout.ts';
import { openAge } from './reader.ts';
import type { AgeReader } from './reader.ts';

/** File keys by absolute path of the age file. Secret plain data; goes to pool workers, and nowhere else. */
export type FileKeys = Readonly<Record<string, Uint8Array>>;

/**
 * The same file system, on which the files that a key is given for are their plain bytes: to read, and in size. Nothing
 * else is different, and nothing of it writes to them. Opening one checks its end; reading what is damaged throws
 * `CORRUPT` naming the file.
 */
export function decrypting(fs: FileSystem, keys: FileKeys | undefined): FileSystem {
  if (keys === undefined || Object.keys(keys).length === 0) return fs;
  const readers = new Map<number, { readonly reader: AgeReader; at: number }>();
  const keyOf = (path: string): Uint8Array | undefined => (Object.hasOwn(keys, path) ? keys[path] : undefined);
  const withSize = (path: string, stats: BigIntStats): BigIntStats => {
    const key = keyOf(path);
    if (key === undefined || !stats.isFile()) return stats;
    return Object.assign(stats, { size: BigInt(withOpen(fs, path, (fd) => openAge(fs, fd, key, path).size)) });
  };
  return {
    ...fs,
    open(path, flags, mode) {
      const fd = fs.open(path, flags, mode);
      const key = keyOf(path);
      if (key === undefined) return fd;
      try {
        readers.set(fd, { reader: openAge(fs, fd, key, path), at: 0 });
      } catch (error) {
        fs.close(fd);
        throw error;
      }
      return fd;
    },
    close(fd) {
      readers.delete(fd);
      fs.close(fd);
    },
    read(fd, into, offset, length, position) {
      const open = readers.get(fd);
      if (open === undefined) return fs.read(fd, into, offset, length, position);
      const got = open.reader.read(into, offset, length, position ?? open.at);
      if (position === null) open.at += got;
      return got;
    },
    fstat(fd) {
      const open = readers.get(fd);
      const stats = fs.fstat(fd);
      return open === undefined ? stats : Object.assign(stats, { size: BigInt(open.reader.size) });
    },
    stat: (path) => withSize(path, fs.stat(path)),
    lstat: (path) => withSize(path, fs.lstat(path)),
  };
}
