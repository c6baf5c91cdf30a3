import { describe, expect, it } from 'vitest';
import { defaultStoreRules } from '../../../shared/contract/index.ts';
import type { Backup, Job, Store, UsageSummary } from '../../../shared/contract/index.ts';
import { protection } from './protection.ts';

const store: Store = {
  id: 's1',
  name: 'a',
  path: '/a',
  addedAtMs: 0,
  state: 'ok',
  destination: '/a/backups',
  live: { state: 'live' },
  rules: defaultStoreRules,
};
const backup = (changes: Partial<Backup>): Backup => ({
  id: 'b1',
  store: 's1',
  storeName: 'a',
  archive: '/a/backups/x.tar.zst',
  manifest: '/a/backups/x.json',
  format: 'zst',
  kind: 'full',
  startedAtMs: 1_000,
  finishedAtMs: 2_000,
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
  ...changes,
});
const inFolders = (...backups: Backup[]): Parameters<typeof protection>[1] => ({ backups, problems: [] });
const area = { dirs: 1, bytes: 1, allocated: 1, files: 1 };
const summary: UsageSummary = {
  store: 's1',
  path: '/a',
  ...area,
  newest: 9_000,
  atLeast: false,
  unreadable: [],
  areas: [
    { ...area, id: 'm', path: 'm', role: 'model', newest: 1_500 },
    { ...area, id: 'backups', path: 'backups', role: 'backup', newest: 9_000 },
  ],
  loose: { bytes: 0, allocated: 0, files: 0 },
  oldest: 0,
  hardLinks: { names: 0, bytes: 0 },
  sparse: { files: 0, bytes: 0 },
  mounts: [],
  live: { state: 'live' },
};

describe('protection of a store', () => {
  it('is none without a backup of this store that can be used', () => {
    expect(protection(store, inFolders(), undefined, []).word).toBe('Not protected');
    expect(
      protection(store, inFolders(backup({ store: 's2' }), backup({ problem: 'archive is missing' })), undefined, [])
        .last,
    ).toBe(undefined);
  });

  it('goes by the newest', () => {
    const old = backup({ id: 'old', startedAtMs: 10, status: 'partial' });
    expect(protection(store, inFolders(old, backup({})), undefined, [])).toMatchObject({
      word: 'Protected',
      tone: 'ok',
    });
    expect(protection(store, inFolders(backup({ status: 'partial' })), undefined, []).word).toBe('Partly');
    const damaged = backup({ verified: { mode: 'quick', atMs: 3_000, ok: false } });
    expect(protection(store, inFolders(damaged), undefined, [])).toMatchObject({ word: 'Damaged', tone: 'bad' });
  });

  it('tells of newer files, but not of the backup itself', () => {
    expect(protection(store, inFolders(backup({})), summary, []).newestSince).toBe(1_500);
    expect(protection(store, inFolders(backup({ startedAtMs: 1_600 })), summary, []).newestSince).toBeUndefined();
  });

  it('does not judge what lies in a folder that cannot be reached', () => {
    const message = 'The folder does not exist. 3 backups were in it when it was last read.';
    const gone = { path: '/a/backups', message, fix: 'reach' as const };
    const away = { tone: 'warn', word: 'Backups away', away: message, last: undefined };
    expect(protection(store, { backups: [], problems: [gone] }, undefined, [])).toMatchObject(away);
    const another = { ...gone, path: '/b/backups' };
    expect(protection(store, { backups: [], problems: [another] }, undefined, [])).toMatchObject({
      word: 'Not protected',
      away: undefined,
    });
  });

  it('finds the backup that runs', () => {
    const job = { id: 'j', kind: 'backup', store: 's1', status: 'running' } as Job;
    expect(protection(store, inFolders(), undefined, [job]).running).toBe(job);
    expect(protection(store, inFolders(), undefined, [{ ...job, status: 'done' }]).running).toBeUndefined();
  });
});
