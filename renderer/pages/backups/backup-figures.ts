import { z } from 'zod';
import { verifyProblemSchema, type Backup, type Job, type VerifyProblem } from '../../../shared/contract/index.ts';

/** What the backups shown come to. */
export interface BackupTotals {
  count: number;
  storedBytes: number;
  newest: Backup | undefined;
  /** Backups that cannot be trusted: damaged, or found unusable while listing. */
  bad: number;
}

export function totalsOf(backups: readonly Backup[]): BackupTotals {
  let newest: Backup | undefined;
  let storedBytes = 0;
  let bad = 0;
  for (const backup of backups) {
    storedBytes += backup.storedBytes;
    if (backup.problem !== undefined || backup.verified?.ok === false) bad += 1;
    if (newest === undefined || backup.startedAtMs > newest.startedAtMs) newest = backup;
  }
  return { count: backups.length, storedBytes, newest, bad };
}

/** How a backup stands, for sorting: the worst first. */
export function trust(backup: Backup): number {
  if (backup.problem !== undefined) return 0;
  if (backup.verified?.ok === false) return 1;
  if (backup.status === 'partial') return 2;
  return backup.verified === undefined ? 3 : 4;
}

const damageSchema = z.looseObject({ backup: z.string(), problems: z.array(verifyProblemSchema) });

/** What the newest verification of a backup that found damage wrote down; undefined when no job tells. */
export function damageOf(backup: string, jobs: readonly Job[]): readonly VerifyProblem[] | undefined {
  for (const job of jobs.toSorted((a, b) => b.startedAtMs - a.startedAtMs)) {
    const found = damageSchema.safeParse(job.error?.details).data;
    if (found?.backup === backup) return found.problems;
  }
  return undefined;
}

/** What kind of damage it is, in a few words. */
export const damageNames: Readonly<Record<VerifyProblem['kind'], string>> = {
  missing: 'missing',
  truncated: 'cut off',
  digest: 'not as it was written',
  structure: 'structure is broken',
  manifest: 'manifest is broken',
  unreadable: 'cannot be read',
};
