import { join } from 'node:path';
import { comparePaths } from '../../shared/path-text.ts';
import { openUnchecked } from '../archive/index.ts';
import { captureSteps } from '../capture/index.ts';
import type { Candidate } from '../capture/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';

/** A live file that nothing was written to since an older backup copied it. */
export interface IdleFile {
  readonly candidate: Candidate;
  /** As in the older backup. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly state: bigint;
}

export interface IdleInput {
  readonly root: string;
  readonly candidates: readonly Candidate[];
  /** Of the older backup. */
  readonly manifest: string;
  /** What was written to later is not taken for idle. */
  readonly beforeNs: bigint;
}

/** Those candidates that are in the state which the older backup holds a copy of. */
export function findIdle({ root, candidates, manifest, beforeNs }: IdleInput, context: TaskContext): IdleFile[] {
  const states = new Map<string, { candidate: Candidate; state: bigint }>();
  for (const candidate of candidates) {
    context.throwIfCancelled();
    const state = stateOf(candidate, root, context);
    if (state !== undefined && state.touchedNs < beforeNs) {
      states.set(candidate.path, { candidate, state: state.id });
    }
  }
  const last = [...states.keys()].sort(comparePaths).at(-1);
  const idle: IdleFile[] = [];
  if (last === undefined) return idle;
  for (const entry of openUnchecked(context.fs, manifest).entries()) {
    context.throwIfCancelled();
    if (comparePaths(entry.path, last) > 0) break;
    const now = states.get(entry.path);
    if (now === undefined || entry.type !== 'file' || entry.ctimeNs !== now.state) continue;
    idle.push({ ...now, size: entry.size, mtimeNs: entry.mtimeNs });
  }
  return idle;
}

function stateOf({ step, path }: Candidate, root: string, { fs }: TaskContext) {
  try {
    return captureSteps.find(({ name }) => name === step)?.state(join(root, path), fs);
  } catch (error) {
    // Whatever is wrong with it shows when it is copied.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
