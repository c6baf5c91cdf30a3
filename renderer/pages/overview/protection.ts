import type { Backup, Job, Store, UsageSummary } from '../../../shared/contract/index.ts';
import type { Tone } from '../../design/index.ts';

/** How well one store could be got back. */
export interface Protection {
  tone: Tone;
  word: string;
  /** The newest usable backup. */
  last: Backup | undefined;
  /** Newest file outside the backups area, when it is newer than the last backup. */
  newestSince: number | undefined;
  /** A backup of it that runs now. */
  running: Job | undefined;
}

/** Judges a store by its newest backup without a problem. */
export function protection(
  store: Store,
  backups: readonly Backup[],
  summary: UsageSummary | undefined,
  jobs: readonly Job[],
): Protection {
  const last = backups
    .filter((backup) => backup.store === store.id && backup.problem === undefined)
    .reduce<Backup | undefined>(
      (newest, backup) => (newest === undefined || backup.startedAtMs > newest.startedAtMs ? backup : newest),
      undefined,
    );
  const running = jobs.find((job) => job.store === store.id && job.kind === 'backup' && job.status === 'running');
  const newest = Math.max(
    0,
    ...(summary?.areas ?? []).filter((area) => area.role !== 'backup').map((area) => area.newest),
  );
  const newestSince = last !== undefined && newest > last.startedAtMs ? newest : undefined;
  return { ...judge(last), last, newestSince, running };
}

function judge(last: Backup | undefined): { tone: Tone; word: string } {
  if (last === undefined) return { tone: 'bad', word: 'Not protected' };
  if (last.verified?.ok === false) return { tone: 'bad', word: 'Damaged' };
  if (last.status === 'partial') return { tone: 'warn', word: 'Partly' };
  return { tone: 'ok', word: 'Protected' };
}
