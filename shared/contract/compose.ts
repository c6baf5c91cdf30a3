import { z } from 'zod';
import { absolutePath, count, planId, storeId } from './common.ts';
import { procedure } from './procedure.ts';

/** What a finding is about; docs/compose.md says more on each. */
export const composeRules = [
  'bad-yaml',
  'unreadable',
  'missing-file',
  'extends-cycle',
  'undefined-volume',
  'data-not-mounted',
  'path-for-other-version',
  'data-moved-off-mount',
  'data-on-tmpfs',
  'shared-data-path',
  'layout-mount-missing',
  'anonymous-volume',
  'bind-outside-store',
  'relative-bind',
  'floating-tag',
  'volume-not-external',
  'no-project-name',
  'script-removes-volumes',
  'bind-owner',
  'data-file-system',
] as const;
export const composeRuleSchema = z.enum(composeRules);
export type ComposeRule = z.infer<typeof composeRuleSchema>;

export const composeSeveritySchema = z.enum(['error', 'warning', 'info']);
export type ComposeSeverity = z.infer<typeof composeSeveritySchema>;

/** Where something stands. Line and column count from 1, columns in UTF-16 units. */
const spotFields = {
  file: absolutePath,
  line: z.number().int().positive(),
  column: z.number().int().positive(),
} as const;

/** How a finding is mended. */
export const composeFixSchema = z.strictObject({
  title: z.string(),
  /** A unified diff, paths relative to the project's folder after `a/` and `b/` (`patch -p1`, `git apply`). */
  patch: z.string(),
  files: z.array(absolutePath).min(1),
  /** Nothing besides is needed; `compose check --fix` makes these. */
  safe: z.boolean(),
  /** What to do before or after it. */
  note: z.string().optional(),
});
export type ComposeFix = z.infer<typeof composeFixSchema>;

export const composeFindingSchema = z.strictObject({
  /** The same for the same mistake, also when lines move. */
  id: z.string(),
  rule: composeRuleSchema,
  severity: composeSeveritySchema,
  ...spotFields,
  service: z.string().optional(),
  /** The path, volume, variable or line it is about. */
  subject: z.string(),
  message: z.string(),
  why: z.string(),
  fix: composeFixSchema.optional(),
  /** A shell command that mends it, where an edit of a file cannot. */
  command: z.string().optional(),
});
export type ComposeFinding = z.infer<typeof composeFindingSchema>;

/** Something that could not be told; never to be shown as fine. */
export const composeUnknownSchema = z.strictObject({
  ...spotFields,
  service: z.string().optional(),
  subject: z.string(),
  message: z.string(),
  why: z.string(),
});
export type ComposeUnknown = z.infer<typeof composeUnknownSchema>;

export const composeServiceSchema = z.strictObject({
  name: z.string(),
  ...spotFields,
  /** As written, variables filled in; absent when it is built here. */
  image: z.string().optional(),
  /** What the image is, when Larder knows it. */
  title: z.string().optional(),
  profiles: z.array(z.string()),
  mounts: z.array(
    z.strictObject({
      kind: z.enum(['bind', 'volume', 'anonymous', 'tmpfs', 'other']),
      source: z.string().optional(),
      target: z.string(),
      readOnly: z.boolean(),
    }),
  ),
});
export type ComposeService = z.infer<typeof composeServiceSchema>;

export const composeProjectSchema = z.strictObject({
  folder: absolutePath,
  /** As Compose calls it. */
  name: z.string(),
  /** Every file read for it, in order. */
  files: z.array(absolutePath),
  services: z.array(composeServiceSchema),
  /** By file, line and column. */
  findings: z.array(composeFindingSchema),
  cannotTell: z.array(composeUnknownSchema),
});
export type ComposeProject = z.infer<typeof composeProjectSchema>;

const counts = z.strictObject({ errors: count, warnings: count, infos: count, cannotTell: count });
export type ComposeCounts = z.infer<typeof counts>;

export const composeCheckSchema = z.strictObject({ projects: z.array(composeProjectSchema), counts });
export type ComposeCheck = z.infer<typeof composeCheckSchema>;

/** What to check: these files and folders, or what lies beside a store, or both. */
const subject = {
  /** Compose files, or folders to look for them in. A file takes its `override` along, as `docker compose up` does. */
  files: z.array(absolutePath).max(200).optional(),
  store: storeId.optional(),
  /** Only services without a profile or with one of these; all when left out. */
  profiles: z.array(z.string().min(1).max(200)).max(100).optional(),
  /** Instead of each project's `.env`. */
  envFile: absolutePath.optional(),
} as const;
const subjectSchema = z
  .strictObject(subject)
  .refine(({ files, store }) => store !== undefined || (files ?? []).length > 0, {
    message: 'Name files or a store.',
  });
export type ComposeSubject = z.output<typeof subjectSchema>;

function pathsOf({ files, envFile }: ComposeSubject): string[] {
  return [...(files ?? []), ...(envFile === undefined ? [] : [envFile])];
}

export const composeFixPlanSchema = z.strictObject({
  id: planId,
  /** Each file that would change, with all mends of it in one diff. */
  files: z.array(z.strictObject({ file: absolutePath, patch: z.string() })),
  /** What would be mended. */
  mended: z.array(
    z.strictObject({
      id: z.string(),
      rule: composeRuleSchema,
      message: z.string(),
      title: z.string(),
      note: z.string().optional(),
    }),
  ),
  /** Findings asked for that have no mend, or none any more. */
  left: z.array(z.string()),
});
export type ComposeFixPlan = z.infer<typeof composeFixPlanSchema>;

const changed = z.array(
  z.strictObject({
    file: absolutePath,
    /** The file as it was before. */
    copy: absolutePath,
  }),
);

export const compose = {
  check: procedure({
    effect: 'read',
    summary: 'Mistakes in compose files that lose data',
    input: subjectSchema,
    output: composeCheckSchema,
    paths: pathsOf,
  }),
  source: procedure({
    effect: 'read',
    summary: 'The text of a compose file, with the findings in it',
    /** With `store`, `file` is one that was found beside it. */
    input: z.strictObject({ file: absolutePath, store: storeId.optional() }),
    output: z.strictObject({
      file: absolutePath,
      text: z.string(),
      findings: z.array(composeFindingSchema),
      cannotTell: z.array(composeUnknownSchema),
    }),
    paths: ({ file, store }) => (store === undefined ? [file] : []),
  }),
  planFix: procedure({
    effect: 'plan',
    summary: 'Exactly what mending findings would change',
    input: z.strictObject({
      check: subjectSchema,
      /** Ids of findings; `safe`: all whose mend needs nothing besides. */
      findings: z.union([z.literal('safe'), z.array(z.string().min(1).max(64)).min(1).max(1_000)]),
    }),
    output: composeFixPlanSchema,
    paths: ({ check }) => pathsOf(check),
  }),
  applyFix: procedure({
    effect: 'mutate',
    summary: 'Mend compose files as planned',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({
      /** For `undoFix`. */
      undo: z.string(),
      files: changed,
    }),
  }),
  undoFix: procedure({
    effect: 'mutate',
    summary: 'Put back the files that a mend changed; refused where they have changed since',
    input: z.strictObject({ undo: z.string().regex(/^[0-9a-f-]{1,64}$/) }),
    output: z.strictObject({ files: z.array(absolutePath) }),
  }),
} as const;
