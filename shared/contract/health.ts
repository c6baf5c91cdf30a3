import { z } from 'zod';
import { count, epochMs, planId, skippedSchema, storeId } from './common.ts';
import { ok, procedure } from './procedure.ts';

export const healthGroups = [
  'structure',
  'permissions',
  'disk',
  'integrity',
  'backups',
  'activity',
  'environment',
  'compose',
  'larder',
] as const;
export const healthGroupSchema = z.enum(healthGroups);
export type HealthGroup = z.infer<typeof healthGroupSchema>;

/** `skip`: it cannot be told, and the evidence says why. Never to be shown as fine. */
export const healthStatuses = ['pass', 'warn', 'fail', 'skip'] as const;
export const healthStatusSchema = z.enum(healthStatuses);
export type HealthStatus = z.infer<typeof healthStatusSchema>;

/** Id of a check, `GROUP.NAME`; docs/health.md says what each looks at. */
export const healthCheckId = z.string().regex(/^[a-z]+\.[a-z-]+$/, 'It is not an id of a check.');

/** A check there is, whether or not it was run. */
export const healthDefinitionSchema = z.strictObject({
  id: healthCheckId,
  group: healthGroupSchema,
  title: z.string(),
  /** Why it matters. */
  why: z.string(),
  /** How much it counts in the score. */
  weight: z.number().positive(),
  /** What it can come to. */
  statuses: z.array(healthStatusSchema),
});
export type HealthDefinition = z.infer<typeof healthDefinitionSchema>;

export const healthMuteSchema = z.strictObject({
  reason: z.string(),
  sinceMs: epochMs,
  /** Absent: until it is taken back. */
  untilMs: epochMs.optional(),
});
export type HealthMute = z.infer<typeof healthMuteSchema>;

export const healthCheckSchema = z.strictObject({
  id: healthCheckId,
  group: healthGroupSchema,
  /** Id of the area it is about, where a check speaks of one alone. Id and area together are unique in a report. */
  area: z.string().optional(),
  status: healthStatusSchema,
  title: z.string(),
  /** What was found, in short words with figures; why it cannot be told, of `skip`. */
  evidence: z.string(),
  /** What it is about: relative to the store's root, or absolute where it lies elsewhere. The first few, and how many more. */
  paths: z.strictObject({ first: z.array(z.string()), more: count }).optional(),
  why: z.string(),
  /** Larder can mend it: `fixPlan` says exactly how. */
  fix: z.strictObject({ title: z.string(), safe: z.literal(true) }).optional(),
  /** A line for a terminal that mends it, or looks closer. */
  command: z.string().optional(),
  /** It is shown and does not count. */
  muted: healthMuteSchema.optional(),
});
export type HealthCheck = z.infer<typeof healthCheckSchema>;

/** Results by status; those muted are counted there alone. */
export const healthCountsSchema = z.strictObject({ pass: count, warn: count, fail: count, skip: count, muted: count });
export type HealthCounts = z.infer<typeof healthCountsSchema>;

/** 0 to 100: the share of what passes, by weight; a warning counts half. What is muted or cannot be told does not count. */
const score = z.number().int().min(0).max(100);

export const healthReportSchema = z.strictObject({
  store: storeId,
  /** When it was run. */
  atMs: epochMs,
  tookMs: z.number().nonnegative(),
  /** Nothing fails that is not muted. */
  ok: z.boolean(),
  score,
  counts: healthCountsSchema,
  /** By group, and in each the order of `list`. */
  checks: z.array(healthCheckSchema),
});
export type HealthReport = z.infer<typeof healthReportSchema>;

export const healthSummarySchema = z.strictObject({
  atMs: epochMs,
  ok: z.boolean(),
  score,
  counts: healthCountsSchema,
  /** Titles of what fails, at most ten. */
  failing: z.array(z.string()),
});
export type HealthSummary = z.infer<typeof healthSummarySchema>;

export const healthSampleSchema = z.strictObject({ atMs: epochMs, score, pass: count, warn: count, fail: count });
export type HealthSample = z.infer<typeof healthSampleSchema>;

