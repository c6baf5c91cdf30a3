import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Sample } from './row.ts';

/** What a run asks of Larder's engine in a process of its own. */
export type EngineRequest =
  | {
      readonly act: 'backup';
      readonly root: string;
      readonly destination: string;
      readonly format: 'zst' | 'gz' | 'tar';
    }
  | { readonly act: 'verify'; readonly manifest: string; readonly deep: boolean };

/**
 * Runs one request in a new process whose workers have started, as they have in an engine that runs; no code is warm. The
 * time is from the request to the answer.
 */
export async function inEngine(request: EngineRequest): Promise<Sample> {
  const child = fork(new URL('./engine-child.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The engine's process ended with ${String(code)}.`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  const begin = process.hrtime.bigint();
  child.send(request);
  const [reply] = (await Promise.race([once(child, 'message'), failed])) as [Omit<Sample, 'seconds'>];
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  child.disconnect();
  await once(child, 'exit');
  return { seconds, ...reply };
}
