import { z } from 'zod';
import { absolutePath, planId, relativePath, roleSchema, storeId } from './common.ts';
import { procedure } from './procedure.ts';

/** Backup rule of an area. `recentDays`: only files changed in these days. */
export const areaBackupSchema = z.union([
  z.literal('always'),
  z.literal('never'),
  z.strictObject({ recentDays: z.number().positive().max(36_500) }),
]);
export type AreaBackup = z.infer<typeof areaBackupSchema>;

const onlyFiles = z
  .array(z.string().min(1).max(1_000))
  .min(1)
  .max(100)
  .describe('Globs of the files it is about, relative to the area; all when left out')
  .optional();

/** Cleanup rule of an area. `retention`: what lies there is backups, and rotation decides. */
export const areaCleanupSchema = z.union([
  z.literal('never'),
  z.literal('retention'),
  z.strictObject({ olderThanHours: z.number().positive().max(876_000), only: onlyFiles }),
  z.strictObject({ olderThanDays: z.number().positive().max(36_500), only: onlyFiles }),
]);
export type AreaCleanup = z.infer<typeof areaCleanupSchema>;

/** Permission bits in octal: `755`. */
export const modeSchema = z.string().regex(/^[0-7]{3,4}$/, 'It takes permission bits in octal, for example 755.');
/** As a file may have them: YAML reads 755 as a number. */
const modeInFile = z
  .union([modeSchema, z.number().int().min(0).max(7_777)])
  .transform((mode) => String(mode).padStart(3, '0'))
  .pipe(modeSchema);
export const ownerSchema = z
  .string()
  .regex(/^\d{1,10}:\d{1,10}$/, 'It takes UID:GID in numbers, for example 1001:1001.');

/** Name of a variable of the environment. */
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'It is not a name of a variable.');

/** A service of the containers sees an area at `target`. */
export const areaMountSchema = z.strictObject({
  service: z.string().min(1).max(200).describe('Name of the service in the compose file'),
  target: z.string().startsWith('/').max(4_096).describe('Path inside the container'),
});

/** What an area is, whether it comes from a file or over the wire. */
function areaFields<M extends z.ZodType<string>>(mode: M) {
  return {
    role: roleSchema.describe('What the folder is for'),
    title: z.string().min(1).max(200).optional().describe('What it is called, where its path does not say enough'),
    required: z.boolean().describe('It is a fault when the folder is not there'),
    backup: areaBackupSchema.describe('What of it backups hold'),
    cleanup: areaCleanupSchema.describe('What of it may be cleaned up'),
    directoryMode: mode.optional().describe('Permission of its folders, in octal'),
    fileMode: mode.optional().describe('Permission of its files, in octal'),
    owner: ownerSchema.optional().describe('Owner as UID:GID'),
    capture: z.literal('live').optional().describe('A running service writes to it; it is captured as such'),
    immutable: z.boolean().optional().describe('Files in it do not change once written'),
    folders: z.array(relativePath.min(1)).max(200).optional().describe('Folders in it that belong to the layout'),
    environment: z.array(variableName).max(100).optional().describe('Variables that must point to it'),
    mounts: z.array(areaMountSchema).max(100).optional().describe('Where containers see it'),
  };
}

/**
 * An area of a layout. `path` is relative to the store's root, `/`-separated; `''` is the root: everything that lies in
 * no other area. A `*` in it stands for any part of one name. The deepest area a path lies in is its area.
 */
export const layoutAreaSchema = z.strictObject({
  /** The path again, `.` for the root. */
  id: z.string(),
  path: relativePath,
  ...areaFields(modeSchema),
});
export type LayoutArea = z.infer<typeof layoutAreaSchema>;

/** A variable of the environment. */
export const layoutVariableSchema = z.strictObject({
  name: variableName,
  /** Its value in a container; of one that points into the store, the path there. */
  value: z.string().max(4_096).optional(),
  /** Where in the store it points, relative to the root. Absent for a plain setting. */
  path: relativePath.optional(),
  service: z.string().min(1).max(200).optional(),
});
export type LayoutVariable = z.infer<typeof layoutVariableSchema>;

