import { LarderError } from '../../shared/contract/index.ts';
import type { ErrorData } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { withOpen } from './layout.ts';
import { openAge } from './reader.ts';
import type { AgeReader } from './reader.ts';

/**
 * By absolute path of an age file its key, or why there is none. Secret plain data; goes to pool workers, and nowhere
 * else.
 */
export type FileKeys = Readonly<Record<string, Uint8Array | ErrorData>>;

/**
 * The same file system, on which the files that a key is given for are their plain bytes: to read, and in size.
 * Reading what is damaged, and reading to the end of one cut off, throws `CORRUPT` naming the file. One without a key throws why. `lstat`
 * tells what lies on the disk, and nothing else is different. Nothing writes to these files.
 */
export function decrypting(fs: FileSystem, keys: FileKeys | undefined): FileSystem {
  if (keys === undefined || Object.keys(keys).length === 0) return fs;
  const readers = new Map<number, { readonly reader: AgeReader; at: number }>();
  const opened = (path: string, fd: number): AgeReader | undefined => {
    const key = Object.hasOwn(keys, path) ? keys[path] : undefined;
    if (key === undefined) return undefined;
    if (!(key instanceof Uint8Array)) throw LarderError.fromData(key);
    return openAge(fs, fd, key, path);
  };
  return {
    ...fs,
    open(path, flags, mode) {
      const fd = fs.open(path, flags, mode);
      try {
        const reader = opened(path, fd);
        if (reader !== undefined) readers.set(fd, { reader, at: 0 });
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
      const stats = fs.fstat(fd);
      const open = readers.get(fd);
      return open === undefined ? stats : Object.assign(stats, { size: BigInt(open.reader.size) });
    },
    stat(path) {
      const stats = fs.stat(path);
      if (!Object.hasOwn(keys, path) || !stats.isFile()) return stats;
      const size = withOpen(fs, path, (fd) => opened(path, fd)?.size);
      return size === undefined ? stats : Object.assign(stats, { size: BigInt(size) });
    },
  };
}

/** A file system and a pool on which the files of `keys` are their plain bytes, in every task as well. */
export function keyed(
  { fs, pool }: { readonly fs: FileSystem; readonly pool: Pool },
  keys: FileKeys | undefined,
): { readonly fs: FileSystem; readonly pool: Pool } {
  if (keys === undefined || Object.keys(keys).length === 0) return { fs, pool };
  return {
    fs: decrypting(fs, keys),
    pool: {
      size: pool.size,
      run: (task, input, options) => pool.run(task, input, { ...options, keys: { ...options?.keys, ...keys } }),
      close: () => pool.close(),
    },
  };
}
