import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreArea } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { eventually } from '../scan-testing/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { TestContext } from '../testing/index.ts';
import { Layouts } from './store-layouts.ts';
import { makeTree } from './test-folders.ts';

let context: TestContext;
let root: string;
let store: Store;
beforeEach(() => {
  context = createTestContext();
  root = join(context.folder, 'store');
  mkdirSync(root);
  makeTree(root, ['logs/a.log', 'ml_models/m.h5', 'odd/1.faiss', 'backups/']);
  store = context.stores.add({ path: root });
});
afterEach(() => context.close());

const of = (): ReturnType<TestContext['layouts']['of']> => context.layouts.of(context.stores.get(store.id));
const area = (path: string): StoreArea | undefined => of().areas.find((each) => each.path === path);
const file = (text: string): void => writeFileSync(join(root, 'larder.yaml'), text);

describe('a store nobody said anything of', () => {
  it('is guessed by names, and by contents after a look', async () => {
    expect(of()).toMatchObject({ source: 'guess', file: 'none', problems: [] });
    expect(area('logs')).toMatchObject({ role: 'log', guess: true, source: 'guess', exists: true });
    expect(area('odd')).toMatchObject({ role: 'other', why: 'its name does not tell' });
    const looked = await context.layouts.look(store);
    expect(looked.areas.find(({ path }) => path === 'odd')).toMatchObject({ role: 'vector', why: 'it holds 1.faiss' });
    expect(area('odd')?.role).toBe('vector');
  });

  it('knows a folder that came since, and keeps what it learnt of the others', async () => {
    await context.layouts.look(store);
    mkdirSync(join(root, 'ml_cache'));
    expect(area('ml_cache')).toMatchObject({ role: 'cache', guess: true });
    expect(area('odd')?.role).toBe('vector');
    rmSync(join(root, 'ml_cache'), { recursive: true });
    expect(area('ml_cache')).toBeUndefined();
  });

  it('leaves a folder out of backups for its name, never for what it holds', async () => {
    makeTree(root, ['dumps/a.tar.gz', 'dumps/b.tar.gz']);
    const { areas } = await context.layouts.look(store);
    expect(areas.find(({ path }) => path === 'dumps')).toMatchObject({ role: 'backup', backup: 'always' });
    expect(areas.find(({ path }) => path === 'backups')).toMatchObject({
      role: 'backup',
      backupRule: { rule: 'never', from: 'default' },
    });
  });
});

describe('a store with a layout chosen for it', () => {
  beforeEach(() => {
    context.stores.update(store.id, { layout: 'stock-prediction-3.1' });
  });

  it('has its areas, and guesses for folders it does not name', () => {
    expect(of()).toMatchObject({ source: 'layout', layout: { id: 'stock-prediction-3.1' }, owner: '1001:1001' });
    expect(area('stock_data/cache')).toMatchObject({ role: 'cache', source: 'layout', exists: false });
    expect(area('odd')).toMatchObject({ guess: true });
    mkdirSync(join(root, 'stock_data/cache'), { recursive: true });
    expect(area('stock_data/cache')?.exists).toBe(true);
    // It only holds areas.
    expect(area('stock_data')).toBeUndefined();
  });

  it("has the layout's backup rules, unless the person has one", () => {
    expect(area('logs')?.backupRule).toEqual({ rule: { recentDays: 7 }, from: 'layout' });
    context.stores.update(store.id, { rules: { areas: { logs: 'always' } } });
    expect(area('logs')?.backupRule).toEqual({ rule: 'always', from: 'yours' });
  });

  it('gives the environment and the mounts of its areas', () => {
    const { environment, mounts } = of();
    expect(environment).toEqual(
      expect.arrayContaining([
        { name: 'ML_MODEL_PATH', path: 'ml_models', value: '/app/persistent_data/ml_models' },
        { name: 'ML_PREDICTION_TTL', value: '1h' },
      ]),
    );
    expect(mounts).toEqual(
      expect.arrayContaining([
        { service: 'backend', path: '', target: '/app/persistent_data' },
        { service: 'backend', path: 'logs', target: '/app/logs' },
      ]),
    );
  });

  it('goes without it when this Larder does not know it', () => {
    context.stores.update(store.id, { layout: 'of-the-future' });
    expect(of()).toMatchObject({ source: 'guess' });
  });
});

