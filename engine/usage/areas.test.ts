import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { roles } from '../../shared/contract/index.ts';
import type { Store, UsageSummary } from '../../shared/contract/index.ts';
import { historyMigrations } from '../history/index.ts';
import { eventually } from '../scan-testing/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createUsage } from './index.ts';
import type { Usage } from './index.ts';
import { StoreUsage } from './store-usage.ts';

const call = { signal: new AbortController().signal };
let context: TestContext;
let usage: Usage;
let root: string;
let store: Store;

function open(options: TestContextOptions = {}): void {
  context = createTestContext({ migrations: historyMigrations, ...options });
  usage = createUsage(context, { timing: { rootCheckMs: 30 } });
  root = join(fs.realpathSync(context.folder), 'store');
  fs.mkdirSync(root);
}

function put(path: string, bytes: number, atMs = Date.UTC(2026, 0, 1)): void {
  fs.mkdirSync(join(root, path, '..'), { recursive: true });
  fs.writeFileSync(join(root, path), Buffer.alloc(bytes));
  fs.utimesSync(join(root, path), atMs / 1_000, atMs / 1_000);
}

beforeEach(() => open());
afterEach(async () => {
  await usage.stop?.();
  await context.close();
});

async function summary(): Promise<UsageSummary> {
  return usage.handlers.get({ store: store.id }, call);
}

function adds(whole: UsageSummary): void {
  const { areas, loose } = whole;
  for (const key of ['bytes', 'files'] as const) {
    expect(areas.reduce((sum, area) => sum + area[key], loose[key])).toBe(whole[key]);
  }
  expect(areas.reduce((sum, area) => sum + area.dirs + 1, 0)).toBe(whole.dirs);
  expect(areas.reduce((sum, area) => sum + area.allocated, loose.allocated)).toBe(whole.allocated);
}

describe('areas within areas', () => {
  beforeEach(() => {
    put('stock_data/readme', 1);
    put('stock_data/historical/NVDA/d.csv', 100);
    put('stock_data/historical/keep/x', 7, Date.UTC(2026, 1, 1));
    put('stock_data/cache/daily_cache/n.json', 10, Date.UTC(2026, 5, 1));
    put('logs/a.log', 5);
    put('loose', 3);
    store = context.stores.add({ path: root, layout: 'stock-prediction-3.1' });
  });

  it('count there alone, so that all add up', async () => {
    const whole = await summary();
    adds(whole);
    expect(whole.areas.map(({ path, role, bytes, files }) => [path, role, bytes, files])).toEqual([
      ['logs', 'log', 5, 1],
      ['stock_data', 'dataset', 1, 1],
      ['stock_data/cache', 'cache', 10, 1],
      ['stock_data/historical', 'dataset', 107, 2],
    ]);
    const [logs, data, cache] = whole.areas;
    expect(logs).not.toHaveProperty('guess');
    expect(data).toMatchObject({ guess: true, dirs: 0, newest: Date.UTC(2026, 0, 1) });
    expect(cache?.newest).toBe(Date.UTC(2026, 5, 1));
  });

  it('are told by entry, treemap and history', async () => {
    await summary();
    const entry = (path: string) => usage.handlers.entry({ store: store.id, path }, call);
    expect(await entry('stock_data/cache/daily_cache/n.json')).toMatchObject({ role: 'cache' });
    expect(await entry('stock_data/readme')).toMatchObject({ role: 'dataset' });
    const { tiles } = await usage.handlers.treemap({ store: store.id, path: 'stock_data', tiles: 100 }, call);
    expect(tiles.find(({ path }) => path === 'stock_data/cache')).toMatchObject({ role: 'cache' });
    const { samples } = await usage.handlers.history({ store: store.id, sinceMs: 0 }, call);
    expect(Object.keys(samples[0]?.byRole ?? {}).sort()).toEqual(['cache', 'dataset', 'log', 'other']);
    const { series } = await usage.handlers.series({ store: store.id, sinceMs: 0 }, call);
    expect(series.map(({ path }) => path).sort()).toEqual([
      ...['', 'logs', 'stock_data', 'stock_data/cache', 'stock_data/cache/daily_cache', 'stock_data/historical'],
      ...['stock_data/historical/NVDA', 'stock_data/historical/keep'],
    ]);
    // A folder's curve is the folder's, with all that is in it.
    const of = (path: string): number => series.find((each) => each.path === path)?.points[0]?.allocated ?? 0;
    expect(of('stock_data')).toBeGreaterThan(of('stock_data/historical') + of('stock_data/cache'));
  });
});

it('gives every folder of a pattern its role, and the root its own', async () => {
  put('models--a--b/blobs/x', 5);
  put('datasets--c--d/blobs/y', 6);
  put('version.txt', 1);
  store = context.stores.add({ path: root, layout: 'huggingface-hub' });
  expect((await summary()).areas.map(({ path, role }) => [path, role])).toEqual([
    ['datasets--c--d', 'dataset'],
    ['models--a--b', 'model'],
  ]);
  context.stores.update(store.id, { layout: 'redis' });
  const whole = await summary();
  adds(whole);
  expect(whole.areas.map(({ role, guess }) => [role, guess])).toEqual([
    ['database', undefined],
    ['database', undefined],
  ]);
  expect(whole.loose).toMatchObject({ role: 'database', files: 1 });
});

it('tells a running dashboard when larder.yaml changes what a folder is for', async () => {
  await usage.stop?.();
  await context.close();
  open({ live: true });
  put('odd/x', 10);
  store = context.stores.add({ path: root });
  await usage.start?.();
  const role = (): string | undefined => usage.summary(store.id)?.areas.find(({ path }) => path === 'odd')?.role;
  await eventually(() => expect([usage.live(store.id).state, role()]).toEqual(['live', 'other']));
  fs.writeFileSync(join(root, 'larder.yaml'), 'version: 1\nareas: { odd: { role: vector } }\n');
  await eventually(() => {
    const last = context.events.findLast(({ name }) => name === 'usage.changed');
    expect((last?.data as { summary: UsageSummary }).summary.areas).toMatchObject([{ path: 'odd', role: 'vector' }]);
  });
});

it('adds up whatever the areas are', async () => {
  const names = ['a', 'b', 'c'];
  for (const x of names) for (const y of names) for (const z of names) put(`${x}/${y}/${z}/f`, 1 + names.indexOf(y));
  put('f', 3);
  const counted = new StoreUsage({ context, store: { id: 's', path: root }, onChange() {}, onLive() {} });
  await counted.count();
  const segment = fc.constantFrom('a', 'b', 'c', 'd', '*');
  const areas = fc.uniqueArray(
    fc.record({
      path: fc.array(segment, { maxLength: 3 }).map((parts) => parts.join('/')),
      role: fc.constantFrom(...roles),
    }),
    { selector: ({ path }) => path, maxLength: 6 },
  );
  fc.assert(
    fc.property(areas, (layout) => {
      const whole = counted.summary(layout);
      expect(whole).toBeDefined();
      if (whole !== undefined) adds(whole);
    }),
  );
  await counted.stop();
});
