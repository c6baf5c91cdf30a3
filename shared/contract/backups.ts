import { z } from 'zod';
import {
  absolutePath,
  backupPaths,
  backupRef,
  count,
  epochMs,
  jobId,
  relativePath,
  roleSchema,
  skippedSchema,
  storeId,
} from './common.ts';
import { procedure } from './procedure.ts';

export const archiveFormatSchema = z.enum(['zst', 'gz', 'tar']);
export type ArchiveFormat = z.infer<typeof archiveFormatSchema>;

export const verificationSchema = z.strictObject({
  /** `quick`: structure and every stored byte's digest. `deep`: also every file's digest. */
  mode: z.enum(['quick', 'deep']),
  atMs: epochMs,
  ok: z.boolean(),
});
export type Verification = z.infer<typeof verificationSchema>;

export const backupSchema = z.strictObject({
  id: z.string(),
  /** Id of the store it was made from, where it is registered here. */
  store: storeId.optional(),
  /** Name of the store at the time. */
  storeName: z.string(),
  archive: absolutePath,
  manifest: absolutePath,
  format: archiveFormatSchema,
  kind: z.enum(['full', 'incremental']),
  startedAtMs: epochMs,
  finishedAtMs: epochMs,
  files: count,
  dirs: count,
  /** Apparent bytes of the files in it. */
  bytes: count,
  /** Bytes this backup added to the destination. */
  storedBytes: count,
  /** Bytes of file content already held and therefore not stored again. */
  reusedBytes: count,
  status: z.enum(['done', 'partial']),
  skipped: z.array(skippedSchema),
  note: z.string().optional(),
  /** The last verification Larder remembers. */
  verified: verificationSchema.optional(),
  /** Why it cannot be used, found while listing (for example "archive is missing"). */
  problem: z.string().optional(),
});
export type Backup = z.infer<typeof backupSchema>;

/** Something in a destination that looks like a backup and is not a whole one. */
export const destinationProblemSchema = z.strictObject({ path: absolutePath, message: z.string() });

export const backupPlanSchema = z.strictObject({
  store: storeId,
  destination: absolutePath,
  format: archiveFormatSchema,
  files: count,
  dirs: count,
  bytes: count,
  /** What is in it, by top-level area. */
  included: z.array(z.strictObject({ path: relativePath, role: roleSchema, files: count, bytes: count })),
  /** What is left out on purpose, with the bytes it saves. */
  excluded: z.array(z.strictObject({ path: relativePath, reason: z.string(), files: count, bytes: count })),
  /** What could not be read just now and would make the backup partial; absent when there is nothing of the kind. */
  skipped: z.array(skippedSchema).optional(),
  /** Free bytes at the destination now. */
  free: count,
  /** Upper bound of what the archive can take. */
  needed: count,
  destinationOnSameDisk: z.boolean(),
  /** Rough, from the last backups' rate; absent when there were none. */
  estimatedMs: z.number().nonnegative().optional(),
});
export type BackupPlan = z.infer<typeof backupPlanSchema>;

export const backupEntrySchema = z.strictObject({
  /** Name in its folder; the whole relative path in search results. */
  name: z.string(),
  path: relativePath,
  type: z.enum(['file', 'dir', 'symlink']),
  /** Of a file, its own; of a directory, of everything below. */
  bytes: count,
  /** Files below a directory; 1 for a file. */
  files: count,
  mode: count,
  mtimeMs: epochMs,
  target: z.string().optional(),
  /** Against the live store, when asked for. A directory is `differs` when anything below it is not `same`. */
  live: z.enum(['same', 'differs', 'missing', 'unknown']).optional(),
});
export type BackupEntry = z.infer<typeof backupEntrySchema>;

export const verifyProblemSchema = z.strictObject({
  path: z.string().optional(),
  archive: z.string(),
  kind: z.enum(['missing', 'truncated', 'digest', 'structure', 'manifest', 'unreadable']),
  message: z.string(),
});
export type VerifyProblem = z.infer<typeof verifyProblemSchema>;

const backupOptions = {
  store: storeId,
  format: archiveFormatSchema.optional(),
  destination: absolutePath.optional(),
};

export const backups = {
  list: procedure({
    effect: 'read',
    summary: 'Backups in the destinations of one store or all, newest first',
    input: z.strictObject({ store: storeId.optional(), destination: absolutePath.optional() }),
    output: z.strictObject({ backups: z.array(backupSchema), problems: z.array(destinationProblemSchema) }),
    paths: (input) => (input.destination === undefined ? [] : [input.destination]),
  }),
  get: procedure({
    effect: 'read',
    summary: 'One backup',
    input: z.strictObject({ backup: backupRef, destination: absolutePath.optional() }),
    output: backupSchema,
    paths: backupPaths,
  }),
  plan: procedure({
    effect: 'plan',
    summary: 'What a backup would hold and leave out',
    input: z.strictObject(backupOptions),
    output: backupPlanSchema,
    paths: (input) => (input.destination === undefined ? [] : [input.destination]),
  }),
  start: procedure({
    effect: 'mutate',
    summary: 'Make a backup',
    input: z.strictObject({ ...backupOptions, note: z.string().max(2_000).optional() }),
    output: z.strictObject({ job: jobId }),
    paths: (input) => (input.destination === undefined ? [] : [input.destination]),
  }),
  verify: procedure({
    effect: 'mutate',
    summary: 'Check that a backup is whole',
    input: z.strictObject({
      backup: backupRef,
      deep: z.boolean().default(false),
      destination: absolutePath.optional(),
    }),
    output: z.strictObject({ job: jobId }),
    paths: backupPaths,
  }),
  ls: procedure({
    effect: 'read',
    summary: 'Entries of a folder in a backup',
    input: z.strictObject({
      backup: backupRef,
      destination: absolutePath.optional(),
      path: relativePath.default(''),
      recursive: z.boolean().default(false),
      /** Only entries whose path contains this, in any case; implies `recursive`. */
      search: z.string().max(500).optional(),
      /** Compare with the live store. */
      live: z.boolean().default(false),
      offset: count.default(0),
      limit: z.number().int().min(1).max(10_000).default(1_000),
    }),
    output: z.strictObject({ entries: z.array(backupEntrySchema), total: count }),
    paths: backupPaths,
  }),
  preview: procedure({
    effect: 'read',
    summary: 'The beginning of a file in a backup, as text',
    input: z.strictObject({
      backup: backupRef,
      path: relativePath,
      maxBytes: z.number().int().min(1).max(1_048_576).default(65_536),
    }),
    output: z.strictObject({
      bytes: count,
      /** Absent when the content is not text. */
      text: z.string().optional(),
      truncated: z.boolean(),
    }),
    paths: backupPaths,
  }),
} as const;

export const backupsEvents = {
  /** Backups of a store appeared, went, or were verified. */
  'backups.changed': z.strictObject({ store: storeId.optional() }),
} as const;
