import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { jobShare, runningSummary, upsertJob } from './jobs.ts';

const job = (id: string, changes: Partial<Job> = {}): Job => ({
  id,
  kind: 'backup',
  title: id,
  status: 'running',
  phase: 'Reading files',
  bytesDone: 0,
  filesDone: 0,
  bytesPerSecond: 0,
  cancellable: true,
  startedAtMs: 0,
  warningCount: 0,
  ...changes,
});

describe('jobs', () => {
  it('replaces a known job in its place and puts a new one first', () => {
    const list = { jobs: [job('b'), job('a')], more: true };
    expect(upsertJob(list, job('a', { phase: 'Verifying' })).jobs.map((each) => [each.id, each.phase])).toEqual([
      ['b', 'Reading files'],
      ['a', 'Verifying'],
    ]);
    expect(upsertJob(list, job('c'))).toMatchObject({ jobs: [{ id: 'c' }, { id: 'b' }, { id: 'a' }], more: true });
  });

  it('knows how far it is by bytes, else by files, else not', () => {
    expect(jobShare(job('a', { bytesDone: 5, bytesTotal: 20, filesDone: 1, filesTotal: 2 }))).toBe(0.25);
    expect(jobShare(job('a', { filesDone: 1, filesTotal: 2 }))).toBe(0.5);
    expect(jobShare(job('a', { bytesDone: 30, bytesTotal: 20 }))).toBe(1);
    expect(jobShare(job('a', { bytesTotal: 0 }))).toBeUndefined();
  });

  it('sums up what runs', () => {
    expect(runningSummary([])).toBeUndefined();
    const half = job('a', { bytesDone: 1, bytesTotal: 2 });
    expect(runningSummary([half])).toEqual({ text: 'Backing up', share: 0.5 });
    expect(runningSummary([half, job('b', { filesDone: 4, filesTotal: 4 })])).toEqual({ text: '2 jobs', share: 0.75 });
    expect(runningSummary([half, job('b')])).toEqual({ text: '2 jobs', share: undefined });
  });
});
