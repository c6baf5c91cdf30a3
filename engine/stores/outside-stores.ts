import { basename, dirname, join, resolve } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { isInside } from './overlap.ts';

/**
 * Refuses a key's file that lies where backups are made of it, or beside those it opens: whoever has the backups would
 * have the key, and whoever lost the disk would have lost both.
 */
export function assertOutsideStores(
  fs: FileSystem,
  stores: readonly Pick<Store, 'name' | 'path' | 'destination'>[],
  file: string,
  what: 'passphrase' | 'identity',
): void {
  const real = realPathOf(fs, resolve(file));
  for (const { name, path, destination } of stores) {
    const where = isInside(realPathOf(fs, destination), real)
      ? `the backup folder of ${name}`
      : isInside(path, real)
        ? `the store ${name}`
        : undefined;
    if (where === undefined) continue;
    throw new LarderError('INVALID_INPUT', `${displayName(file)} lies in ${where}.`, {
      hint: `Keep the ${what} somewhere else: not among the data, and not beside the backups it opens.`,
      details: { path: file },
    });
  }
}

function realPathOf(fs: FileSystem, path: string): string {
  try {
    return fs.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    // Not there yet; or not to be reached, which whoever opens it will say.
    if (!isSystemError(error) || parent === path) return path;
    return join(realPathOf(fs, parent), basename(path));
  }
}
