import { describe, expect, it } from 'vitest';
import type { Backup, Job } from '../../../shared/contract/index.ts';
import { damageOf, totalsOf, trust } from './backup-figures.ts';

const backup: Backup = {
  id: 'a',
  storeName: 'data',
  archive: '/b/a.tar.zst',
  manifest: '/b/a.larder',
  format: 'zst',
  kind: 'full',
  startedAtMs: 1_000,
  finishedAtMs: 13_000,
  files: 1,
  dirs: 1,
  bytes: 1,
  storedBytes: 10,
  reusedBytes: 0,
  pinned: false,
  encrypted: false,
  neededBy: 0,
  status: 'done',
  skipped: [],
};

const job: Job = {
  id: 'j',
  kind: 'verify',
  title: 'Verify a',
  status: 'failed',
  phase: 'Verifying',
  bytesDone: 0,
  filesDone: 0,
  bytesPerSecond: 0,
  cancellable: false,
  startedAtMs: 1,
  warningCount: 0,
};
const problem = { archive: '/b/a.tar.zst', kind: 'digest', message: 'A frame is not as it was written.' } as const;
const damaged = (startedAtMs: number, id: string, path: string): Job => ({
  ...job,
  startedAtMs,
  error: {
    code: 'CORRUPT',
    message: 'Damaged.',
    retryable: false,
    details: { backup: id, archive: '/b/a.tar.zst', ok: false, problems: [{ ...problem, path }] },
  },
});

describe('totals', () => {
  it('add up, name the newest and count what cannot be trusted', () => {
    const verified = { mode: 'quick', atMs: 1, ok: false } as const;
    const totals = totalsOf([
      backup,
      { ...backup, id: 'b', startedAtMs: 3_000, verified },
      { ...backup, id: 'c', problem: 'The archive is missing.' },
    ]);
    expect(totals).toMatchObject({ count: 3, storedBytes: 30, bad: 2, newest: { id: 'b' } });
    expect(totalsOf([])).toEqual({ count: 0, storedBytes: 0, newest: undefined, bad: 0 });
  });
});

it('sorts by trust, the worst first', () => {
  const ok = { mode: 'quick', atMs: 1, ok: true } as const;
  const all: Backup[] = [
    { ...backup, problem: 'gone' },
    { ...backup, verified: { ...ok, ok: false } },
    { ...backup, status: 'partial', verified: ok },
    backup,
    { ...backup, verified: ok },
  ];
  expect(all.map(trust)).toEqual([0, 1, 2, 3, 4]);
});

describe('damage', () => {
  it('is what the newest verification of that backup found', () => {
    const jobs = [damaged(1, 'a', 'old'), damaged(3, 'a', 'new'), damaged(5, 'b', 'other'), job];
    expect(damageOf('a', jobs)?.map(({ path }) => path)).toEqual(['new']);
    expect(damageOf('c', jobs)).toBeUndefined();
  });

  it('is not read from details of another form', () => {
    const error = { code: 'CORRUPT', message: 'x', retryable: false, details: { backup: 'a' } } as const;
    expect(damageOf('a', [{ ...job, error }])).toBeUndefined();
  });
});
