import { join } from 'node:path';
import { z } from 'zod';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { DestinationProblem } from './destination.ts';
import { larderFolder } from './selection.ts';
import type { DestinationLock } from './types.ts';

/**
 * What a person said of backups after they were made: `.larder/marks.json` beside them, so that another Larder knows it
 * too. A manifest is never changed for it.
 */

export interface Mark {
  /** Never removed by rotation. */
  readonly pinned?: boolean | undefined;
  /** In place of the note the backup was made with; empty when that was taken away. */
  readonly note?: string | undefined;
}

export type Marks = ReadonlyMap<string, Mark>;

const markSchema = z.strictObject({ pinned: z.boolean().optional(), note: z.string().max(2_000).optional() });
const marksSchema = z.strictObject({ version: z.literal(1), backups: z.record(z.string().min(1).max(64), markSchema) });

const fileName = 'marks.json';
const setAside = /^marks-damaged-\d+\.json$/;

function pathIn(directory: string): string {
  return join(directory, larderFolder, fileName);
}

/** The marks of a destination. Throws `CORRUPT` naming the file when it is damaged, else what the system says. */
export function readMarks(fs: FileSystem, directory: string): Marks {
  const path = pathIn(directory);
  let content: Buffer;
  try {
    content = fs.readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return new Map();
    throw toLarderError(error, path);
  }
  try {
    return new Map(Object.entries(marksSchema.parse(JSON.parse(content.toString('utf8'))).backups));
  } catch (cause) {
    throw new LarderError('CORRUPT', `${displayName(path)} is damaged: it is not known which backups are pinned.`, {
      hint: 'Pin a backup or change a note: the damaged file is then set aside. Rotation waits until then.',
      details: { path },
      cause,
    });
  }
}

export interface MarksFound {
  readonly marks: Marks;
  /** A file of marks that cannot be read, and such as were set aside. */
  readonly problems: readonly DestinationProblem[];
}

/** The marks of a destination for a list of what lies there. Damage is told, not thrown. */
export function lookAtMarks(fs: FileSystem, directory: string): MarksFound {
  const problems: DestinationProblem[] = namesOfDamaged(fs, directory).map((name) => ({
    path: join(directory, larderFolder, name),
    message: 'Pins and notes that could not be read were set aside here. Set them again, then remove this file.',
  }));
  try {
    return { marks: readMarks(fs, directory), problems };
  } catch (error) {
    if (!(error instanceof LarderError)) throw error;
    return { marks: new Map(), problems: [...problems, { path: pathIn(directory), message: error.message }] };
  }
}

/** The backup as it is shown with what was said of it since. */
export function withMark(backup: Backup, mark: Mark | undefined): Backup {
  if (mark === undefined) return backup;
  const { note: original, ...rest } = backup;
  const note = mark.note ?? original;
  return { ...rest, pinned: mark.pinned ?? false, ...(note === undefined || note === '' ? {} : { note }) };
}

/**
 * Changes the mark of a backup, durably. Marks that are damaged are set aside first, by a rename; the name they have then
 * is returned.
 */
export function setMark(
  fs: FileSystem,
  lock: DestinationLock,
  id: string,
  change: Mark,
): { readonly setAside?: string | undefined } {
  const path = pathIn(lock.directory);
  let marks: Marks = new Map();
  let aside: string | undefined;
  try {
    marks = readMarks(fs, lock.directory);
  } catch (error) {
    if (!(error instanceof LarderError) || error.code !== 'CORRUPT' || error.details?.['errno'] !== undefined)
      throw error;
    aside = setAsideDamaged(fs, lock.directory);
  }
  const before = marks.get(id);
  const pinned = change.pinned ?? before?.pinned ?? false;
  const note = change.note ?? before?.note;
  const next = new Map(marks);
  if (pinned || note !== undefined)
    next.set(id, { ...(pinned ? { pinned } : {}), ...(note === undefined ? {} : { note }) });
  else next.delete(id);
  const text = `${JSON.stringify({ version: 1, backups: Object.fromEntries(next) }, undefined, 1)}\n`;
  lock.assertHeld();
  try {
    writeFileDurable(fs, path, Buffer.from(text));
  } catch (error) {
    throw toLarderError(error, path);
  }
  return aside === undefined ? {} : { setAside: aside };
}

function setAsideDamaged(fs: FileSystem, directory: string): string {
  const taken = new Set(namesOfDamaged(fs, directory));
  let number = 1;
  while (taken.has(`marks-damaged-${number}.json`)) number += 1;
  const aside = join(directory, larderFolder, `marks-damaged-${number}.json`);
  try {
    fs.rename(pathIn(directory), aside);
  } catch (error) {
    throw toLarderError(error, pathIn(directory));
  }
  return aside;
}

function namesOfDamaged(fs: FileSystem, directory: string): string[] {
  try {
    return fs.readDirectory(join(directory, larderFolder)).flatMap(({ name }) => (setAside.test(name) ? [name] : []));
  } catch (error) {
    // No backup was made there yet, or the folder cannot be read, which is told when its backups are listed.
    if (isSystemError(error)) return [];
    throw error;
  }
}
