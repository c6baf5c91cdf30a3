import type { Job, Skipped } from '../../../shared/contract/index.ts';
import { useCall, useJobs } from '../../data/index.ts';

/** One job, kept up to date; undefined while it is on its way or without an id. */
export function useJob(id: string | undefined): Job | undefined {
  const listed = useJobs().data?.jobs.find((job) => job.id === id);
  const asked = useCall('jobs.get', { job: id ?? '' }, { enabled: id !== undefined && listed === undefined });
  return id === undefined ? undefined : (listed ?? asked.data?.job);
}

/** What a finished job skipped or remarked upon. */
export function useJobWarnings(job: Job | undefined): readonly Skipped[] | undefined {
  const wanted = job !== undefined && job.status !== 'running' && job.warningCount > 0;
  const answer = useCall('jobs.get', { job: job?.id ?? '' }, { enabled: wanted });
  return wanted ? answer.data?.warnings : undefined;
}
