import { isLarderError } from '../../shared/contract/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';

/** Errors that concern one path only; the rest of a restore goes on. Any other stops it and puts everything back. */
const ofOnePath = [
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
  'ENOTEMPTY',
  'EISDIR',
  'ELOOP',
  'EXDEV',
  'ENAMETOOLONG',
  'EBUSY',
  'ETXTBSY',
  'EINVAL',
  'EILSEQ',
  'EFBIG',
  'EOVERFLOW',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EMLINK',
];

export function concernsOnePath(error: unknown): boolean {
  return isSystemError(error, ...ofOnePath);
}

/** Why a hard link could not be made where a rename may still work: the file system or the owner forbids it. */
export function cannotLink(error: unknown): boolean {
  return isSystemError(error, 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EXDEV');
}

/** What one file's content could not be had for: it is left out, the rest goes on. */
export class ContentFault extends Error {}

export function isCancelled(error: unknown): boolean {
  return isLarderError(error, 'CANCELLED');
}

/**
 * The same error, naming the target when it concerns the whole of it: a full disk, or a call that knew no path (a write
 * does not). Which file in the restore's own folder was being written tells nobody anything.
 */
export function namingTarget(error: unknown, target: string): unknown {
  const failure = isSystemError(error) || isLarderError(error) ? toLarderError(error) : undefined;
  const { errno, path } = (failure?.details ?? {}) as { errno?: unknown; path?: unknown };
  if (typeof errno !== 'string') return error;
  const ofTarget = errno === 'ENOSPC' || errno === 'EDQUOT' || path === namelessFile;
  if (!ofTarget) return error;
  return toLarderError(Object.assign(new Error(errno, { cause: error }), { code: errno }), target);
}

/** What an error of the operating system without a path is about, in the words of `toLarderError`. */
const namelessFile = toLarderError(Object.assign(new Error(), { code: 'EIO' })).details?.['path'];
