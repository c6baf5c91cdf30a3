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
  roleSchema,
  skippedSchema,
  storeId,
} from './common.ts';
import { areaBackupSchema } from './layouts.ts';
import { procedure } from './procedure.ts';
import { globRemarkSchema } from '../glob-remarks.ts';
import { retentionKindSchema, retentionSchema } from './retention.ts';

export const archiveFormatSchema = z.enum(['zst', 'gz', 'tar']);
export type ArchiveFormat = z.infer<typeof archiveFormatSchema>;

/**
 * `written`: what the backup itself added to the destination; older archives it draws on are there with their size.
 * `quick`: structure and every frame's digest. `sample`: structure, and every file's digest in a part that moves on from
 * run to run, so that after enough runs everything was read. `deep`: every file's digest.
 */
export const verificationModeSchema = z.enum(['written', 'quick', 'sample', 'deep']);

export const verificationSchema = z.strictObject({
  mode: verificationModeSchema,
  atMs: epochMs,
  ok: z.boolean(),
  /** Share of the stored bytes that the samples so far have covered since the last one began anew, 0 to 1. */
  covered: z.number().min(0).max(1).optional(),
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
  /** Never removed by rotation. */
  pinned: z.boolean(),
  encrypted: z.boolean(),
  /** Later backups that draw on this one's archive. */
  neededBy: count,
  status: z.enum(['done', 'partial']),
  skipped: z.array(skippedSchema),
  note: z.string().optional(),
  /** Damage that was found and stands, else the strongest verification that holds. */
  verified: verificationSchema.optional(),
  /** Share of the stored bytes that samples have read since the last one began anew, 0 to 1; the next goes on there. */
  sampled: z.number().min(0).max(1).optional(),
  /** Why it cannot be used, found while listing (for example "archive is missing"). */
  problem: z.string().optional(),
});
export type Backup = z.infer<typeof backupSchema>;

/** Something in a destination that looks like a backup and is not a whole one. */
export const destinationProblemSchema = z.strictObject({
  path: absolutePath,
  message: z.string(),
  /**
   * `rebuild`: the archive at `path` lost its manifest and carries a copy; `unlock`: it is encrypted and no key opens it;
   * `reach`: `path` is the folder itself, which is gone or cannot be read.
   */
  fix: z.enum(['rebuild', 'unlock', 'reach']).optional(),
  /** What opens it, with `unlock`. */
  needs: z.enum(['passphrase', 'identity']).optional(),
});

/** An archive whose own backup was removed and that later backups still draw on. */
export const heldArchiveSchema = z.strictObject({
  archive: absolutePath,
  bytes: count,
  /** Ids of the backups that need it. */
  neededBy: z.array(z.string()),
});
export type HeldArchive = z.infer<typeof heldArchiveSchema>;

/** What removing backups would do, exactly. */
export const removalPlanSchema = z.strictObject({
  plan: planId,
  /** Every backup looked at, newest first; `reasons` says which rules keep it, or why it goes, `kinds` what each is. */
  backups: z.array(
    z.strictObject({
      backup: z.string(),
      keep: z.boolean(),
      reasons: z.array(z.string()),
      kinds: z.array(retentionKindSchema),
    }),
  ),
  /** Bytes the destination gets back at once. */
  frees: count,
  /** Archives of removed backups that stay because kept ones draw on them. */
  held: z.array(heldArchiveSchema),
  /**
   * Archives written anew with what is needed of them: mostly unneeded ones, and many small ones, which become one.
   * `frees` counts this in.
   */
  compacts: z.array(
    z.strictObject({ archive: absolutePath, bytes: count, needed: count, why: z.enum(['unneeded', 'small']) }),
  ),
});
export type RemovalPlan = z.infer<typeof removalPlanSchema>;

export const differenceSchema = z.strictObject({
  path: relativePath,
  type: z.enum(['file', 'dir', 'symlink']),
  /** `metadata`: same content, other mode, owner or time. */
  change: z.enum(['added', 'removed', 'modified', 'metadata']),
  /** Size of a file in the older and in the newer. */
  before: count.optional(),
  after: count.optional(),
});
export type Difference = z.infer<typeof differenceSchema>;

/**
 * Why something is left out of a backup. By the store's rules: `glob`, `never` and `notRecent` (of an area). By itself: the
 * `destination`, other folders that hold backups (`backups`), what a restore keeps (`undo`), `lock`s, `partial` downloads,
 * a marked `cache`, what is no file (`special`), what is mounted (`mount`), what a `copy` of a database holds. `other`: as
 * an earlier Larder said it.
 */
export const exclusionKindSchema = z.enum([
  'glob',
  'never',
  'notRecent',
  'destination',
  'backups',
  'undo',
  'lock',
  'partial',
  'cache',
  'special',
  'mount',
  'copy',
  'secrets',
  'other',
]);
export type ExclusionKind = z.infer<typeof exclusionKindSchema>;

