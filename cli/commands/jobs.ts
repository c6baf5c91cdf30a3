import type { Command } from 'commander';
import type { Job } from '../../shared/contract/index.ts';
import { formatBytes, formatDuration, formatPercent, formatRelativeTime } from '../../shared/format.ts';
import { examples, wholeNumber } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { jobJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

const watchIntervalMs = 1_000;

function statusText(job: Job): string {
  if (job.status !== 'running') return job.status;
  const { bytesDone, bytesTotal } = job;
  return bytesTotal === undefined
    ? printable(job.phase)
    : `${printable(job.phase)}, ${formatPercent(bytesDone, bytesTotal)}`;
}

function takenText(job: Job): string {
  return job.finishedAtMs === undefined ? '' : formatDuration(job.finishedAtMs - job.startedAtMs);
}

function asTable(jobs: readonly Job[], nowMs: number): string {
  if (jobs.length === 0) return 'Nothing has been done yet.\n';
  return table(
    [
      { title: 'STARTED' },
      { title: 'WHAT' },
      { title: 'STATUS' },
      { title: 'SIZE', align: 'right' },
      { title: 'TOOK', align: 'right' },
      { title: 'WHY' },
    ],
    jobs.map((job) => [
      formatRelativeTime(job.startedAtMs, nowMs),
      printable(job.title),
      statusText(job),
      job.bytesDone > 0 ? formatBytes(job.bytesDone) : '',
      takenText(job),
      printable(job.error?.message ?? ''),
    ]),
  );
}

/** One line a change of status or phase, until interrupted. Other processes' jobs tell nothing, so the log is read. */
async function watch(context: CommandContext, limit: number): Promise<void> {
  const client = await context.client();
  const { terminal, options, signal } = context;
  const seen = new Map<string, string>();
  for (;;) {
    const { jobs } = await client.call('jobs.list', { limit }, { signal });
    for (const job of jobs.toReversed()) {
      const state = `${job.status} ${job.phase}`;
      if (seen.get(job.id) === state) continue;
      seen.set(job.id, state);
      if (options.json) terminal.out(`${JSON.stringify(jobJson(job))}\n`);
      else terminal.out(`${printable(job.title)}  ${statusText(job)}  ${takenText(job)}`.trimEnd() + '\n');
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, watchIntervalMs);
      signal.addEventListener('abort', done);
    });
    if (signal.aborted) return;
  }
}

/** `larder jobs` */
export function registerJobs(program: Command, run: Run): void {
  program
    .command('jobs')
    .option('--watch', 'stay, and print a line as jobs move on')
    .option('--limit <n>', 'how many, newest first (default: 20)', wholeNumber(1, 500))
    .description('running jobs and the activity log')
    .addHelpText('after', examples('larder jobs --limit 50', 'larder jobs --watch'))
    .action((options: { watch?: boolean; limit?: number }) =>
      run(async (context) => {
        const limit = options.limit ?? 20;
        if (options.watch === true) {
          await watch(context, limit);
          return exitCodes.done;
        }
        const client = await context.client();
        const { jobs } = await client.call('jobs.list', { limit }, { signal: context.signal });
        print(
          context,
          () => ({ jobs: jobs.map(jobJson) }),
          () => asTable(jobs, context.terminal.now()),
        );
        return exitCodes.done;
      }),
    );
}
