import { describe, expect, test } from 'vitest';
import {
  cacheTagSignature,
  fileExclusion,
  holdsBackups,
  isCacheTag,
  kindOfReason,
  reasons,
  specialExclusion,
} from './selection.ts';

describe('files left out by name', () => {
  test.each([
    'a.incomplete',
    'model.gguf.part',
    'x.partial',
    'x.crdownload',
    'sha256-ab-partial',
    'sha256-ab-partial-3',
  ])('%s is a partial download', (name) => expect(fileExclusion(name, 10)).toBe(reasons.partialDownload));

  test('an empty .lock is a lock; one with content is kept', () => {
    expect(fileExclusion('blob.lock', 0)).toBe(reasons.lockFile);
    expect(fileExclusion('poetry.lock', 5_000)).toBeUndefined();
    expect(fileExclusion('Cargo.lock', 1)).toBeUndefined();
  });

  test("servers' own lock files are left out, a large file of the same name is not", () => {
    for (const name of ['postmaster.pid', 'mongod.lock', 'WiredTiger.lock']) {
      expect(fileExclusion(name, 21)).toBe(reasons.lockFile);
      expect(fileExclusion(name, 1_000_000)).toBeUndefined();
    }
  });

  test.each(['model.safetensors', 'party', 'a.part.txt', 'partial', 'lock', 'x.lock.json', 'a-partial-b'])(
    '%s is in',
    (name) => expect(fileExclusion(name, 0)).toBeUndefined(),
  );
});

test('a cache tag needs its signature', () => {
  expect(isCacheTag(Buffer.from(`${cacheTagSignature}\n# made by x`))).toBe(true);
  expect(isCacheTag(Buffer.from('Signature: something else'))).toBe(false);
  expect(isCacheTag(Buffer.from(cacheTagSignature.slice(0, -1)))).toBe(false);
});

test('a folder holds backups when it has both a lock folder and a manifest', () => {
  expect(holdsBackups(['.larder', 'x.manifest.zst'])).toBe(true);
  expect(holdsBackups(['.larder', 'x.manifest.gz', 'x.tar.gz'])).toBe(true);
  expect(holdsBackups(['.larder'])).toBe(false);
  expect(holdsBackups(['x.manifest.zst'])).toBe(false);
});

test('special files by type', () => {
  expect(specialExclusion(0o140755)).toBe(reasons.socket);
  expect(specialExclusion(0o010644)).toBe(reasons.fifo);
  expect(specialExclusion(0o020600)).toBe(reasons.device);
  expect(specialExclusion(0o060600)).toBe(reasons.device);
  expect(specialExclusion(0)).toBe(reasons.special);
});

test('the words of each reason tell its kind', () => {
  const areas = [{ recentDays: 1 }, { recentDays: 30 }, 'never' as const];
  const rules = { exclude: ['a\\*', 'b/'], areas };
  for (const [name, words] of Object.entries(reasons)) {
    if (typeof words === 'string') expect(kindOfReason(words, rules).kind, name).not.toBe('other');
  }
  expect(kindOfReason(reasons.glob('a\\*'), rules)).toEqual({ kind: 'glob', glob: 'a\\*' });
  expect(kindOfReason(reasons.notRecent(1), rules)).toEqual({ kind: 'notRecent' });
  expect(kindOfReason(reasons.notRecent(7), rules)).toEqual({ kind: 'other' });
  expect(kindOfReason(reasons.cacheTag, rules)).toEqual({ kind: 'cache' });
});