export const backupPlanSchema = z.strictObject({
  store: storeId,
  destination: absolutePath,
  format: archiveFormatSchema,
  kind: z.enum(['full', 'incremental']),
  encrypted: z.boolean(),
  /** The backup it would be compared with; absent for a full one. */
  parent: z.string().optional(),
  /**
   * No key here opens the backup it would be compared with; what that holds is known from the copy of its manifest that
   * Larder kept. Changed files are stored whole then, as what they were cannot be read.
   */
  sealed: z.literal(true).optional(),
  /** Why it would be full, in a person's words: "it is the first of this store in this folder". */
  fullBecause: z.string().optional(),
  /** Files unchanged since the parent, which are not read. */
  unchanged: z.strictObject({ files: count, bytes: count }),
  files: count,
  dirs: count,
  bytes: count,
  /** What is in it, by area and folder in the root; what lies in an area within an area counts there alone. */
  included: z.array(z.strictObject({ path: relativePath, role: roleSchema, files: count, bytes: count })),
  /** What is left out on purpose, with the bytes it saves. */
  excluded: z.array(
    z.strictObject({
      path: relativePath,
      /** In a person's words. */
      reason: z.string(),
      kind: exclusionKindSchema,
      /** The glob, where that is the reason. */
      glob: z.string().optional(),
      files: count,
      bytes: count,
      /** Whose rule for an area it is. */
      from: z.enum(['layout', 'yours']).optional(),
    }),
  ),
  /** Globs that cannot leave out what they seem to; absent when there is nothing of the kind. */
  remarks: z.array(globRemarkSchema).optional(),
  /** The rule of each area, and whether it is the person's own, the layout's, or what holds where nobody says. */
  areaRules: z.array(
    z.strictObject({
      path: relativePath,
      role: roleSchema,
      rule: areaBackupSchema,
      from: z.enum(['layout', 'yours', 'default']),
    }),
  ),
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
  /** Store everything in this backup's own archive. */
  full: z.boolean().optional(),
};

export const backups = {
  list: procedure({
    effect: 'read',
    summary: 'Backups in the destinations of one store or all, newest first',
    input: z.strictObject({ store: storeId.optional(), destination: absolutePath.optional() }),
    output: z.strictObject({
      backups: z.array(backupSchema),
      problems: z.array(destinationProblemSchema),
      held: z.array(heldArchiveSchema),
    }),
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
      mode: z.enum(['quick', 'sample', 'deep']).default('quick'),
      /** Of the stored bytes, for `sample`. */
      percent: z.number().positive().max(100).default(10),
      destination: absolutePath.optional(),
    }),
    output: z.strictObject({ job: jobId }),
    paths: backupPaths,
  }),
  mark: procedure({
    effect: 'mutate',
    summary: 'Pin a backup, or change its note',
    input: z.strictObject({
      backup: backupRef,
      destination: absolutePath.optional(),
      pinned: z.boolean().optional(),
      note: z.string().max(2_000).optional(),
    }),
    output: backupSchema,
    paths: backupPaths,
  }),
  diff: procedure({
    effect: 'read',
    summary: 'What differs between two backups, or between a backup and the live store',
    input: z.strictObject({
      backup: backupRef,
      /** The live store when absent. */
      other: backupRef.optional(),
      destination: absolutePath.optional(),
      /** Only at and below this. */
      path: relativePath.default(''),
      changes: z.array(differenceSchema.shape.change).optional(),
      offset: count.default(0),
      limit: z.number().int().min(1).max(10_000).default(1_000),
    }),
    output: z.strictObject({
      added: count,
      removed: count,
      modified: count,
      metadata: count,
      /** Sorted by path. */
      entries: z.array(differenceSchema),
      /** Of those asked for by `changes`. */
      total: count,
    }),
    paths: (input) => [
      ...backupPaths(input),
      ...(input.other === undefined ? [] : backupPaths({ backup: input.other })),
    ],
  }),
  export: procedure({
    effect: 'mutate',
    summary: 'Write one plain archive that holds everything of a backup',
    input: z.strictObject({
      backup: backupRef,
      destination: absolutePath.optional(),
      /** Its ending says the format: `.tar.zst`, `.tar.gz`, `.tgz` or `.tar`. Nothing that is there is overwritten. */
      file: absolutePath,
    }),
    output: z.strictObject({ job: jobId }),
    paths: (input) => [...backupPaths(input), input.file],
  }),
  planRemoval: procedure({
    effect: 'plan',
    summary: 'What removing backups would do: those named, or those rotation does not keep',
    input: z.strictObject({
      store: storeId,
      destination: absolutePath.optional(),
      /** Exactly these. */
      backups: z.array(backupRef).min(1).max(10_000).optional(),
      /** Rotation by these rules rather than the store's own. */
      retention: retentionSchema.optional(),
    }),
    output: removalPlanSchema,
    paths: (input) => (input.destination === undefined ? [] : [input.destination]),
  }),
  remove: procedure({
    effect: 'mutate',
    summary: 'Remove backups as planned',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({ job: jobId }),
  }),
  rebuild: procedure({
    effect: 'mutate',
    summary: 'Make the lost manifest of an archive again from the copy the archive carries',
    input: z.strictObject({ archive: absolutePath }),
    output: z.strictObject({ job: jobId }),
    paths: (input) => [input.archive],
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
  read: procedure({
    effect: 'read',
    summary: 'A stretch of the content of a file in a backup',
    input: z.strictObject({
      backup: backupRef,
      destination: absolutePath.optional(),
      path: relativePath,
      offset: count.default(0),
      limit: z.number().int().min(1).max(1_048_576).default(1_048_576),
    }),
    output: z.strictObject({
      /** Size of the whole file. */
      bytes: count,
      /** Fewer bytes than asked for only at the file's end. */
      base64: z.string(),
    }),
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
