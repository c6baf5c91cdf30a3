import { dirname } from 'node:path';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { mountOf, parseMountInfo } from './mounts.ts';
import type { Mount } from './mounts.ts';

/** The mount table, empty where the platform has no /proc. */
export function readMounts(fs: FileSystem): Mount[] {
  try {
    return parseMountInfo(fs.readFile('/proc/self/mountinfo'));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** The mount a folder lies on, by the table where there is one, else by walking up until the device changes. */
export function findMount(fs: FileSystem, mounts: readonly Mount[], path: string): Mount {
  const listed = mountOf(mounts, path);
  if (listed !== undefined) return listed;
  const { dev } = fs.stat(path);
  let top = path;
  for (let above = dirname(top); above !== top && fs.stat(above).dev === dev; above = dirname(top)) top = above;
  return { device: '', mountPoint: top, type: top.startsWith('\\\\') ? 'smbfs' : '' };
}
