import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from './leftovers.ts';
import { archiveStem, manifestStem, parseArchiveName } from './names.ts';
import type { BackupRecords } from './records.ts';
import { larderFolder } from './selection.ts';

/** Where a backup goes. */
export interface Place {
  /** Absolute; its real path where it exists. */
  readonly directory: string;
  readonly exists: boolean;
  /** Bytes this user may still write there. */
  readonly free: number;
  readonly onSameDisk: boolean;
}

/** Looks at a destination without changing anything. Throws `INVALID_INPUT` when it is the store itself. */
export function lookAtPlace(context: EngineContext, store: Store, destination: string): Place {
  const { fs } = context;
  if (!isAbsolute(destination)) {
    throw new LarderError('INVALID_INPUT', `The destination ${displayName(destination)} is not an absolute path.`);
  }
  const nearest = nearestExisting(fs, resolve(destination));
  try {
    const real = fs.realPath(nearest);
    const stats = fs.stat(real);
    if (!stats.isDirectory()) {
      throw new LarderError('INVALID_INPUT', `${displayName(nearest)} is not a folder.`, {
        hint: 'Choose another destination.',
      });
    }
    const root = fs.stat(store.path);
    const exists = nearest === resolve(destination);
    if (exists && stats.dev === root.dev && stats.ino === root.ino) {
      throw new LarderError('INVALID_INPUT', 'The destination of a backup cannot be the store itself.', {
        hint: `Choose a folder beside it, or one inside it such as ${displayName(join(store.path, 'backups'))}.`,
      });
    }
    const { bavail, bsize } = fs.statfs(real);
    return {
      directory: exists ? real : join(real, resolve(destination).slice(nearest.length)),
      exists,
      free: bavail * bsize,
      onSameDisk: stats.dev === root.dev,
    };
  } catch (error) {
    throw toLarderError(error, nearest);
  }
}

function nearestExisting(fs: FileSystem, path: string): string {
  for (let current = path; ; current = dirname(current)) {
    try {
      fs.stat(current);
      return current;
    } catch (error) {
      if (!isSystemError(error, 'ENOENT') || current === dirname(current)) throw toLarderError(error, current);
    }
  }
}

/**
 * Makes the destination where it is missing, for this user alone. Returns the folders made, and those the run will make
 * in it, outermost first, so that a run that comes to nothing can take them away again.
 *
 * A destination on another disk than the store's is not made anew once it held backups: its disk is not connected, and
 * what is written to the empty mount point would fill the wrong disk and vanish under the next mount. One that is there
 * but bare is refused for the same reason, unless it was `chosen` for this very run.
 */
export function makePlace(
  context: EngineContext,
  records: BackupRecords,
  store: Store,
  place: Place,
  chosen: boolean,
): string[] {
  const { fs } = context;
  if (place.exists && !chosen) assertConnected(context, records, store, place.directory);
  const own = [join(place.directory, larderFolder), temporaryFolder(place.directory)];
  if (place.exists) return own.filter((path) => !isThere(fs, path));
  if (records.wasOnOtherDisk(store.id, place.directory)) {
    throw new LarderError('NOT_FOUND', `${displayName(place.directory)} is not there. It used to be on another disk.`, {
      hint: `Connect that disk. If the folder is meant to be here now, create it and run: ${chooseAnew(store, place.directory)}`,
      details: { path: place.directory },
    });
  }
  const missing: string[] = [];
  for (let path = place.directory; !isThere(fs, path); path = dirname(path)) missing.unshift(path);
  const made: string[] = [];
  try {
    for (const path of missing) {
      fs.makeDirectory(path, { mode: 0o700 });
      made.push(path);
    }
  } catch (error) {
    removeEmpty(fs, made);
    throw toLarderError(error, place.directory);
  }
  return [...made, ...own];
}

/** Throws `NOT_FOUND` when a folder that held backups of any store shows no trace of them. */
function assertConnected({ fs }: EngineContext, records: BackupRecords, store: Store, directory: string): void {
  if (!records.heldBackups(directory)) return;
  let names: Set<string>;
  try {
    names = new Set(fs.readDirectory(directory).map((entry) => entry.name));
  } catch (error) {
    throw toLarderError(error, directory);
  }
  if (!hasNoTrace(names)) return;
  const path = displayName(directory);
  throw new LarderError(
    'NOT_FOUND',
    `The backup folder ${path} seems not to be mounted: it held backups, and now there is no trace of them.`,
    {
      hint: `Connect its disk and try again. If the folder is meant to be empty, choose it anew: ${chooseAnew(store, directory)}`,
      details: { path: directory },
    },
  );
}

/** Whether nothing in a folder, by the names in it, tells of backups: as at a mount point whose disk is not mounted. */
export function hasNoTrace(names: ReadonlySet<string>): boolean {
  const tells = (name: string): boolean =>
    manifestStem(name) !== undefined || parseArchiveName(archiveStem(name) ?? '') !== undefined;
  return !names.has(larderFolder) && ![...names].some(tells);
}

function chooseAnew(store: Store, directory: string): string {
  return `larder backup ${shellWord(store.name)} --dest ${shellWord(displayName(directory))}`;
}

function shellWord(text: string): string {
  return /^[\w./@%+:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export interface FolderIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * What to tell when writing to `directory` failed: where the folder, `before` the writing the one given, or what the run
 * made in it was taken away, that, and not which temporary file was missed first. Else `error` itself.
 */
export function whyLost(fs: FileSystem, directory: string, before: FolderIdentity, error: unknown): unknown {
  if (isLarderError(error, 'CANCELLED')) return error;
  const path = displayName(directory);
  const details = { path: directory };
  if (!isStill(fs, directory, before)) {
    return new LarderError('NOT_FOUND', `The backup folder ${path} went away while the backup was written.`, {
      hint: 'Check that it is there and its disk is connected, then try again.',
      details,
      cause: error,
    });
  }
  if (!isLarderError(error, 'NOT_FOUND') || error.details?.['errno'] !== 'ENOENT') return error;
  const missed = String(error.details['path']);
  const name = dirname(missed) === directory ? basename(missed) : '';
  const isBackup = archiveStem(name) !== undefined || manifestStem(name) !== undefined;
  if (!isBackup && !missed.startsWith(temporaryFolder(directory))) return error;
  return new LarderError(
    'CHANGED_ON_DISK',
    `Files in the backup folder ${path} were removed while the backup was written.`,
    { hint: 'Check whether something cleans up that folder, then try again.', details, cause: error },
  );
}

function isStill(fs: FileSystem, directory: string, before: FolderIdentity): boolean {
  try {
    const now = fs.stat(directory);
    return now.dev === before.dev && now.ino === before.ino;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A disk that reports errors is there still, and its own error says more.
    return !isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO');
  }
}

/** After a run that came to nothing: takes away what was made for it, where nothing else has come into it. */
export function unmakePlace(fs: FileSystem, made: readonly string[]): void {
  removeEmpty(fs, made);
}

function removeEmpty(fs: FileSystem, outermostFirst: readonly string[]): void {
  for (const path of outermostFirst.toReversed()) {
    try {
      fs.removeDirectory(path);
    } catch (error) {
      // Not empty, so not ours alone; or gone with its disk.
      if (!isSystemError(error)) throw error;
    }
  }
}

function isThere(fs: FileSystem, path: string): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw toLarderError(error, path);
  }
}
