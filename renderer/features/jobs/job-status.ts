import type { Job } from '../../../shared/contract/index.ts';
import type { Tone } from '../../design/index.ts';

/** A job's status as a tag says it. */
export const jobStatusTags: Readonly<Record<Job['status'], { tone: Tone; word: string }>> = {
  running: { tone: 'info', word: 'running' },
  done: { tone: 'ok', word: 'done' },
  partial: { tone: 'warn', word: 'partly' },
  failed: { tone: 'bad', word: 'failed' },
  cancelled: { tone: 'quiet', word: 'cancelled' },
  interrupted: { tone: 'bad', word: 'interrupted' },
};