/** One thing a fix changes. `from` and `to` are in words: `775` to `755`, `nothing` to `folder, 755`. */
export const healthChangeSchema = z.strictObject({
  check: healthCheckId,
  area: z.string().optional(),
  kind: z.enum(['create', 'mode', 'owner', 'append']),
  /** Relative to the store's root; `''` is the root. */
  path: z.string(),
  from: z.string(),
  to: z.string(),
});
export type HealthChange = z.infer<typeof healthChangeSchema>;

export const healthFixPlanSchema = z.strictObject({
  plan: planId,
  store: storeId,
  /** In the order they would be made; empty when there is nothing to mend. */
  changes: z.array(healthChangeSchema),
  /** There is more of the same than one plan holds: plan again afterwards. */
  more: z.boolean(),
  /** What warns or fails and cannot be mended here. */
  cannot: z.array(
    z.strictObject({
      check: healthCheckId,
      area: z.string().optional(),
      title: z.string(),
      reason: z.string(),
      /** A line for a terminal, where there is one. */
      command: z.string().optional(),
    }),
  ),
});
export type HealthFixPlan = z.infer<typeof healthFixPlanSchema>;

const checkIds = z.array(healthCheckId).min(1).max(200);
const muted = { store: storeId, check: healthCheckId, area: z.string().max(32_768).optional() } as const;

export const health = {
  list: procedure({
    effect: 'read',
    summary: 'The checks there are',
    input: z.strictObject({}),
    output: z.strictObject({ checks: z.array(healthDefinitionSchema) }),
  }),
  get: procedure({
    effect: 'read',
    summary: 'The last report of a store, at once',
    input: z.strictObject({ store: storeId }),
    output: z.strictObject({
      /** Absent: it was never run. */
      report: healthReportSchema.optional(),
      /** It is being run just now; `health.changed` follows. */
      running: z.boolean(),
    }),
  }),
  run: procedure({
    effect: 'read',
    summary: 'Run the checks of a store and wait for the report; `health.progress` tells how far it is',
    input: z.strictObject({
      store: storeId,
      /** Only these, and the report is of these alone. */
      only: checkIds.optional(),
    }),
    output: healthReportSchema,
  }),
  history: procedure({
    effect: 'read',
    summary: 'Score of a store over time, oldest first',
    input: z.strictObject({ store: storeId, sinceMs: epochMs.default(0) }),
    output: z.strictObject({ samples: z.array(healthSampleSchema) }),
  }),
  fixPlan: procedure({
    effect: 'plan',
    summary: 'Exactly what the safe fixes would change, and what cannot be mended here',
    input: z.strictObject({ store: storeId, checks: checkIds.optional() }),
    output: healthFixPlanSchema,
  }),
  fixApply: procedure({
    effect: 'mutate',
    summary: 'Make the safe fixes as planned; refused, and nothing done, when any of it changed meanwhile',
    input: z.strictObject({ plan: planId }),
    output: z.strictObject({
      done: z.array(healthChangeSchema),
      /** What the system refused, and why. */
      skipped: z.array(skippedSchema),
      /** After it. */
      report: healthReportSchema,
    }),
  }),
  mute: procedure({
    effect: 'mutate',
    summary: 'Let a check not count, with a reason, for a while or until taken back',
    input: z.strictObject({
      ...muted,
      reason: z.string().trim().min(1).max(500),
      untilMs: epochMs.optional(),
    }),
    output: ok,
  }),
  unmute: procedure({
    effect: 'mutate',
    summary: 'Let a check count again',
    input: z.strictObject(muted),
    output: ok,
  }),
} as const;

export const healthEvents = {
  /** A report was made, or what is muted changed. */
  'health.changed': z.strictObject({ store: storeId, summary: healthSummarySchema }),
  /** A run moved (at most about ten times a second). */
  'health.progress': z.strictObject({
    store: storeId,
    /** "Looking at files", "Reading models". */
    phase: z.string(),
    /** Files looked at in this phase. */
    done: count,
    total: count.optional(),
  }),
} as const;
