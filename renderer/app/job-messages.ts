import type { Job } from '../../shared/contract/index.ts';
import { formatBytes, formatDuration, formatQuantity } from '../../shared/format.ts';
import type { ToastTone } from '../design/index.ts';
import { pagePaths } from './paths.ts';

/** What to say about a job that ended, and where its next step is. */
export interface JobMessage {
  tone: ToastTone;
  title: string;
  text: string | undefined;
  next: { label: string; path: string };
}

/** Undefined for jobs that run by themselves and went well, and for those still running. */
export function jobMessage(job: Job): JobMessage | undefined {
  const details = { label: 'Show details', path: pagePaths.activity(job.id) };
  switch (job.status) {
    case 'running':
      return undefined;
    case 'done':
      // Whoever looked for stores sees them.
      if (job.kind === 'count' || job.kind === 'discover') return undefined;
      return { tone: 'ok', title: `${job.title}: done`, text: doneWords(job), next: nextStep(job) };
    case 'partial':
      return {
        tone: 'warn',
        title: `${job.title}: done in part`,
        text: `${formatQuantity(job.warningCount, 'path')} left out.`,
        next: { label: 'What was left out', path: pagePaths.activity(job.id) },
      };
    case 'failed':
      return {
        tone: 'bad',
        title: `${job.title}: failed`,
        text: [job.error?.message, job.error?.hint].filter((part) => part !== undefined).join(' ') || undefined,
        next: details,
      };
    case 'cancelled':
      return { tone: 'info', title: `${job.title}: cancelled`, text: undefined, next: details };
    case 'interrupted':
      return {
        tone: 'bad',
        title: `${job.title}: interrupted`,
        text: 'Larder stopped while it ran. What was unfinished has been put away.',
        next: details,
      };
  }
}

function doneWords(job: Job): string {
  const parts = [
    ...(job.filesDone > 0 ? [formatQuantity(job.filesDone, 'file')] : []),
    ...(job.bytesDone > 0 ? [formatBytes(job.bytesDone)] : []),
  ].join(', ');
  const took = job.finishedAtMs === undefined ? '' : `in ${formatDuration(job.finishedAtMs - job.startedAtMs)}`;
  return [parts, took].filter((part) => part !== '').join(' ');
}

function nextStep(job: Job): JobMessage['next'] {
  switch (job.kind) {
    case 'backup':
    case 'verify':
    case 'prune':
    case 'rebuild':
      return { label: 'Show backups', path: pagePaths.backups() };
    case 'sample':
    case 'setup':
      return job.store === undefined
        ? { label: 'Show stores', path: pagePaths.stores() }
        : { label: 'Show store', path: pagePaths.store(job.store) };
    case 'discover':
      return { label: 'Show stores', path: pagePaths.stores() };
    case 'count':
    case 'test':
    case 'export':
    case 'restore':
    case 'undo':
      return { label: 'Show details', path: pagePaths.activity(job.id) };
  }
}
