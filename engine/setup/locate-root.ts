import { basename, dirname, join, resolve } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** Where a folder is made: real path of what is there, and the folders missing below it. */
export function locateRoot(fs: FileSystem, path: string): string {
  const missing: string[] = [];
  let at = resolve(path);
  for (;;) {
    try {
      fs.lstat(at);
      break;
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR') || dirname(at) === at) throw toLarderError(error, at);
      missing.unshift(basename(at));
      at = dirname(at);
    }
  }
  try {
    const real = fs.realPath(at);
    if (!fs.stat(real).isDirectory()) {
      throw new LarderError('INVALID_INPUT', `${displayName(at)} is not a folder.`, {
        hint: 'Choose the folder that is to hold the data.',
      });
    }
    return join(real, ...missing);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      throw new LarderError('INVALID_INPUT', `${displayName(at)} is a link that leads nowhere.`, { cause: error });
    }
    throw toLarderError(error, at);
  }
}
