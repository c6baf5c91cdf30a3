export type { JobHandle, JobOutcome, JobProgress, Jobs, JobSpec } from './types.ts';
