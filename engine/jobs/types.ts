import type { Job, JobKind, JobStatus, Skipped } from '../../shared/contract/index.ts';

export interface JobProgress {
  phase?: string;
  current?: string | undefined;
  bytesDone?: number;
  /** Null: not known in this phase. */
  bytesTotal?: number | null;
  filesDone?: number;
  /** Null: this phase does not know how many, or counts none. */
  filesTotal?: number | null;
}

/** What a running job holds to report on itself. Reports are cheap: they are coalesced to about ten a second. */
export interface JobHandle {
  readonly id: string;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
  /** Throws `LarderError` `CANCELLED` when the person cancelled. */
  throwIfCancelled(): void;
  update(progress: JobProgress): void;
  /** Notes a path that was skipped or needs a remark. Any warning makes a finished job `partial`. */
  warn(warning: Skipped): void;
  /** From here on the job cannot be cancelled (it is committing). */
  cannotCancel(): void;
}

export interface JobSpec {
  kind: JobKind;
  /** In a person's words: "Back up persistent_data". */
  title: string;
  store?: string | undefined;
}

/** How a job ended well. `status` defaults to `partial` when anything was warned of and to `done` otherwise. */
export interface JobOutcome {
  status?: Extract<JobStatus, 'done' | 'partial'>;
  result?: Record<string, unknown>;
}

export interface Jobs {
  /**
   * Starts `work` and returns the job's id at once. What `work` throws ends the job as `failed`, or `cancelled` for
   * `CANCELLED`. Events `jobs.changed` follow; the end is written to the activity log.
   */
  start(spec: JobSpec, work: (job: JobHandle) => Promise<JobOutcome>): string;
  /** Resolves when the job has ended, however it ended. */
  finished(id: string): Promise<Job>;
  running(): Job[];
}
