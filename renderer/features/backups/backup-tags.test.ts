import { describe, expect, it } from 'vitest';
import type { Backup } from '../../../shared/contract/index.ts';
import { backupTags, tookWords } from './backup-tags.ts';

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
  storedBytes: 1,
  reusedBytes: 0,
  pinned: false,
  encrypted: false,
  neededBy: 0,
  status: 'done',
  skipped: [],
};
const words = (changes: Partial<Backup>): string[] => backupTags({ ...backup, ...changes }).map(({ word }) => word);

describe('tags of a backup', () => {
  it('say whether it was verified', () => {
    expect(words({})).toEqual(['not verified']);
    expect(words({ verified: { mode: 'deep', atMs: 1, ok: true } })).toEqual(['verified']);
  });

  it('put the worst first', () => {
    expect(
      words({
        problem: 'The archive is missing.',
        verified: { mode: 'quick', atMs: 1, ok: false },
        status: 'partial',
        skipped: [{ path: 'a', reason: 'x' }],
      }),
    ).toEqual(['unusable', 'damaged', 'partial']);
  });

  it('do not call verified what cannot be used any more', () => {
    expect(words({ problem: 'The archive is missing.', verified: { mode: 'deep', atMs: 1, ok: true } })).toEqual([
      'unusable',
    ]);
  });

  it('count what was skipped', () => {
    const skipped = [{ path: 'a', reason: 'x' }];
    expect(backupTags({ ...backup, status: 'partial', skipped })[0]?.detail).toBe(
      '1 path is missing in it or may not be whole.',
    );
  });
});

it('says how long it took', () => expect(tookWords(backup)).toBe('12 s'));
