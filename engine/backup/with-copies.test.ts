import { expect, test } from 'vitest';
import { EntryEncoder } from './entry-codec.ts';
import { reasons } from './selection.ts';
import type { Survey } from './survey.ts';
import { asIfCopied, copyBytes, withCopies } from './with-copies.ts';

const candidate = {
  step: 'sqlite',
  path: 'd/a.db',
  size: 100,
  beside: [
    { path: 'd/a.db-shm', bytes: 7 },
    { path: 'd/a.db-wal', bytes: 50 },
  ],
};

function survey(): Survey {
  const encoder = new EntryEncoder(1n);
  const sizes = { '': 0, d: 0, 'd/a.db': 100, 'd/a.db-shm': 7, 'd/a.db-wal': 50, z: 3 };
  for (const [path, size] of Object.entries(sizes)) {
    const type = path === '' || path === 'd' ? 'dir' : 'file';
    const times = { mtimeNs: 5n, ctimeNs: 6n };
    encoder.add({ path, type, size, mode: 0o600, uid: 1, gid: 2, ...times, inode: 9n, links: 2 });
  }
  return {
    root: { device: 1n, inode: 2n },
    files: 4,
    dirs: 2,
    bytes: 160,
    needed: 1_000,
    areas: [
      { path: '', files: 1, bytes: 3 },
      { path: 'd', files: 3, bytes: 157 },
    ],
    excluded: [{ path: 'x', reason: 'y', files: 1, bytes: 1 }],
    skipped: [],
    live: [candidate],
    vanished: 0,
    batches: [encoder.take()],
    layout: {
      ...{ store: 's', source: 'guess', file: 'none', areas: [], problems: [] },
      ...{ environment: [], mounts: [], moves: [], services: [] },
    },
  };
}

test('a copy stands for its file, and what it makes needless is left out and told', () => {
  const captured = new Map([['d/a.db', { candidate, file: '/tmp/copy', size: 140, mtimeNs: 8n, state: -7n }]]);
  const skipped = [{ path: 'other.db', reason: 'locked' }];
  const taken = withCopies(survey(), { captured, skipped });
  expect([...taken.entries].map(({ path, size }) => [path, size])).toEqual([
    ['', 0],
    ['d', 0],
    ['d/a.db', 140],
    ['z', 3],
  ]);
  expect([...taken.entries].find(({ path }) => path === 'd/a.db')).toEqual({
    path: 'd/a.db',
    type: 'file',
    size: 140,
    mode: 0o600,
    uid: 1,
    gid: 2,
    mtimeNs: 8n,
    ctimeNs: -7n,
    device: 1n,
    inode: 9n,
    links: 1,
    contentFrom: '/tmp/copy',
  });
  expect(taken).toMatchObject({ files: 2, bytes: 143, skipped });
  expect(taken.areas).toEqual([
    { path: '', files: 1, bytes: 3 },
    { path: 'd', files: 1, bytes: 140 },
  ]);
  expect(taken.excluded.slice(1)).toEqual([
    { path: 'd/a.db-shm', reason: reasons.inCopy, files: 1, bytes: 7 },
    { path: 'd/a.db-wal', reason: reasons.inCopy, files: 1, bytes: 50 },
  ]);
});

test('one that is idle is as in the older backup, and needs no copy', () => {
  const idle = [{ candidate, size: 140, mtimeNs: 8n, state: -7n }];
  const taken = withCopies({ ...survey(), live: [] }, { captured: new Map(), skipped: [] }, idle);
  const entry = [...taken.entries].find(({ path }) => path === 'd/a.db');
  expect(entry).toMatchObject({ size: 140, mtimeNs: 8n, ctimeNs: -7n, links: 1 });
  expect(entry).not.toHaveProperty('contentFrom');
  expect(taken).toMatchObject({ files: 2, bytes: 143 });
  expect(taken.excluded.slice(1).map(({ path }) => path)).toEqual(['d/a.db-shm', 'd/a.db-wal']);
});

test('without copies everything is taken as it lies', () => {
  const taken = withCopies(survey(), { captured: new Map(), skipped: [] });
  expect([...taken.entries]).toHaveLength(6);
  expect(taken).toMatchObject({ files: 4, bytes: 160, excluded: [{ path: 'x' }] });
});

test('a plan supposes that copies succeed, and their room is known', () => {
  const taken = asIfCopied(survey());
  expect(taken).toMatchObject({ files: 2, bytes: 103 });
  expect([...taken.entries].find(({ path }) => path === 'd/a.db')).toMatchObject({ size: 100, mtimeNs: 5n });
  expect(copyBytes([candidate])).toBe(157);
});