/** A mount of a part of the store (`''` the whole) into a service. */
export const layoutMountSchema = z.strictObject({ path: relativePath, ...areaMountSchema.shape });
export type LayoutMount = z.infer<typeof layoutMountSchema>;

/**
 * What tells a layout from others: globs over relative paths of its root, any of which will do. `kind` is what must be
 * there. Marks weigh 1 unless they say otherwise; without one that is `needed` a folder is hardly of this layout.
 */
export const layoutMarkSchema = z.strictObject({
  any: z.array(z.string().min(1).max(1_000)).min(1),
  kind: z.enum(['file', 'dir']).optional(),
  weight: z.number().positive().max(10).optional(),
  needed: z.boolean().optional(),
  /** In words: "folders by publisher and model". */
  title: z.string().max(200).optional(),
});
export type LayoutMark = z.infer<typeof layoutMarkSchema>;

/**
 * A place a well-known store lies at, first match wins: the value of `env` (with `path` below it), or `path` alone, where
 * `~` is the home directory and `*` any one name. `os` are names of Node's `process.platform`.
 */
export const layoutPlaceSchema = z.strictObject({
  env: variableName.optional(),
  path: z.string().min(1).max(4_096).optional(),
  os: z
    .array(z.enum(['linux', 'darwin', 'win32']))
    .min(1)
    .optional(),
});
export type LayoutPlace = z.infer<typeof layoutPlaceSchema>;

/** Where a project kept something before it had a store: `from` relative to the code's folder, `to` to the store. */
export const layoutMoveSchema = z.strictObject({ from: relativePath.min(1), to: relativePath });
export type LayoutMove = z.infer<typeof layoutMoveSchema>;

/** Data that lives in a database server and not in a folder. */
export const layoutServiceSchema = z.strictObject({
  name: z.string().min(1).max(200),
  kind: z.enum(['mongodb', 'postgresql', 'redis']),
  database: z.string().max(200).optional(),
  collections: z
    .array(z.strictObject({ name: z.string().min(1).max(200), keepDays: z.number().positive().optional() }))
    .optional(),
  /** Variables that switch or time it, with their usual values. */
  settings: z.record(variableName, z.string()).optional(),
});
export type LayoutService = z.infer<typeof layoutServiceSchema>;

const layoutId = z
  .string()
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 'It is not an id of a layout.')
  .max(64);

/** What a layout says of the store as a whole. */
function wholeFields<M extends z.ZodType<string>>(mode: M) {
  return {
    directoryMode: mode.optional().describe('Permission of folders, in octal'),
    fileMode: mode.optional().describe('Permission of files, in octal'),
    scriptMode: mode.optional().describe('Permission of scripts, in octal'),
    owner: ownerSchema.optional().describe('Owner as UID:GID'),
    containerRoot: z.string().startsWith('/').max(4_096).optional().describe('Where containers see the whole store'),
    archivePrefix: z
      .string()
      .regex(/^[\w.-]+$/)
      .max(100)
      .optional()
      .describe('How archives made for it begin'),
    keepLast: z.number().int().positive().max(100_000).optional().describe('Backups usually kept'),
  };
}

export const layoutSchema = z.strictObject({
  id: layoutId,
  title: z.string(),
  summary: z.string(),
  group: z.enum(['project', 'models', 'vectors', 'databases', 'tracking', 'metrics']),
  /** Usual name of the root folder; `''` where there is none. */
  root: z.string(),
  ...wholeFields(modeSchema),
  areas: z.array(layoutAreaSchema),
  environment: z.array(layoutVariableSchema),
  mounts: z.array(layoutMountSchema),
  marks: z.array(layoutMarkSchema),
  /** Globs of what is usually in the root besides, for a layout whose area is the root itself. */
  names: z.array(z.string().min(1).max(1_000)),
  places: z.array(layoutPlaceSchema),
  moves: z.array(layoutMoveSchema),
  services: z.array(layoutServiceSchema),
});
export type Layout = z.infer<typeof layoutSchema>;

