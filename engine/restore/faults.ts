import { isLarderError } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';

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
