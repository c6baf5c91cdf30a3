import { z } from 'zod';

/** What a directory of a store is for. Charts, rules and layouts all speak of these. */
export const roles = [
  'model',
  'vector',
  'cache',
  'scaler',
  'dataset',
  'prediction',
  'log',
  'config',
  'backup',
  'database',
  'metrics',
  'frontend',
  'other',
] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** A non-negative integer; sizes are bytes, counts are counts. Exact up to 2^53. */
export const count = z.number().int().nonnegative();
/** Milliseconds since 1970-01-01T00:00:00Z; negative before. */
export const epochMs = z.number();

/** An absolute path on the machine the engine runs on, as {@link file://../path-text.ts path text}. */
export const absolutePath = z.string().min(1).max(32_768);
/** A path inside a store or backup, `/`-separated, without a leading slash; `''` is the root itself. */
export const relativePath = z.string().max(32_768);

export const storeId = z.string().min(1).max(64);
/** A backup's id, a unique prefix of it, an archive's file name or path, `latest`, or `latest:STORE`. */
export const backupRef = z.string().min(1).max(32_768);
/** The absolute paths a call on a backup names: the backup itself where it is named by its path, and the destination. */
export function backupPaths(input: { backup: string; destination?: string | undefined }): string[] {
  const isPath = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(input.backup);
  return [...(isPath ? [input.backup] : []), ...(input.destination === undefined ? [] : [input.destination])];
}
export const jobId = z.string().min(1).max(64);
export const planId = z.string().min(1).max(64);

/** A path that something did not deal with, and why. */
export const skippedSchema = z.strictObject({ path: z.string(), reason: z.string() });
export type Skipped = z.infer<typeof skippedSchema>;

/** The figures counted for a directory and everything below it. */
export const areaUsageFields = {
  bytes: count,
  allocated: count,
  files: count,
  dirs: count,
  /** Newest modification below, or 0 when there is nothing. */
  newest: epochMs,
} as const;