describe('a store with a larder.yaml', () => {
  it('is as that says, over the layout it names', () => {
    context.stores.update(store.id, { layout: 'aura' });
    file(`version: 1
layout: stock-prediction-3.1
owner: '5:6'
areas:
  logs: { backup: always }
  odd/: { role: vector, required: true, directoryMode: 0750 }
without: [scalers]
environment: [{ name: EXTRA, value: x }]
`);
    expect(of()).toMatchObject({
      source: 'larder.yaml',
      file: 'ok',
      owner: '5:6',
      layout: { id: 'stock-prediction-3.1' },
    });
    expect(area('logs')).toMatchObject({ backup: 'always', cleanup: { olderThanDays: 30 }, source: 'larder.yaml' });
    expect(area('config')).toMatchObject({ source: 'layout' });
    expect(area('odd')).toMatchObject({ role: 'vector', required: true, directoryMode: '750' });
    expect(area('odd')).not.toHaveProperty('guess');
    expect(area('scalers')).toBeUndefined();
    expect(of().environment).toContainEqual({ name: 'EXTRA', value: 'x' });
  });

  it('stands alone when it names no layout', () => {
    context.stores.update(store.id, { layout: 'aura' });
    file('version: 1\nareas:\n  .: { role: database }\n');
    expect(of().areas.map(({ id, role }) => [id, role])).toEqual([['.', 'database']]);
    expect(of().layout).toBeUndefined();
  });

  it('is read again when it changes, and tells so', async () => {
    const told: string[] = [];
    context.layouts.onChange((id) => told.push(id));
    file('version: 1\nareas: { logs: { role: log } }\n');
    expect(area('logs')).toMatchObject({ source: 'larder.yaml', role: 'log' });
    file('version: 1\nareas: { logs: { role: cache } }\n');
    expect(area('logs')).toMatchObject({ role: 'cache' });
    expect(told).toEqual([store.id]);
    rmSync(join(root, 'larder.yaml'));
    expect(area('logs')).toMatchObject({ guess: true });
    expect(told).toHaveLength(2);
    await context.layouts.look(store);
  });

  it.each([
    [
      'version: 1\nareas:\n  logs:\n    roel: log\n',
      { line: 4, column: 5, message: 'There is nothing called "roel" in areas.logs.' },
    ],
    ['version: 1\nareas:\n  x: {role: modell}\n', { line: 3, column: 7 }],
    [
      'version: 1\nareas:\n  x: {role: log, backup: sometimes}\n',
      { line: 3, column: 18, hint: 'It takes always, never, or recentDays: 7.' },
    ],
    ['version: 2\n', { line: 1, column: 1, message: 'The value of version is not one of: 1.' }],
    ['areas: {}\n', { message: 'version is missing.' }],
    ['version: 1\nlayout: nope\n', { line: 2, column: 1, message: 'There is no layout called nope.' }],
    ['version: 1\nareas:\n  new: {}\n', { line: 3, column: 3, message: 'The area "new" has no role.' }],
    [
      'version: 1\nareas:\n  ../up: {role: log}\n',
      { line: 3, column: 3, message: '"../up" is not a path of an area.' },
    ],
    ['version: 1\nareas:\n  a: {role: log}\n  a/: {role: log}\n', { line: 4, column: 3 }],
    ['version: 1\nlayout: aura\nwithout:\n  - redis\n  - nope\n', { line: 5, column: 5 }],
    ['version: 1\nwithout: [redis]\n', { line: 2, column: 11 }],
    ['version: 1\nareas: [\n', { line: 3, column: 1 }],
    ['version: 1\n  areas: {}\n', { line: 1, message: expect.stringMatching(/^It is not valid YAML: /) as unknown }],
    ['version: 1\na: 1\na: 2\n', { line: 3, column: 1, message: 'It is not valid YAML: Map keys must be unique.' }],
    ['- 1\n', { message: 'It does not begin with names and values.' }],
    ['', { message: 'It does not begin with names and values.' }],
    ['version: 1\nowner: 1001\n', { line: 2, column: 1 }],
    ['version: 1\nareas:\n  a: {role: log, directoryMode: 799}\n', { line: 3, column: 18 }],
    ['version: 1\n---\nversion: 1\n', { line: 2 }],
    [
      `version: 1\na: &a [x]\n${'bcdefgh'
        .split('')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]\n`)
        .join('')}`,
      { message: expect.stringMatching(/^It cannot be read: /) as unknown },
    ],
  ])('that is broken does not count, and says where: %j', (text, problem) => {
    context.stores.update(store.id, { layout: 'aura' });
    file(text);
    expect(of()).toMatchObject({ source: 'layout', layout: { id: 'aura' }, file: 'broken' });
    expect(of().problems[0]).toMatchObject(problem);
  });

  it('that cannot be read does not count either', () => {
    mkdirSync(join(root, 'larder.yaml'));
    expect(of()).toMatchObject({ file: 'broken', problems: [{ message: 'larder.yaml is not a file.' }] });
    rmSync(join(root, 'larder.yaml'), { recursive: true });
    file(`version: 1 #${'x'.repeat(300 * 1024)}\n`);
    expect(of()).toMatchObject({ file: 'broken', problems: [{ message: expect.stringContaining('KiB') as unknown }] });
    rmSync(join(root, 'larder.yaml'));
    symlinkSync('larder.yaml', join(root, 'larder.yaml'));
    expect(of()).toMatchObject({ file: 'broken' });
  });
});

it('knows patterns: folders of repositories in a hub cache', () => {
  context.stores.update(store.id, { layout: 'huggingface-hub' });
  expect(area('models--*')?.exists).toBe(false);
  makeTree(root, ['models--a--b/refs/main']);
  expect(area('models--*')).toMatchObject({ exists: true, role: 'model' });
  expect(of().areas.some(({ path }) => path === 'models--a--b')).toBe(false);
});

it('answers for a store that is not there', () => {
  rmSync(root, { recursive: true });
  expect(of()).toMatchObject({ source: 'guess', areas: [], file: 'none' });
});

it('does not list a huge folder on the engine thread: it is looked at in a worker', async () => {
  const listed: string[] = [];
  const fs: FileSystem = {
    ...nodeFs,
    stat(path) {
      const stats = nodeFs.stat(path);
      if (path === root) Object.assign(stats, { size: 100n << 20n });
      return stats;
    },
    readDirectory(path) {
      listed.push(path);
      return nodeFs.readDirectory(path);
    },
  };
  const layouts = new Layouts({ fs, pool: context.pool });
  expect(layouts.of(store).areas).toEqual([]);
  await eventually(() => expect(layouts.of(store).areas.map(({ path }) => path)).toContain('ml_models'));
  expect(listed).toEqual([]);
});
