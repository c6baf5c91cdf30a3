import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { usage as contract } from '../../shared/contract/usage.ts';
import type { EventData } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { nodeFs } from '../fs/index.ts';
import { historyMigrations } from '../history/index.ts';
import { eventually } from '../scan-testing/index.ts';
import { Stores } from '../stores/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createUsage } from './index.ts';
import type { Usage } from './index.ts';

let context: TestContext | undefined;
let usage: Usage | undefined;

afterEach(async () => {
  await usage?.stop?.();
  await context?.close();
});

function open(options: TestContextOptions = {}): { context: TestContext; usage: Usage; root: string } {
  const made = createTestContext({ migrations: historyMigrations, ...options });
  context = made;
  usage = createUsage(made, { timing: { rootCheckMs: 30 } });
  const root = join(fs.realpathSync(made.folder), 'persistent_data');
  for (const area of ['ml_models/llm', 'logs', 'unknown']) fs.mkdirSync(join(root, area), { recursive: true });
  fs.writeFileSync(join(root, 'ml_models/llm/a.gguf'), Buffer.alloc(9_000));
  fs.writeFileSync(join(root, 'logs/app.log'), Buffer.alloc(100));
  fs.writeFileSync(join(root, 'persistent.env'), 'A=1');
  fs.symlinkSync('ml_models', join(root, 'link-to-models'));
  return { context: made, usage, root };
}

const call = { signal: new AbortController().signal };

