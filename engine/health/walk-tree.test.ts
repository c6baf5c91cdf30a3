import { chmodSync, chownSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { currentUser } from './runs.ts';
import type { TreeInput, WalkedArea } from './tree-facts.ts';
import { walkTree } from './walk-tree.ts';

const nowMs = Date.now();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const isRoot = process.getuid?.() === 0;

let temporary: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  temporary = temporaryFolder();
  root = join(temporary.path, 'store');
  mkdirSync(root, { mode: 0o755 });
  chmodSync(root, 0o755);
});
afterEach(() => temporary.remove());

function put(path: string, content: string | Uint8Array = 'x', { mode = 0o644, ageMs = 2 * hourMs } = {}): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  utimesSync(file, new Date(nowMs - ageMs), new Date(nowMs - ageMs));
}

function area(path: string, fields: Partial<WalkedArea> = {}): WalkedArea {
  return { path, role: 'model', guess: false, immutable: false, cleanup: 'never', ofService: false, ...fields };
}

function walk(areas: readonly WalkedArea[], input: Partial<TreeInput> = {}, fs: FileSystem = nodeFs) {
  return walkTree(
    fs,
    {
      root,
      areas,
      want: {},
      crossMounts: false,
      closed: [],
      own: [],
      me: currentUser(),
      nowMs,
      mostEntries: 1_000_000,
      ...input,
    },
    { throwIfCancelled: () => undefined, onProgress: () => undefined },
  );
}

const paths = (found: { first: readonly { path: string }[] }): string[] => found.first.map(({ path }) => path).sort();

it('counts by the deepest area, and knows the newest of data and logs', () => {
  put('models/a.bin', 'xxxx', { ageMs: 5 * dayMs });
  put('models/cache/b.bin', 'xx', { ageMs: dayMs / 2 });
  put('logs/today.log', 'x', { ageMs: hourMs });
  put('logs/old.log', 'x', { ageMs: 9 * dayMs });
  put('loose.txt', 'xxx', { ageMs: 8 * dayMs });
  const found = walk([area('models'), area('models/cache', { role: 'cache' }), area('logs', { role: 'log' })]);
  expect(found.figures).toMatchObject({ bytes: 11, files: 5, atLeast: false });
  expect(found.figures.areas.map(({ path, files, bytes }) => `${path} ${files} ${bytes}`).sort()).toEqual([
    'logs 2 2',
    'models 1 4',
    'models/cache 1 2',
  ]);
  expect(found.newest.data?.path).toBe('models/cache/b.bin');
  expect(found.newest.log?.path).toBe('logs/today.log');
  expect(found.logs).toEqual({ files: 2, lastDay: 1 });
});

