import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { formatQuantity } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import { plainSizeOf } from '../age/index.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import { readReleased } from '../rotation/index.ts';
import type { BackupKeys } from './keys.ts';
import { archiveStem, hasManifest, isEncrypted, manifestStem } from './names.ts';
import { isSameFile } from './known-summaries.ts';
import type { KnownSummary, ManifestFile } from './known-summaries.ts';
import { hasNoTrace } from './place.ts';
import type { BackupRecords } from './records.ts';
import { problemOf, strayArchives } from './strays.ts';
import type { DestinationProblem } from './strays.ts';
import type { Summary } from './summary.ts';
import { summariesTask } from './tasks.ts';

export type { DestinationProblem };

/** A backup found in a destination. */
export interface FoundBackup {
  readonly manifest: string;
  readonly archive: string;
  readonly summary: Summary;
  readonly storedBytes: number;
  /** Other backups here that draw on its archive. */
  readonly neededBy: number;
  readonly problem?: string;
}

export interface DestinationContent {
  readonly backups: readonly FoundBackup[];
  readonly problems: readonly DestinationProblem[];
  readonly held: readonly HeldByOthers[];
}

/** An archive that only backups other than its own draw on, its own being gone. */
export interface HeldByOthers {
  readonly archive: string;
  readonly bytes: number;
  readonly neededBy: readonly string[];
}

/** Manifests one task reads; so that several workers share a large destination. */
const manifestsPerTask = 64;

/**
 * What lies in a destination. Only manifests that are new or changed are opened. A folder that is not there holds
 * nothing; one that cannot be read, or is gone or bare where backups were seen in it, is a problem.
 */
export async function readDestination(
  context: EngineContext,
  records: BackupRecords,
  keys: BackupKeys,
  directory: string,
): Promise<DestinationContent> {
  let names: ReadonlySet<string>;
  try {
    names = new Set(context.fs.readDirectory(directory).map((entry) => entry.name));
  } catch (error) {
    const held = wordsOfHeld(records, directory);
    // Nothing was ever there: then it is not made yet.
    if (isSystemError(error, 'ENOENT') && held === undefined) return { backups: [], problems: [], held: [] };
    return outOfReach(directory, `The folder ${reasonOf(error)}.${held ?? ''}`);
  }
  if (hasNoTrace(names)) {
    const held = wordsOfHeld(records, directory);
    // What was seen stays remembered: the disk may come back.
    if (held !== undefined) return outOfReach(directory, `There is no trace of backups in it.${held}`);
  }
  const problems: DestinationProblem[] = [];
  const known = records.summaries.in(directory);
  const current: KnownSummary[] = [];
  const unread: ManifestFile[] = [];
  const present = new Set<string>();
  for (const name of names) {
    if (manifestStem(name) === undefined) continue;
    const path = join(directory, name);
    const stats = statOf(context, path);
    if (stats === undefined || !stats.isFile()) continue;
    present.add(path);
    const file = { path, size: Number(stats.size), mtimeNs: stats.mtimeNs, inode: stats.ino };
    const before = known.get(path);
    if (before !== undefined && isSameFile(before.file, file)) current.push(before);
    else unread.push(file);
  }
  const read = await readManifests(context, keys, unread);
  const problemOfArchive = archiveProblems(context, directory);
  const fresh: KnownSummary[] = [];
  const damaged: Found[] = [];
  for (const { file, result } of read) {
    if ('summary' in result) {
      fresh.push({ file, summary: result.summary });
      continue;
    }
    const before = known.get(file.path);
    // It was whole once, so it is still known which backup this is.
    if (before === undefined) problems.push(problemOf(file.path, result.error));
    else damaged.push({ ...found(directory, before, problemOfArchive), problem: result.error.message });
  }
  const gone = [...known.keys()].filter((path) => !present.has(path));
  records.summaries.update(directory, fresh, gone);
  const backups = [...current, ...fresh].map((entry) => found(directory, entry, problemOfArchive));
  const { whole, held } = countNeeds(directory, [...backups, ...damaged]);
  const released = releasedIn(context, directory);
  const strays = await strayArchives(context, keys, { directory, names, backups: whole, released });
  const idle = [...released].flatMap((name) => idleArchive(context, directory, name, names, held));
  return { backups: whole, problems: [...problems, ...strays], held: [...held, ...idle] };
}

function outOfReach(directory: string, message: string): DestinationContent {
  return { backups: [], problems: [{ path: directory, message, fix: 'reach' }], held: [] };
}

/** What is remembered of backups in a folder that shows none; undefined when there is nothing of the kind. */
function wordsOfHeld(records: BackupRecords, directory: string): string | undefined {
  const seen = records.summaries.in(directory).size;
  if (seen > 0) return ` ${formatQuantity(seen, 'backup was', 'backups were')} in it when it was last read.`;
  return records.heldBackups(directory) ? ' Backups were made to it.' : undefined;
}

