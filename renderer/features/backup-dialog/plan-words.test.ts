import { describe, expect, it } from 'vitest';
import { defaultStoreRules, type BackupPlan, type Store } from '../../../shared/contract/index.ts';
import { encryptionWords, freeAfter, leftOut, onlyFull, rolesOf, takesWords, toRead } from './plan-words.ts';

const plan: BackupPlan = {
  store: 's',
  destination: '/b',
  format: 'zst',
  kind: 'incremental',
  encrypted: false,
  parent: 'p',
  unchanged: { files: 8, bytes: 900 },
  files: 10,
  dirs: 1,
  bytes: 1_000,
  included: [
    { path: 'logs', role: 'log', files: 1, bytes: 5 },
    { path: 'models', role: 'model', files: 2, bytes: 200 },
    { path: 'more', role: 'model', files: 2, bytes: 100 },
    { path: 'empty', role: 'cache', files: 0, bytes: 0 },
  ],
  excluded: [
    { path: 'a.lock', reason: 'a lock file', kind: 'lock', files: 1, bytes: 0 },
    { path: 'cache', reason: 'a rule leaves this folder out', kind: 'never', files: 9, bytes: 2_048 },
  ],
  free: 500,
  needed: 100,
  areaRules: [],
  destinationOnSameDisk: false,
};
const store = (rules: Partial<Store['rules']> = {}): Store => ({
  id: 's',
  name: 'data',
  path: '/d',
  addedAtMs: 0,
  state: 'ok',
  destination: '/b',
  live: { state: 'live' },
  rules: { ...defaultStoreRules, ...rules },
});

describe('what a backup will do, in words', () => {
  it('reads only what is not unchanged', () => expect(toRead(plan)).toEqual({ files: 2, bytes: 100 }));

  it('adds up roles', () => {
    expect(rolesOf(plan).map(({ id, bytes }) => [id, bytes])).toEqual([
      ['model', 300],
      ['log', 5],
    ]);
  });

  it('says what is free afterwards, never less than nothing', () => {
    expect(freeAfter(plan)).toBe(400);
    expect(freeAfter({ ...plan, needed: 900 })).toBe(0);
  });

  it('says how it is encrypted', () => {
    expect(encryptionWords(plan, store())).toBe('not encrypted');
    const passphrase = store({ encryption: { kind: 'passphrase', passphraseFile: '/p' } });
    const keys = store({ encryption: { kind: 'recipients', recipients: ['age1a', 'age1b'] } });
    expect(encryptionWords({ ...plan, encrypted: true }, passphrase)).toBe('encrypted with the passphrase');
    expect(encryptionWords({ ...plan, encrypted: true }, keys)).toBe('encrypted for 2 keys');
  });

  it('says how long', () => {
    expect(takesWords(plan)).toMatch(/not known/);
    expect(takesWords({ ...plan, estimatedMs: 20 })).toBe('about a second');
    expect(takesWords({ ...plan, estimatedMs: 90_000 })).toBe('about 1 min 30 s');
  });

  it('knows when there is no choice of the kind', () => {
    expect(onlyFull(plan, false, store())).toBeUndefined();
    expect(onlyFull({ ...plan, kind: 'full' }, true, store())).toBeUndefined();
    expect(onlyFull({ ...plan, kind: 'full' }, false, store())).toMatch(/no earlier backup/);
    expect(onlyFull(plan, false, store({ selfContained: true }))).toMatch(/rules/);
  });

  it('lists what is left out, the most first', () => {
    expect(leftOut(plan)).toEqual([
      { path: 'cache', reason: '2.0 KiB, 9 files · a rule leaves this folder out' },
      { path: 'a.lock', reason: '0 B, 1 file · a lock file' },
    ]);
  });
});
