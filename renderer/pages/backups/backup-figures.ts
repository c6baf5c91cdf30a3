import { z } from 'zod';
import {
  verifyProblemSchema,
  type Backup,
  type Job,
  type Store,
  type VerifyProblem,
} from '../../../shared/contract/index.ts';
import { formatDateTime } from '../../../shared/format.ts';
import { splitFile } from '../../design/file-path.ts';
import { folderOf, type DotLook } from '../../features/backups/index.ts';
import { withoutPath } from '../../features/jobs/index.ts';

/** What the backups shown come to. */
export interface BackupTotals {
  count: number;
  storedBytes: number;
  /** Bytes that were not stored again. */
  reusedBytes: number;
  newest: Backup | undefined;
  /** Backups that cannot be trusted: damaged, or found unusable while listing. */
  bad: number;
}

export function totalsOf(backups: readonly Backup[]): BackupTotals {
  let newest: Backup | undefined;
  let storedBytes = 0;
  let reusedBytes = 0;
  let bad = 0;
  for (const backup of backups) {
    storedBytes += backup.storedBytes;
    reusedBytes += backup.reusedBytes;
    if (backup.problem !== undefined || backup.verified?.ok === false) bad += 1;
    if (newest === undefined || backup.startedAtMs > newest.startedAtMs) newest = backup;
  }
  return { count: backups.length, storedBytes, reusedBytes, newest, bad };
}

/** How a backup stands, for sorting: the worst first. */
export function trust(backup: Backup): number {
  if (backup.problem !== undefined) return 0;
  if (backup.verified?.ok === false) return 1;
  if (backup.status === 'partial') return 2;
  return backup.verified === undefined ? 3 : 4;
}

const damageSchema = z.looseObject({ backup: z.string(), problems: z.array(verifyProblemSchema) });

/** The damage a verification that ended found. */
export function problemsOf(job: Job): readonly VerifyProblem[] {
  return damageSchema.safeParse(job.error?.details).data?.problems ?? [];
}

/** What the newest verification of a backup that found damage wrote down; undefined when no job tells. */
export function damageOf(backup: string, jobs: readonly Job[]): readonly VerifyProblem[] | undefined {
  for (const job of jobs.toSorted((a, b) => b.startedAtMs - a.startedAtMs)) {
    const found = damageSchema.safeParse(job.error?.details).data;
    if (found?.backup === backup) return found.problems;
  }
  return undefined;
}

/** Damage as a list of paths shows it. */
export function damageLines(problems: readonly VerifyProblem[]): { path: string; reason: string }[] {
  return problems.map(({ path, archive, kind, message }) => ({
    path: path ?? splitFile(archive).name,
    reason: `${damageNames[kind]}: ${withoutFile(withoutPath(message, path ?? ''), archive)}`,
  }));
}

/** The message without the archive's own name or path in front, which stands above it. */
function withoutFile(message: string, archive: string): string {
  const { name } = splitFile(archive);
  const shorter = message.replace(`${name}: `, '').replaceAll(archive, 'it').replaceAll(name, 'it');
  return shorter.replace(/^it: /, '');
}

/** What kind of damage it is, in a few words. */
const damageNames: Readonly<Record<VerifyProblem['kind'], string>> = {
  missing: 'missing',
  truncated: 'cut off',
  digest: 'not as it was written',
  structure: 'structure is broken',
  manifest: 'manifest is broken',
  unreadable: 'cannot be read',
};

/** Which backups the table shows. */
export type BackupFilter = 'all' | 'full' | 'incremental' | 'pinned' | 'bad';

/** Those that fit the filter and whose note, store or id contains the text. */
export function filterBackups(
  backups: readonly Backup[],
  { filter, text, storeName }: { filter: BackupFilter; text: string; storeName?: string | undefined },
): readonly Backup[] {
  const wanted = text.trim().toLowerCase();
  if (filter === 'all' && wanted === '' && storeName === undefined) return backups;
  return backups.filter(
    (backup) =>
      (storeName === undefined || backup.storeName === storeName) &&
      fits(backup, filter) &&
      (wanted === '' ||
        [backup.note ?? '', backup.storeName, backup.id, formatDateTime(backup.startedAtMs)].some((words) =>
          words.toLowerCase().includes(wanted),
        )),
  );
}

function fits(backup: Backup, filter: BackupFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'pinned':
      return backup.pinned;
    case 'bad':
      return backup.problem !== undefined || backup.verified?.ok === false || backup.status === 'partial';
    case 'full':
    case 'incremental':
      return backup.kind === filter;
  }
}

/** Why these cannot be removed together; undefined when they can. */
export function whyNotRemovable(
  backups: readonly Pick<Backup, 'store' | 'manifest'>[],
  stores: readonly Pick<Store, 'id'>[],
): string | undefined {
  const [first] = backups;
  if (first === undefined) return 'None is chosen';
  if (!stores.some(({ id }) => id === first.store)) return 'Its store is not in Larder';
  const together = backups.every((each) => each.store === first.store && folderOf(each) === folderOf(first));
  return together ? undefined : 'Choose backups of one store in one folder';
}

/** How a backup is drawn on the timeline. */
export function lookOf(backup: Backup): DotLook {
  if (backup.problem !== undefined || backup.verified?.ok === false) return 'bad';
  return backup.status === 'partial' ? 'partial' : backup.kind;
}

/** The two to compare, the older first; undefined when they are not two of one store that can be read. */
export function comparable(backups: readonly Backup[]): readonly [older: Backup, newer: Backup] | undefined {
  const [older, newer, more] = backups.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  if (older === undefined || newer === undefined || more !== undefined) return undefined;
  if (older.problem !== undefined || newer.problem !== undefined) return undefined;
  return [older, newer];
}
