import { chmodSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { health as contract } from '../../shared/contract/index.ts';
import type { Backup, HealthCheck, HealthReport, Input, Output } from '../../shared/contract/index.ts';
import { backupMigrations, createBackups } from '../backup/index.ts';
import { createCompose } from '../compose/index.ts';
import type { Capability } from '../context.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { historyMigrations } from '../history/index.ts';
import { layoutMigrations } from '../layouts/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createUsage } from '../usage/index.ts';
import { createHealth } from './index.ts';
import type { HealthOptions } from './index.ts';
import { healthMigrations } from './migrations.ts';

const dayMs = 24 * 3_600_000;
const layout = `version: 1
directoryMode: 755
areas:
  models: { role: model, required: true }
  logs: { role: log, required: true }
  blobs: { role: model, immutable: true }
`;

let context: TestContext;
let health: Capability<'health'>;
let usage: ReturnType<typeof createUsage>;
let path: string;
let store: string;
let nowMs: number;

function start(options: TestContextOptions = {}, health_: Partial<HealthOptions> = {}): void {
  nowMs = Date.now();
  context = createTestContext({
    migrations: [...historyMigrations, ...backupMigrations, ...layoutMigrations, ...healthMigrations],
    clock: () => nowMs,
    ...options,
  });
  path = join(context.folder, 'data');
  mkdirSync(join(path, 'models'), { recursive: true });
  for (const folder of ['', 'models', 'blobs']) mkdirSync(join(path, folder), { recursive: true });
  for (const folder of ['', 'models', 'blobs']) chmodSync(join(path, folder), 0o755);
  writeFileSync(join(path, 'models/a.bin'), 'weights');
  writeFileSync(join(path, 'larder.yaml'), layout);
  store = context.stores.add({ path }).id;
  usage = createUsage(context);
  health = createHealth({
    context,
    usage,
    backups: createBackups(context),
    compose: createCompose(context),
    jobs: {
      handlers: {
        list: () => ({ jobs: [], more: false }),
        get: () => Promise.reject(new Error('Not asked for.')),
        cancel: () => ({ ok: true }),
      },
    },
    notices: () => [],
    version: '1.2.3',
    ...health_,
  });
}
async function close(): Promise<void> {
  await health.stop?.();
  await usage.stop?.();
  await context.close();
}
beforeEach(() => start());
afterEach(close);

const call = { signal: new AbortController().signal };
async function run(only?: string[], signal = call.signal): Promise<HealthReport> {
  const input = contract.run.input.parse({ store, ...(only === undefined ? {} : { only }) });
  return contract.run.output.parse(await health.handlers.run(input, { signal }));
}
async function get(): Promise<Output<'health.get'>> {
  return contract.get.output.parse(await health.handlers.get({ store }, call));
}
async function plan(input: Partial<Input<'health.fixPlan'>> = {}) {
  return contract.fixPlan.output.parse(await health.handlers.fixPlan({ store, ...input }, call));
}
const find = ({ checks }: HealthReport, id: string): HealthCheck | undefined => checks.find((check) => check.id === id);

describe('run', () => {
  it('has no report before the first run, and keeps the last one', async () => {
    expect(await get()).toEqual({ running: false });
    const report = await run();
    expect(report.ok).toBe(false);
    expect(find(report, 'structure.required')).toMatchObject({ status: 'fail', area: 'logs', fix: { safe: true } });
    expect((await get()).report).toEqual(report);
    expect(context.events.filter(({ name }) => name === 'health.changed')).toHaveLength(1);
    const { checks } = contract.list.output.parse(await health.handlers.list({}, call));
    expect(new Set(report.checks.map(({ id }) => id))).toEqual(new Set(checks.map(({ id }) => id)));
  });

  it('runs some checks alone, and takes them over into the kept report', async () => {
    await run();
    mkdirSync(join(path, 'logs'));
    const some = await run(['structure.required']);
    expect(some.checks.map(({ id, status }) => [id, status])).toEqual([['structure.required', 'pass']]);
    const { report } = await get();
    expect(report?.checks.length).toBeGreaterThan(20);
    expect(report === undefined ? undefined : find(report, 'structure.required')?.status).toBe('pass');
    await expect(run(['nothing.such'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives two who ask at once the same report, and goes on when one of them leaves', async () => {
    const leaving = new AbortController();
    const [first, second] = [run(undefined, leaving.signal), run()];
    expect((await get()).running).toBe(true);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await second).checks.length).toBeGreaterThan(20);
    expect(context.events.filter(({ name }) => name === 'health.changed')).toHaveLength(1);
  });

  it('stops when nobody waits any more, and keeps nothing', async () => {
    const leaving = new AbortController();
    leaving.abort();
    await expect(run(undefined, leaving.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await get()).report).toBeUndefined();
    // Who comes while that one ends gets one of its own.
    expect((await run()).checks.length).toBeGreaterThan(20);
    expect(await get()).toMatchObject({ running: false, report: { store } });
  });

  it('says of a store that is not there what cannot be told, and why', async () => {
    renameSync(path, `${path}-away`);
    const report = await run();
    expect(find(report, 'structure.root')?.status).toBe('fail');
    expect(find(report, 'integrity.models')?.status).toBe('skip');
    expect(find(report, 'integrity.models')?.evidence).toContain('cannot be read');
    expect(find(report, 'larder.database')?.status).toBe('pass');
  });

  it('judges a store that is too large by a part, and does not tell the rest as fine', async () => {
    await close();
    start({}, { mostEntries: 2 });
    expect(find(await run(), 'structure.dangling')).toMatchObject({ status: 'skip' });
  });

  it('tells a file that changed where none does', async () => {
    const blob = join(path, 'blobs/aa');
    const put = (bytes: number): void => {
      writeFileSync(blob, Buffer.alloc(bytes, 1));
      utimesSync(blob, new Date(nowMs - dayMs), new Date(nowMs - dayMs));
    };
    put(70_000);
    expect(find(await run(), 'integrity.immutable')?.status).toBe('skip');
    expect(find(await run(), 'integrity.immutable')?.status).toBe('pass');
    put(70_001);
    expect(find(await run(), 'integrity.immutable')).toMatchObject({
      status: 'fail',
      paths: { first: ['blobs/aa'], more: 0 },
    });
  });

  it('keeps the score over time', async () => {
    await run();
    nowMs += 60_000;
    mkdirSync(join(path, 'logs'));
    chmodSync(join(path, 'logs'), 0o755);
    const better = await run();
    nowMs += 60_000;
    // The same again tells nothing new.
    await run();
    const { samples } = await health.handlers.history({ store, sinceMs: 0 }, call);
    expect(samples.map(({ atMs }) => atMs)).toEqual([nowMs - 120_000, nowMs - 60_000]);
    expect(samples[1]?.score).toBe(better.score);
    expect(samples[0]?.score).toBeLessThan(better.score);
  });
});

describe('mute', () => {
  it('lets a check not count, with a reason, until its time is over', async () => {
    const before = await run();
    const mute = { store, check: 'structure.required', area: 'logs', reason: 'not in use', untilMs: nowMs + dayMs };
    await health.handlers.mute(mute, call);
    const { report } = await get();
    expect(report).toMatchObject({ ok: true, counts: { muted: 1, fail: before.counts.fail - 1 } });
    expect(report === undefined ? undefined : find(report, 'structure.required')?.muted?.reason).toBe('not in use');
    expect((await plan()).changes).toEqual([]);
    nowMs += dayMs;
    expect((await get()).report).toMatchObject({ ok: false, counts: { muted: 0 } });
  });

  it('is taken back, and refuses what makes no sense', async () => {
    await run();
    await health.handlers.mute({ store, check: 'structure.required', reason: 'x' }, call);
    expect((await get()).report?.ok).toBe(true);
    await health.handlers.unmute({ store, check: 'structure.required' }, call);
    expect((await get()).report?.ok).toBe(false);
    expect(() => health.handlers.unmute({ store, check: 'structure.required' }, call)).toThrow('is not muted');
    expect(() => health.handlers.mute({ store, check: 'no.such', reason: 'x' }, call)).toThrow('There is no check');
    const past = { store, check: 'structure.required', reason: 'x', untilMs: nowMs };
    expect(() => health.handlers.mute(past, call)).toThrow('over already');
  });
});

describe('fix', () => {
  it.skipIf(process.platform === 'win32')('plans exactly what it then does, and nothing the second time', async () => {
    chmodSync(join(path, 'models'), 0o777);
    const planned = await plan();
    expect(planned.changes).toEqual([
      { check: 'structure.required', area: 'logs', kind: 'create', path: 'logs', from: 'nothing', to: 'folder, 755' },
      { check: 'permissions.modes', kind: 'mode', path: 'models', from: '777', to: '755' },
    ]);
    const { done, skipped, report } = contract.fixApply.output.parse(
      await health.handlers.fixApply({ plan: planned.plan }, call),
    );
    expect(done).toEqual(planned.changes);
    expect(skipped).toEqual([]);
    expect(report.ok).toBe(true);
    expect(statSync(join(path, 'models')).mode & 0o777).toBe(0o755);
    expect((await plan()).changes).toEqual([]);
    await expect(health.handlers.fixApply({ plan: planned.plan }, call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('makes a missing folder with the folders the layout has in it, at once', async () => {
    writeFileSync(
      join(path, 'larder.yaml'),
      'version: 1\nareas:\n  scalers: {role: scaler, required: true, folders: [feature_scalers, old/a]}\n',
    );
    const planned = await plan({ checks: ['structure.required'] });
    expect(planned.changes.map((change) => change.path)).toEqual([
      'scalers',
      'scalers/feature_scalers',
      'scalers/old',
      'scalers/old/a',
    ]);
    const { report } = await health.handlers.fixApply({ plan: planned.plan }, call);
    expect(find(report, 'structure.required')).toMatchObject({ status: 'pass' });
  });

  it('refuses when the ground moved, and does nothing', async () => {
    const planned = await plan({ checks: ['structure.required'] });
    writeFileSync(join(path, 'logs'), 'a file by now');
    await expect(health.handlers.fixApply({ plan: planned.plan }, call)).rejects.toMatchObject({
      code: 'CHANGED_ON_DISK',
    });
  });

  it('says what cannot be mended here', async () => {
    writeFileSync(join(path, 'models/a.h5'), '');
    const { cannot } = await plan();
    expect(cannot.find(({ check }) => check === 'integrity.empty-files')?.reason).toContain(
      'can only come from a backup',
    );
  });
});

describe('by itself', () => {
  it('runs after changes of a watched store, and on schedule once that is switched on', async () => {
    await close();
    start({ live: true }, { timing: { quietMs: 1, leastGapMs: 1, lookMs: 20 } });
    await health.start?.();
    await usage.start?.();
    await vi.waitFor(() => expect(context.events.some(({ name }) => name === 'health.changed')).toBe(true), {
      timeout: 20_000,
    });
    const count = (): number => context.events.filter(({ name }) => name === 'health.changed').length;
    const first = count();
    context.set({ healthScheduled: true, healthEveryHours: 1 });
    nowMs += 2 * 3_600_000;
    await vi.waitFor(() => expect(count()).toBeGreaterThan(first), { timeout: 20_000 });
  });
});

describe('what cannot be had', () => {
  it('makes the checks that need it say so, and no other', async () => {
    await close();
    const failing: FileSystem = {
      ...nodeFs,
      readNames(folder) {
        if (folder === path) throw Object.assign(new Error('EIO'), { code: 'EIO', path: folder });
        return nodeFs.readNames(folder);
      },
    };
    start({ fs: failing });
    const report = await run();
    expect(find(report, 'integrity.models')?.status).toBe('skip');
    expect(find(report, 'integrity.models')?.evidence).toContain('reported an error');
    expect(find(report, 'structure.required')?.status).toBe('fail');
  });

  it('tells a backup that is old only where something was written since', async () => {
    await close();
    const made = {
      id: 'b',
      finishedAtMs: Date.now() - 3 * dayMs,
      startedAtMs: Date.now() - 3 * dayMs,
      storedBytes: 1,
    } as Backup;
    const handlers = {
      list: () => ({ backups: [made], problems: [], held: [] }),
    } as unknown as HealthOptions['backups']['handlers'];
    start({}, { backups: { handlers } });
    expect(find(await run(['backups.age']), 'backups.age')?.status).toBe('warn');
    for (const file of ['models/a.bin', 'larder.yaml']) {
      utimesSync(join(path, file), new Date(nowMs - 9 * dayMs), new Date(nowMs - 9 * dayMs));
    }
    expect(find(await run(['backups.age']), 'backups.age')?.status).toBe('pass');
    rmSync(join(path, 'models'), { recursive: true });
  });
});
