import { basename, dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { DestinationProblem } from './destination.ts';
import { manifestStem } from './names.ts';
import { larderFolder } from './selection.ts';
import { joined, verifiedSchema } from './verified.ts';
import type { Verified } from './verified.ts';
import { z } from 'zod';

/**
 * How backups were verified, beside them: `.larder/verified/NAME.json` for the manifest of that name. A file each, so that
 * noting a verification needs no lock while another backup is made there.
 */

const fileSchema = z.strictObject({ version: z.literal(1), id: z.string().min(1).max(64), ...verifiedSchema.shape });
const ending = '.json';

interface VerifiedBackup {
  readonly id: string;
  readonly manifest: string;
}

function folderIn(directory: string): string {
  return join(directory, larderFolder, 'verified');
}

function pathOf(manifest: string): string {
  return join(folderIn(dirname(manifest)), `${manifestStem(basename(manifest)) ?? basename(manifest)}${ending}`);
}

/** What the files beside a folder's backups say; what cannot be read is a problem. */
export interface VerifiedFound {
  of(backup: VerifiedBackup): Verified | undefined;
  readonly problems: readonly DestinationProblem[];
}

export function lookAtVerified(fs: FileSystem, directory: string): VerifiedFound {
  const found = new Map<string, z.infer<typeof fileSchema>>();
  const problems: DestinationProblem[] = [];
  const folder = folderIn(directory);
  for (const name of namesIn(fs, folder, problems)) {
    const path = join(folder, name);
    try {
      const file = read(fs, path);
      if (file !== undefined) found.set(path, file);
    } catch (error) {
      problems.push({ path, message: toLarderError(error, path).message });
    }
  }
  return {
    of({ id, manifest }) {
      const file = found.get(pathOf(manifest));
      return file?.id === id ? withoutId(file) : undefined;
    },
    problems,
  };
}

/** What the file beside one backup says; nothing when it cannot be read, which is told where backups are listed. */
export function readVerified(fs: FileSystem, { id, manifest }: VerifiedBackup): Verified | undefined {
  try {
    const file = read(fs, pathOf(manifest));
    return file?.id === id ? withoutId(file) : undefined;
  } catch (error) {
    if (isSystemError(error) || error instanceof LarderError) return undefined;
    throw error;
  }
}

/** Adds to what is said beside a backup, durably. Throws what the system says. */
export function addVerified(fs: FileSystem, backup: VerifiedBackup, known: Verified): void {
  const path = pathOf(backup.manifest);
  for (const folder of [dirname(dirname(path)), dirname(path)]) {
    try {
      fs.makeDirectory(folder, { mode: 0o700 });
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
  const before = readVerified(fs, backup);
  const next = before === undefined ? known : joined(before, known);
  writeFileDurable(fs, path, Buffer.from(`${JSON.stringify({ version: 1, id: backup.id, ...next })}\n`));
}

/** Removes what is said of backups that are gone. */
export function clearVerified(fs: FileSystem, directory: string): void {
  const folder = folderIn(directory);
  const names = namesIn(fs, folder, []);
  if (names.length === 0) return;
  const stems = new Set(fs.readDirectory(directory).map(({ name }) => manifestStem(name)));
  for (const name of names) {
    if (stems.has(name.slice(0, -ending.length))) continue;
    try {
      fs.unlink(join(folder, name));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
}

function namesIn(fs: FileSystem, folder: string, problems: DestinationProblem[]): string[] {
  try {
    return fs.readDirectory(folder).flatMap(({ name }) => (name.endsWith(ending) ? [name] : []));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      problems.push({ path: folder, message: `How backups were verified is not known: it ${reasonOf(error)}.` });
    }
    return [];
  }
}

function read(fs: FileSystem, path: string): z.infer<typeof fileSchema> | undefined {
  let content: Buffer;
  try {
    content = fs.readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(content.toString('utf8')));
  } catch (cause) {
    const message = `${displayName(path)} is damaged: how this backup was verified is not known. Verify it again.`;
    throw new LarderError('CORRUPT', message, { details: { path }, cause });
  }
}

function withoutId({ version: _version, id: _id, ...verified }: z.infer<typeof fileSchema>): Verified {
  return verified;
}
