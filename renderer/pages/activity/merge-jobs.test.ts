import { expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/index.ts';
import { mergeJobs } from './merge-jobs.ts';

function job(id: string, startedAtMs: number, status: Job['status'] = 'done'): Job {
  return {
    id,
    kind: 'count',
    title: id,
    status,
    phase: '',
    bytesDone: 0,
    filesDone: 0,
    bytesPerSecond: 0,
    cancellable: false,
    startedAtMs,
    warningCount: 0,
  };
}

it('takes each job once, as the events know it, newest first', () => {
  const merged = mergeJobs([job('b', 5, 'running'), job('a', 3)], [job('c', 9), job('b', 5)], false);
  expect(merged.map(({ id, status }) => [id, status])).toEqual([
    ['c', 'done'],
    ['b', 'done'],
    ['a', 'done'],
  ]);
});

it('leaves no gap before older pages', () => {
  const live = [job('new', 9), job('old', 1)];
  expect(mergeJobs([job('a', 5)], live, true).map(({ id }) => id)).toEqual(['new', 'a']);
  expect(mergeJobs([job('a', 5)], live, false).map(({ id }) => id)).toEqual(['new', 'a', 'old']);
});
