import type { Disk } from '../../shared/contract/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import { lookAt } from './look.ts';
import type { Looked } from './look.ts';

/** Capacity and what is free for this user, in bytes; inodes where the file system has a fixed number of them. */
export type Space = Pick<Disk, 'capacity' | 'free' | 'inodes'>;

/** The space of the file system at a path. */
export function spaceAt(fs: FileSystem, path: string): Space {
  try {
    const { blocks, bavail, bsize, files, ffree } = fs.statfs(path);
    return {
      capacity: blocks * bsize,
      free: Math.max(0, bavail * bsize),
      ...(files > 0 ? { inodes: { total: files, free: Math.max(0, ffree) } } : {}),
    };
  } catch (error) {
    throw toLarderError(error, path);
  }
}

export const spaceTask: Task<string, Space> = {
  name: 'usage.space',
  run: (path, { fs }) => spaceAt(fs, path),
};

/** A look at one entry of a store, where a server that does not answer holds nobody up. */
export const lookTask: Task<{ root: string; path: string }, Looked> = {
  name: 'usage.look',
  run: ({ root, path }, { fs }) => lookAt(fs, root, path),
};

/** What this capability runs in pool workers. */
export const usageTasks: readonly Task<never, unknown>[] = [spaceTask, lookTask];
