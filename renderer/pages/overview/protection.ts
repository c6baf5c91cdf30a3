import type { Backup, Job, Output, Store, UsageSummary } from '../../../shared/contract/index.ts';
import type { Tone } from '../../design/index.ts';

/** How well one store could be got back. */
export interface Protection {
  tone: Tone;
  word: string;
  /** The newest usable backup. */
  last: Backup | undefined;
  /** Why the backup folder cannot be reached, in a person's words; what lies in it is not known then. */
  away: string | undefined;
  /** Newest file outside the backups area, when it is newer than the last backup. */
  newestSince: number | undefined;
  /** A backup of it that runs now. */
  running: Job | undefined;
}

/** Judges a store by its newest backup without a problem, and by whether its backup folder is there. */
export function protection(
  store: Store,
  { backups, problems }: Pick<Output<'backups.list'>, 'backups' | 'problems'>,
  summary: UsageSummary | undefined,
  jobs: readonly Job[],
): Protection {
  const last = backups
    .filter((backup) => backup.store === store.id && backup.problem === undefined)
    .reduce<Backup | undefined>(
      (newest, backup) => (newest === undefined || backup.startedAtMs > newest.startedAtMs ? backup : newest),
      undefined,
    );
  const away = problems.find(({ path, fix }) => fix === 'reach' && path === store.destination)?.message;
  const running = jobs.find((job) => job.store === store.id && job.kind === 'backup' && job.status === 'running');
  const newest = Math.max(
    0,
    ...(summary?.areas ?? []).filter((area) => area.role !== 'backup').map((area) => area.newest),
  );
  const newestSince = last !== undefined && newest > last.startedAtMs ? newest : undefined;
  return { ...judge(last, away !== undefined), last, away, newestSince, running };
}

function judge(last: Backup | undefined, away: boolean): { tone: Tone; word: string } {
  if (away) return { tone: 'warn', word: 'Backups away' };
  if (last === undefined) return { tone: 'bad', word: 'Not protected' };
  if (last.verified?.ok === false) return { tone: 'bad', word: 'Damaged' };
  if (last.status === 'partial') return { tone: 'warn', word: 'Partly' };
  return { tone: 'ok', word: 'Protected' };
}
