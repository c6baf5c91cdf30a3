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

/** SQLITE_IOERR_SHMSIZE: the file shared between processes could not be made larger, which is what a full disk causes. */
const noRoomForShared = 4874;

/** What SQLite's primary result codes (sqlite.org/rescode.html) mean for Larder's own database. */
const databaseMeanings: Record<number, { code: ErrorCode; says: string; hint?: string }> = {
  5: { code: 'BUSY', says: 'is in use by another Larder', hint: 'Try again in a moment.' },
  8: { code: 'PERMISSION', says: 'cannot be written', hint: 'Check the permissions of the folder Larder keeps it in.' },
  10: { code: 'CORRUPT', says: 'could not be read or written: the disk reported an error', hint: 'Check the disk.' },
  13: { code: 'NO_SPACE', says: 'has no space left on its disk', hint: 'Free some space and try again.' },
  14: { code: 'PERMISSION', says: 'cannot be opened', hint: 'Set LARDER_HOME to a folder that you can write.' },
};

function databaseError(error: Error, path: string | undefined): LarderError | undefined {
  if (!('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  const meaning = databaseMeanings[error.errcode === noRoomForShared ? 13 : error.errcode & 0xff];
  if (meaning === undefined) return undefined;
  const named = path === undefined ? '' : ` (${displayName(path)})`;
  return new LarderError(meaning.code, `Larder's database${named} ${meaning.says}.`, {
    hint: meaning.hint,
    cause: error,
  });
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
  const ofDatabase = error instanceof Error ? databaseError(error, path) : undefined;
  if (ofDatabase !== undefined) return ofDatabase;
  if (error instanceof Error && error.name === 'AbortError') return new LarderError('CANCELLED', 'Cancelled.');
  const message = error instanceof Error ? error.message : String(error);
  return new LarderError('INTERNAL', message === '' ? 'Something went wrong inside Larder.' : message, {
    cause: error,
  });
}
