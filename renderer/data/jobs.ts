import type { Job, JobKind, Output } from '../../shared/contract/index.ts';

type JobList = Output<'jobs.list'>;

/** The list with one job's newest state in it; a job not seen before comes first. */
export function upsertJob(list: JobList, job: Job): JobList {
  const at = list.jobs.findIndex((each) => each.id === job.id);
  return { ...list, jobs: at < 0 ? [job, ...list.jobs] : list.jobs.with(at, job) };
}

/** How far a job is, 0 to 1, by bytes where they are known, else by files; undefined while nobody can tell. */
export function jobShare(job: Job): number | undefined {
  const share = (done: number, total: number | undefined): number | undefined =>
    total === undefined || total === 0 ? undefined : Math.min(1, done / total);
  return share(job.bytesDone, job.bytesTotal) ?? share(job.filesDone, job.filesTotal);
}

/** What a running job is called in a few letters. */
export const jobVerbs: Readonly<Record<JobKind, string>> = {
  count: 'Counting',
  backup: 'Backing up',
  verify: 'Verifying',
  export: 'Exporting',
  prune: 'Removing',
  rebuild: 'Rebuilding',
  restore: 'Restoring',
  undo: 'Undoing',
  sample: 'Writing sample',
  setup: 'Setting up',
  test: 'Testing storage',
  discover: 'Looking for stores',
};

/** What a job is called as a thing. */
export const jobNouns: Readonly<Record<JobKind, string>> = {
  count: 'Count',
  backup: 'Backup',
  verify: 'Verification',
  export: 'Export',
  prune: 'Removal',
  rebuild: 'Rebuild',
  restore: 'Restore',
  undo: 'Undo',
  sample: 'Sample',
  setup: 'Setup',
  test: 'Storage test',
  discover: 'Search for stores',
};

/** The words and share of the pill in the top bar; undefined when nothing runs. */
export function runningSummary(running: readonly Job[]): { text: string; share: number | undefined } | undefined {
  const [first] = running;
  if (first === undefined) return undefined;
  if (running.length === 1) return { text: jobVerbs[first.kind], share: jobShare(first) };
  const shares = running.map(jobShare);
  const known = shares.filter((share) => share !== undefined);
  return {
    text: `${running.length} jobs`,
    share: known.length === shares.length ? known.reduce((sum, share) => sum + share, 0) / known.length : undefined,
  };
}
