import { z } from 'zod';
import {
  absolutePath,
  backupPaths,
  backupRef,
  count,
  epochMs,
  jobId,
  planId,
  relativePath,
  storeId,
} from './common.ts';
import { procedure } from './procedure.ts';

export const overwriteSchema = z.enum(['always', 'if-changed', 'if-newer', 'never']);
export type Overwrite = z.infer<typeof overwriteSchema>;

/** `inPlace`: back into the store. `folder`: the store's content directly in `path`, which is created. */
export const restoreTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('inPlace') }),
  z.strictObject({ kind: z.literal('folder'), path: absolutePath }),
]);
export type RestoreTarget = z.infer<typeof restoreTargetSchema>;

export const restoreActionSchema = z.enum(['create', 'overwrite', 'metadata', 'delete', 'unchanged', 'keep']);
export type RestoreAction = z.infer<typeof restoreActionSchema>;

export const restorePlanSchema = z.strictObject({
  id: planId,
  /** Digest over everything the plan relies on; apply refuses when it no longer holds. */
  fingerprint: z.string(),
  backup: z.string(),
  store: storeId.optional(),
  target: absolutePath,
  inPlace: z.boolean(),
  /** Files, symlinks and directories that are not there now. */
  created: count,
  overwritten: count,
  /** Content is right already; only mode or times are put right. */
  metadata: count,
  /** Right already, left untouched. */
  unchanged: count,
  /** There and different, left alone by the overwrite rule. */
  kept: count,
  deleted: count,
  bytesToWrite: count,
  free: count,
  enoughSpace: z.boolean(),
  /** The first entries that will be touched, in path order. */
  items: z.array(z.strictObject({ path: relativePath, action: restoreActionSchema, bytes: count })),
  /** Items beyond those listed. */
  moreItems: count,
  warnings: z.array(z.strictObject({ path: z.string().optional(), message: z.string() })),
});
export type RestorePlan = z.infer<typeof restorePlanSchema>;

export const restoreRecordSchema = z.strictObject({
  id: z.string(),
  backup: z.string(),
  store: storeId.optional(),
  target: absolutePath,
  atMs: epochMs,
  created: count,
  overwritten: count,
  deleted: count,
  bytes: count,
  status: z.enum(['done', 'partial', 'undone', 'interrupted']),
  /** Until when Undo is possible; absent when it no longer is. */
  undoUntilMs: epochMs.optional(),
});
export type RestoreRecord = z.infer<typeof restoreRecordSchema>;

export const undoPlanSchema = z.strictObject({
  id: planId,
  restore: z.string(),
  target: absolutePath,
  /** Files put back as they were before the restore. */
  putBack: count,
  /** Files the restore created, taken away again. */
  removed: count,
  /** Paths changed since the restore; they are left alone. */
  changedSince: z.array(relativePath),
});
export type UndoPlan = z.infer<typeof undoPlanSchema>;

export const restore = {
  plan: procedure({
    effect: 'plan',
    summary: 'Exactly what a restore would do',
    input: z.strictObject({
      backup: backupRef,
      destination: absolutePath.optional(),
      /** Files and folders to restore; empty for all. */
      paths: z.array(relativePath).max(100_000).default([]),
      target: restoreTargetSchema,
      overwrite: overwriteSchema.default('if-changed'),
      /** Remove what the backup does not have, inside the chosen paths. */
      deleteExtra: z.boolean().default(false),
    }),
    output: restorePlanSchema,
    paths: (input) => [...(input.target.kind === 'folder' ? [input.target.path] : []), ...backupPaths(input)],
  }),
  apply: procedure({
    effect: 'mutate',
    summary: 'Carry out a restore plan',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({ job: jobId }),
  }),
  list: procedure({
    effect: 'read',
    summary: 'Past restores, newest first, and whether each can be undone',
    input: z.strictObject({ store: storeId.optional() }),
    output: z.strictObject({ restores: z.array(restoreRecordSchema) }),
  }),
  planUndo: procedure({
    effect: 'plan',
    summary: 'Exactly what undoing a restore would do',
    input: z.strictObject({ restore: z.string().min(1).max(128) }),
    output: undoPlanSchema,
  }),
  applyUndo: procedure({
    effect: 'mutate',
    summary: 'Put back what a restore replaced',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({ job: jobId }),
  }),
} as const;

export const restoreEvents = {
  'restore.changed': z.strictObject({ store: storeId.optional() }),
} as const;
