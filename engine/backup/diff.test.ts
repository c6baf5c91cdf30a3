import fc from 'fast-check';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ParsedInput } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { diffEntries } from './diff-entries.ts';
import type { Side } from './diff-entries.ts';
import { DiffRows, DiffView } from './diff-rows.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const open: TestStore[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.context.close();
});

function testStore(files: FileSystem = nodeFs): TestStore {
  let now = Date.now() + 60_000;
  const made = createTestStore({ clock: () => (now += 60_000), fs: files });
  open.push(made);
  return made;
}

async function backUp(test: TestStore, input = {}): Promise<string> {
  const job = await test.backUp(input);
  expect(job.error).toBeUndefined();
  return String(job.result?.['id']);
}

const diff = (test: TestStore, input: Partial<ParsedInput<'backups.diff'>> & { backup: string }) =>
  test.backups.handlers.diff({ path: '', offset: 0, limit: 1_000, ...input }, call);

/** Changes everything a difference can tell of. */
function change({ root, put }: TestStore): void {
  put('notes.txt', 'other text');
  put('ml_models/config.json', '{"a": 2}\n');
  put('logs/new.log', 'new');
  fs.rmSync(join(root, 'empty'), { recursive: true });
  fs.chmodSync(join(root, 'logs/app.log'), 0o600);
  nodeFs.lutimes(join(root, 'ml_models/nvda.h5'), 1_000, 1_000);
  fs.rmSync(join(root, 'latest'));
  fs.symlinkSync('elsewhere', join(root, 'latest'));
}

const expected = [
  { path: 'empty', type: 'dir', change: 'removed' },
  { path: 'latest', type: 'symlink', change: 'modified' },
  { path: 'logs/app.log', type: 'file', change: 'metadata', before: 8, after: 8 },
  { path: 'logs/new.log', type: 'file', change: 'added', after: 3 },
  { path: 'ml_models/config.json', type: 'file', change: 'modified', before: 9, after: 9 },
  { path: 'ml_models/nvda.h5', type: 'file', change: 'metadata', before: 5_000, after: 5_000 },
  { path: 'notes.txt', type: 'file', change: 'modified', before: 7, after: 10 },
];

describe('two backups', () => {
  test('differ by what was added, removed, modified, and given other metadata', async () => {
    const test = testStore();
    const first = await backUp(test);
    change(test);
    const second = await backUp(test);
    const found = await diff(test, { backup: first, other: second });
    expect(found).toEqual({ added: 1, removed: 1, modified: 3, metadata: 2, entries: expected, total: 7 });
    // The older one is what is compared with, whichever is named first; full or incremental makes no difference.
    expect(await diff(test, { backup: second, other: first })).toEqual(found);
    const third = await backUp(test, { full: true, format: 'gz' });
    expect(await diff(test, { backup: first, other: third })).toEqual(found);
    expect(await diff(test, { backup: second, other: third })).toMatchObject({ total: 0 });
  });

  test('are paged, and looked at below a path and by kind', async () => {
    const test = testStore();
    const first = await backUp(test);
    change(test);
    const second = await backUp(test);
    const ask = { backup: first, other: second };
    expect((await diff(test, { ...ask, offset: 2, limit: 2 })).entries).toEqual(expected.slice(2, 4));
    expect(await diff(test, { ...ask, changes: ['added', 'metadata'] })).toMatchObject({
      added: 1,
      modified: 3,
      total: 3,
      entries: expected.filter(({ change }) => change === 'added' || change === 'metadata'),
    });
    expect(await diff(test, { ...ask, path: 'logs' })).toMatchObject({ added: 1, modified: 0, metadata: 1, total: 2 });
    expect(await diff(test, { ...ask, path: 'notes.txt' })).toMatchObject({ modified: 1, total: 1 });
    expect(await diff(test, { ...ask, path: 'log' })).toMatchObject({ total: 0 });
  });
});

