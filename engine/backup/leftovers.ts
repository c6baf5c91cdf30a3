import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { archiveStem, hasManifest, parseArchiveName } from './names.ts';
import { larderFolder } from './selection.ts';

/**
 * What a run leaves when it is killed, and how the next holder of the lock clears it.
 *
 * Before a run writes anything it notes, durably, in `.larder/tmp/run-<id>.json` under which name it is going to write
 * and which files of that name were there already. An archive of that name that was not there before and has no
 * manifest was made by that run and never became a backup: the next holder removes it. Any other archive without a
 * manifest (its manifest was lost, or it came from elsewhere) is never touched, only listed as a problem.
 */

const runSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  baseName: z.string().min(1),
  existing: z.array(z.string()),
});
export type Run = z.infer<typeof runSchema>;

const runName = /^run-.+\.json$/;

export function temporaryFolder(directory: string): string {
  return join(directory, larderFolder, 'tmp');
}

/** Notes that a run is about to write. The lock is held. */
export function noteRun(fs: FileSystem, directory: string, id: string, baseName: string): void {
  const folder = temporaryFolder(directory);
  makeFolder(fs, folder);
  const existing = names(fs, directory).filter((name) => name.startsWith(baseName));
  const run: Run = { version: 1, id, baseName, existing };
  const path = join(folder, `run-${id}.json`);
  try {
    writeFileDurable(fs, path, Buffer.from(JSON.stringify(run)));
  } catch (error) {
    throw toLarderError(error, path);
  }
}

/** The runs noted in a destination: those that are under way and those that were killed. */
export function notedRuns(fs: FileSystem, directory: string): Run[] {
  const folder = temporaryFolder(directory);
  return names(fs, folder)
    .filter((name) => runName.test(name))
    .flatMap((name) => readRun(fs, join(folder, name)) ?? []);
}

/** Whether `name` is an archive that `run` made; `names` are all names in the destination. */
export function isUncommitted(name: string, run: Run, allNames: ReadonlySet<string>): boolean {
  const stem = archiveStem(name);
  if (stem === undefined || run.existing.includes(name) || hasManifest(stem, allNames)) return false;
  const parsed = parseArchiveName(stem);
  return parsed !== undefined && parsed.base === run.baseName;
}

/** Removes what runs that are no more have left. The lock is held, so none is under way. Returns what was removed. */
export function clearLeftovers(fs: FileSystem, directory: string): string[] {
  const removed: string[] = [];
  const remove = (path: string): void => {
    try {
      removeTree(fs, path);
      removed.push(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
    }
  };
  const inDestination = names(fs, directory);
  const allNames = new Set(inDestination);
  for (const run of notedRuns(fs, directory)) {
    for (const name of inDestination) {
      if (isUncommitted(name, run, allNames)) remove(join(directory, name));
    }
  }
  if (removed.length > 0) fs.fsyncDirectory(directory);
  // The notes go last: a crash in here leaves what is needed to go on.
  const folder = temporaryFolder(directory);
  const temporary = names(fs, folder).sort((a, b) => Number(runName.test(a)) - Number(runName.test(b)));
  for (const name of temporary) remove(join(folder, name));
  return removed;
}

function readRun(fs: FileSystem, path: string): Run | undefined {
  try {
    return runSchema.parse(JSON.parse(fs.readFile(path).toString('utf8')));
  } catch {
    // Gone meanwhile, or not one of ours: it proves nothing, so nothing is removed on its word.
    return undefined;
  }
}

function names(fs: FileSystem, directory: string): string[] {
  try {
    return fs.readDirectory(directory).map((entry) => entry.name);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw toLarderError(error, directory);
  }
}

function makeFolder(fs: FileSystem, path: string): void {
  try {
    fs.makeDirectory(path, { mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw toLarderError(error, path);
  }
}

/** Removes a file or folder with all in it. Throws what the system says. */
export function removeTree(fs: FileSystem, path: string): void {
  if (!fs.lstat(path).isDirectory()) {
    fs.unlink(path);
    return;
  }
  for (const { name } of fs.readDirectory(path)) removeTree(fs, join(path, name));
  fs.removeDirectory(path);
}
