import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { encodeName, isSystemError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { copyFile, createFile } from './copy-file.ts';
import { journalsOf } from './journals.ts';
import { filesOf, isStill, stateOf } from './state.ts';
import type { DatabaseFiles } from './state.ts';
import type { CaptureResult } from './types.ts';

/**
 * A copy of a SQLite database that may be in use, made without leaving a trace at the original.
 *
 * - With `-wal` and `-shm` beside it, a reader's view is opened and copied page by page: writers go on meanwhile. It is
 *   opened read-only, also the `-shm` where that is possible, so that as the last one to close it folds no WAL into the
 *   database and deletes none.
 * - In rollback mode, its bytes are copied under a reader's lock; writers wait for that long.
 * - Where that cannot be, because a crash left a journal or a WAL that would have to be worked in first, or somebody
 *   holds the lock for good, the database and what lies beside it are copied as they are. When nothing changed
 *   meanwhile, that is what a crash at this moment would have left, and SQLite puts the copy right by itself.
 *
 * `PRAGMA schema_version` is the smallest thing that begins to read: it looks at no table.
 */

/** Result codes (sqlite.org/rescode.html). */
const code = {
  busy: 5,
  locked: 6,
  full: 13,
  notADatabase: 26,
  readOnlyRecovery: 264,
  readOnlyCannotInitialise: 1288,
} as const;

/** How often a lock is waited for, and how long each time. Between, a cancel is heeded. */
const lockTries = 40;
const lockTryMs = 250;
/** Copies begun anew because the files changed under them. */
const copyTries = 5;
/** Pages copied between two looks at whether to go on. */
const pagesPerStep = 4_096;

const readFlags = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

/** Byte 18 of a database in WAL mode (sqlite.org/fileformat.html, section 1.3.3). */
const walVersion = 2;
const headerBytes = 100;

/** The copy is whole (`true`), or another way is to be tried. */
type Attempt = true | 'busy' | 'other way' | 'not a database';

export async function snapshot(path: string, into: string, context: TaskContext): Promise<CaptureResult> {
  const { fs } = context;
  try {
    const files = filesOf(context.fs, path);
    if (files === undefined || files.database.size === 0n) return { t: 'plain' };
    // In WAL mode and closed as it should be: nobody has it open.
    if (files.wal === undefined && isWal(context, path)) return { t: 'plain' };
    let attempt = await read(path, into, files, context);
    if (attempt !== true) {
      remove(context, into);
      if (attempt !== 'not a database') attempt = await copyAsIs(path, into, attempt, context);
    }
    if (attempt === true) {
      const newest = [files.database, files.wal].reduce((latest, stats) => {
        return stats !== undefined && stats.size > 0n && stats.mtimeNs > latest ? stats.mtimeNs : latest;
      }, files.database.mtimeNs);
      const { id } = stateOf(fs, path) ?? {};
      // Looked at after the state was, so that what is written between the two shows.
      const state = isStill(files, filesOf(fs, path)) ? id : undefined;
      return { t: 'made', size: Number(fs.lstat(into).size), mtimeNs: newest, state };
    }
    remove(context, into);
    if (attempt === 'not a database') {
      if (journalsOf(fs, path).length === 0) return { t: 'plain' };
      return failed('it is encrypted or damaged, so SQLite cannot copy it');
    }
    return failed(attempt === 'busy' ? 'another program keeps it locked' : 'it changed all the time');
  } catch (error) {
    remove(context, into);
    if (errorCode(error) === code.full) {
      const folder = dirname(into);
      throw new LarderError('NO_SPACE', `${displayName(folder)} has no room for the copy of a database.`, {
        hint: 'Free some space there and try again.',
        details: { path: folder },
        cause: error,
      });
    }
    if (error instanceof LarderError) throw error;
    // The original cannot be read, or went: reading it as any file says so.
    if (isSystemError(error)) return { t: 'plain' };
    if (errorCode(error) === undefined) throw error;
    return failed(`SQLite could not copy it: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function failed(why: string): CaptureResult {
  return { t: 'failed', reason: `${why}; taken as it lies, it may not open` };
}

/** Through SQLite, in the way its mode asks for. */
async function read(path: string, into: string, files: DatabaseFiles, context: TaskContext): Promise<Attempt> {
  if (files.wal === undefined) return underLock(path, context, () => copyLocked(path, into, context));
  if (files.shm === undefined) return 'other way';
  const copy = (source: DatabaseSync): Promise<Attempt> => copyPages(source, path, into, files, context);
  const attempt = await underLock(path, context, copy, '&readonly_shm=1');
  if (attempt !== 'other way') return attempt;
  // Somebody has it open, and yet no view was taken so far that this one could share: then as any reader does.
  remove(context, into);
  return underLock(path, context, copy);
}

/** Opens the database for reading, waits for a reader's lock, and works under it. */
async function underLock(
  path: string,
  context: TaskContext,
  work: (source: DatabaseSync) => Attempt | Promise<Attempt>,
  parameters = '',
): Promise<Attempt> {
  for (let tried = 1; ; tried += 1) {
    context.throwIfCancelled();
    let source: DatabaseSync | undefined;
    try {
      source = new DatabaseSync(`${uriOf(path)}?mode=ro${parameters}`, { readOnly: true, timeout: lockTryMs });
      source.exec('BEGIN');
      source.prepare('PRAGMA schema_version').get();
    } catch (error) {
      source?.close();
      const failure = errorCode(error);
      if (failure === undefined) throw error;
      if (failure === code.notADatabase) return 'not a database';
      if ((failure & 0xff) !== code.busy && (failure & 0xff) !== code.locked) return 'other way';
      if (tried === lockTries) return 'busy';
      continue;
    }
    try {
      return await work(source);
    } finally {
      source.close();
    }
  }
}

/** Copies what a reader sees. The view stays the same for as long as its transaction is open, whatever others write. */
async function copyPages(
  source: DatabaseSync,
  path: string,
  into: string,
  before: DatabaseFiles,
  context: TaskContext,
): Promise<Attempt> {
  createFile(context, into);
  await backup(source, uriOf(into), { rate: pagesPerStep, progress: () => context.throwIfCancelled() });
  const now = filesOf(context.fs, path)?.database;
  return now?.ino === before.database.ino && now.dev === before.database.dev ? true : 'other way';
}

/**
 * Copies the bytes while a reader's lock keeps writers off. The lock belongs to the whole process and is lost when any
 * part of it closes the file, so that nothing changed is checked as well.
 */
function copyLocked(path: string, into: string, context: TaskContext): Attempt {
  const before = filesOf(context.fs, path);
  if (before === undefined) return 'other way';
  copyFile(context, path, into, Number(before.database.size));
  const now = filesOf(context.fs, path);
  return now !== undefined && isSame(before.database, now.database) ? true : 'other way';
}

/** Copies the database and what lies beside it, then lets SQLite work a journal or a WAL into the copy. */
async function copyAsIs(
  path: string,
  into: string,
  otherwise: 'busy' | 'other way',
  context: TaskContext,
): Promise<Attempt> {
  for (let tried = 1; tried <= copyTries; tried += 1) {
    const before = filesOf(context.fs, path);
    if (before === undefined) return 'other way';
    copyFile(context, path, into, Number(before.database.size));
    if (before.wal !== undefined) copyFile(context, `${path}-wal`, `${into}-wal`, Number(before.wal.size));
    if (before.journal !== undefined) {
      copyFile(context, `${path}-journal`, `${into}-journal`, Number(before.journal.size));
    }
    const now = filesOf(context.fs, path);
    const still =
      now !== undefined &&
      isSame(before.database, now.database) &&
      isSame(before.wal, now.wal) &&
      isSame(before.journal, now.journal);
    if (still) return putRight(into, context);
    remove(context, into);
    // Whoever held the lock may have let go of it.
    const again = await read(path, into, now ?? before, context);
    if (again === true || again === 'not a database') return again;
    remove(context, into);
  }
  return otherwise;
}

function putRight(copy: string, context: TaskContext): Attempt {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(uriOf(copy));
    database.prepare('PRAGMA schema_version').get();
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch (error) {
    if (errorCode(error) === code.notADatabase) return 'not a database';
    throw error;
  } finally {
    database?.close();
  }
  removeBesides(context, copy);
  return true;
}

function isSame(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

function isWal(context: TaskContext, path: string): boolean {
  const header = headOf(context, path, headerBytes);
  return header.length === headerBytes && header[18] === walVersion;
}

function headOf({ fs }: TaskContext, path: string, length: number): Uint8Array {
  const fd = fs.open(path, readFlags);
  try {
    const head = new Uint8Array(length);
    return head.subarray(0, fs.read(fd, head, 0, length, 0));
  } finally {
    fs.close(fd);
  }
}

function errorCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** A path as SQLite's URI (sqlite.org/uri.html), which alone can say names that are not UTF-8. */
function uriOf(path: string): string {
  const absolute = process.platform === 'win32' ? `/${path.replaceAll('\\', '/')}` : path;
  let uri = 'file:';
  for (const byte of encodeName(absolute)) {
    const character = String.fromCharCode(byte);
    uri += /[A-Za-z0-9/._~:-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return uri;
}

function remove(context: TaskContext, copy: string): void {
  removeIfThere(context, copy);
  removeBesides(context, copy);
}

function removeBesides(context: TaskContext, copy: string): void {
  for (const ending of ['-wal', '-shm', '-journal']) removeIfThere(context, copy + ending);
}

function removeIfThere({ fs }: TaskContext, path: string): void {
  try {
    fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
