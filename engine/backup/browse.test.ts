import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backups as contract } from '../../shared/contract/backups.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

let here: TestStore;
const ran: string[] = [];
let blocked: ReadonlySet<string>;

beforeEach(async () => {
  ran.length = 0;
  blocked = new Set();
  const faulty = {
    ...nodeFs,
    lstat(path: string) {
      if (blocked.has(path)) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return nodeFs.lstat(path);
    },
  };
  const inner = createInlinePool(faulty);
  const pool: Pool = {
    ...inner,
    run(task, input, options) {
      ran.push(task.name);
      return inner.run(task, input, options);
    },
  };
  here = createTestStore({ fs: faulty, pool });
  here.put('logs/deep/Error.LOG', 'boom');
  here.put('logs-old/x', '12');
  await here.backUp();
});
afterEach(() => here.context.close());

async function ls(input: Record<string, unknown> = {}) {
  const parsed = contract.ls.input.parse({ backup: 'latest', ...input });
  return contract.ls.output.parse(await here.backups.handlers.ls(parsed, call));
}

async function paths(input: Record<string, unknown>): Promise<string[]> {
  return (await ls(input)).entries.map((entry) => entry.path);
}

describe('folders', () => {
  test('list what is directly in them, with sums', async () => {
    const { entries, total } = await ls();
    expect(total).toBe(6);
    expect(entries.map(({ name, type, bytes, files }) => [name, type, bytes, files])).toEqual([
      ['empty', 'dir', 0, 0],
      ['latest', 'symlink', 0, 0],
      ['logs', 'dir', 12, 2],
      ['logs-old', 'dir', 2, 1],
      ['ml_models', 'dir', 5_009, 2],
      ['notes.txt', 'file', 7, 1],
    ]);
    expect(entries[1]?.target).toBe('ml_models/nvda.h5');
    const stats = fs.lstatSync(join(here.root, 'notes.txt'));
    expect(entries[5]?.mtimeMs).toBeCloseTo(stats.mtimeMs, 2);
    expect(entries[5]?.mode).toBe(stats.mode & 0o7777);
    expect(entries[0]).not.toHaveProperty('live');
  });

  test('below the root, everything, and in pages', async () => {
    expect(await paths({ path: 'logs' })).toEqual(['logs/app.log', 'logs/deep']);
    expect(await paths({ path: 'logs/' })).toEqual(['logs/app.log', 'logs/deep']);
    expect(await paths({ path: 'logs', recursive: true })).toEqual([
      'logs/app.log',
      'logs/deep',
      'logs/deep/Error.LOG',
    ]);
    expect(await paths({ path: 'empty', recursive: true })).toEqual([]);
    const page = await ls({ recursive: true, offset: 4, limit: 2 });
    expect(page.total).toBe(12);
    expect(page.entries.map(({ name }) => name)).toEqual(['logs-old/x', 'logs/app.log']);
    expect(await paths({ offset: 100 })).toEqual([]);
  });

  test('a file lists itself, what is not there is NOT_FOUND', async () => {
    expect(await paths({ path: 'notes.txt' })).toEqual(['notes.txt']);
    await expect(ls({ path: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ls({ backup: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('search by part of the path in any case', async () => {
    expect(await paths({ search: 'error' })).toEqual(['logs/deep/Error.LOG']);
    expect(await paths({ search: 'LOGS' })).toEqual([
      'logs',
      'logs-old',
      'logs-old/x',
      'logs/app.log',
      'logs/deep',
      'logs/deep/Error.LOG',
    ]);
    expect(await paths({ search: 's/d' })).toEqual(['logs/deep', 'logs/deep/Error.LOG']);
    expect(await paths({ path: 'ml_models', search: 'log' })).toEqual([]);
    expect((await ls({ search: 'log', offset: 1, limit: 1 })).total).toBe(6);
  });

  test('a backup is laid out once while it is looked at', async () => {
    ran.length = 0;
    await Promise.all([ls(), ls({ path: 'logs' }), ls({ search: 'x' })]);
    await ls();
    expect(ran.filter((name) => name === 'backup.index')).toHaveLength(1);
  });

  test('two backups are kept, the third pushes the oldest out', async () => {
    const ids = [];
    for (let round = 0; round < 3; round += 1) ids.push(String((await here.backUp()).result?.['id']));
    ran.length = 0;
    for (const backup of ids) await ls({ backup });
    for (const backup of ids.slice(1)) await ls({ backup });
    expect(ran.filter((name) => name === 'backup.index')).toHaveLength(3);
    await ls({ backup: ids[0] });
    expect(ran.filter((name) => name === 'backup.index')).toHaveLength(4);
  });

  test('named by its id it is not looked for again, until its manifest changes or goes', async () => {
    const { id, manifest } = await here.backups.resolve('latest');
    await ls({ backup: id });
    const { destination } = here.store;
    fs.renameSync(destination, `${destination}-x`);
    await expect(ls({ backup: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    fs.renameSync(`${destination}-x`, destination);
    expect((await ls({ backup: id })).total).toBe(6);
    fs.truncateSync(manifest, 60);
    await expect(ls({ backup: id })).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('a backup that cannot be opened is not kept as such', async () => {
    const { manifest } = await here.backups.resolve('latest');
    const content = fs.readFileSync(manifest);
    const { atime, mtime } = fs.statSync(manifest);
    const damaged = Buffer.from(content);
    damaged[40] = (damaged[40] ?? 0) ^ 0xff;
    fs.writeFileSync(manifest, damaged);
    fs.utimesSync(manifest, atime, mtime);
    await expect(ls()).rejects.toMatchObject({ code: 'CORRUPT' });
    fs.writeFileSync(manifest, content);
    fs.utimesSync(manifest, atime, mtime);
    expect((await ls()).total).toBe(6);
  });
});

describe('against the live store', () => {
  async function live(input: Record<string, unknown> = {}): Promise<Record<string, string | undefined>> {
    const { entries } = await ls({ live: true, ...input });
    return Object.fromEntries(entries.map((entry) => [entry.path, entry.live]));
  }

  test('untouched is the same', async () => {
    expect(new Set(Object.values(await live({ recursive: true })))).toEqual(new Set(['same']));
  });

  test('size, time, type, target and absence tell', async () => {
    const { root } = here;
    fs.appendFileSync(join(root, 'notes.txt'), 'x');
    fs.utimesSync(join(root, 'ml_models/config.json'), 1, 1);
    fs.rmSync(join(root, 'logs/deep/Error.LOG'));
    fs.rmSync(join(root, 'latest'));
    fs.symlinkSync('elsewhere', join(root, 'latest'));
    fs.rmdirSync(join(root, 'empty'));
    fs.writeFileSync(join(root, 'empty'), '');
    expect(await live()).toEqual({
      empty: 'differs',
      latest: 'differs',
      logs: 'differs',
      'logs-old': 'same',
      ml_models: 'differs',
      'notes.txt': 'differs',
    });
    expect(await live({ path: 'logs', recursive: true })).toEqual({
      'logs/app.log': 'same',
      'logs/deep': 'differs',
      'logs/deep/Error.LOG': 'missing',
    });
    expect(await live({ path: 'ml_models' })).toEqual({
      'ml_models/config.json': 'differs',
      'ml_models/nvda.h5': 'same',
    });
  });

  test('a time restored to the microsecond is the same', async () => {
    const path = join(here.root, 'notes.txt');
    const { mtimeNs } = fs.lstatSync(path, { bigint: true });
    fs.lutimesSync(path, 1, Number(mtimeNs) / 1e9);
    expect((await live())['notes.txt']).toBe('same');
  });

  test('nothing is looked at through a link', async () => {
    const { root, context } = here;
    fs.renameSync(join(root, 'logs'), join(context.folder, 'moved'));
    fs.symlinkSync(join(context.folder, 'moved'), join(root, 'logs'));
    expect((await live())['logs']).toBe('differs');
    expect(await live({ path: 'logs' })).toEqual({ 'logs/app.log': 'missing', 'logs/deep': 'missing' });
  });

  test('what cannot be looked at is unknown, as is all of a store that is gone or not registered', async () => {
    const { root, context, store } = here;
    blocked = new Set([join(root, 'logs/deep')]);
    expect(await live()).toMatchObject({ logs: 'unknown', 'logs-old': 'same' });
    expect(await live({ path: 'logs/deep' })).toEqual({ 'logs/deep/Error.LOG': 'unknown' });
    blocked = new Set();
    fs.renameSync(root, `${root}-away`);
    expect(new Set(Object.values(await live()))).toEqual(new Set(['unknown']));
    const { destination } = store;
    context.stores.remove(store.id);
    expect(new Set(Object.values(await live({ destination })))).toEqual(new Set(['unknown']));
  });
});

describe('preview', () => {
  const preview = (path: string, maxBytes = 65_536) =>
    here.backups.handlers.preview({ backup: 'latest', path, maxBytes }, call);

  test('shows the beginning of text, and only the size of anything else', async () => {
    expect(await preview('logs/app.log')).toEqual({ bytes: 8, text: 'one\ntwo\n', truncated: false });
    expect(await preview('notes.txt', 3)).toEqual({ bytes: 7, text: 'gr', truncated: true });
    here.put('weights', Buffer.from([1, 0, 2]));
    here.put('none', '');
    here.put('long.txt', 'line\n'.repeat(2_000_000));
    await here.backUp();
    expect(await preview('weights')).toEqual({ bytes: 3, truncated: false });
    expect(await preview('none')).toEqual({ bytes: 0, text: '', truncated: false });
    const long = await preview('long.txt', 1_048_576);
    expect(long).toMatchObject({ bytes: 10_000_000, truncated: true });
    expect(long.text).toHaveLength(1_048_576);
  });

  test('any stretch can be read, over the borders of frames and up to the end', async () => {
    const long = Buffer.from(Array.from({ length: 9_000_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
    here.put('long', long);
    await here.backUp();
    const read = async (offset: number, limit: number) => {
      const { bytes, base64 } = await here.backups.handlers.read(
        { backup: 'latest', path: 'long', offset, limit },
        call,
      );
      expect(bytes).toBe(long.length);
      return Buffer.from(base64, 'base64');
    };
    for (const offset of [0, 4 * 1024 * 1024 - 5, 8_999_990, 9_000_000, 9_100_000]) {
      expect((await read(offset, 1_000)).equals(long.subarray(offset, offset + 1_000))).toBe(true);
    }
  });

  test('folders, links and what is not there have no content', async () => {
    await expect(preview('logs')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(preview('latest')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(preview('nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a damaged frame is CORRUPT, a missing archive NOT_FOUND', async () => {
    const { archive } = await here.backups.resolve('latest');
    const content = fs.readFileSync(archive);
    content[20] = (content[20] ?? 0) ^ 0xff;
    fs.writeFileSync(archive, content);
    await expect(preview('logs/app.log')).rejects.toMatchObject({ code: 'CORRUPT' });
    fs.rmSync(archive);
    await expect(preview('logs/app.log')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
