import { LarderError } from '../../shared/contract/index.ts';
import type { UndoPlan } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { goBackTask } from './go-back-task.ts';
import type { GoBackReply } from './go-back-task.ts';
import { JournalWriter, peekJournal, undoPaths } from './journal.ts';
import { endUndo, settleTarget } from './settle.ts';
import type { RestoreParts } from './settle.ts';
import type { FoundJournal } from './undo-folder.ts';

/** An undo as planned. */
export interface PlannedUndo {
  readonly id: string;
  readonly target: string;
  readonly store: string | undefined;
  readonly expected: GoBackReply;
}

const dayMs = 86_400_000;

/** Until when a restore can be undone, by the settings as they are now. */
export function undoUntil(parts: RestoreParts, atMs: number): number {
  return atMs + parts.context.settings.get().undoDays * dayMs;
}

/** What undoing a restore would do. Throws `NOT_FOUND` when there is no such restore or it can no longer be undone. */
export async function planUndo(
  parts: RestoreParts,
  id: string,
  target: string,
  store: string | undefined,
): Promise<{ planned: PlannedUndo; shown: Omit<UndoPlan, 'id'> }> {
  const found = findUndoable(parts, id, target);
  const expected = await look(parts, found, target);
  return {
    planned: { id, target, store, expected },
    shown: {
      restore: id,
      target,
      putBack: expected.putBack,
      removed: expected.removed,
      changedSince: [...new Set(expected.left)].sort(comparePaths),
    },
  };
}

function findUndoable(parts: RestoreParts, id: string, target: string): FoundJournal {
  const found = parts.folders.find(id, target);
  const summary = found === undefined ? undefined : peekJournal(parts.context.fs, found.path);
  if (found === undefined || summary?.state !== 'committed' || summary.commit === undefined) {
    throw new LarderError('NOT_FOUND', `The restore ${id} cannot be undone: nothing is kept of it any more.`, {
      hint: 'It was undone already, changed nothing, or its time for Undo is over.',
    });
  }
  if (undoUntil(parts, summary.commit.atMs) <= parts.context.clock()) {
    throw new LarderError('NOT_FOUND', `The restore ${id} can no longer be undone: its time is over.`, {
      hint: 'How long replaced files are kept is a setting.',
    });
  }
  if (summary.header.target !== target) {
    throw new LarderError('UNSUPPORTED', `${displayName(target)} was moved since the restore.`, {
      hint: `Move it back to ${displayName(summary.header.target)} to undo the restore.`,
    });
  }
  return found;
}

function look(parts: RestoreParts, found: FoundJournal, target: string): Promise<GoBackReply> {
  const { old } = undoPaths(target, found.id);
  return parts.context.pool.run(goBackTask, { journal: found.path, old, dry: true });
}

/**
 * Undoes a restore. Once begun it is ended, whatever happens: a crash in the middle is finished at the next start.
 * Throws `CHANGED_ON_DISK` when something moved since the plan.
 */
export async function applyUndo(parts: RestoreParts, plan: PlannedUndo, job: JobHandle): Promise<JobOutcome> {
  const { context } = parts;
  job.update({ phase: 'Checking' });
  await settleTarget(parts, plan.target);
  parts.active.add(plan.target);
  try {
    const found = findUndoable(parts, plan.id, plan.target);
    const now = await look(parts, found, plan.target);
    if (JSON.stringify(now) !== JSON.stringify(plan.expected)) {
      throw new LarderError('CHANGED_ON_DISK', `${displayName(plan.target)} changed since the undo was planned.`, {
        hint: 'Nothing was undone. Plan again to see what would happen now.',
      });
    }
    job.throwIfCancelled();
    job.cannotCancel();
    job.update({ phase: 'Putting back', filesTotal: now.putBack + now.removed });
    const journal = JournalWriter.reopen(context.fs, found.path);
    try {
      for (const path of now.left) journal.add({ t: 'leave', path });
      journal.add({ t: 'undo', owner: parts.owner });
      journal.sync();
    } finally {
      journal.close();
    }
    const { putBack, removed, left } = await endUndo(parts, found, plan.target);
    const changedSince = [...new Set(left)].sort(comparePaths);
    for (const path of changedSince) job.warn({ path, reason: 'It changed since the restore, and was left alone.' });
    const status = changedSince.length > 0 ? 'partial' : 'done';
    return { status, result: { restore: plan.id, putBack, removed, changedSince, status } };
  } finally {
    parts.active.delete(plan.target);
  }
}
