import { z } from 'zod';

/**
 * What calling a procedure may do.
 *
 * `read` changes nothing. `plan` changes nothing on disk, and remembers for a while what an apply would do. `mutate`
 * changes something; a `mutate` that touches a person's files takes the id of a plan.
 */
export type Effect = 'read' | 'plan' | 'mutate';

export interface Procedure<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly effect: Effect;
  /** One line for the REST document and for `--help`. */
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  /**
   * Absolute paths of this machine named in the input. A window of the desktop shell may only name paths that lie in a
   * registered store or were chosen in a native dialog; the engine checks that for every path this returns.
   */
  readonly paths?: (input: z.output<I>) => readonly string[];
  /** Not offered to a session that is bound to granted paths (a desktop window). */
  readonly unrestrictedOnly?: boolean;
}

/** Declares one procedure; the declaration is all that clients, carriers and the dispatcher know of it. */
export function procedure<I extends z.ZodType, O extends z.ZodType>(definition: Procedure<I, O>): Procedure<I, O> {
  return definition;
}

export const nothing = z.strictObject({});
export const ok = z.strictObject({ ok: z.literal(true) });