/** Areas of a file by their path, `.` for the root. */
const areaInFile = z.strictObject({
  ...areaFields(modeInFile),
  required: z.boolean().describe('It is a fault when the folder is not there').optional(),
  backup: areaBackupSchema.describe('What of it backups hold').optional(),
  cleanup: areaCleanupSchema.describe('What of it may be cleaned up').optional(),
});

/** A file of a shipped layout. */
export const layoutFileSchema = z.strictObject({
  ...layoutSchema.shape,
  ...wholeFields(modeInFile),
  root: z.string().optional(),
  areas: z.record(z.string(), areaInFile).optional(),
  environment: z.array(layoutVariableSchema).optional(),
  mounts: z.array(layoutMountSchema).optional(),
  marks: z.array(layoutMarkSchema).optional(),
  names: z.array(z.string().min(1).max(1_000)).optional(),
  places: z.array(layoutPlaceSchema).optional(),
  moves: z.array(layoutMoveSchema).optional(),
  services: z.array(layoutServiceSchema).optional(),
});
export type LayoutFile = z.output<typeof layoutFileSchema>;

/** `larder.yaml` in the root of a store. */
export const larderYamlSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format'),
  layout: layoutId.optional().describe('Layout this one is made of; larder layouts lists them'),
  ...wholeFields(modeInFile),
  areas: z
    .record(z.string().min(1), areaInFile.partial())
    .optional()
    .describe("Areas by their path: more than the layout's, or what is different of the layout's"),
  without: z.array(z.string().min(1)).optional().describe('Areas of the layout that this store does not have'),
  environment: z.array(layoutVariableSchema).optional().describe('Variables besides those of the areas'),
  mounts: z.array(layoutMountSchema).optional().describe('Mounts besides those of the areas'),
});
export type LarderYaml = z.output<typeof larderYamlSchema>;

/** Where an area of a store comes from: `larder.yaml`, the chosen layout, or a guess from names and contents. */
export const areaSourceSchema = z.enum(['larder.yaml', 'layout', 'guess']);

export const storeAreaSchema = z.strictObject({
  ...layoutAreaSchema.shape,
  source: areaSourceSchema,
  /** True when nobody said so: inferred from names and contents. */
  guess: z.literal(true).optional(),
  /** Why it is taken for that, of a guess. */
  why: z.string().optional(),
  /** Whether the folder (or one matching the pattern) is there. */
  exists: z.boolean(),
  /** What holds for backups: the person's own rule where there is one. */
  backupRule: z.strictObject({ rule: areaBackupSchema, from: z.enum(['layout', 'yours', 'default']) }),
});
export type StoreArea = z.infer<typeof storeAreaSchema>;

/** What is wrong with a `larder.yaml`. Lines and columns count from 1. */
export const layoutProblemSchema = z.strictObject({
  message: z.string(),
  hint: z.string().optional(),
  line: z.number().int().positive().optional(),
  column: z.number().int().positive().optional(),
});
export type LayoutProblem = z.infer<typeof layoutProblemSchema>;

/** The layout of one store as it holds now. */
export const storeLayoutSchema = z.strictObject({
  store: storeId,
  /** What the areas come from, apart from guesses for folders nobody named. */
  source: areaSourceSchema,
  /** Id and title of the layout it is made of. */
  layout: z.strictObject({ id: z.string(), title: z.string() }).optional(),
  ...wholeFields(modeSchema),
  areas: z.array(storeAreaSchema),
  /** All variables: those of areas with the value a container sees, and the others. */
  environment: z.array(layoutVariableSchema),
  /** All mounts, those of areas too. */
  mounts: z.array(layoutMountSchema),
  moves: z.array(layoutMoveSchema),
  services: z.array(layoutServiceSchema),
  /** `broken`: it does not count, and `problems` says why. */
  file: z.enum(['none', 'ok', 'broken']),
  problems: z.array(layoutProblemSchema),
});
export type StoreLayout = z.infer<typeof storeLayoutSchema>;

