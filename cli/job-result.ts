import { z } from 'zod';
import { LarderError, skippedSchema, verifyProblemSchema } from '../shared/contract/index.ts';
import type { Skipped } from '../shared/contract/index.ts';
import { formatQuantity } from '../shared/format.ts';
import { printable } from './text.ts';

/*
 * What the jobs' results hold that the command relies on. The engine leaves a result's form to each kind, so it is
 * checked here, and a form that does not fit is said to be a defect instead of printing `undefined`.
 */

export const backupResultSchema = z.looseObject({ id: z.string(), archive: z.string() });

export const verifyResultSchema = z.looseObject({
  ok: z.boolean(),
  checkedBytes: z.number(),
  checkedFiles: z.number(),
  problems: z.array(verifyProblemSchema),
  /** Of a sample: what all samples so far have covered, 0 to 1. */
  covered: z.number().optional(),
});
export type VerifyResult = z.infer<typeof verifyResultSchema>;

export const restoreResultSchema = z.looseObject({
  id: z.string(),
  created: z.number(),
  overwritten: z.number(),
  /** Only mode or times were put right. */
  metadata: z.number().default(0),
  unchanged: z.number().default(0),
  /** Left alone by the overwrite rule. */
  kept: z.number().default(0),
  deleted: z.number().default(0),
  skipped: z.array(skippedSchema).optional(),
  bytes: z.number().default(0),
});

export function readResult<T>(schema: z.ZodType<T>, result: unknown): T {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new LarderError('INTERNAL', 'The job ended with a result this command does not understand.', {
    details: { issues: z.prettifyError(parsed.error) },
    cause: parsed.error,
  });
}

/** The list of what was left out, every path with its reason. */
export function skippedText(skipped: readonly Skipped[]): string {
  if (skipped.length === 0) return '';
  const lines = skipped.map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}\n`).join('');
  return `Skipped ${formatQuantity(skipped.length, 'path')}:\n${lines}`;
}
