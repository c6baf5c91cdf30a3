import { z } from 'zod';
import { absolutePath, epochMs, jobId } from './common.ts';
import { archiveFormatSchema } from './backups.ts';
import { nothing, procedure } from './procedure.ts';

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  /** Compression of new backups. */
  format: archiveFormatSchema,
  /** Verify each backup (quick) as soon as it is made. */
  verifyAfterBackup: z.boolean(),
  /** How many days replaced files are kept for Undo. */
  undoDays: z.number().int().min(1).max(365),
  /** Run the health checks of every store by themselves; after changes they run in any case. */
  healthScheduled: z.boolean(),
  /** How many hours lie between scheduled runs. */
  healthEveryHours: z.number().int().min(1).max(720),
});
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  theme: 'system',
  format: 'zst',
  verifyAfterBackup: true,
  undoDays: 7,
  healthScheduled: false,
  healthEveryHours: 6,
};

/** Something the person should know about Larder itself, for example that a damaged database was set aside. */
export const noticeSchema = z.strictObject({
  id: z.string(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  hint: z.string().optional(),
  atMs: epochMs,
});
export type Notice = z.infer<typeof noticeSchema>;

export const checkSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(['pass', 'warn', 'fail', 'skip']),
  evidence: z.string(),
  fix: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

export const settings = {
  get: procedure({ effect: 'read', summary: 'All settings', input: nothing, output: settingsSchema }),
  set: procedure({
    effect: 'mutate',
    summary: 'Change some settings',
    input: settingsSchema.partial(),
    output: settingsSchema,
  }),
} as const;

export const system = {
  info: procedure({
    effect: 'read',
    summary: 'What this Larder is and where it keeps its state',
    input: nothing,
    output: z.strictObject({
      version: z.string(),
      platform: z.string(),
      node: z.string(),
      hostname: z.string(),
      /** Home folder of the user the engine runs as. */
      userHome: absolutePath,
      /** Folder of settings, history and job log. */
      home: absolutePath,
      /** Whether this runtime can compress zstd; without it new backups use gzip. */
      zstd: z.boolean(),
      /** Path separator of the machine. */
      separator: z.enum(['/', '\\']),
      notices: z.array(noticeSchema),
    }),
  }),
  doctor: procedure({
    effect: 'read',
    summary: 'Self-check of the installation',
    input: nothing,
    output: z.strictObject({ ok: z.boolean(), checks: z.array(checkSchema) }),
  }),
  browse: procedure({
    effect: 'read',
    summary: 'Folders in a folder of this machine, to choose one from a browser',
    input: z.strictObject({ path: absolutePath.optional(), hidden: z.boolean().default(false) }),
    output: z.strictObject({
      path: absolutePath,
      parent: absolutePath.optional(),
      folders: z.array(z.strictObject({ name: z.string(), path: absolutePath, readable: z.boolean() })),
    }),
    unrestrictedOnly: true,
  }),
  dismissNotice: procedure({
    effect: 'mutate',
    summary: 'Put a notice away',
    input: z.strictObject({ id: z.string() }),
    output: z.strictObject({ notices: z.array(noticeSchema) }),
  }),
} as const;

export const sample = {
  create: procedure({
    effect: 'mutate',
    summary: 'Write a sample data folder (about 60 MB of valid files) into a new or empty folder, and add it',
    input: z.strictObject({
      /** Absent: `larder-sample/persistent_data` in the user's home folder. */
      path: absolutePath.optional(),
    }),
    output: z.strictObject({ job: jobId, path: absolutePath }),
    paths: (input) => (input.path === undefined ? [] : [input.path]),
  }),
} as const;

export const systemEvents = {
  'settings.changed': z.strictObject({ settings: settingsSchema }),
  'system.notices': z.strictObject({ notices: z.array(noticeSchema) }),
} as const;
