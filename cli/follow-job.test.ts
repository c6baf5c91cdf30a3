import { describe, expect, it } from 'vitest';
import { LarderError } from '../shared/contract/index.ts';
import type { Job } from '../shared/contract/index.ts';
import { ScriptedEngine, makeJob, runCommand } from './testing/world.ts';

/** `larder sample` is the shortest command around a job. */
function jobEngine(
  first: Job,
  onGet: (engine: ScriptedEngine) => void = () => {},
): { engine: ScriptedEngine; set(job: Job): void } {
  let current = first;
  const engine: ScriptedEngine = new ScriptedEngine({
    'sample.create': () => ({ job: 'job-1', path: '/data/project' }),
    'jobs.get': () => {
      const answer = { job: current, warnings: [{ path: 'a', reason: 'is a socket' }].slice(0, current.warningCount) };
      queueMicrotask(() => onGet(engine));
      return answer;
    },
    'jobs.cancel': () => {
      current = makeJob({ status: 'cancelled' });
      queueMicrotask(() => engine.tell(current));
      return { ok: true };
    },
  });
  return {
    engine,
    set(job) {
      current = job;
      engine.tell(job);
    },
  };
}

const running = makeJob({ status: 'running', bytesDone: 5, bytesTotal: 10, cancellable: true });
const later = (work: () => void): void => void setImmediate(work);

describe('following a job', () => {
  it('ends with a job that ended before it was asked for', async () => {
    const { engine } = jobEngine(makeJob());
    expect(await runCommand(['sample', 'x'], { engine })).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['done', 0],
    ['partial', 3],
    ['failed', 1],
    ['interrupted', 1],
    ['cancelled', 130],
  ] as const)('ends with %s as exit code %i', async (status, code) => {
    const { engine, set } = jobEngine(running);
    later(() => set(makeJob({ status })));
    expect((await runCommand(['sample', 'x'], { engine })).code).toBe(code);
  });

  it('reports what the job failed with', async () => {
    const error = new LarderError('NO_SPACE', '/data has no space left on its disk.', { hint: 'Free some.' });
    const { engine, set } = jobEngine(running);
    later(() => set(makeJob({ status: 'failed', error: error.toData() })));
    expect(await runCommand(['sample', 'x'], { engine })).toMatchObject({
      code: 7,
      err: 'error: /data has no space left on its disk.\nFree some.\n',
    });
  });

  it('lists every path that was skipped, with its reason', async () => {
    const { engine } = jobEngine(makeJob({ status: 'partial', warningCount: 1 }));
    const ran = await runCommand(['sample', 'x'], { engine });
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('Skipped 1 path:\n  a: is a socket\n');
  });

  it('shows progress on a terminal, one line that is gone at the end', async () => {
    const { engine, set } = jobEngine(running);
    later(() => set(makeJob()));
    const { err } = await runCommand(['sample', 'x'], { engine, terminal: { errIsTty: true } });
    expect(err).toContain('\r\u001b[2KReading files');
    expect(err).toContain('50 %');
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
    expect(err).not.toContain('\n');
  });

  it('is silent where there is no terminal', async () => {
    const { engine, set } = jobEngine(running);
    later(() => set(makeJob()));
    expect((await runCommand(['sample', 'x'], { engine })).err).toBe('');
  });

  it('streams progress as one JSON object a line', async () => {
    const { engine, set } = jobEngine(running);
    later(() => set(makeJob({ bytesDone: 10 })));
    const ran = await runCommand(['sample', 'x', '--json-lines'], { engine, terminal: { errIsTty: true } });
    const lines = ran.err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { type: 'progress', job: 'job-1', status: 'running', bytesDone: 5, bytesTotal: 10 },
      { type: 'progress', status: 'done', bytesDone: 10 },
    ]);
    expect(ran.json()).toMatchObject({ path: '/data/project', store: 'store-1', status: 'done' });
  });

  it('is not misled by other jobs', async () => {
    const { engine, set } = jobEngine(running);
    later(() => {
      engine.tell(makeJob({ id: 'other', status: 'failed' }));
      set(makeJob());
    });
    expect((await runCommand(['sample', 'x'], { engine })).code).toBe(0);
  });

  it('cancels the job on the first Ctrl-C and says so', async () => {
    const controller = new AbortController();
    const { engine } = jobEngine(running);
    later(() => controller.abort());
    const ran = await runCommand(['sample', 'x'], { engine, signal: controller.signal });
    expect(ran.code).toBe(130);
    expect(ran.err).toBe('Cancelling. Press Ctrl-C again to quit at once.\nCancelled.\n');
    expect(engine.asked.map(({ name }) => name)).toContain('jobs.cancel');
  });

  it('cancels a job that was being started when Ctrl-C came', async () => {
    const { engine } = jobEngine(running);
    const ran = await runCommand(['sample', 'x'], { engine, signal: AbortSignal.abort() });
    expect(ran.code).toBe(130);
  });

  it('waits for a job that can no longer be cancelled', async () => {
    const controller = new AbortController();
    let current = running;
    const engine: ScriptedEngine = new ScriptedEngine({
      'sample.create': () => ({ job: 'job-1', path: '/data/project' }),
      'jobs.get': () => ({ job: current, warnings: [] }),
      'jobs.cancel': () => {
        current = makeJob();
        later(() => engine.tell(current));
        throw new LarderError('BUSY', 'It is finishing.');
      },
    });
    later(() => controller.abort());
    expect((await runCommand(['sample', 'x'], { engine, signal: controller.signal })).code).toBe(0);
  });

  it('does not wait for an engine that is gone', async () => {
    const { engine } = jobEngine(running);
    later(() => engine.disconnect('out of memory'));
    expect(await runCommand(['sample', 'x'], { engine })).toMatchObject({
      code: 1,
      err: "error: Larder's engine stopped: out of memory\n",
    });
  });
});
