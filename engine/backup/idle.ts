import type { Parent } from '../archive/index.ts';
import type { Candidate } from '../capture/index.ts';
import type { EngineContext } from '../context.ts';
import type { IdleFile } from './idle-files.ts';
import type { Survey } from './survey.ts';
import { idleTask } from './tasks.ts';
import { copyBytes } from './with-copies.ts';

/**
 * How long before the older backup began a live file must have been left alone: clocks of file systems tick in steps, so
 * that what was written while it was copied may show the same times.
 */
const tickMs = 1_000;

/**
 * Those of the live files that are as the older backup found them, so that they need no copy. What is not certain to be
 * so is copied. Throws `CANCELLED`, and what opening the manifest throws.
 */
export async function idleSince(
  context: EngineContext,
  root: string,
  live: readonly Candidate[],
  { reader: { manifestPath, header, keys } }: Parent,
  signal: AbortSignal,
): Promise<IdleFile[]> {
  if (live.length === 0) return [];
  const beforeNs = BigInt(Math.floor(header.startedAtMs) - tickMs) * 1_000_000n;
  const input = { root, candidates: live, manifest: manifestPath, beforeNs };
  return context.pool.run(idleTask, input, { signal, keys });
}

/** A survey in which only those live files are left that need a copy. */
export function withoutIdle(survey: Survey, idle: readonly IdleFile[]): Survey {
  const paths = new Set(idle.map(({ candidate }) => candidate.path));
  const live = survey.live.filter(({ path }) => !paths.has(path));
  return { ...survey, live, needed: survey.needed - copyBytes(survey.live) + copyBytes(live) };
}
