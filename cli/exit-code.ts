import type { ErrorCode, JobStatus } from '../shared/contract/index.ts';

/** What the command's exit status tells a script. Part of the contract. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  partly: 3,
  notFound: 4,
  busy: 5,
  damaged: 6,
  noSpace: 7,
  /** A check found mistakes. */
  unhealthy: 8,
  cancelled: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitCodeOfError(code: ErrorCode): ExitCode {
  switch (code) {
    case 'INVALID_INPUT':
      return exitCodes.wrongUsage;
    case 'NOT_FOUND':
      return exitCodes.notFound;
    case 'BUSY':
      return exitCodes.busy;
    case 'CORRUPT':
      return exitCodes.damaged;
    case 'NO_SPACE':
      return exitCodes.noSpace;
    case 'CANCELLED':
      return exitCodes.cancelled;
    case 'PERMISSION':
    case 'CHANGED_ON_DISK':
    case 'LIMIT_REACHED':
    case 'UNSUPPORTED':
    case 'INTERNAL':
      return exitCodes.failed;
  }
}

/** For a job that ended without an error of its own. */
export function exitCodeOfJob(status: Exclude<JobStatus, 'running'>): ExitCode {
  switch (status) {
    case 'done':
      return exitCodes.done;
    case 'partial':
      return exitCodes.partly;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'failed':
    case 'interrupted':
      return exitCodes.failed;
  }
}