async function readManifests(context: EngineContext, keys: BackupKeys, files: readonly ManifestFile[]) {
  const chunks: ManifestFile[][] = [];
  for (let start = 0; start < files.length; start += manifestsPerTask) {
    chunks.push(files.slice(start, start + manifestsPerTask));
  }
  const results = await Promise.all(
    chunks.map(async (chunk) => {
      const paths = chunk.map((file) => file.path);
      const summaries = await context.pool.run(summariesTask, paths, { keys: await keys.of(paths) });
      return chunk.flatMap((file, index) => {
        const result = summaries[index];
        return result === undefined ? [] : [{ file, result }];
      });
    }),
  );
  return results.flat();
}

type Found = Omit<FoundBackup, 'neededBy'>;

/** Who draws on whose archive; a backup's own archive is the first it lists. */
function countNeeds(directory: string, backups: readonly Found[]): { whole: FoundBackup[]; held: HeldByOthers[] } {
  const drawn = new Map<string, { ids: string[]; bytes: number }>();
  const own = new Map<string, number>();
  for (const { summary } of backups) {
    const [first] = summary.archives;
    if (first !== undefined) own.set(first.file, 0);
  }
  for (const { summary } of backups) {
    for (const { file, size } of summary.archives.slice(1)) {
      const count = own.get(file);
      if (count !== undefined) {
        own.set(file, count + 1);
        continue;
      }
      const needs = drawn.get(file) ?? { ids: [], bytes: size ?? 0 };
      needs.ids.push(summary.id);
      drawn.set(file, needs);
    }
  }
  const whole = backups.map((backup) => {
    const first = backup.summary.archives[0]?.file;
    return { ...backup, neededBy: first === undefined ? 0 : (own.get(first) ?? 0) };
  });
  const held = [...drawn]
    .map(([file, { ids, bytes }]) => ({ archive: join(directory, file), bytes, neededBy: ids }))
    .sort((a, b) => (a.archive < b.archive ? -1 : 1));
  return { whole, held };
}

/** Why an archive cannot be used, as far as its name and size tell. */
type ArchiveProblem = (archive: Summary['archives'][number]) => string | undefined;

function found(directory: string, { file, summary }: KnownSummary, problemOfArchive: ArchiveProblem): Found {
  const [own] = summary.archives;
  let problem: string | undefined;
  for (const archive of summary.archives) if ((problem = problemOfArchive(archive)) !== undefined) break;
  return {
    manifest: file.path,
    // A backup of nothing but what others hold may have no archive of its own.
    archive: own === undefined ? file.path : join(directory, own.file),
    summary,
    storedBytes: (own?.size ?? 0) + file.size,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Looks at each archive once, of however many backups draw on it. */
function archiveProblems(context: EngineContext, directory: string): ArchiveProblem {
  const sizes = new Map<string, number | string>();
  return ({ file, size }) => {
    let now = sizes.get(file);
    if (now === undefined) sizes.set(file, (now = archiveSize(context, directory, file)));
    if (typeof now === 'string') return now;
    if (size === null || now === size) return undefined;
    const name = displayName(file);
    return now < size
      ? `Its archive ${name} is cut off: ${now} of ${size} bytes are there.`
      : `Its archive ${name} has grown from ${size} to ${now} bytes.`;
  };
}

/** Plain bytes of an archive, or why they cannot be told. */
function archiveSize(context: EngineContext, directory: string, file: string): number | string {
  const name = displayName(file);
  try {
    const stats = context.fs.stat(join(directory, file));
    if (!stats.isFile()) return `Its archive ${name} is not a file.`;
    return isEncrypted(file) ? plainSizeOf(context.fs, join(directory, file)) : Number(stats.size);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return `Its archive ${name} is missing.`;
    if (error instanceof LarderError) return error.message;
    return `Its archive ${name} ${reasonOf(error)}.`;
  }
}

/** Archives whose backups were removed on purpose; they are no problem. */
function releasedIn(context: EngineContext, directory: string): ReadonlySet<string> {
  try {
    return readReleased(context.fs, directory);
  } catch (error) {
    // As with runs: only the finer of two messages is lost.
    if (error instanceof LarderError) return new Set();
    throw error;
  }
}

/** A released archive that no known backup draws on and that is still there. */
function idleArchive(
  context: EngineContext,
  directory: string,
  name: string,
  names: ReadonlySet<string>,
  held: readonly HeldByOthers[],
): HeldByOthers[] {
  const archive = join(directory, name);
  if (!names.has(name) || hasManifest(archiveStem(name) ?? name, names)) return [];
  const stats = held.some((other) => other.archive === archive) ? undefined : statOf(context, archive);
  return stats === undefined ? [] : [{ archive, bytes: Number(stats.size), neededBy: [] }];
}

function statOf(context: EngineContext, path: string): BigIntStats | undefined {
  try {
    return context.fs.stat(path);
  } catch (error) {
    // A backup deleted since the folder was listed.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
