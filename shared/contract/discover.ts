import { z } from 'zod';
import { absolutePath, count, epochMs, jobId, storeId } from './common.ts';
import { procedure } from './procedure.ts';
import { storeSchema } from './stores.ts';

/** A well-known store found on this machine. */
export const discoveredSchema = z.strictObject({
  /** The layout's id; of a second place of the same layout with a few digits that stand for its path. */
  id: z.string(),
  layout: z.strictObject({ id: z.string(), title: z.string() }),
  /** Real path. */
  path: absolutePath,
  /** How well the folder fits the layout, 0 to 1. */
  score: z.number().min(0).max(1),
  /** Why it was looked at: "HF_HOME names it", "its default place". */
  why: z.string(),
  /** What speaks for it. */
  speaksFor: z.array(z.string()),
  /** Absent until it is counted. */
  size: z
    .strictObject({
      bytes: count,
      allocated: count,
      files: count,
      /** The count was ended early, or something could not be read: it is at least this. */
      atLeast: z.boolean(),
    })
    .optional(),
  /** The store it is, or lies in, already. */
  store: storeId.optional(),
  /** Why it cannot be added; absent when it can. */
  refusal: z.string().optional(),
});
export type Discovered = z.infer<typeof discoveredSchema>;

export const discover = {
  start: procedure({
    effect: 'read',
    summary: 'Look for well-known stores where the environment and the system put them, and count them',
    input: z.strictObject({}),
    output: z.strictObject({ job: jobId }),
  }),
  list: procedure({
    effect: 'read',
    summary: 'What the last look found, sizes as far as they are counted',
    input: z.strictObject({}),
    output: z.strictObject({
      found: z.array(discoveredSchema),
      /** The look under way. */
      job: jobId.optional(),
      /** When the last look ended. */
      atMs: epochMs.optional(),
    }),
  }),
  add: procedure({
    effect: 'mutate',
    summary: 'Register stores that were found, by their ids',
    input: z.strictObject({ ids: z.array(z.string().min(1).max(128)).min(1).max(200) }),
    output: z.strictObject({
      added: z.array(storeSchema),
      refused: z.array(z.strictObject({ id: z.string(), message: z.string(), hint: z.string().optional() })),
    }),
  }),
} as const;

export const discoverEvents = {
  /** One of the stores found appeared, or was counted. */
  'discover.found': z.strictObject({ found: discoveredSchema }),
} as const;
