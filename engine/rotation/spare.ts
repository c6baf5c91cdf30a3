import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isLarderError } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/**
 * A little room that each destination keeps: `.larder/spare`. To remove backups a lock and a list are written first, which
 * a disk that is full to the last byte would refuse, and then nothing could be removed that makes room.
 */

/** Enough for the lock and the list of released archives, on file systems with large blocks, too. */
const spareBytes = 64 * 1024;

function pathIn(directory: string): string {
  return join(directory, '.larder', 'spare');
}

/** Makes the spare of a destination whose lock is held, unless it is there. That there is no room for it is no error. */
export function keepSpare(fs: FileSystem, directory: string): void {
  const path = pathIn(directory);
  try {
    // One that is shorter was being written when Larder was killed.
    if (sizeOf(fs, path) === spareBytes) return;
    const fd = fs.open(path, 'w', 0o600);
    try {
      // Not zeros, which some file systems would store as nothing.
      fs.write(fd, randomBytes(spareBytes));
    } catch (error) {
      fs.unlink(path);
      throw error;
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function sizeOf(fs: FileSystem, path: string): number {
  try {
    return Number(fs.lstat(path).size);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** Does `work`; where that fails with `NO_SPACE`, gives up the destination's spare and does it once more. */
export function withSpare<T>(fs: FileSystem, directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isLarderError(error, 'NO_SPACE')) throw error;
    try {
      fs.unlink(pathIn(directory));
    } catch {
      // There is none: that the disk is full is what the person must hear.
      throw error;
    }
    return work();
  }
}
