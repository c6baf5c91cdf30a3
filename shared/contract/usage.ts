import { z } from 'zod';
import {
  absolutePath,
  areaUsageFields,
  count,
  epochMs,
  jobId,
  relativePath,
  roleSchema,
  skippedSchema,
  storeId,
} from './common.ts';
import { liveSchema } from './stores.ts';
import { nothing, procedure } from './procedure.ts';

/**
 * `bytes` is the apparent size of files. `allocated` is blocks on disk of files and directories, as `du` counts.
 * Hard links count once. Symlinks are never followed; other mounts are not crossed.
 */
export const areaUsageSchema = z.strictObject({
  id: z.string(),
  path: relativePath,
  role: roleSchema,
  ...areaUsageFields,
});
export type AreaUsage = z.infer<typeof areaUsageSchema>;

export const diskSchema = z.strictObject({
  /** Device as the mount table names it; `''` where the platform does not tell. */
  device: z.string(),
  mountPoint: absolutePath,
  type: z.string(),
  capacity: count,
  /** Free for this user, in bytes. */
  free: count,
  network: z.boolean(),
  /** Stores whose root lies on this file system. */
  stores: z.array(storeId),
});
export type Disk = z.infer<typeof diskSchema>;

export const usageSummarySchema = z.strictObject({
  store: storeId,
  path: absolutePath,
  ...areaUsageFields,
  /** True when something could not be read, so that every total is "at least". */
  atLeast: z.boolean(),
  unreadable: z.array(skippedSchema),
  /** Top-level areas; together with `loose` (files directly in the root) they add up to the total. */
  areas: z.array(areaUsageSchema),
  loose: z.strictObject({ bytes: count, allocated: count, files: count }),
  /** When the whole tree was last counted; absent while the first count runs. */
  countedAtMs: epochMs.optional(),
  live: liveSchema,
});
export type UsageSummary = z.infer<typeof usageSummarySchema>;

export const usageEntrySchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['dir', 'file', 'symlink', 'other', 'mount']),
  ...areaUsageFields,
  /** Why it could not be read. */
  unreadable: z.string().optional(),
});
export type UsageEntry = z.infer<typeof usageEntrySchema>;

export const usage = {
  get: procedure({
    effect: 'read',
    summary: 'Totals of a store, by area; counts it first when it was never counted',
    input: z.strictObject({ store: storeId }),
    output: usageSummarySchema,
  }),
  children: procedure({
    effect: 'read',
    summary: "A directory's entries, largest first",
    input: z.strictObject({
      store: storeId,
      path: relativePath,
      sort: z.enum(['bytes', 'allocated', 'files', 'name', 'newest']).default('bytes'),
      limit: z.number().int().min(1).max(5_000).default(500),
    }),
    output: z.strictObject({
      path: relativePath,
      ...areaUsageFields,
      entries: z.array(usageEntrySchema),
      /** Entries beyond `limit`, folded. */
      others: z.strictObject({ entries: count, bytes: count, allocated: count }),
    }),
  }),
  rescan: procedure({
    effect: 'mutate',
    summary: 'Count a store again from the disk',
    input: z.strictObject({ store: storeId }),
    output: z.strictObject({ job: jobId }),
  }),
  disks: procedure({
    effect: 'read',
    summary: 'The file systems the stores lie on',
    input: nothing,
    output: z.strictObject({ disks: z.array(diskSchema) }),
  }),
  history: procedure({
    effect: 'read',
    summary: 'Used bytes over time, by role',
    input: z.strictObject({ store: storeId.optional(), sinceMs: epochMs }),
    output: z.strictObject({
      samples: z.array(
        z.strictObject({
          atMs: epochMs,
          store: storeId,
          byRole: z.partialRecord(roleSchema, count),
          bytes: count,
          files: count,
        }),
      ),
    }),
  }),
} as const;

export const usageEvents = {
  /** Totals of a store moved; `paths` are the directories that changed (at most 50), `''` the root. */
  'usage.changed': z.strictObject({ store: storeId, summary: usageSummarySchema, paths: z.array(relativePath) }),
} as const;
