export { createJobs } from './capability.ts';
export { jobMigrations } from './log.ts';
export { JobLog } from './log.ts';
export { JobRunner } from './runner.ts';
export type { JobHandle, JobOutcome, JobProgress, Jobs, JobSpec } from './types.ts';
