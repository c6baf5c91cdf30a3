import type { Backup, Job, Retention, Verification } from '../../../shared/contract/index.ts';
import { formatBytes, formatDateTime, formatPercent, formatQuantity } from '../../../shared/format.ts';
import { splitFile } from '../../design/index.ts';

/** The destination folder a backup lies in. */
export function folderOf(backup: Pick<Backup, 'manifest'>): string {
  return splitFile(backup.manifest).folder;
}

/** What each kind means, in a sentence. */
export const kindMeanings = {
  full: 'Reads and stores everything in one archive of its own. It needs no other backup, takes longest and the most space.',
  incremental:
    'Reads only what changed since the last backup and draws on earlier archives for the rest. It restores the same as a full one.',
} as const satisfies Readonly<Record<Backup['kind'], string>>;

/** How it was verified, by what was looked at: "stored bytes", "40 % of files". */
export function verifiedHow({ mode, covered }: Verification): string {
  if (mode === 'sample') return covered === undefined ? 'some files' : `${formatPercent(covered, 1)} of files`;
  return { written: 'what it added', quick: 'stored bytes', deep: 'every file' }[mode];
}

/** What stands when this backup is removed: "needed by 3 later backups". Undefined when nothing does. */
export function neededWords(count: number): string | undefined {
  return count === 0 ? undefined : `needed by ${formatQuantity(count, 'later backup')}`;
}

/** All there is to say about a backup in one line, for its dot on the timeline. */
export function backupLine(backup: Backup): string {
  const { verified, note, problem, skipped } = backup;
  return [
    formatDateTime(backup.startedAtMs),
    backup.kind,
    `added ${formatBytes(backup.storedBytes)}`,
    `holds ${formatBytes(backup.bytes)}`,
    ...(problem === undefined ? [] : ['unusable']),
    ...(verified?.ok === false ? ['damaged'] : []),
    ...(backup.status === 'partial' ? [`${formatQuantity(skipped.length, 'path')} missing or not whole`] : []),
    ...(backup.pinned ? ['pinned'] : []),
    ...(note === undefined || note === '' ? [] : [note]),
  ].join(' · ');
}

/** The options of `larder prune` that ask for these rules. */
export function retentionOptions(rules: Retention): string[] {
  const numbers = [
    ['--keep-last', rules.keepLast],
    ['--keep-hourly', rules.keepHourly],
    ['--keep-daily', rules.keepDaily],
    ['--keep-weekly', rules.keepWeekly],
    ['--keep-monthly', rules.keepMonthly],
    ['--keep-yearly', rules.keepYearly],
  ] as const;
  return [
    ...numbers.flatMap(([option, number]) => (number === 0 ? [] : [option, String(number)])),
    ...(rules.keepWithinDays === undefined ? [] : ['--keep-within', `${rules.keepWithinDays}d`]),
  ];
}

/** Bytes a verification reads at most. Of what lies in other archives only the plain size is known. */
function bytesToVerify(backup: Backup, mode: 'quick' | 'sample' | 'deep', percent: number): number {
  const stored = Math.min(backup.bytes, backup.storedBytes + backup.reusedBytes);
  return mode === 'sample' ? (stored * percent) / 100 : stored;
}

/** How long a verification may take, by the rate of earlier ones; undefined when there were none. */
export function estimateVerifyMs(
  backup: Backup,
  mode: 'quick' | 'sample' | 'deep',
  percent: number,
  jobs: readonly Job[],
): number | undefined {
  let bytes = 0;
  let ms = 0;
  for (const job of jobs) {
    const checked = job.result?.['checkedBytes'];
    if (job.kind !== 'verify' || job.finishedAtMs === undefined || typeof checked !== 'number') continue;
    bytes += checked;
    ms += job.finishedAtMs - job.startedAtMs;
  }
  // A second or so of reading says nothing about a rate.
  if (bytes < 1024 * 1024 || ms <= 0) return undefined;
  return (bytesToVerify(backup, mode, percent) * ms) / bytes;
}
