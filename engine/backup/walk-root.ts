import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';

export function isVanished(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

export function vanished(root: string): LarderError {
  return new LarderError('NOT_FOUND', `${displayName(root)} went away while it was being read.`, {
    hint: 'Check that the folder is there and its disk is connected, then try again.',
    details: { path: root },
  });
}

/** What the root is; throws unless it is a directory. */
export function rootStats(root: string, { fs }: Pick<TaskContext, 'fs'>): BigIntStats {
  let stats: BigIntStats;
  try {
    stats = fs.lstat(root);
  } catch (error) {
    if (isVanished(error)) throw vanished(root);
    throw toLarderError(error, root);
  }
  if (!stats.isDirectory()) throw new LarderError('NOT_FOUND', `${displayName(root)} is not a folder.`);
  return stats;
}
