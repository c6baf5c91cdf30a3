import { z } from 'zod';
import { count, epochMs, jobId, skippedSchema, storeId } from './common.ts';
import { errorDataSchema } from './errors.ts';
import { ok, procedure } from './procedure.ts';

export const jobKinds = [
  'count',
  'backup',
  'verify',
  'export',
  'prune',
  'rebuild',
  'restore',
  'undo',
  'sample',
  'setup',
  'test',
  'discover',
] as const;
export const jobKindSchema = z.enum(jobKinds);
export type JobKind = z.infer<typeof jobKindSchema>;

/** `partial`: finished, but something was skipped; `warnings` lists every path with its reason. */
export const jobStatusSchema = z.enum(['running', 'done', 'partial', 'failed', 'cancelled', 'interrupted']);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const jobSchema = z.strictObject({
  id: jobId,
  kind: jobKindSchema,
  /** What it is about, in a person's words: "Back up persistent_data". */
  title: z.string(),
  store: storeId.optional(),
  status: jobStatusSchema,
  /** What it is doing now: "Reading files", "Verifying", "Committing". */
  phase: z.string(),
  /** File or folder being worked on. */
  current: z.string().optional(),
  bytesDone: count,
  /** Absent while not known. */
  bytesTotal: count.optional(),
  filesDone: count,
  filesTotal: count.optional(),
  /** Over the last seconds. */
  bytesPerSecond: z.number().nonnegative(),
  remainingMs: z.number().nonnegative().optional(),
  cancellable: z.boolean(),
  startedAtMs: epochMs,
  finishedAtMs: epochMs.optional(),
  error: errorDataSchema.optional(),
  /** How many paths were skipped or remarked upon; `jobs.get` has the list. */
  warningCount: count,
  /** The kind's own outcome, for example a backup's JSON. */
  result: z.record(z.string(), z.unknown()).optional(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobs = {
  list: procedure({
    effect: 'read',
    summary: 'Running jobs and the activity log, newest first',
    input: z.strictObject({
      store: storeId.optional(),
      kind: jobKindSchema.optional(),
      beforeMs: epochMs.optional(),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.strictObject({ jobs: z.array(jobSchema), more: z.boolean() }),
  }),
  get: procedure({
    effect: 'read',
    summary: 'One job with everything it skipped',
    input: z.strictObject({ job: jobId }),
    output: z.strictObject({ job: jobSchema, warnings: z.array(skippedSchema) }),
  }),
  cancel: procedure({
    effect: 'mutate',
    summary: 'Ask a running job to stop',
    input: z.strictObject({ job: jobId }),
    output: ok,
  }),
} as const;

export const jobsEvents = {
  /** A job started, moved (at most about ten times a second) or ended. */
  'jobs.changed': z.strictObject({ job: jobSchema }),
} as const;
