import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';

/** Capacity and space free for this user of the file system at a path, in bytes. */
export function spaceAt(fs: FileSystem, path: string): { capacity: number; free: number } {
  try {
    const { blocks, bavail, bsize } = fs.statfs(path);
    return { capacity: blocks * bsize, free: Math.max(0, bavail * bsize) };
  } catch (error) {
    throw toLarderError(error, path);
  }
}

export const spaceTask: Task<string, { capacity: number; free: number }> = {
  name: 'usage.space',
  run: (path, { fs }) => spaceAt(fs, path),
};

/** What this capability runs in pool workers. */
export const usageTasks: readonly Task<never, unknown>[] = [spaceTask];
