import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { jobMessage } from './job-messages.ts';

const job = (changes: Partial<Job>): Job => ({
  id: 'j1',
  kind: 'backup',
  title: 'Back up aura',
  status: 'done',
  phase: '',
  bytesDone: 0,
  filesDone: 0,
  bytesPerSecond: 0,
  cancellable: false,
  startedAtMs: 0,
  warningCount: 0,
  ...changes,
});

describe('what is said when a job ends', () => {
  it('says nothing while it runs, or when a count went well', () => {
    expect(jobMessage(job({ status: 'running' }))).toBeUndefined();
    expect(jobMessage(job({ kind: 'count' }))).toBeUndefined();
  });

  it('gives the figures of what was done and the next step', () => {
    expect(jobMessage(job({ filesDone: 12, bytesDone: 2048, finishedAtMs: 4_000 }))).toEqual({
      tone: 'ok',
      title: 'Back up aura: done',
      text: '12 files, 2.0 KiB in 4.0 s',
      next: { label: 'Show backups', path: '/backups' },
    });
    expect(jobMessage(job({ kind: 'sample', store: 's9' }))?.next.path).toBe('/stores/s9');
  });

  it('never calls a partial job done', () => {
    expect(jobMessage(job({ status: 'partial', warningCount: 3 }))).toMatchObject({
      tone: 'warn',
      text: '3 paths left out.',
      next: { path: '/activity/j1' },
    });
  });

  it('names what failed and what to do', () => {
    const error = { code: 'NO_SPACE', message: '/mnt/x is full.', hint: 'Free some space.', retryable: false } as const;
    expect(jobMessage(job({ status: 'failed', kind: 'count', error }))).toMatchObject({
      tone: 'bad',
      text: '/mnt/x is full. Free some space.',
    });
    expect(jobMessage(job({ status: 'failed' }))?.text).toBeUndefined();
  });

  it('tells of jobs that were stopped', () => {
    expect(jobMessage(job({ status: 'cancelled' }))?.tone).toBe('info');
    expect(jobMessage(job({ status: 'interrupted' }))?.tone).toBe('bad');
  });
});
