import { fork } from 'node:child_process';
import { once } from 'node:events';
import { builtChild } from './built.ts';
import type { EngineRequest } from './engine-child.ts';
import type { Sample } from './row.ts';

/**
 * Runs one request in a new process whose engine has made a small backup before, as one that runs has. The time is from
 * the request to the end of its job.
 */
export async function inEngine(request: EngineRequest): Promise<Sample> {
  const child = fork(await builtChild('engine-child'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
