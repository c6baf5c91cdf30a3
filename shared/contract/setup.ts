import { z } from 'zod';
import { absolutePath, count, epochMs, jobId, planId, relativePath, storeId } from './common.ts';
import { layoutServiceSchema, ownerSchema } from './layouts.ts';
import { procedure } from './procedure.ts';

/** What setup makes, each to be had or left out. */
export const setupParts = ['folders', 'larder.yaml', 'environment', 'compose', 'gitignore', 'readme'] as const;
export const setupPartSchema = z.enum(setupParts);
export type SetupPart = z.infer<typeof setupPartSchema>;

export const setupStepSchema = z.strictObject({
  part: z.enum([...setupParts, 'move']),
  kind: z.enum(['make-directory', 'set-mode', 'set-owner', 'write-file', 'append-lines', 'move']),
  path: absolutePath,
  /** What exactly: a mode, an owner, how many lines, from where. */
  detail: z.string(),
  /** `already`: it is so, or something of the person's is there and stays. `cannot`: `reason` says why. */
  state: z.enum(['todo', 'already', 'cannot']),
  reason: z.string().optional(),
  /** What would be written: the file, or the lines added; of a file that stays, what setup would have written. */
  text: z.string().optional(),
  /** For a shell, where Larder cannot do it. */
  command: z.string().optional(),
});
export type SetupStep = z.infer<typeof setupStepSchema>;

/** What becomes of the old place of data that moved: renamed, or renamed and a link to the new place left there. */
export const moveLeavesSchema = z.enum(['renamed', 'link']);
export type MoveLeaves = z.infer<typeof moveLeavesSchema>;

/** Data at a place where programs kept it before there was a store. */
export const setupMoveSchema = z.strictObject({
  from: absolutePath,
  /** The folder of the store it would go to. */
  to: absolutePath,
  files: count,
  bytes: count,
  /** Whether the plan does it, because it was asked for. */
  chosen: z.boolean(),
  /** Why it cannot be moved; absent when it can. */
  refusal: z.string().optional(),
});
export type SetupMove = z.infer<typeof setupMoveSchema>;

export const setupPlanSchema = z.strictObject({
  plan: planId,
  /** Digest over everything the plan relies on. */
  fingerprint: z.string(),
  /** Real path of the store's root, which may not be there yet. */
  path: absolutePath,
  layout: z.strictObject({ id: z.string(), title: z.string() }),
  steps: z.array(setupStepSchema),
  /** Steps to do. Nought: everything is as it should be, as far as this user can bring it about. */
  todo: count,
  cannot: count,
  /** Steps to do that change something that is there, rather than add to it: a person should be asked. */
  changes: count,
  /** For a shell: what only another user may do. */
  commands: z.array(z.string()),
  /** Data found at old places, whether or not it was asked to move. */
  moves: z.array(setupMoveSchema),
  /** Bytes that moving writes, and what the disk has free. */
  bytesToCopy: count,
  free: count,
  /** Databases of the layout, which hold its data outside any folder. */
  services: z.array(layoutServiceSchema),
  notes: z.array(z.string()),
  /** The store registered here already. */
  store: storeId.optional(),
});
export type SetupPlan = z.infer<typeof setupPlanSchema>;

/** What apply did; the result of its job. */
export const setupResultSchema = z.strictObject({
  setup: z.string(),
  path: absolutePath,
  done: count,
  moved: z.array(
    z.strictObject({ from: absolutePath, to: absolutePath, files: count, bytes: count, kept: absolutePath }),
  ),
  store: storeId.optional(),
});
export type SetupResult = z.infer<typeof setupResultSchema>;

export const setupRecordSchema = z.strictObject({
  setup: z.string(),
  path: absolutePath,
  layout: z.string(),
  atMs: epochMs,
  status: z.enum(['running', 'done', 'undone', 'interrupted']),
  /** What it did, in words. */
  steps: z.array(z.string()),
  /** Until when it can be undone; absent when it no longer can. */
  undoUntilMs: epochMs.optional(),
});
export type SetupRecord = z.infer<typeof setupRecordSchema>;

export const storageCheckSchema = z.strictObject({
  /** `exists`, `permissions`, `write`, `mount`, `space`, `inodes`, `speed`, `leftovers`; with the area: `write:logs`. */
  id: z.string(),
  /** Path of the area; absent for the store as a whole. */
  area: relativePath.optional(),
  /** `skip`: cannot tell. */
  status: z.enum(['pass', 'warn', 'fail', 'skip']),
  title: z.string(),
  /** What was seen. */
  evidence: z.string(),
  /** What to do about it. */
  next: z.string().optional(),
});
export type StorageCheck = z.infer<typeof storageCheckSchema>;

/** Result of the job of a storage test. */
export const storageTestSchema = z.strictObject({
  /** Nothing failed. */
  ok: z.boolean(),
  path: absolutePath,
  store: storeId.optional(),
  layout: z.string().optional(),
  checks: z.array(storageCheckSchema),
});
export type StorageTest = z.infer<typeof storageTestSchema>;

export const setup = {
  plan: procedure({
    effect: 'plan',
    summary: 'What it takes to lay out a data folder: folders, permissions, files beside the data, data to move in',
    input: z.strictObject({
      path: absolutePath,
      /** Id; when left out, that of larder.yaml, of the store, or the one the folder is convincingly of. */
      layout: z.string().max(64).optional(),
      /** Instead of the layout's. */
      owner: ownerSchema.optional(),
      /** All that suit the layout when left out. */
      parts: z.array(setupPartSchema).max(setupParts.length).optional(),
      /** Folder whose code kept data in itself; the one that `path` lies in when left out. */
      code: absolutePath.optional(),
      /** Data to move in: its old places as the plan names them, or all that can be. */
      move: z.union([z.literal('all'), z.array(absolutePath).max(100)]).default([]),
      leave: moveLeavesSchema.default('renamed'),
    }),
    output: setupPlanSchema,
    // Moving takes data from the code's folder, which must be one the person chose, too.
    paths: ({ path, code, move }) => [
      path,
      ...(code === undefined ? (move === 'all' ? [`${path}/..`] : []) : [code]),
      ...(move === 'all' ? [] : move),
    ],
  }),
  apply: procedure({
    effect: 'mutate',
    summary: 'Carry out a setup plan; what exists is never overwritten',
    input: z.strictObject({
      plan: planId,
      /** Register the folder as a store with the layout, under this name or one of its own. */
      register: z.union([z.boolean(), z.string().trim().min(1).max(120)]).default(false),
    }),
    output: z.strictObject({ job: jobId }),
  }),
  list: procedure({
    effect: 'read',
    summary: 'Past setups, newest first, and whether each can be undone',
    input: z.strictObject({ path: absolutePath.optional() }),
    output: z.strictObject({ setups: z.array(setupRecordSchema) }),
    paths: (input) => (input.path === undefined ? [] : [input.path]),
  }),
  undo: procedure({
    effect: 'mutate',
    summary: 'Take back what a setup made and moved; what changed since stays',
    input: z.strictObject({ setup: z.string().min(1).max(64) }),
    output: z.strictObject({ job: jobId }),
  }),
  test: procedure({
    effect: 'mutate',
    summary: 'Storage test: exists, permissions, write and read back in each area, mounts, space, speed',
    input: z.strictObject({ path: absolutePath.optional(), store: storeId.optional() }),
    output: z.strictObject({ job: jobId }),
    paths: (input) => (input.path === undefined ? [] : [input.path]),
  }),
} as const;
