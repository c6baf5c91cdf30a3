import { describe, expect, it } from 'vitest';
import type { Backup, Job } from '../../../shared/contract/index.ts';
import { backupLine, estimateVerifyMs, folderOf, neededWords, retentionOptions, verifiedHow } from './backup-words.ts';

const backup: Backup = {
  id: 'a',
  storeName: 'data',
  archive: '/b/a.tar.zst',
  manifest: '/b/a.manifest.zst',
  format: 'zst',
  kind: 'incremental',
  startedAtMs: 0,
  finishedAtMs: 1_000,
  files: 1,
  dirs: 1,
  bytes: 40 * 1024 * 1024,
  storedBytes: 2 * 1024 * 1024,
  reusedBytes: 18 * 1024 * 1024,
  pinned: true,
  encrypted: false,
  neededBy: 0,
  status: 'partial',
  skipped: [{ path: 'a', reason: 'x' }],
  note: 'before retraining',
};

describe('words about backups', () => {
  it('say in a line what a dot stands for', () => {
    expect(backupLine(backup)).toMatch(
      /incremental · added 2\.0 MiB · holds 40\.0 MiB · 1 path missing or not whole · pinned · before retraining$/,
    );
    expect(backupLine({ ...backup, problem: 'gone', verified: { mode: 'deep', atMs: 0, ok: false } })).toContain(
      'unusable · damaged',
    );
  });

  it('say how it was verified, and by a sample how much so far', () => {
    expect(verifiedHow({ mode: 'deep', atMs: 0, ok: true })).toBe('every file');
    expect(verifiedHow({ mode: 'sample', atMs: 0, ok: true, covered: 0.4 })).toBe('40 % of files');
    // Of another mode the share is that of samples before it.
    expect(verifiedHow({ mode: 'quick', atMs: 0, ok: true, covered: 0.4 })).toBe('stored bytes');
  });

  it('say what still needs it', () => {
    expect(neededWords(0)).toBeUndefined();
    expect(neededWords(1)).toBe('needed by 1 later backup');
    expect(neededWords(3)).toBe('needed by 3 later backups');
  });

  it('know the folder it lies in', () => expect(folderOf(backup)).toBe('/b'));
});

describe('rules as options of the command', () => {
  const none = { keepLast: 0, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };
  it('name only those that ask for something', () => {
    expect(retentionOptions({ ...none, keepLast: 3, keepYearly: 1, keepWithinDays: 30 })).toEqual([
      '--keep-last',
      '3',
      '--keep-yearly',
      '1',
      '--keep-within',
      '30d',
    ]);
    expect(retentionOptions(none)).toEqual([]);
  });
});

describe('how long a verification may take', () => {
  const job = (changes: Partial<Job>): Job => ({
    id: 'j',
    kind: 'verify',
    title: 'Verify',
    status: 'done',
    phase: 'Verifying',
    bytesDone: 0,
    filesDone: 0,
    bytesPerSecond: 0,
    cancellable: false,
    startedAtMs: 0,
    finishedAtMs: 1_000,
    warningCount: 0,
    result: { checkedBytes: 10 * 1024 * 1024 },
    ...changes,
  });

  it('goes by what was read before, and by the share of a sample', () => {
    expect(estimateVerifyMs(backup, 'quick', 10, [job({})])).toBe(2_000);
    expect(estimateVerifyMs(backup, 'sample', 10, [job({})])).toBe(200);
  });

  it('is not known without a measure', () => {
    expect(estimateVerifyMs(backup, 'deep', 10, [])).toBeUndefined();
    expect(estimateVerifyMs(backup, 'deep', 10, [job({ result: {} })])).toBeUndefined();
    expect(estimateVerifyMs(backup, 'deep', 10, [job({ result: { checkedBytes: 100 } })])).toBeUndefined();
    expect(estimateVerifyMs(backup, 'deep', 10, [job({ kind: 'backup' })])).toBeUndefined();
  });
});
