import { z } from 'zod';
import {
  verifyProblemSchema,
  type ErrorData,
  type Job,
  type RestoreRecord,
  type VerifyProblem,
} from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatDateTime, formatDuration, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';

export interface Fact {
  label: string;
  value: string;
  /** It is a path, which needs a line of its own. */
  isPath?: true;
}

/** Figures in a result that are counts, and what they are called. */
const counts: Readonly<Record<string, string>> = {
  created: 'Created',
  overwritten: 'Replaced',
  metadata: 'Permissions or times set',
  deleted: 'Removed',
  unchanged: 'Left alone, same already',
  kept: 'Kept, by the rule',
  putBack: 'Put back',
  removed: 'Taken away again',
  checkedFiles: 'Files checked',
  dirs: 'Folders',
};
const sizes: Readonly<Record<string, string>> = {
  storedBytes: 'Stored',
  reusedBytes: 'Reused',
  checkedBytes: 'Checked',
  freed: 'Freed',
};
const paths: Readonly<Record<string, string>> = { archive: 'Archive', path: 'Folder', file: 'File' };

/** What there is to say about a job in figures: times, then work, then what came of it. Zeros are left out. */
export function jobFacts(job: Job): Fact[] {
  const facts: Fact[] = [{ label: 'Started', value: formatDateTime(job.startedAtMs) }];
  if (job.finishedAtMs !== undefined) {
    facts.push({ label: 'Took', value: formatDuration(job.finishedAtMs - job.startedAtMs) });
  }
  if (job.status !== 'done' && job.status !== 'partial') facts.push({ label: 'Stopped at', value: job.phase });
  if (job.filesDone > 0) facts.push({ label: 'Files', value: ofTotal(job.filesDone, job.filesTotal, formatCount) });
  if (job.bytesDone > 0) facts.push({ label: 'Bytes', value: ofTotal(job.bytesDone, job.bytesTotal, formatBytes) });
  for (const [key, value] of Object.entries(job.result ?? {})) {
    const count = counts[key];
    const size = sizes[key];
    const path = paths[key];
    if (typeof value === 'number' && value > 0 && count !== undefined) {
      facts.push({ label: count, value: formatCount(value) });
    } else if (typeof value === 'number' && value > 0 && size !== undefined) {
      facts.push({ label: size, value: formatBytes(value) });
    } else if (typeof value === 'string' && path !== undefined) {
      facts.push({ label: path, value: displayName(value), isPath: true });
    }
  }
  return facts;
}

function ofTotal(done: number, total: number | undefined, format: (value: number) => string): string {
  return total === undefined || total === done ? format(done) : `${format(done)} of ${format(total)}`;
}

/** One line about a job in the log: how long it took and what it moved, or why it stopped. */
export function jobLine(job: Job): string {
  if (job.error !== undefined) return job.error.message;
  const parts = [
    ...(job.finishedAtMs === undefined ? [] : [`took ${formatDuration(job.finishedAtMs - job.startedAtMs)}`]),
    ...(job.filesDone > 0 ? [formatQuantity(job.filesDone, 'file')] : []),
    ...(job.bytesDone > 0 ? [formatBytes(job.bytesDone)] : []),
    ...(job.warningCount > 0 ? [`${formatQuantity(job.warningCount, 'path')} skipped`] : []),
  ];
  return parts.join(' · ');
}

const problemsSchema = z.looseObject({ problems: z.array(verifyProblemSchema) });
const changedSchema = z.looseObject({ paths: z.array(z.string()) });

/** The damage a failed verification found. */
export function problemsIn(error: ErrorData | undefined): readonly VerifyProblem[] {
  return problemsSchema.safeParse(error?.details).data?.problems ?? [];
}

/** The paths an error is about. */
export function pathsIn(error: ErrorData | undefined): readonly string[] {
  return changedSchema.safeParse(error?.details).data?.paths ?? [];
}

export type NextStep =
  | { kind: 'backUp'; store: string; label: string }
  | { kind: 'countAgain'; store: string }
  | { kind: 'undo'; restore: string }
  | { kind: 'showBackup'; backup: string }
  | { kind: 'restoreFrom'; backup: string }
  | { kind: 'planAgain' }
  | { kind: 'showStore'; store: string };

const idSchema = z.looseObject({ id: z.string() });
const backupSchema = z.looseObject({ backup: z.string() });

/** What a person may want to do after a job, the likeliest first. `restores`: the restores Larder remembers. */
export function nextSteps(job: Job, restores: readonly RestoreRecord[]): NextStep[] {
  const id = idSchema.safeParse(job.result).data?.id;
  const about = backupSchema.safeParse(job.error?.details).data?.backup;
  const ended = job.status === 'done' || job.status === 'partial';
  const { store } = job;
  if (job.status === 'running') return [];
  switch (job.kind) {
    case 'backup':
      if (ended && id !== undefined) {
        return [
          { kind: 'showBackup', backup: id },
          { kind: 'restoreFrom', backup: id },
        ];
      }
      return [
        ...(store === undefined ? [] : [{ kind: 'backUp', store, label: 'Try again' } as const]),
        ...(about === undefined ? [] : [{ kind: 'showBackup', backup: about } as const]),
      ];
    case 'verify':
      if (job.error?.code !== 'CORRUPT') return [];
      return [
        ...(about === undefined ? [] : [{ kind: 'showBackup', backup: about } as const]),
        ...(store === undefined ? [] : [{ kind: 'backUp', store, label: 'Make a new backup' } as const]),
      ];
    case 'restore': {
      if (!ended) return [{ kind: 'planAgain' }];
      const undoable = restores.some((record) => record.id === id && record.undoUntilMs !== undefined);
      return undoable && id !== undefined ? [{ kind: 'undo', restore: id }] : [];
    }
    case 'undo':
      return ended ? [] : [{ kind: 'planAgain' }];
    case 'count':
      return ended || store === undefined ? [] : [{ kind: 'countAgain', store }];
    case 'rebuild':
      return ended && id !== undefined ? [{ kind: 'showBackup', backup: id }] : [];
    case 'export':
    case 'prune':
      return [];
    case 'sample':
      return ended && store !== undefined ? [{ kind: 'showStore', store }] : [];
    case 'setup':
      return ended ? [] : [{ kind: 'planAgain' }];
    case 'test':
    case 'discover':
      return [];
  }
}
