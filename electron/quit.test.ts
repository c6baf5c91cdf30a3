import { describe, expect, it } from 'vitest';
import { createQuitGuard, quitQuestion } from './quit.ts';
import type { QuitSteps } from './quit.ts';

function setUp(change: Partial<QuitSteps> = {}) {
  const log: string[] = [];
  const guard = createQuitGuard({
    runningJobs: async () => [],
    patience: () => new Promise<never>(() => {}),
    ask: async (jobs) => {
      log.push(`ask ${jobs.join()}`);
      return true;
    },
    stop: async () => void log.push('stop'),
    quit: () => void log.push('quit'),
    onError: (what) => void log.push(what),
    ...change,
  });
  return { guard, log };
}

describe('quit guard', () => {
  it('stops the engine, then quits, asking nothing while nothing runs', async () => {
    const { guard, log } = setUp();
    expect(guard.allowed).toBe(false);
    await guard.request();
    expect(log).toEqual(['stop', 'quit']);
    expect(guard.allowed).toBe(true);
  });

  it('asks while a job runs', async () => {
    const { guard, log } = setUp({ runningJobs: async () => ['Back up a'] });
    await guard.request();
    expect(log).toEqual(['ask Back up a', 'stop', 'quit']);
  });

  it('stays when the answer is no, and asks again the next time', async () => {
    let asked = 0;
    const { guard, log } = setUp({ runningJobs: async () => ['x'], ask: async () => ++asked > 1 });
    await guard.request();
    expect(guard.allowed).toBe(false);
    expect(log).toEqual([]);
    await guard.request();
    expect(log).toEqual(['stop', 'quit']);
  });

  it('asks once, however often closing is tried meanwhile', async () => {
    const { guard, log } = setUp({ runningJobs: async () => ['x'] });
    await Promise.all([guard.request(), guard.request(), guard.request()]);
    expect(log).toEqual(['ask x', 'stop', 'quit']);
  });

  it.each([
    ['fails', { runningJobs: () => Promise.reject(new Error('dead')) }],
    [
      'does not answer',
      { runningJobs: () => new Promise<never>(() => {}), patience: () => Promise.reject(new Error()) },
    ],
  ])('quits when the engine %s', async (_what, change) => {
    const { guard, log } = setUp({ ...change });
    await guard.request();
    expect(log[0]).toBe('The running jobs could not be listed');
    expect(log.at(-1)).toBe('quit');
  });

  it('quits when the engine does not stop', async () => {
    const { guard, log } = setUp({ stop: () => Promise.reject(new Error('stuck')) });
    await guard.request();
    expect(log).toEqual(['The engine did not stop in order', 'quit']);
  });
});

describe('quitQuestion', () => {
  it('names the one job, or how many there are', () => {
    expect(quitQuestion(['Back up models']).message).toBe('“Back up models” is still running. Quit anyway?');
    const two = quitQuestion(['Back up models', 'Count files']);
    expect(two.message).toBe('2 jobs are still running. Quit anyway?');
    expect(two.detail).toContain('• Count files');
  });
});
