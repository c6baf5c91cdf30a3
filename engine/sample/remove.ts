import type { Skipped } from '../../shared/contract/index.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** What was made, as absolute paths in the order it was made. */
export interface Created {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Removes exactly what is listed, newest first; a folder only when nothing else is in it. Returns what is still there
 * and why; what has gone already is no fault.
 */
export function removeCreated(fs: FileSystem, created: Created): Skipped[] {
  const left: Skipped[] = [];
  const remove = (path: string, work: (path: string) => void): void => {
    try {
      work(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) left.push({ path, reason: reasonOf(error) });
    }
  };
  for (const path of created.files.toReversed()) remove(path, (file) => fs.unlink(file));
  for (const path of created.folders.toReversed()) remove(path, (folder) => fs.removeDirectory(folder));
  return left;
}
