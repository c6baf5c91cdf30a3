import { expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { resolveReference } from './reference.ts';

function backup(id: string, name: string, change: Partial<Backup> = {}): Backup {
  return {
    id,
    storeName: 's',
    archive: `/d/${name}.tar.zst`,
    manifest: `/d/${name}.manifest.zst`,
    format: 'zst',
    kind: 'full',
    startedAtMs: 0,
    finishedAtMs: 0,
    files: 0,
    dirs: 0,
    bytes: 0,
    storedBytes: 0,
    reusedBytes: 0,
    pinned: false,
    encrypted: false,
    neededBy: 0,
    status: 'done',
    skipped: [],
    ...change,
  };
}

const newest = backup('abc1', 'three', { problem: 'Its archive is missing.' });
const middle = backup('abd2', 'two');
const oldest = backup('eee3', 'abd2');
const listing = {
  backups: [newest, middle, oldest],
  problems: [{ path: '/d/bad.manifest.zst', message: 'It is damaged.' }],
  held: [],
};
const resolve = (ref: string): string => resolveReference(ref, listing).archive;

test('id, unique prefix, file name with any ending or none, and path', () => {
  for (const ref of ['abd2', 'abd', 'two', 'two.tar.zst', 'two.manifest.zst', '/d/two.tar.zst', '/d/two']) {
    expect(resolve(ref)).toBe('/d/two.tar.zst');
  }
  expect(resolve('e')).toBe('/d/abd2.tar.zst');
});

test('an exact id goes before a file name, a file name before a prefix', () => {
  expect(resolve('abd2')).toBe('/d/two.tar.zst');
  const named = backup('zzz', 'ab');
  expect(resolveReference('ab', { ...listing, backups: [...listing.backups, named] })).toBe(named);
});

test('a prefix of several is refused with the candidates', () => {
  expect(() => resolve('ab')).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      hint: expect.stringContaining('abc1 (three.tar.zst), abd2 (two.tar.zst)') as string,
      details: {
        candidates: [
          { id: 'abc1', archive: '/d/three.tar.zst' },
          { id: 'abd2', archive: '/d/two.tar.zst' },
        ],
      },
    }),
  );
});

test('latest is the newest that can be used; when none can, the newest', () => {
  expect(resolve('latest')).toBe('/d/two.tar.zst');
  expect(resolveReference('latest', { backups: [newest], problems: [], held: [] })).toBe(newest);
  expect(() => resolveReference('latest', { backups: [], problems: [], held: [] }, 'data')).toThrow(
    /no backup of data yet/,
  );
});

test('of copies of one backup the whole one is taken', () => {
  const copy = { ...newest, archive: '/e/three.tar.zst', problem: undefined };
  const { problem: _none, ...whole } = copy;
  for (const ref of ['abc1', 'abc', 'three']) {
    expect(resolveReference(ref, { backups: [newest, whole], problems: [], held: [] })).toBe(whole);
  }
});

test('the name of something that is not whole is CORRUPT, anything else NOT_FOUND', () => {
  expect(() => resolve('bad')).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  expect(() => resolve('/d/bad.tar.zst')).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  for (const ref of ['nope', '../two', 'sub/two', '/d/nope']) {
    expect(() => resolve(ref)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  }
});

test('what no key here opens is locked, and not damaged', () => {
  const message = '/d/sealed.manifest.zst.age is encrypted with a passphrase, and it is not known here.';
  const problem = { path: '/d/sealed.manifest.zst.age', message, fix: 'unlock', needs: 'passphrase' } as const;
  const locked = { backups: [], problems: [problem], held: [] };
  const error: unknown = expect.objectContaining({
    code: 'PERMISSION',
    message,
    details: { path: problem.path, fix: 'unlock', needs: 'passphrase' },
  });
  for (const ref of ['sealed', 'sealed.tar.zst.age', 'latest']) {
    expect(() => resolveReference(ref, locked)).toThrow(error);
  }
});
