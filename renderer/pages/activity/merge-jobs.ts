import type { Job } from '../../../shared/contract/index.ts';

/**
 * Pages of the log together with what is known from events, newest first, each job once and in its newest state. While
 * there are older pages, nothing older than the last loaded job is taken from the events, so that no gap opens.
 */
export function mergeJobs(pages: readonly Job[], live: readonly Job[], hasOlder: boolean): Job[] {
  const oldest = pages.at(-1)?.startedAtMs ?? -Infinity;
  const byId = new Map(pages.map((job) => [job.id, job]));
  for (const job of live) {
    if (byId.has(job.id) || !hasOlder || job.startedAtMs > oldest) byId.set(job.id, job);
  }
  return [...byId.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
}