describe('a backup and the live store', () => {
  test('differ by the same', async () => {
    const test = testStore();
    const backup = await backUp(test);
    expect(await diff(test, { backup })).toMatchObject({ total: 0 });
    change(test);
    expect(await diff(test, { backup })).toEqual({
      added: 1,
      removed: 1,
      modified: 3,
      metadata: 2,
      entries: expected,
      total: 7,
    });
  });

  test('content is read only where size and time cannot tell', async () => {
    const read: string[] = [];
    let watching = false;
    const watched: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (watching && path.includes('persistent_data/')) read.push(path.slice(path.indexOf('persistent_data/') + 16));
        return nodeFs.open(path, flags, mode);
      },
    };
    const test = testStore(watched);
    test.put('longer.txt', 'short');
    const backup = await backUp(test);
    test.put('longer.txt', 'longer than before');
    nodeFs.lutimes(join(test.root, 'notes.txt'), 5, 5);
    nodeFs.lutimes(join(test.root, 'ml_models/config.json'), 5, 5);
    fs.writeFileSync(join(test.root, 'ml_models/config.json'), '{"b": 1}\n');
    watching = true;
    const { entries } = await diff(test, { backup });
    expect(entries.map(({ path, change }) => [path, change])).toEqual([
      ['longer.txt', 'modified'],
      ['ml_models/config.json', 'modified'],
      ['notes.txt', 'metadata'],
    ]);
    expect(read.filter((path) => !path.startsWith('.')).sort()).toEqual(['ml_models/config.json', 'notes.txt']);
  });

  test('what rules leave out is not added, and what is there is not removed', async () => {
    const test = testStore();
    test.put('cache/x', 'x');
    const backup = await backUp(test);
    test.put('download.part', 'half');
    test.put('cache/CACHEDIR.TAG', 'Signature: 8a477f597d28d172789f06886806bc55\n');
    expect(await diff(test, { backup })).toMatchObject({ added: 0, removed: 0, modified: 0 });
    fs.rmSync(join(test.root, 'cache'), { recursive: true });
    expect(await diff(test, { backup })).toMatchObject({ removed: 2 });
  });

  test('nothing is looked at through a link in a folder’s place', async () => {
    const test = testStore();
    const backup = await backUp(test);
    fs.renameSync(join(test.root, 'logs'), join(test.context.folder, 'moved'));
    fs.symlinkSync(join(test.context.folder, 'moved'), join(test.root, 'logs'));
    const { entries } = await diff(test, { backup });
    expect(entries).toEqual([
      { path: 'logs', type: 'symlink', change: 'modified' },
      { path: 'logs/app.log', type: 'file', change: 'removed', before: 8 },
    ]);
  });

  test('needs the store', async () => {
    const test = testStore();
    const backup = await backUp(test);
    const { destination } = test.store;
    test.context.stores.remove(test.store.id);
    await expect(diff(test, { backup, destination })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('any two lists: each path is told of once, in order, and rightly', () => {
  const names = fc.constantFrom('a', 'b', 'a b', 'c', 'é', '\udcff');
  const file = fc.record({
    size: fc.integer({ min: 0, max: 1 }),
    sha256: fc.constantFrom('0', '1'),
    mode: fc.constantFrom(0o600, 0o644),
  });
  const list = fc.dictionary(
    fc.array(names, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/')),
    file,
  );
  const sides = (entries: Record<string, { size: number; sha256: string; mode: number }>): Side[] =>
    Object.entries(entries)
      .map(([path, one]): Side => ({ path, type: 'file', uid: 0, gid: 0, mtimeNs: 0n, ...one }))
      .sort((a, b) => comparePaths(a.path, b.path));
  fc.assert(
    fc.property(list, list, (before, after) => {
      const { data } = diffEntries(
        sides(before),
        sides(after),
        () => 'gone',
        () => undefined,
      );
      const page = new DiffView(data).page({ path: '', offset: 0, limit: 1_000 });
      const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(comparePaths);
      const wanted = paths.flatMap((path) => {
        const [old, now] = [before[path], after[path]];
        if (old === undefined) return [[path, 'added']];
        if (now === undefined) return [[path, 'removed']];
        if (old.size !== now.size || old.sha256 !== now.sha256) return [[path, 'modified']];
        return old.mode === now.mode ? [] : [[path, 'metadata']];
      });
      expect(page.entries.map(({ path, change }) => [path, change])).toEqual(wanted);
      expect(page.total).toBe(wanted.length);
      for (const [path = ''] of wanted) {
        const below = wanted.filter(([other = '']) => other === path || other.startsWith(`${path}/`));
        const part = new DiffView(data).page({ path, offset: 0, limit: 1_000 });
        expect(part.entries.map(({ path: at, change }) => [at, change])).toEqual(below);
      }
    }),
  );
});

test('hundreds of thousands of rows stay small and answer at once', () => {
  const rows = new DiffRows();
  const count = 300_000;
  const pad = (index: number): string => String(index).padStart(6, '0');
  for (let index = 0; index < count; index++) {
    rows.add({
      path: `folder/${pad(index)}`,
      type: 'file',
      change: index % 2 === 0 ? 'added' : 'removed',
      after: index,
    });
  }
  const view = new DiffView(rows.take(new Set([1])));
  expect(view.bytes).toBeLessThan(count * 64);
  const page = view.page({ path: 'folder', changes: ['added'], offset: 100_000, limit: 2 });
  expect(page).toMatchObject({ added: count / 2, removed: count / 2 - 1, total: count / 2 });
  expect(page.entries.map(({ path }) => path)).toEqual([`folder/${pad(200_000)}`, `folder/${pad(200_002)}`]);
});
