import { basename, isAbsolute } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, Output } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { stemOf } from './names.ts';

type Listing = Output<'backups.list'>;

const candidatesShown = 10;

/**
 * Finds what `ref` names among the backups listed (newest first). `latest` is the newest one without a problem, or the
 * newest at all when every one has one. `store` is only for the message.
 */
export function resolveReference(ref: string, listing: Listing, store?: string): Backup {
  const { backups } = listing;
  if (ref === 'latest') {
    const latest = backups.find((backup) => backup.problem === undefined) ?? backups[0];
    if (latest !== undefined) return latest;
    const [hidden] = listing.problems.filter(({ fix }) => fix === 'reach' || fix === 'unlock');
    if (hidden !== undefined) throw outOfSight(hidden);
    const whose = store === undefined ? 'There is no backup yet' : `There is no backup of ${displayName(store)} yet`;
    throw new LarderError('NOT_FOUND', `${whose}.`, { hint: 'Make one first: larder backup STORE' });
  }
  const exact = backups.filter((backup) => backup.id === ref);
  // Copies of one backup in several destinations are the same to whoever asks; the whole one is preferred.
  if (exact.length > 0) return best(exact);
  const named = backups.filter((backup) => isNamed(backup, ref));
  const matches = named.length > 0 ? named : backups.filter((backup) => backup.id.startsWith(ref));
  const ids = new Set(matches.map((backup) => backup.id));
  if (ids.size === 1) return best(matches);
  if (ids.size > 1) throw ambiguous(ref, matches);
  const problem = listing.problems.find(({ path }) => isPathOf(path, ref));
  if (problem?.fix === 'unlock') throw outOfSight(problem);
  if (problem !== undefined) {
    throw new LarderError('CORRUPT', `${displayName(basename(problem.path))}: ${problem.message}`, {
      hint: 'Other backups are not affected: larder backups lists them.',
      details: { path: problem.path },
    });
  }
  const away = listing.problems.find(({ fix }) => fix === 'reach');
  if (away !== undefined) throw outOfSight(away);
  throw new LarderError('NOT_FOUND', `There is no backup ${displayName(ref)}.`, {
    hint: 'larder backups lists them; --dest DIR looks in another folder.',
  });
}

/** What keeps backups from being seen: a folder that is away, or a file that no key here opens. */
function outOfSight({ path, message, fix, needs }: Listing['problems'][number]): LarderError {
  return fix === 'unlock'
    ? new LarderError('PERMISSION', message, { details: { path, fix, needs } })
    : new LarderError('NOT_FOUND', `The backup folder ${displayName(path)} cannot be reached. ${message}`, {
        hint: 'If it lies on another disk, connect that first.',
        details: { path },
      });
}

function best(matches: readonly Backup[]): Backup {
  const [first] = matches;
  if (first === undefined) throw new LarderError('INTERNAL', 'A choice among no backups.');
  return matches.find((backup) => backup.problem === undefined) ?? first;
}

function isNamed(backup: Backup, ref: string): boolean {
  return isPathOf(backup.archive, ref) || isPathOf(backup.manifest, ref);
}

/** Whether a file's path is what `ref` says: a file name with or without extension, or a path in the listed folder. */
function isPathOf(path: string, ref: string): boolean {
  return stemOf(path) === stemOf(ref) && (isAbsolute(ref) || !/[/\\]/.test(ref));
}

function ambiguous(ref: string, matches: readonly Backup[]): LarderError {
  const shown = matches
    .slice(0, candidatesShown)
    .map((backup) => `${backup.id} (${displayName(basename(backup.archive))})`);
  const more = matches.length > shown.length ? `, and ${matches.length - shown.length} more` : '';
  return new LarderError('INVALID_INPUT', `${displayName(ref)} could be any of ${matches.length} backups.`, {
    hint: `Write more of the id: ${shown.join(', ')}${more}`,
    details: { candidates: matches.map((backup) => ({ id: backup.id, archive: backup.archive })) },
  });
}
