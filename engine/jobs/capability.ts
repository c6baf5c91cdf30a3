import type { Capability } from '../context.ts';
import type { JobLog } from './log.ts';
import type { JobRunner } from './runner.ts';

/** The `jobs` domain over a runner and its log. */
export function createJobs(runner: JobRunner, log: JobLog): Capability<'jobs'> {
  return {
    handlers: {
      list(input) {
        const found = log.list({ ...input, limit: input.limit + 1 });
        const live = new Map(runner.running().map((job) => [job.id, job]));
        return {
          jobs: found.slice(0, input.limit).map((job) => live.get(job.id) ?? job),
          more: found.length > input.limit,
        };
      },
      get: ({ job }) => runner.get(job),
      cancel({ job }) {
        runner.cancel(job);
        return { ok: true };
      },
    },
  };
}
