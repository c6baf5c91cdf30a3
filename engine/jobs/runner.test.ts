import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { createTestContext } from '../testing/index.ts';
import { createJobs, JobLog, JobRunner } from './index.ts';
import type { JobHandle } from './index.ts';
import { RateMeter } from './rate.ts';

function setUp() {
  const context = createTestContext();
  const announced: Job[] = [];
  const log = new JobLog(context.db);
  const runner = new JobRunner({ log, now: Date.now, announce: (job) => announced.push(job) });
  return { context, announced, log, runner, capability: createJobs(runner, log) };
}

const spec = { kind: 'backup', title: 'Back up x', store: 's' } as const;

describe('JobRunner', () => {
  it('ends a job as done and keeps it in the log with its result', async () => {
    const { context, announced, log, runner } = setUp();
    const id = runner.start(spec, async (job) => {
      job.update({ phase: 'Reading', bytesDone: 5, bytesTotal: 5 });
      return { result: { files: 3 } };
    });
    const job = await runner.finished(id);
    expect(job).toMatchObject({
      status: 'done',
      phase: 'Reading',
      bytesDone: 5,
      result: { files: 3 },
      cancellable: false,
    });
    expect(job.finishedAtMs).toBeGreaterThanOrEqual(job.startedAtMs);
    expect(announced.at(0)).toMatchObject({ id, status: 'running' });
    expect(announced.at(-1)).toEqual(job);
    expect(log.get(id)).toEqual(job);
    await context.close();
  });

  it('ends as partial when something was warned of, with the list', async () => {
    const { context, capability, runner } = setUp();
    const id = runner.start(spec, async (job) => {
      job.warn({ path: 'a\udcff', reason: 'may not be read' });
      return {};
    });
    expect(await runner.finished(id)).toMatchObject({ status: 'partial', warningCount: 1 });
    const signal = new AbortController().signal;
    expect(await capability.handlers.get({ job: id }, { signal })).toMatchObject({
      warnings: [{ path: 'a\udcff', reason: 'may not be read' }],
    });
    await context.close();
  });

  it('ends as failed with the error, and as cancelled when the person cancelled', async () => {
    const { context, runner } = setUp();
    const failed = runner.start(spec, async () => {
      throw new LarderError('NO_SPACE', '/x has no space left on its disk.');
    });
    expect(await runner.finished(failed)).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' } });
    const cancelled = runner.start(spec, async (job) => {
      await aborted(job);
      job.throwIfCancelled();
      return {};
    });
    runner.cancel(cancelled);
    expect(await runner.finished(cancelled)).toMatchObject({ status: 'cancelled' });
    await context.close();
  });

  it('refuses to cancel a job that is committing', async () => {
    const { context, runner } = setUp();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const id = runner.start(spec, async (job) => {
      job.cannotCancel();
      await promise;
      return {};
    });
    await Promise.resolve();
    expect(() => runner.cancel(id)).toThrow(/no longer be cancelled/);
    resolve(undefined);
    expect((await runner.finished(id)).status).toBe('done');
    await context.close();
  });

  it('coalesces progress', async () => {
    const { context, announced, runner } = setUp();
    const id = runner.start(spec, async (job) => {
      for (let index = 0; index < 100_000; index += 1) job.update({ bytesDone: index });
      return {};
    });
    await runner.finished(id);
    expect(announced.length).toBeLessThan(50);
    expect(announced.at(-1)?.bytesDone).toBe(99_999);
    await context.close();
  });

  it('lists newest first, in pages, live ones with their present state', async () => {
    const { context, capability, runner } = setUp();
    for (let index = 0; index < 3; index += 1) await runner.finished(runner.start(spec, async () => ({})));
    const signal = new AbortController().signal;
    const all = await capability.handlers.list({ limit: 10 }, { signal });
    expect(all.jobs).toHaveLength(3);
    expect(all.more).toBe(false);
    expect(await capability.handlers.list({ limit: 2 }, { signal })).toMatchObject({ more: true });
    expect(await capability.handlers.list({ limit: 2, kind: 'restore' }, { signal })).toEqual({
      jobs: [],
      more: false,
    });
    await context.close();
  });

  it('marks jobs of a dead process as interrupted, and not those of a living one', async () => {
    const { context, log, runner } = setUp();
    const dead = new JobLog(context.db, { host: 'gone', pid: 1, bootId: 'x', startTicks: '1' });
    const here = new JobLog(context.db);
    const base = { kind: 'backup', title: 'x', status: 'running', phase: '', bytesDone: 0, filesDone: 0 } as const;
    const rest = { bytesPerSecond: 0, cancellable: true, startedAtMs: 5, warningCount: 0 };
    dead.save({ id: 'other-host', ...base, ...rest }, []);
    here.save({ id: 'mine', ...base, ...rest }, []);
    const { hostname } = await import('node:os');
    new JobLog(context.db, { host: hostname(), pid: 1, bootId: 'another boot', startTicks: '1' }).save(
      { id: 'before-reboot', ...base, ...rest },
      [],
    );
    expect(log.settleInterrupted(10).map((job) => job.id)).toEqual(['before-reboot']);
    expect(runner.get('mine').job.status).toBe('running');
    expect(runner.get('before-reboot').job).toMatchObject({ status: 'interrupted', finishedAtMs: 10 });
    await context.close();
  });
});

describe('RateMeter', () => {
  it('follows the last seconds', () => {
    const rate = new RateMeter(1_000);
    expect(rate.perSecond()).toBe(0);
    for (let ms = 0; ms <= 10_000; ms += 100) rate.add(ms, ms < 5_000 ? ms : 5_000 + (ms - 5_000) * 10);
    expect(rate.perSecond()).toBeCloseTo(10_000, -2);
    expect(rate.remainingMs(65_000)).toBeCloseTo(1_000, -2);
    expect(rate.remainingMs(undefined)).toBeUndefined();
  });

  it('says nothing while nothing moves', () => {
    const rate = new RateMeter();
    rate.add(0, 0);
    rate.add(1_000, 0);
    expect(rate.remainingMs(10)).toBeUndefined();
  });
});

function aborted(job: JobHandle): Promise<void> {
  return new Promise((resolve) => {
    if (job.signal.aborted) resolve();
    else job.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
