import { LarderError } from '../../shared/contract/index.ts';
import type { ErrorCode } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';

interface SystemError extends Error {
  code: string;
  path?: string | Buffer;
}

/** Whether the error came from the operating system (it has an errno name such as `ENOENT`). */
export function isSystemError(error: unknown, ...codes: string[]): error is SystemError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 ? /^E[A-Z0-9]+$/.test(error.code) : codes.includes(error.code);
}

const meanings: Record<string, { code: ErrorCode; says: string; hint?: string }> = {
  ENOENT: { code: 'NOT_FOUND', says: 'is not there' },
  ENOTDIR: { code: 'NOT_FOUND', says: 'is not a folder, or lies below something that is not one' },
  EACCES: { code: 'PERMISSION', says: 'may not be accessed by this user', hint: 'Check its owner and permissions.' },
  EPERM: { code: 'PERMISSION', says: 'may not be changed by this user', hint: 'Check its owner and permissions.' },
  EROFS: { code: 'PERMISSION', says: 'lies on a file system mounted read-only' },
  ENOSPC: { code: 'NO_SPACE', says: 'has no space left on its disk', hint: 'Free some space and try again.' },
  EDQUOT: { code: 'NO_SPACE', says: 'is over the disk quota', hint: 'Free some space and try again.' },
  EMFILE: { code: 'LIMIT_REACHED', says: 'could not be opened: too many open files' },
  ENFILE: { code: 'LIMIT_REACHED', says: 'could not be opened: too many open files on this machine' },
  EBUSY: { code: 'BUSY', says: 'is in use' },
  ETXTBSY: { code: 'BUSY', says: 'is in use' },
  EIO: { code: 'CORRUPT', says: 'could not be read: the disk reported an error', hint: 'Check the disk.' },
  ELOOP: { code: 'INVALID_INPUT', says: 'goes through too many symbolic links' },
  ENAMETOOLONG: { code: 'INVALID_INPUT', says: 'has a name that is too long for its file system' },
  EEXIST: { code: 'CHANGED_ON_DISK', says: 'is there already' },
  ENOTEMPTY: { code: 'CHANGED_ON_DISK', says: 'is not empty' },
  EISDIR: { code: 'CHANGED_ON_DISK', says: 'is a folder' },
};

/** Why the operating system refused, as a clause after the path: "is not there". */
export function reasonOf(error: unknown): string {
  if (isSystemError(error)) return meanings[error.code]?.says ?? `failed with ${error.code}`;
  return error instanceof Error ? error.message : String(error);
}

/** Any error as a {@link LarderError}; one from the operating system gets the code and words that fit, naming `path`. */
export function toLarderError(error: unknown, path?: string): LarderError {
  if (error instanceof LarderError) return error;
  if (isSystemError(error)) {
    const meaning = meanings[error.code];
    const named = path ?? (typeof error.path === 'string' ? error.path : (error.path?.toString() ?? 'A file'));
    return new LarderError(meaning?.code ?? 'INTERNAL', `${displayName(named)} ${reasonOf(error)}.`, {
      hint: meaning?.hint,
      details: { errno: error.code, path: named },
      cause: error,
    });
  }
  if (error instanceof Error && error.name === 'AbortError') return new LarderError('CANCELLED', 'Cancelled.');
  const message = error instanceof Error ? error.message : String(error);
  return new LarderError('INTERNAL', message === '' ? 'Something went wrong inside Larder.' : message, {
    cause: error,
  });
}
