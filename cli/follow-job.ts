import { LarderError } from '../shared/contract/index.ts';
import type { Job, JobStatus, Skipped } from '../shared/contract/index.ts';
import type { Client } from '../shared/client/index.ts';
import type { CommandContext } from './context.ts';
import { ProgressDisplay } from './progress.ts';

export interface EndedJob {
  readonly job: Job & { readonly status: Exclude<JobStatus, 'running'> };
  readonly warnings: readonly Skipped[];
}

function hasEnded(job: Job): job is EndedJob['job'] {
  return job.status !== 'running';
}

/** The fields of a job that `--json-lines` streams. */
function progressJson(job: Job): Record<string, unknown> {
  const { id, kind, store, status, phase, current, bytesDone, bytesTotal, filesDone, filesTotal } = job;
  return {
    ...{ type: 'progress', job: id, kind, store, status, phase, current, bytesDone, bytesTotal, filesDone, filesTotal },
    bytesPerSecond: Math.round(job.bytesPerSecond),
    remainingMs: job.remainingMs === undefined ? undefined : Math.round(job.remainingMs),
  };
}

/** What the interrupted caller is told once, so that the wait until the job has tidied up is understood. */
const cancelling = 'Cancelling. Press Ctrl-C again to quit at once.\n';

/**
 * Starts a job and stays with it to its end, showing how it goes. The first Ctrl-C cancels it.
 *
 * Returns how it ended when that was well or in part; throws what it failed with, and `CANCELLED`.
 */
export async function followJob(
  context: CommandContext,
  start: (client: Client) => Promise<{ job: string }>,
): Promise<EndedJob> {
  const client = await context.client();
  const { terminal, options, signal } = context;
  const display = new ProgressDisplay(terminal, { quiet: options.jsonLines });
  const ended = Promise.withResolvers<undefined>();
  let id: string | undefined;

  const look = (job: Job): void => {
    if (job.id !== id) return;
    if (options.jsonLines) terminal.err(`${JSON.stringify(progressJson(job))}\n`);
    if (hasEnded(job)) ended.resolve(undefined);
    else display.show(job);
  };
  const ask = async (job: string): Promise<void> => look((await client.call('jobs.get', { job })).job);
  const fetch = (): void => {
    if (id !== undefined) ask(id).catch(ended.reject);
  };
  const offEvents = client.on('jobs.changed', ({ job }) => look(job));
  const offGap = client.onGap(fetch);
  const offConnection = client.onConnection((connection, reason) => {
    if (connection !== 'disconnected') return;
    ended.reject(new LarderError('INTERNAL', `Larder's engine stopped: ${reason ?? 'no reason given'}`));
  });
  const cancel = (): void => {
    if (id === undefined) return;
    display.clear();
    if (!options.jsonLines) terminal.err(cancelling);
    client.call('jobs.cancel', { job: id }).catch((error: unknown) => {
      // It is finishing: its end comes all the same, and says what it was.
      if (!(error instanceof LarderError && error.code === 'BUSY')) ended.reject(error);
    });
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    id = (await start(client)).job;
    if (signal.aborted) cancel();
    // Everything before this line may have happened before the id was known.
    await ask(id);
    await ended.promise;
    const { job, warnings } = await client.call('jobs.get', { job: id });
    if (!hasEnded(job)) throw new LarderError('INTERNAL', 'The job said it had ended and goes on.');
    if (job.status === 'cancelled') throw new LarderError('CANCELLED', 'Cancelled.');
    if (job.status === 'failed' || job.status === 'interrupted') {
      if (job.error !== undefined) throw LarderError.fromData(job.error);
      throw new LarderError('INTERNAL', `${job.title}: it did not finish.`);
    }
    return { job, warnings };
  } finally {
    display.clear();
    signal.removeEventListener('abort', cancel);
    offEvents();
    offGap();
    offConnection();
  }
}
