import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectIn, inferAreas, inferRole } from '../layouts/index.ts';
import { defaultStoreRules } from '../../shared/contract/index.ts';
import type { Encryption } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import { until } from '../testing/conformance.ts';
import type { TestContext } from '../testing/index.ts';
import { createStores, Stores } from './index.ts';
import { isInside, overlap } from './overlap.ts';

describe('Stores', () => {
  let context: TestContext;
  let folder: string;
  beforeEach(() => {
    context = createTestContext();
    folder = realpathSync(context.folder);
    for (const name of ['a/deep', 'ab', 'c/backups']) mkdirSync(join(folder, name), { recursive: true });
  });
  afterEach(() => context.close());

  it('adds a folder by its real path, with a name and a destination beside it', () => {
    symlinkSync(join(folder, 'a'), join(folder, 'link'));
    const store = context.stores.add({ path: join(folder, 'link') });
    expect(store).toMatchObject({
      name: 'a',
      path: join(folder, 'a'),
      state: 'ok',
      destination: join(folder, 'a-backups'),
    });
    expect(context.stores.get(store.id)).toEqual(store);
    expect(context.stores.get('a')).toEqual(store);
  });

  it('keeps rules, changes only those named, and switches encryption off with null', () => {
    const { id, rules } = context.stores.add({ path: join(folder, 'a') });
    expect(rules).toEqual(defaultStoreRules);
    const encryption: Encryption = { kind: 'recipients', recipients: ['age1xyz'] };
    context.stores.update(id, { rules: { exclude: ['*.tmp'], encryption } });
    expect(context.stores.get(id).rules).toEqual({ ...defaultStoreRules, exclude: ['*.tmp'], encryption });
    context.stores.update(id, { name: 'other' });
    context.stores.update(id, { rules: { crossMounts: true } });
    expect(context.stores.get(id).rules).toMatchObject({ exclude: ['*.tmp'], crossMounts: true, encryption });
    expect(context.stores.update(id, { rules: { encryption: null } }).rules).not.toHaveProperty('encryption');
  });

  it('notices what another process changed, once, and nothing it did itself', () => {
    let changes = 0;
    context.stores.onChange(() => changes++);
    context.stores.noticeOthers();
    const { id } = context.stores.add({ path: join(folder, 'a') });
    context.stores.noticeOthers();
    expect(changes).toBe(1);
    const other = new DatabaseSync(join(context.home, 'larder.db'));
    other.prepare("UPDATE stores SET name = 'renamed' WHERE id = ?").run(id);
    context.stores.noticeOthers();
    context.stores.noticeOthers();
    expect(changes).toBe(2);
    expect(context.stores.get(id).name).toBe('renamed');
    // Something else was written, such as the log of its jobs.
    other.exec("INSERT INTO settings VALUES ('x', '1')");
    other.close();
    context.stores.noticeOthers();
    expect(changes).toBe(2);
  });

  it('looks for what others did as long as it is live', async () => {
    const { stores } = context;
    const said: string[] = [];
    const log = { info() {}, warn: (_: object, text: string) => void said.push(text), error() {} };
    const events: string[] = [];
    const capability = createStores({
      fs: context.fs,
      registry: stores,
      layouts: context.layouts,
      detect: (path) => detectIn(context, path),
      secrets: context.secrets,
      emit: (name) => void events.push(name),
      countBackups: () => Promise.resolve(0),
      noticeOthers: { everyMs: 2, log },
    });
    await capability.start?.();
    const other = new DatabaseSync(join(context.home, 'larder.db'));
    other
      .prepare('INSERT INTO stores (id, name, path, destination, added_at_ms) VALUES (?, ?, ?, ?, 1)')
      .run('i', 'from-elsewhere', JSON.stringify(join(folder, 'a')), JSON.stringify(join(folder, 'b')));
    await until(() => events.length > 0);
    expect(events).toEqual(['stores.changed']);
    other.exec('DROP TABLE stores');
    other.close();
    await until(() => said.length > 0);
    await capability.stop?.();
  });

  it("uses the folder's own backups area as destination", () => {
    expect(context.stores.add({ path: join(folder, 'c') }).destination).toBe(join(folder, 'c/backups'));
  });

  it.each([
    ['the same folder', 'a', /is the store a already/],
    ['a folder inside', 'a/deep', /lies inside the store a/],
    ['a folder around', '', /contains the store a/],
    ['what is not there', 'missing', /is not there/],
    ['a file', 'file', /is not a folder/],
  ])('refuses %s, saying why', (_title, name, reason) => {
    writeFileSync(join(folder, 'file'), 'x');
    context.stores.add({ path: join(folder, 'a') });
    expect(() => context.stores.add({ path: join(folder, name) })).toThrow(reason);
    expect(context.stores.list()).toHaveLength(1);
  });

  it('does not take a folder with a longer name for one inside', () => {
    context.stores.add({ path: join(folder, 'a') });
    expect(context.stores.add({ path: join(folder, 'ab') }).name).toBe('ab');
  });

  it.each(['/', homedir(), 'relative/path'])('refuses %s', (path) => {
    expect(() => context.stores.add({ path })).toThrow(/too broad|absolute/);
  });

  it('refuses a folder that may not be read, naming it', () => {
    const fs: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES', path });
      },
    };
    const stores = new Stores({ db: context.db, fs, clock: Date.now, liveOf: () => ({ state: 'off' }) });
    expect(() => stores.add({ path: join(folder, 'a') })).toThrow(/\/a may not be accessed by this user/);
  });

  it('shows a store whose folder vanished as missing and recovers with it', () => {
    const { id } = context.stores.add({ path: join(folder, 'a') });
    rmSync(join(folder, 'a'), { recursive: true });
    expect(context.stores.get(id)).toMatchObject({
      state: 'missing',
      stateReason: expect.stringContaining('is not there') as string,
    });
    mkdirSync(join(folder, 'a'));
    expect(context.stores.get(id).state).toBe('ok');
  });

  it('looks at no other store when one is asked for', () => {
    context.stores.add({ path: join(folder, 'a') });
    context.stores.add({ path: join(folder, 'ab') });
    const looked: string[] = [];
    const fs: FileSystem = { ...nodeFs, stat: (path) => (looked.push(path), nodeFs.stat(path)) };
    const stores = new Stores({ db: context.db, fs, clock: Date.now, liveOf: () => ({ state: 'off' }) });
    expect(stores.get('ab').state).toBe('ok');
    expect(looked).toEqual([join(folder, 'ab')]);
  });

  it('names a second store of the same name apart, and refuses a chosen name that is taken', () => {
    mkdirSync(join(folder, 'x/a'), { recursive: true });
    context.stores.add({ path: join(folder, 'a') });
    expect(() => context.stores.add({ path: join(folder, 'x/a'), name: 'a' })).toThrow(/called a already/);
    expect(context.stores.add({ path: join(folder, 'x/a') }).name).toBe('a 2');
  });

  it('refuses a destination that is the store itself or lies in another one', () => {
    context.stores.add({ path: join(folder, 'a') });
    expect(() => context.stores.add({ path: join(folder, 'ab'), destination: join(folder, 'ab') })).toThrow(/itself/);
    expect(() => context.stores.add({ path: join(folder, 'ab'), destination: join(folder, 'a/x') })).toThrow(
      /another store/,
    );
  });

  it('forgets a store and touches no file', () => {
    writeFileSync(join(folder, 'a/file'), 'x');
    const { id } = context.stores.add({ path: join(folder, 'a') });
    context.stores.remove(id);
    expect(context.stores.list()).toEqual([]);
    expect(nodeFs.readFile(join(folder, 'a/file')).toString()).toBe('x');
    expect(() => context.stores.get(id)).toThrow(/no store/);
  });

  it('tells what adding would mean, and what stands against it', async () => {
    mkdirSync(join(folder, 'c/ml_models'));
    const { handlers } = createStores({
      fs: nodeFs,
      registry: context.stores,
      layouts: context.layouts,
      detect: (path) => detectIn(context, path),
      secrets: context.secrets,
      emit: context.emit,
      countBackups: async () => 4,
    });
    const call = { signal: new AbortController().signal };
    expect(await handlers.probe({ path: join(folder, 'c') }, call)).toEqual({
      path: join(folder, 'c'),
      realPath: join(folder, 'c'),
      suggestedName: 'c',
      areas: [
        { id: 'backups', path: 'backups', role: 'backup', guess: true },
        { id: 'ml_models', path: 'ml_models', role: 'model', guess: true },
      ],
      candidates: expect.arrayContaining([
        expect.objectContaining({ id: 'stock-prediction-3.4', convincing: false }) as unknown,
      ]) as unknown,
      backupsFound: 4,
    });
    expect(await handlers.probe({ path: join(folder, 'no') }, call)).toMatchObject({
      refusal: { message: `${join(folder, 'no')} is not there.` },
    });
    await handlers.add({ path: join(folder, 'c') }, call);
    expect(context.events.map((event) => event.name)).toEqual(['stores.changed']);
  });
});

describe('names', () => {
  it.each([
    ['ml_models', 'model'],
    ['Logs', 'log'],
    ['wardrobe-vectors', 'vector'],
    ['daily_cache', 'cache'],
    ['constructor', 'other'],
    ['catalogue', 'other'],
  ])('%s suggests %s', (name, role) => {
    expect(inferRole(name)).toBe(role);
  });

  it('sorts areas by path', () => {
    expect(inferAreas(['logs', 'Z', 'a']).map((area) => area.id)).toEqual(['Z', 'a', 'logs']);
  });

  it('tells how paths overlap', () => {
    expect(overlap('/a/b', '/a/b')).toBe('same');
    expect(overlap('/a/b/c', '/a/b')).toBe('inside');
    expect(overlap('/a', '/a/b')).toBe('contains');
    expect(overlap('/a/bc', '/a/b')).toBeUndefined();
    expect(isInside('/', '/a')).toBe(true);
    expect(isInside('C:\\a', 'C:\\a\\b')).toBe(true);
  });
});
