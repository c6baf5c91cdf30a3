import { join } from 'node:path';
import type { Skipped } from '../../shared/contract/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { captureTask } from './tasks.ts';
import type { Candidate, Captured, CaptureOutcome } from './types.ts';

export interface CaptureOptions {
  readonly pool: Pool;
  /** Absolute root of the store. */
  readonly root: string;
  readonly candidates: readonly Candidate[];
  /** Existing folder for the copies; whoever called removes them. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** Called when it is a candidate's turn. */
  readonly onProgress?: (path: string) => void;
}

/**
 * Copies every live store found. One that cannot be copied is taken as it lies and listed with the reason. Throws
 * `NO_SPACE` when the copies do not fit, and `CANCELLED`.
 */
export async function capture(options: CaptureOptions): Promise<CaptureOutcome> {
  const { pool, root, candidates, folder } = options;
  const captured = new Map<string, Captured>();
  const skipped: Skipped[] = [];
  if (candidates.length === 0) return { captured, skipped };
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; ; number = next++) {
      const candidate = candidates[number];
      if (candidate === undefined) return;
      options.onProgress?.(candidate.path);
      const file = join(folder, `capture-${number}`);
      const input = { step: candidate.step, path: join(root, candidate.path), into: file };
      const result = await pool.run(captureTask, input, { signal });
      if (result.t === 'made') {
        const { size, mtimeNs, state } = result;
        captured.set(candidate.path, { candidate, file, size, mtimeNs, state });
      } else if (result.t === 'failed') skipped.push({ path: candidate.path, reason: result.reason });
    }
  };
  const workers = Array.from({ length: Math.min(pool.size, candidates.length) }, () => work());
  // One that failed stops the others, and none runs on behind the caller's back.
  for (const worker of workers) worker.catch(() => stop.abort());
  const ends = await Promise.allSettled(workers);
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  const first = reasons.find((reason) => !isStopped(reason)) ?? reasons[0];
  if (first !== undefined) throw toLarderError(first);
  return { captured, skipped };
}

function isStopped(reason: unknown): boolean {
  return toLarderError(reason).code === 'CANCELLED';
}