describe('usage from the command line', () => {
  it('counts each time it is asked', async () => {
    const { context, usage, root } = open();
    const store = context.stores.add({ path: root });
    const summary = contract.get.output.parse(await usage.handlers.get({ store: store.name }, call));
    expect(summary).toMatchObject({ store: store.id, bytes: 9_103, files: 3, dirs: 4, atLeast: false });
    expect(summary.areas.map(({ id, role, bytes }) => [id, role, bytes])).toEqual([
      ['logs', 'log', 100],
      ['ml_models', 'model', 9_000],
      ['unknown', 'other', 0],
    ]);
    expect(summary.loose).toMatchObject({ bytes: 3, files: 1 });
    const sum = (key: 'bytes' | 'allocated' | 'files'): number =>
      summary.areas.reduce((total, area) => total + area[key], summary.loose[key]);
    for (const key of ['bytes', 'allocated', 'files'] as const) expect(sum(key)).toBe(summary[key]);

    fs.appendFileSync(join(root, 'logs/app.log'), 'more');
    expect((await usage.handlers.get({ store: store.id }, call)).bytes).toBe(9_107);
    expect(usage.live(store.id)).toEqual({ state: 'off' });
    const { samples } = await usage.handlers.history({ store: store.id, sinceMs: 0 }, call);
    const [log = 0, model = 0] = summary.areas.map(({ allocated }) => allocated);
    expect(samples).toMatchObject([{ bytes: 9_103, byRole: { model, log, other: summary.allocated - model - log } }]);
  });

  it('lists a folder, largest first, and says what is not there', async () => {
    const { context, usage, root } = open();
    const { id } = context.stores.add({ path: root });
    const input = { store: id, path: '', sort: 'bytes', reverse: false, offset: 0, limit: 3 } as const;
    const page = contract.children.output.parse(await usage.handlers.children(input, call));
    expect(page.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['ml_models', 'dir'],
      ['logs', 'dir'],
      ['persistent.env', 'file'],
    ]);
    expect(page.others.entries).toBe(2);
    await expect(usage.handlers.children({ ...input, path: 'ml_models/none' }, call)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('ml_models/none') as string,
    });
  });

  it('filters a folder and turns its order round', async () => {
    const { context, usage, root } = open();
    const { id: store } = context.stores.add({ path: root });
    const ask = async (more: object): Promise<string[]> => {
      const input = { store, path: '', sort: 'name', reverse: false, offset: 0, limit: 10, ...more } as const;
      return contract.children.output.parse(await usage.handlers.children(input, call)).entries.map(({ name }) => name);
    };
    expect(await ask({ reverse: true })).toEqual(['unknown', 'persistent.env', 'ml_models', 'logs', 'link-to-models']);
    expect(await ask({ filter: 'MODEL' })).toEqual(['link-to-models', 'ml_models']);
    expect(await ask({ filter: 'model', sort: 'bytes', limit: 1 })).toEqual(['ml_models']);
  });

  it('finds entries anywhere by a part of their name', async () => {
    const { context, usage, root } = open();
    const { id: store } = context.stores.add({ path: root });
    fs.mkdirSync(join(root, 'logs/App-old/deep'), { recursive: true });
    fs.writeFileSync(join(root, 'logs/App-old/deep/app.LOG'), Buffer.alloc(200));
    fs.linkSync(join(root, 'logs/app.log'), join(root, 'unknown/app.log'));
    const find = async (more: object) => {
      const input = { store, path: '', text: 'APP', sort: 'bytes', limit: 10, ...more } as const;
      return contract.find.output.parse(await usage.handlers.find(input, call));
    };
    const all = await find({});
    expect(all.total).toBe(4);
    expect(all.entries.map(({ path, kind, bytes }) => [path, kind, bytes])).toEqual([
      ['logs/App-old', 'dir', 200],
      ['logs/App-old/deep/app.LOG', 'file', 200],
      ['logs/app.log', 'file', 100],
      ['unknown/app.log', 'file', 0],
    ]);
    expect(all.entries[2]).toMatchObject({ name: 'app.log', hardLinked: true });
    const two = await find({ sort: 'name', limit: 2, path: 'logs' });
    expect([two.total, two.entries.map(({ path }) => path)]).toEqual([
      3,
      ['logs/App-old', 'logs/App-old/deep/app.LOG'],
    ]);
    expect(await find({ text: 'nothing' })).toEqual({ entries: [], total: 0 });
    await expect(find({ path: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const input = { store, path: '', text: 'a', sort: 'bytes', limit: 1 } as const;
    await expect(usage.handlers.find(input, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('answers what is in a folder in depth, as the contract has it', async () => {
    const { context, usage, root } = open();
    const { id: store } = context.stores.add({ path: root });
    fs.linkSync(join(root, 'ml_models/llm/a.gguf'), join(root, 'unknown/same.gguf'));
    fs.truncateSync(join(root, 'logs/app.log'), 1_000_000);
    const summary = contract.get.output.parse(await usage.handlers.get({ store }, call));
    expect(summary).toMatchObject({
      hardLinks: { names: 1, bytes: 9_000 },
      sparse: { files: 1 },
      mounts: [],
      bytes: 1_009_003,
    });
    expect(summary.oldest).toBeGreaterThan(0);
    const details = contract.details.output.parse(await usage.handlers.details({ store, path: '', limit: 2 }, call));
    expect(details.largest.map(({ path, hardLinked, sparse }) => [path, hardLinked, sparse])).toEqual([
      ['logs/app.log', false, true],
      ['ml_models/llm/a.gguf', true, false],
    ]);
    expect(details.types.map(({ type, bytes, files }) => [type, bytes, files])).toEqual([
      ['log', 1_000_000, 1],
      ['gguf', 9_000, 2],
      ['env', 3, 1],
    ]);
    expect(details.ages[0]).toMatchObject({ age: 'day', files: 4, bytes: 1_009_003 });
    expect(await usage.handlers.details({ store, path: '', limit: 2 }, call)).toEqual(details);
    const map = contract.treemap.output.parse(await usage.handlers.treemap({ store, path: '', tiles: 20 }, call));
    expect(map.tiles.find(({ path }) => path === 'ml_models/llm/a.gguf')).toMatchObject({
      kind: 'file',
      role: 'model',
    });
    expect(map.tiles.reduce((total, { allocated }) => total + allocated, 0)).toBe(summary.allocated);
    const freed = contract.freed.output.parse(
      await usage.handlers.freed({ store, paths: ['ml_models', 'persistent.env'] }, call),
    );
    const held = fs.statSync(join(root, 'unknown/same.gguf')).blocks * 512;
    expect(freed).toMatchObject({ files: 2, dirs: 2, heldByLinks: held });
    await expect(usage.handlers.freed({ store, paths: ['nothing'] }, call)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(usage.handlers.treemap({ store, path: 'nothing', tiles: 20 }, call)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const aborted = { signal: AbortSignal.abort() };
    await expect(usage.handlers.details({ store, path: 'logs', limit: 1 }, aborted)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('remembers areas, directories and disks', async () => {
    let now = Date.UTC(2026, 5, 1);
    const { context, usage, root } = open({ clock: () => now });
    const { id: store } = context.stores.add({ path: root });
    await usage.handlers.get({ store }, call);
    const begin = now;
    const { free } = contract.disks.output.parse(await usage.handlers.disks({}, call)).disks[0] ?? { free: 0 };
    expect(free).toBeGreaterThan(0);
    for (let days = 1; days <= 4; days++) {
      now = begin + days * 24 * 3_600_000;
      fs.mkdirSync(join(root, 'logs/run'), { recursive: true });
      fs.writeFileSync(join(root, `logs/run/${days}`), Buffer.alloc(40_000));
      await usage.handlers.get({ store }, call);
    }
    const { series } = contract.series.output.parse(await usage.handlers.series({ store, sinceMs: begin }, call));
    expect(series.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['', 'logs', 'logs/run', 'ml_models', 'ml_models/llm']),
    );
    expect(series.find(({ path }) => path === '')?.points).toHaveLength(5);
    const { changes } = contract.changes.output.parse(
      await usage.handlers.changes({ sinceMs: begin, limit: 10 }, call),
    );
    expect(changes).toEqual([{ store, path: 'logs/run', role: 'log', before: 0, after: expect.any(Number) as number }]);
    expect(await usage.handlers.changes({ store, sinceMs: begin, limit: 1 }, call)).toEqual({ changes });
    const { forecasts } = contract.forecast.output.parse(await usage.handlers.forecast({}, call));
    expect(forecasts).toHaveLength(1);
    expect(forecasts[0]?.state).not.toBe('unknown');
    expect(forecasts[0]?.reason).toContain('4 days of history');
  });

  it('says so when the folder is gone or not readable', async () => {
    const broken: Partial<FileSystem> = {};
    const { context, usage, root } = open({
      fs: new Proxy(nodeFs, { get: (real, key: keyof FileSystem) => broken[key] ?? real[key] }),
    });
    const { id } = context.stores.add({ path: root });
    broken.readNames = (path) => {
      if (path === root) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return nodeFs.readNames(path);
    };
    await expect(usage.handlers.get({ store: id }, call)).rejects.toMatchObject({ code: 'PERMISSION' });
    delete broken.readNames;
    fs.rmSync(root, { recursive: true });
    await expect(usage.handlers.get({ store: id }, call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is cancelled by its caller', async () => {
    const { context, usage, root } = open();
    const { id } = context.stores.add({ path: root });
    const signal = AbortSignal.abort();
    await expect(usage.handlers.get({ store: id }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await usage.handlers.get({ store: id }, call)).files).toBe(3);
  });

  it('counts again as a job, partial when something could not be read', async () => {
    const broken: Partial<FileSystem> = {};
    const { context, usage, root } = open({
      fs: new Proxy(nodeFs, { get: (real, key: keyof FileSystem) => broken[key] ?? real[key] }),
    });
    const { id, name } = context.stores.add({ path: root });
    const first = await usage.handlers.rescan({ store: id }, call);
    expect(await context.job(first.job)).toMatchObject({
      kind: 'count',
      title: `Count ${name}`,
      status: 'done',
      filesDone: 3,
      result: { bytes: 9_103 },
    });
    broken.readNames = (path) => {
      if (path.endsWith('/logs')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return nodeFs.readNames(path);
    };
    const second = await usage.handlers.rescan({ store: id }, call);
    expect(await context.job(second.job)).toMatchObject({ status: 'partial', warningCount: 1 });
    const summary = await usage.handlers.get({ store: id }, call);
    expect(summary).toMatchObject({ atLeast: true, unreadable: [{ path: 'logs' }] });
    expect(summary.unreadable[0]?.reason).toMatch(/may not be accessed/);
  });
});

describe('usage in a running engine', () => {
  it('counts and watches stores as they are added, and lets go of those removed', async () => {
    const { context, usage, root } = open({ live: true });
    let liveChanges = 0;
    usage.onLive(() => liveChanges++);
    await usage.start?.();
    const { id } = context.stores.add({ path: root });
    await eventually(() => expect(usage.live(id)).toEqual({ state: 'live' }));
    expect(liveChanges).toBe(2);
    expect(usage.summary(id)).toMatchObject({ bytes: 9_103, live: { state: 'live' } });

    fs.writeFileSync(join(root, 'logs/new.log'), Buffer.alloc(1_000));
    await eventually(() => {
      const changes = context.events
        .filter(({ name }) => name === 'usage.changed')
        .map(({ data }) => data as EventData<'usage.changed'>);
      expect(changes.at(-1)).toMatchObject({
        store: id,
        summary: { bytes: 10_103 },
        paths: expect.arrayContaining(['logs']) as string[],
      });
    });
    expect((await usage.handlers.get({ store: id }, call)).bytes).toBe(10_103);

    context.stores.remove(id);
    expect(usage.live(id)).toEqual({ state: 'off' });
    expect(usage.summary(id)).toBeUndefined();
  });

  it('is counted first when asked before it is live', async () => {
    const { context, usage, root } = open({ live: true });
    const { id } = context.stores.add({ path: root });
    await usage.start?.();
    expect((await usage.handlers.get({ store: id }, call)).files).toBe(3);
  });

  it('watches a store another process added, though it was asked about before that was noticed', async () => {
    const { context, usage, root } = open({ live: true });
    await usage.start?.();
    const other = new Stores({ db: context.db, fs: nodeFs, clock: context.clock, liveOf: () => ({ state: 'off' }) });
    const { id } = other.add({ path: root });
    expect((await usage.handlers.get({ store: id }, call)).files).toBe(3);
    context.stores.update(id, { name: 'noticed' });
    await eventually(() => expect(usage.live(id)).toEqual({ state: 'live' }));
  });

  it('tells other processes of the same home what is watched, for as long as it runs', async () => {
    const { context, usage, root } = open({ live: true });
    const { id } = context.stores.add({ path: root });
    const gone = { host: hostname(), pid: 2 ** 22 + 1, bootId: 'another', startTicks: '1' };
    const leftover = join(context.home, 'live-4194305.json');
    fs.writeFileSync(leftover, JSON.stringify({ process: gone, stores: { [id]: { state: 'live' } } }));
    const command = createUsage({ ...context, live: false });
    expect(command.live(id)).toEqual({ state: 'off' });
    await usage.start?.();
    expect(fs.existsSync(leftover)).toBe(false);
    await eventually(() => expect(usage.live(id)).toEqual({ state: 'live' }));
    expect(command.live(id)).toEqual({ state: 'live' });
    expect((await command.handlers.get({ store: id }, call)).live).toEqual({ state: 'live' });
    expect(command.live('another')).toEqual({ state: 'off' });
    fs.writeFileSync(join(context.home, 'live-1.json'), '{"process":');
    expect(command.live(id)).toEqual({ state: 'live' });
    await usage.stop?.();
    expect(command.live(id)).toEqual({ state: 'off' });
    expect(fs.readdirSync(context.home).filter((name) => /^live-(?!1\.json)/.test(name))).toEqual([]);
  });

  it('goes on where other processes cannot be told', async () => {
    const { context, usage, root } = open({
      live: true,
      fs: {
        ...nodeFs,
        rename(from, to) {
          if (to.includes('/live-')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          nodeFs.rename(from, to);
        },
      },
    });
    const { id } = context.stores.add({ path: root });
    await usage.start?.();
    await eventually(() => expect(usage.live(id)).toEqual({ state: 'live' }));
    expect(createUsage({ ...context, live: false }).live(id)).toEqual({ state: 'off' });
  });

  it('follows a changed rule', async () => {
    const { context, usage, root } = open({ live: true });
    const { id } = context.stores.add({ path: root });
    await usage.start?.();
    await eventually(() => expect(usage.live(id)).toEqual({ state: 'live' }));
    const counted = usage.summary(id)?.countedAtMs ?? 0;
    context.stores.update(id, { rules: { crossMounts: true } });
    await eventually(() => {
      expect(usage.live(id)).toEqual({ state: 'live' });
      expect(usage.summary(id)?.countedAtMs).toBeGreaterThan(counted);
    });
  });
});
