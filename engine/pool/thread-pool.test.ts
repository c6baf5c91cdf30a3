import { afterAll, describe, expect, it, vi } from 'vitest';
import { createInlinePool, createThreadPool, defineTask } from './index.ts';
import { echoTask } from '../system/tasks.ts';

const pools = {
  threads: createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2),
  inline: createInlinePool(),
};
afterAll(() => pools.threads.close());

const unknownTask = defineTask<null, null>({ name: 'no.such.task', run: () => null });

describe('thread pool', () => {
  it('runs more tasks than it has workers and keeps answers apart', async () => {
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    expect(await Promise.all(words.map((word) => pools.threads.run(echoTask, word)))).toEqual(words);
  });

  it('rejects with a LarderError for a task nobody knows', async () => {
    await expect(pools.threads.run(unknownTask, null)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('does not start what was cancelled before its turn', async () => {
    const controller = new AbortController();
    const busy = Array.from({ length: 4 }, () => pools.threads.run(echoTask, 'x'));
    const waiting = pools.threads.run(echoTask, 'y', { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await Promise.all(busy);
  });

  it('fails only the task whose worker dies', async () => {
    const pool = createThreadPool(new URL('./testing/mortal-worker.ts', import.meta.url), 2);
    const mortal = defineTask<string, string>({ name: 'any', run: (input) => input });
    const dying = pool.run(mortal, 'die');
    const living = pool.run(mortal, 'live');
    await expect(dying).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('any') as string });
    await expect(living).resolves.toBe('live');
    await expect(pool.run(mortal, 'again')).resolves.toBe('again');
    await pool.close();
  });

  it('does by another worker what a dead one had not begun', async () => {
    const pool = createThreadPool(new URL('./testing/mortal-worker.ts', import.meta.url), 1);
    const mortal = defineTask<string, string>({ name: 'any', run: (input) => input });
    const dying = pool.run(mortal, 'die');
    const ahead = pool.run(mortal, 'ahead');
    await expect(dying).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(ahead).resolves.toBe('ahead');
    await pool.close();
  });

  it('keeps a worker for the next task, and ends one that had none for a while', async () => {
    const url = new URL('./testing/mortal-worker.ts', import.meta.url);
    const mortal = defineTask<string, string>({ name: 'any', run: (input) => input });
    const [patient, hasty] = [createThreadPool(url, 1), createThreadPool(url, 1, 0)];
    const kept = await patient.run(mortal, 'who');
    const first = await hasty.run(mortal, 'who');
    await vi.waitFor(async () => expect(await hasty.run(mortal, 'who')).not.toBe(first));
    expect(await patient.run(mortal, 'who')).toBe(kept);
    await Promise.all([patient.close(), hasty.close()]);
  });

  it('refuses work after close and fails what waits', async () => {
    const pool = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 1);
    await pool.run(echoTask, 'x');
    await pool.close();
    await expect(pool.run(echoTask, 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('inline pool', () => {
  it('clones, and turns what a task throws into a LarderError', async () => {
    const failing = defineTask<object, null>({
      name: 'failing',
      run() {
        throw Object.assign(new Error('x'), { code: 'ENOENT', path: '/y' });
      },
    });
    await expect(pools.inline.run(failing, {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: '/y is not there.',
    });
  });
});
