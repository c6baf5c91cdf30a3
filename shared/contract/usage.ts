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
 * Hard links count once. Symlinks are never followed; other mounts are crossed only when the store's rules say so.
 */
export const areaUsageSchema = z.strictObject({
  id: z.string(),
  path: relativePath,
  role: roleSchema,
  /** Nobody said what it is for; the role is inferred. */
  guess: z.literal(true).optional(),
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
  /** Stores whose backups are written to the same file system as their data. */
  backupsShare: z.array(storeId),
  /** Absent where the file system has no fixed number of inodes. */
  inodes: z.strictObject({ total: count, free: count }).optional(),
});
export type Disk = z.infer<typeof diskSchema>;

export const usageSummarySchema = z.strictObject({
  store: storeId,
  path: absolutePath,
  ...areaUsageFields,
  /** True when something could not be read, so that every total is "at least". */
  atLeast: z.boolean(),
  unreadable: z.array(skippedSchema),
  /**
   * The areas that are there, and other folders in the root. What lies in an area within an area is counted there alone:
   * together with `loose` (files directly in the root) they add up to the total.
   */
  areas: z.array(areaUsageSchema),
  /** `role`: where the layout has one for the root itself. */
  loose: z.strictObject({ bytes: count, allocated: count, files: count, role: roleSchema.optional() }),
  /** Oldest modification of a file, or 0 when there is none. */
  oldest: epochMs,
  /** Names beyond the first of files with several; `bytes` is what they would add if they were files of their own. */
  hardLinks: z.strictObject({ names: count, bytes: count }),
  /** Files with fewer blocks than their size needs, and the bytes they do not take. */
  sparse: z.strictObject({ files: count, bytes: count }),
  /** Other file systems mounted inside; they are counted only when the store's rules say so. */
  mounts: z.array(relativePath),
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
  /** The file has other names; its size is counted at the one whose path sorts first. */
  hardLinked: z.boolean().optional(),
  sparse: z.boolean().optional(),
});
export type UsageEntry = z.infer<typeof usageEntrySchema>;

export const usageSortSchema = z.enum(['bytes', 'allocated', 'files', 'name', 'newest']);
export type UsageSort = z.infer<typeof usageSortSchema>;

/** How long ago a file was last changed: within a day, a week, 30 days, 90 days, a year, or longer. */
export const ageSchema = z.enum(['day', 'week', 'month', 'quarter', 'year', 'older']);
export type Age = z.infer<typeof ageSchema>;

/** A part of what lies below a folder. `files` counts names, sizes count each file once. */
const share = { bytes: count, allocated: count, files: count } as const;

/** One rectangle of a treemap. The tiles of one answer do not overlap and add up to the folder. */
export const tileSchema = z.strictObject({
  /** `others` stands for everything too small to be drawn. */
  kind: z.enum(['dir', 'file', 'others']),
  /** Absent for `others`. */
  path: relativePath.optional(),
  name: z.string(),
  role: roleSchema,
  ...share,
});
export type Tile = z.infer<typeof tileSchema>;

/** When a disk will be full. Silent (`unknown`, with the reason) when the history is too short or does not grow. */
export const forecastSchema = z.strictObject({
  mountPoint: absolutePath,
  state: z.enum(['unknown', 'steady', 'growing']),
  /** Why nothing can be said, or what it rests on: "28 days of history". */
  reason: z.string(),
  /** Median growth, bytes a day; negative when it shrinks. */
  bytesPerDay: z.number().optional(),
  fullAtMs: epochMs.optional(),
  /** Four times out of five it will be between these. `latestMs` is absent when it may never be. */
  earliestMs: epochMs.optional(),
  latestMs: epochMs.optional(),
});
export type Forecast = z.infer<typeof forecastSchema>;