it('tells links that lead nowhere or out of the store, and follows none', () => {
  put('models/a.bin');
  mkdirSync(join(temporary.path, 'elsewhere'));
  writeFileSync(join(temporary.path, 'elsewhere', 'big.gguf'), '');
  symlinkSync('a.bin', join(root, 'models/inside'));
  symlinkSync('gone', join(root, 'models/dangling'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('../elsewhere', join(root, 'out'));
  const found = walk([area('models')]);
  expect(paths(found.dangling)).toEqual(['loop', 'models/dangling']);
  expect(found.dangling.first.find(({ path }) => path === 'models/dangling')).toMatchObject({
    target: 'gone',
    role: 'model',
  });
  expect(paths(found.leaving)).toEqual(['out']);
  expect(found.zeroByte.count).toBe(0);
});

it.skipIf(process.platform === 'win32')(
  'holds modes against what the layout says, scripts and areas of services apart',
  () => {
    put('models/a.bin', 'x', { mode: 0o600 });
    put('models/fine.bin');
    put('models/run', '#!/bin/sh\n', { mode: 0o755 });
    put('models/tool.sh', 'x', { mode: 0o644 });
    put('db/file', 'x', { mode: 0o600 });
    put('backups/b.tar', 'x', { mode: 0o600 });
    put('.larder-undo/x', 'x', { mode: 0o600 });
    for (const folder of ['models', 'backups']) chmodSync(join(root, folder), 0o755);
    chmodSync(join(root, 'db'), 0o700);
    mkdirSync(join(root, 'empty-db'));
    chmodSync(join(root, 'empty-db'), 0o700);
    const want = { directoryMode: 0o755, fileMode: 0o644, scriptMode: 0o755 };
    const found = walk(
      [
        area('models', { want }),
        area('db', { want, role: 'database', ofService: true }),
        area('empty-db', { want, role: 'database', ofService: true }),
        area('backups', { want, role: 'backup' }),
      ],
      { want },
    );
    expect(paths(found.modes.off)).toEqual(['empty-db', 'models/a.bin', 'models/tool.sh']);
    expect(found.modes.off.first.find(({ path }) => path === 'models/tool.sh')).toMatchObject({
      from: 0o644,
      want: 0o755,
    });
    expect(paths(found.modes.lacking)).toEqual(['empty-db']);
  },
);

it.skipIf(process.platform === 'win32')('tells what anybody can write, a folder with the sticky bit apart', () => {
  put('open.txt', 'x', { mode: 0o666 });
  mkdirSync(join(root, 'shared'));
  chmodSync(join(root, 'shared'), 0o1777);
  mkdirSync(join(root, 'wide'));
  chmodSync(join(root, 'wide'), 0o777);
  expect(paths(walk([]).worldWritable)).toEqual(['open.txt', 'wide']);
});

it.skipIf(process.platform === 'win32')(
  'tells owners that are not the one named, and files of others than the folder',
  () => {
    put('a');
    const me = currentUser();
    const other = { uid: 4_711, gid: 4_711 };
    if (isRoot) chownSync(join(root, 'a'), other.uid, other.gid);
    const found = walk([], { want: { owner: other } });
    expect(found.owners.looked).toBe(2);
    expect(paths(found.owners.off)).toEqual(isRoot ? [''] : ['', 'a']);
    expect(found.owners.mine).toBe(isRoot ? 1 : 2);
    expect(paths(found.owners.foreign)).toEqual(isRoot ? ['a'] : []);
    expect(found.owners.rootUid).toBe(me?.uid);
  },
);

it.skipIf(process.platform === 'win32')('tells what this user may not read, by the bits and by trying', () => {
  put('closed.bin', 'x', { mode: 0o000 });
  put('locked/a');
  const denied: FileSystem = {
    ...nodeFs,
    readNames(path) {
      if (path.endsWith('/locked')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return nodeFs.readNames(path);
    },
  };
  // Whoever owns it here: as a user who is not root.
  const uid = Number(nodeFs.stat(root).uid);
  const found = walk([], { me: { uid: uid === 0 ? 4_711 : uid, gids: [4_711] } }, denied);
  expect(paths(found.unreadable)).toEqual(['closed.bin', 'locked']);
  expect(found.figures.atLeast).toBe(true);
  expect(walk([], { me: { uid: 0, gids: [0] } }, denied).unreadable.count).toBe(1);
});

it('tells empty models, unfinished downloads, what is dated in the future, and what is past its age', () => {
  put('models/empty.h5', '');
  put('models/.gitkeep', '');
  put('models/a.safetensors.incomplete', 'xxx');
  put('models/b.gguf.part', 'x', { ageMs: 60_000 });
  put('models/future.bin', 'x', { ageMs: -3 * dayMs });
  put('cache/old', 'x', { ageMs: 3 * dayMs });
  put('cache/late', 'x', { ageMs: 1.5 * dayMs });
  const found = walk([area('models'), area('cache', { role: 'cache', cleanup: { olderThanHours: 24 } })]);
  expect(paths(found.zeroByte)).toEqual(['models/empty.h5']);
  expect(found.partial).toMatchObject({ leftBytes: 3, running: 1 });
  expect(paths(found.partial.left)).toEqual(['models/a.safetensors.incomplete']);
  expect(paths(found.future)).toEqual(['models/future.bin']);
  expect(found.figures.newestMs).toBeLessThanOrEqual(nowMs);
  expect(found.overdue).toEqual([{ path: 'cache', files: 2, overdue: 1, keepMs: dayMs }]);
});

it('lists what to look into, and large files that should not change; small and fresh ones do', () => {
  const large = Buffer.alloc(70_000, 1);
  put('blobs/aa', large);
  put('blobs/fresh', large, { ageMs: 60_000 });
  put('blobs/ref', 'x');
  put('models/a.gguf', 'GGUF');
  put('backups/x.zip', 'PK');
  const found = walk([area('blobs', { immutable: true }), area('models'), area('backups', { role: 'backup' })]);
  expect(paths(found.immutable)).toEqual(['blobs/aa']);
  expect(found.candidates.first).toMatchObject([{ path: 'models/a.gguf', format: 'gguf', role: 'model' }]);
});

it('stops at its bound and says so', () => {
  for (let index = 0; index < 20; index++) put(`f${index}`);
  const found = walk([], { mostEntries: 10 });
  expect(found).toMatchObject({ entries: 10, complete: false });
  expect(found.figures.atLeast).toBe(true);
});

it('passes over what vanishes while it looks, and enters no folder that is closed', () => {
  put('a/x');
  put('b/y');
  const vanishing: FileSystem = {
    ...nodeFs,
    readNames: (path) => [...nodeFs.readNames(path), ...(path === root ? ['gone'] : [])],
  };
  const found = walk([], { closed: ['b'] }, vanishing);
  expect(found.figures.files).toBe(1);
  expect(found.unreadable.count).toBe(0);
});

it('stops when it is cancelled', () => {
  put('a');
  expect(() =>
    walkTree(
      nodeFs,
      { root, areas: [], want: {}, crossMounts: false, closed: [], own: [], me: undefined, nowMs, mostEntries: 9 },
      {
        throwIfCancelled() {
          throw new Error('stopped');
        },
        onProgress: () => undefined,
      },
    ),
  ).toThrow('stopped');
});
