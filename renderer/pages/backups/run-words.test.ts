import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/index.ts';
import { endedWords } from './run-words.ts';

const job = (changes: Partial<Job>): Job => ({
  id: 'j',
  kind: 'backup',
  title: 'Back up data',
  status: 'done',
  phase: 'Verifying',
  bytesDone: 0,
  filesDone: 0,
  bytesPerSecond: 0,
  cancellable: false,
  startedAtMs: 0,
  finishedAtMs: 1,
  warningCount: 0,
  ...changes,
});

describe('what came of a job about backups', () => {
  it.each<[string, Partial<Job>, string]>([
    [
      'a backup with reuse',
      { result: { files: 3, bytes: 4096, storedBytes: 1024, reusedBytes: 2048 } },
      'It holds 3 files, 4.0 KiB, and added 1.0 KiB. 2.0 KiB were there already.',
    ],
    [
      'a deep verification',
      { kind: 'verify', result: { checkedFiles: 2, checkedBytes: 1024 } },
      '1.0 KiB of 2 files read; no damage was found.',
    ],
    ['an export', { kind: 'export', result: { file: '/x/a.tar', storedBytes: 10 } }, '/x/a.tar, 10 B'],
    ['a removal', { kind: 'prune', result: { removed: ['a'], freed: 1024 } }, '1 backup removed, 1.0 KiB freed.'],
    ['a cancelled backup', { status: 'cancelled' }, 'Cancelled. It left nothing behind.'],
    ['a result of another form', { result: {} }, ''],
  ])('%s', (_, changes, words) => expect(endedWords(job(changes))).toBe(words));
});