export const usageChangeSchema = z.strictObject({
  store: storeId,
  /** An area or one of the directories below it; `''` for files directly in the root. */
  path: relativePath,
  role: roleSchema,
  /** Allocated bytes then and now; 0 when it was not there. */
  before: count,
  after: count,
});
export type UsageChange = z.infer<typeof usageChangeSchema>;

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
      sort: usageSortSchema.default('bytes'),
      /** Turns the order of `sort` round: largest and newest come first without it, names from A. */
      reverse: z.boolean().default(false),
      /** Only entries with this in their name, whatever the case. */
      filter: z.string().max(200).optional(),
      /** Entries to leave out at the front, to page through a long folder. */
      offset: count.default(0),
      limit: z.number().int().min(1).max(5_000).default(500),
    }),
    output: z.strictObject({
      path: relativePath,
      ...areaUsageFields,
      entries: z.array(usageEntrySchema),
      /** How many entries there are in all, of those that pass `filter`. */
      total: count,
      /** Entries beyond `limit`, folded. */
      others: z.strictObject({ entries: count, bytes: count, allocated: count }),
    }),
  }),
  find: procedure({
    effect: 'read',
    summary: 'Entries anywhere below a folder by a part of their name',
    input: z.strictObject({
      store: storeId,
      path: relativePath.default(''),
      text: z.string().min(1).max(200),
      sort: usageSortSchema.default('bytes'),
      limit: z.number().int().min(1).max(5_000).default(1_000),
    }),
    output: z.strictObject({
      /** The first `limit` in the order of `sort`. */
      entries: z.array(usageEntrySchema.extend({ path: relativePath })),
      /** How many there are in all. */
      total: count,
    }),
  }),
  entry: procedure({
    effect: 'read',
    summary: 'What one file or folder is, as the disk says now',
    input: z.strictObject({ store: storeId, path: relativePath }),
    output: z.strictObject({
      path: relativePath,
      kind: z.enum(['dir', 'file', 'symlink', 'other']),
      ...areaUsageFields,
      mtimeMs: epochMs,
      ctimeMs: epochMs,
      /** The low twelve bits. */
      mode: count,
      uid: count,
      gid: count,
      /** Names of the owner and group where the system knows them. */
      owner: z.string().optional(),
      group: z.string().optional(),
      /** How many names a file has, and those of them that lie in this store (at most 100), itself left out. */
      links: count,
      otherNames: z.array(relativePath),
      sparse: z.boolean(),
      role: roleSchema,
      /** Of a symbolic link, as it stands there, and whether it leads anywhere. */
      target: z.string().optional(),
      dangling: z.boolean().optional(),
      /** Why it could not be read. */
      unreadable: z.string().optional(),
      mountPoint: absolutePath,
      fileSystem: z.string(),
    }),
  }),
  details: procedure({
    effect: 'read',
    summary: 'Largest files below a folder, and what is there by type and by age',
    input: z.strictObject({
      store: storeId,
      path: relativePath.default(''),
      limit: z.number().int().min(1).max(1_000).default(50),
    }),
    output: z.strictObject({
      path: relativePath,
      largest: z.array(
        z.strictObject({
          path: relativePath,
          bytes: count,
          allocated: count,
          mtimeMs: epochMs,
          hardLinked: z.boolean(),
          sparse: z.boolean(),
        }),
      ),
      /** By file name extension in lower case without the dot, `''` for none; largest first, the rest as `*`. */
      types: z.array(z.strictObject({ type: z.string(), ...share })),
      ages: z.array(z.strictObject({ age: ageSchema, ...share })),
    }),
  }),
  treemap: procedure({
    effect: 'read',
    summary: 'A folder as rectangles: its directories, divided as far as they can be seen',
    input: z.strictObject({
      store: storeId,
      path: relativePath.default(''),
      tiles: z.number().int().min(10).max(500).default(500),
    }),
    output: z.strictObject({ path: relativePath, ...share, tiles: z.array(tileSchema) }),
  }),
  freed: procedure({
    effect: 'read',
    summary: 'What deleting files and folders would free',
    input: z.strictObject({ store: storeId, paths: z.array(relativePath).min(1).max(100_000) }),
    output: z.strictObject({
      files: count,
      dirs: count,
      /** Blocks that become free. */
      allocated: count,
      /** Blocks that stay because a file has another name outside the selection. */
      heldByLinks: count,
    }),
  }),
  series: procedure({
    effect: 'read',
    summary: 'Allocated bytes over time of a store, its areas and their top directories',
    input: z.strictObject({ store: storeId, sinceMs: epochMs }),
    output: z.strictObject({
      series: z.array(
        z.strictObject({ path: relativePath, points: z.array(z.strictObject({ atMs: epochMs, allocated: count })) }),
      ),
    }),
  }),
  changes: procedure({
    effect: 'read',
    summary: 'What grew and shrank most, largest change first',
    input: z.strictObject({
      store: storeId.optional(),
      sinceMs: epochMs,
      limit: z.number().int().min(1).max(200).default(10),
    }),
    output: z.strictObject({ changes: z.array(usageChangeSchema) }),
  }),
  forecast: procedure({
    effect: 'read',
    summary: 'When each disk will be full',
    input: nothing,
    output: z.strictObject({ forecasts: z.array(forecastSchema) }),
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
          /** Blocks on disk; together all that the store takes. */
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
