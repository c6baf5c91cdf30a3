import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ErrorData, Output } from '../../shared/contract/index.ts';
import { keyed } from '../age/index.ts';
import { carriesBackup } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
import type { BackupKeys } from './keys.ts';
import { isUncommitted, notedRuns } from './leftovers.ts';
import { archiveStem, hasManifest, isEncrypted, parseArchiveName } from './names.ts';
import type { Summary } from './summary.ts';

export type DestinationProblem = Output<'backups.list'>['problems'][number];

/** What an error of opening a file of a destination is in its list. */
export function problemOf(path: string, { message, hint, details }: ErrorData): DestinationProblem {
  if (details?.['fix'] !== 'unlock') return { path, message };
  const needs = details['needs'] === 'identity' ? 'identity' : 'passphrase';
  return { path, message: hint === undefined ? message : `${message} ${hint}`, fix: 'unlock', needs };
}

export interface DestinationNames {
  readonly directory: string;
  readonly names: ReadonlySet<string>;
  readonly backups: readonly { readonly summary: Pick<Summary, 'archives'> }[];
  /** Archives whose backups were removed on purpose; they are no problem. */
  readonly released: ReadonlySet<string>;
}

const uncommitted =
  'A backup that is being made, or was interrupted; the next backup to this folder clears the latter away.';
const carriesCopy = 'Its manifest is missing. The archive carries a copy, from which it can be made again.';
const notUsable = 'Its manifest is missing, so it is not a backup Larder can use.';
const useless = `${notUsable} The tar command can still open it.`;
const uselessEncrypted = `${notUsable} The age and tar commands can still open it.`;

/** Archives of Larder's whose own manifest is not there, though nobody removed it. */
export async function strayArchives(
  context: EngineContext,
  keys: BackupKeys,
  { directory, names, backups, released }: DestinationNames,
): Promise<DestinationProblem[]> {
  const strays = [...names].sort().filter((name) => {
    const stem = archiveStem(name);
    if (stem === undefined || parseArchiveName(stem) === undefined) return false;
    return !hasManifest(stem, names) && !released.has(name);
  });
  if (strays.length === 0) return [];
  const referenced = new Set(backups.flatMap(({ summary }) => summary.archives.map(({ file }) => file)));
  const runs = notedRunsOf(context, directory);
  const fileKeys = await keys.of(strays.map((name) => join(directory, name)));
  const { fs } = keyed(context, fileKeys);
  return strays.flatMap((name): DestinationProblem[] => {
    const path = join(directory, name);
    if (runs.some((run) => isUncommitted(name, run, names))) return [{ path, message: uncommitted }];
    const key = fileKeys?.[path];
    if (key !== undefined && !(key instanceof Uint8Array)) return [problemOf(path, key)];
    if (carriesBackup(fs, path)) return [{ path, message: carriesCopy, fix: 'rebuild' }];
    // Whatever else it is, other backups need it.
    if (referenced.has(name)) return [];
    return [{ path, message: isEncrypted(name) ? uselessEncrypted : useless }];
  });
}

function notedRunsOf(context: EngineContext, directory: string) {
  try {
    return notedRuns(context.fs, directory);
  } catch (error) {
    // The destination itself can be read, so all that is lost is the finer of two messages.
    if (error instanceof LarderError) return [];
    throw error;
  }
}
