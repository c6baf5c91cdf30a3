import { z } from 'zod';
import type { ErrorData } from '../../../shared/contract/index.ts';

const restoreResultSchema = z.looseObject({
  id: z.string(),
  created: z.number(),
  overwritten: z.number(),
  metadata: z.number().default(0),
  deleted: z.number(),
  unchanged: z.number().default(0),
});
export type RestoreResult = z.infer<typeof restoreResultSchema>;

const undoResultSchema = z.looseObject({ restore: z.string(), putBack: z.number(), removed: z.number() });
export type UndoResult = z.infer<typeof undoResultSchema>;

/** What a restore's job ended with; undefined when it ended without. */
export function restoreResult(result: unknown): RestoreResult | undefined {
  return restoreResultSchema.safeParse(result).data;
}

/** What an undo's job ended with; undefined when it ended without. */
export function undoResult(result: unknown): UndoResult | undefined {
  return undoResultSchema.safeParse(result).data;
}

const pathsSchema = z.looseObject({ paths: z.array(z.string()) });

/** The paths an error is about, as far as it names them. */
export function errorPaths(error: ErrorData | undefined): readonly string[] {
  return pathsSchema.safeParse(error?.details).data?.paths ?? [];
}
