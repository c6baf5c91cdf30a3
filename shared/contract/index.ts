import type { z } from 'zod';
import { backups, backupsEvents } from './backups.ts';
import { compose } from './compose.ts';
import { discover, discoverEvents } from './discover.ts';
import { health, healthEvents } from './health.ts';
import { jobs, jobsEvents } from './jobs.ts';
import { layouts, layoutsEvents } from './layouts.ts';
import type { Procedure } from './procedure.ts';
import { restore, restoreEvents } from './restore.ts';
import { secrets, secretsEvents } from './secrets.ts';
import { setup } from './setup.ts';
import { stores, storesEvents } from './stores.ts';
import { sample, settings, system, systemEvents } from './system.ts';
import { usage, usageEvents } from './usage.ts';

/** Every procedure by domain: the one declaration that client, dispatcher, carriers and command line derive from. */
export const domains = {
  stores,
  layouts,
  usage,
  backups,
  restore,
  secrets,
  jobs,
  settings,
  system,
  sample,
  compose,
  setup,
  discover,
  health,
} as const;

type Domains = typeof domains;
type ProcedureKey = {
  [D in keyof Domains & string]: `${D}.${keyof Domains[D] & string}`;
}[keyof Domains & string];

type ProcedureAt<N extends ProcedureKey> = N extends `${infer D}.${infer P}`
  ? D extends keyof Domains
    ? P extends keyof Domains[D]
      ? Domains[D][P]
      : never
    : never
  : never;

export type ProcedureName = ProcedureKey;
/** What a caller passes: defaults may be left out. */
export type Input<N extends ProcedureName> = ProcedureAt<N> extends Procedure<infer I> ? z.input<I> : never;
/** What the engine sees after parsing. */
export type ParsedInput<N extends ProcedureName> = ProcedureAt<N> extends Procedure<infer I> ? z.output<I> : never;
export type Output<N extends ProcedureName> =
  ProcedureAt<N> extends Procedure<z.ZodType, infer O> ? z.output<O> : never;

/** The procedures by full name, `backups.start`. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  Object.entries(domains).flatMap(([domain, members]) =>
    Object.entries(members).map(([name, definition]) => [`${domain}.${name}`, definition as Procedure] as const),
  ),
);

export function isProcedureName(name: string): name is ProcedureName {
  return procedures.has(name);
}

/** Every event by name, with the schema of its data. */
export const events = {
  ...storesEvents,
  ...layoutsEvents,
  ...usageEvents,
  ...backupsEvents,
  ...restoreEvents,
  ...secretsEvents,
  ...jobsEvents,
  ...discoverEvents,
  ...healthEvents,
  ...systemEvents,
} as const;

export type EventName = keyof typeof events;
export type EventData<N extends EventName> = z.output<(typeof events)[N]>;

export * from './errors.ts';
export type * from './procedure.ts';
export * from './common.ts';
export * from './retention.ts';
export * from './stores.ts';
export * from './layouts.ts';
export * from './usage.ts';
export * from './backups.ts';
export * from './restore.ts';
export * from './health.ts';
export * from './secrets.ts';
export * from './jobs.ts';
export * from './compose.ts';
export * from './setup.ts';
export * from './discover.ts';
export * from './system.ts';