/** How well a layout fits a folder, 0 to 1, and what speaks for and against it. */
export const layoutCandidateSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  score: z.number().min(0).max(1),
  /** Good enough, and better than any other, to be taken without asking. */
  convincing: z.boolean(),
  speaksFor: z.array(z.string()),
  speaksAgainst: z.array(z.string()),
});
export type LayoutCandidate = z.infer<typeof layoutCandidateSchema>;

const nullable = <T extends z.ZodType>(schema: T) => schema.nullable().optional();

/** One change of `larder.yaml`. `null` takes a value out, so that the layout's, or none, holds again. */
export const layoutChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('set'),
    /** Adds the area when there is none of that path. `''` is the root. */
    path: relativePath,
    role: roleSchema.optional(),
    title: nullable(z.string().min(1).max(200)),
    required: nullable(z.boolean()),
    backup: nullable(areaBackupSchema),
    cleanup: nullable(areaCleanupSchema),
    directoryMode: nullable(modeSchema),
    fileMode: nullable(modeSchema),
    owner: nullable(ownerSchema),
    capture: nullable(z.literal('live')),
    immutable: nullable(z.boolean()),
  }),
  z.strictObject({ kind: z.literal('remove'), path: relativePath }),
  z.strictObject({ kind: z.literal('layout'), layout: layoutId.nullable() }),
]);
export type LayoutChange = z.output<typeof layoutChangeSchema>;

/** What a change can set of an area. */
export const changedFields = [
  'role',
  'title',
  'required',
  'backup',
  'cleanup',
  'directoryMode',
  'fileMode',
  'owner',
  'capture',
  'immutable',
] as const satisfies readonly Exclude<keyof Extract<LayoutChange, { kind: 'set' }>, 'kind' | 'path'>[];

export const layoutPlanSchema = z.strictObject({
  plan: planId,
  store: storeId,
  /** The `larder.yaml` that would be written. */
  path: absolutePath,
  creates: z.boolean(),
  /** Unified diff; empty when nothing would change. */
  diff: z.string(),
  /** The whole file as it would be. */
  text: z.string(),
  /** The areas as they would hold. */
  areas: z.array(storeAreaSchema),
});
export type LayoutPlan = z.infer<typeof layoutPlanSchema>;

export const layouts = {
  list: procedure({
    effect: 'read',
    summary: 'The layouts Larder knows',
    input: z.strictObject({}),
    output: z.strictObject({ layouts: z.array(layoutSchema) }),
  }),
  show: procedure({
    effect: 'read',
    summary: 'One layout',
    input: z.strictObject({ id: z.string() }),
    output: layoutSchema,
  }),
  detect: procedure({
    effect: 'read',
    summary: 'How well each layout fits a folder, best first, and what its folders look like without one',
    input: z.strictObject({ path: absolutePath }),
    output: z.strictObject({
      path: absolutePath,
      /** Those with anything that speaks for them. */
      candidates: z.array(layoutCandidateSchema),
      /** Id of the convincing one. */
      layout: z.string().optional(),
      /** The areas as they would be with it, and guesses for folders it does not name. */
      areas: z.array(storeAreaSchema),
    }),
    paths: (input) => [input.path],
  }),
  ofStore: procedure({
    effect: 'read',
    summary: 'The areas of a store with their rules, and where each comes from',
    input: z.strictObject({ store: storeId }),
    output: storeLayoutSchema,
  }),
  plan: procedure({
    effect: 'plan',
    summary: 'What changes of areas and rules would do to larder.yaml',
    input: z.strictObject({ store: storeId, changes: z.array(layoutChangeSchema).min(1).max(1_000) }),
    output: layoutPlanSchema,
  }),
  apply: procedure({
    effect: 'mutate',
    summary: 'Write larder.yaml as planned; refused when it changed meanwhile',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({ layout: storeLayoutSchema }),
  }),
  undo: procedure({
    effect: 'mutate',
    summary: 'Put larder.yaml back as it was before the last edit of a store; refused when it changed meanwhile',
    input: z.strictObject({ store: storeId }),
    output: z.strictObject({ layout: storeLayoutSchema }),
  }),
} as const;

export const layoutsEvents = {
  /** The areas of a store, or their rules, changed. */
  'layouts.changed': z.strictObject({ store: storeId }),
} as const;
