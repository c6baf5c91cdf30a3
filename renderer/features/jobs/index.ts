export { jobStatusTags } from './job-status.ts';
export { PathList, type PathLine } from './path-list.tsx';
export { withoutPath } from './without-path.ts';
export { useJob, useJobWarnings } from './use-job.ts';
