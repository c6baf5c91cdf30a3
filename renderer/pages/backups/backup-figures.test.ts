import { describe, expect, it } from 'vitest';
import type { Backup, Job } from '../../../shared/contract/index.ts';
import {
  comparable,
  damageLines,
  damageOf,
  filterBackups,
  lookOf,
  totalsOf,
  trust,
  whyNotRemovable,
} from './backup-figures.ts';

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
    expect(totalsOf([])).toEqual({ count: 0, storedBytes: 0, reusedBytes: 0, newest: undefined, bad: 0 });
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

  it('is told once, without the name of the archive again and again', () => {
    const archive = '/b/a.tar.zst';
    const message = 'a.tar.zst: /b/a.tar.zst cannot be read as a backup: The frame at byte 7 is damaged.';
    expect(damageLines([{ archive, kind: 'manifest', message }])).toEqual([
      {
        path: 'a.tar.zst',
        reason: 'manifest is broken: it cannot be read as a backup: The frame at byte 7 is damaged.',
      },
    ]);
    expect(damageLines([{ archive, path: 'x/y', kind: 'digest', message: 'It changed.' }])).toEqual([
      { path: 'x/y', reason: 'not as it was written: It changed.' },
    ]);
    expect(damageLines([{ archive, path: 'x/y', kind: 'structure', message: 'x/y: It is cut off.' }])).toEqual([
      { path: 'x/y', reason: 'structure is broken: It is cut off.' },
    ]);
  });

  it('is not read from details of another form', () => {
    const error = { code: 'CORRUPT', message: 'x', retryable: false, details: { backup: 'a' } } as const;
    expect(damageOf('a', [{ ...job, error }])).toBeUndefined();
  });
});

describe('what the table shows', () => {
  const bad: Backup = { ...backup, id: 'bad', status: 'partial', note: 'Before retraining' };
  const all = [backup, { ...backup, id: 'pin', pinned: true, storeName: 'other' }, bad];
  const ids = (options: Parameters<typeof filterBackups>[1]): string[] =>
    filterBackups(all, options).map(({ id }) => id);

  it('is everything, or what fits the filter, the words and the store', () => {
    expect(filterBackups(all, { filter: 'all', text: ' ' })).toBe(all);
    expect(ids({ filter: 'pinned', text: '' })).toEqual(['pin']);
    expect(ids({ filter: 'bad', text: '' })).toEqual(['bad']);
    expect(ids({ filter: 'incremental', text: '' })).toEqual([]);
    expect(ids({ filter: 'all', text: 'BEFORE re' })).toEqual(['bad']);
    expect(ids({ filter: 'all', text: '', storeName: 'other' })).toEqual(['pin']);
  });
});

describe('several backups together', () => {
  it('can be removed when they are of one store in one folder', () => {
    const one = { store: 's', manifest: '/b/1' };
    expect(whyNotRemovable([one, { ...one, manifest: '/b/2' }], [{ id: 's' }])).toBeUndefined();
    expect(whyNotRemovable([one, { ...one, manifest: '/c/2' }], [{ id: 's' }])).toMatch(/one folder/);
    expect(whyNotRemovable([one], [])).toMatch(/not in Larder/);
    expect(whyNotRemovable([], [])).toBeDefined();
  });

  it('can be compared when they are two that can be read, the older first', () => {
    const newer = { ...backup, id: 'new', startedAtMs: backup.startedAtMs + 1 };
    expect(comparable([newer, backup])?.map(({ id }) => id)).toEqual([backup.id, 'new']);
    expect(comparable([backup])).toBeUndefined();
    expect(comparable([backup, newer, newer])).toBeUndefined();
    expect(comparable([backup, { ...newer, problem: 'gone' }])).toBeUndefined();
  });

  it('look on the timeline as they are', () => {
    expect(lookOf({ ...backup, kind: 'incremental' })).toBe('incremental');
    expect(lookOf({ ...backup, status: 'partial' })).toBe('partial');
    expect(lookOf({ ...backup, status: 'partial', problem: 'gone' })).toBe('bad');
  });
});
