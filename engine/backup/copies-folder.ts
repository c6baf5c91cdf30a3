import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { removeTree, temporaryFolder } from './leftovers.ts';

/** Where copies of databases in use lie while a backup is made. The destination's lock is held. */
export interface CopiesFolder {
  readonly path: string;
  /** Removes it where it is not in the destination, which is cleared as a whole. Throws as removing does. */
  clear(): void;
}

/**
 * Beside the archive to be; but where that is encrypted nothing readable may reach the destination, so in a folder of
 * Larder's own. Clears what a killed run left there. Throws as making a folder does.
 */
export function copiesFolder({ fs, home }: EngineContext, directory: string, encrypted: boolean): CopiesFolder {
  if (!encrypted) return { path: temporaryFolder(directory), clear() {} };
  const path = join(home, 'copies', createHash('sha256').update(directory).digest('hex').slice(0, 16));
  const clear = (): void => {
    try {
      removeTree(fs, path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
    }
  };
  clear();
  try {
    fs.makeDirectory(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toLarderError(error, path);
  }
  return { path, clear };
}
