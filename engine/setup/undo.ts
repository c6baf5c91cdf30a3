import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { readJournal } from './move-journal.ts';
import type { StoredSetup } from './records.ts';
import type { SetupParts } from './run.ts';
import { undoMoveTask, undoStepTask } from './tasks.ts';

/** Takes a setup back, last step first. What changed since stays, and is warned of. */
export async function undoSetup(parts: SetupParts, record: StoredSetup, job: JobHandle): Promise<JobOutcome> {
  const { context, records } = parts;
  const { pool, fs, home } = context;
  const { path: root } = record;
  const steps = records.steps(record.id).toReversed();
  job.cannotCancel();
  let undone = 0;
  for (const { action, move } of steps) {
    job.update({ phase: 'Taking back', current: 'path' in action ? action.path : action.from, filesDone: undone });
    if (action.t === 'move') {
      const journal = move === undefined ? undefined : readJournal(fs, home, move);
      if (journal === undefined) {
        // It went back by itself, when a crash or a fault ended it.
        if (!isThere(parts, action.kept)) continue;
        job.warn({
          path: action.from,
          reason: `It can no longer be put back; ${displayName(action.kept)} is what it was.`,
        });
        continue;
      }
      const result = await pool.run(undoMoveTask, { home, journal });
      if (!result.back) job.warn({ path: action.from, reason: result.reason ?? 'It stays.' });
      else if (result.kept) job.warn({ path: action.to, reason: 'Data there changed since it was moved, and stays.' });
      undone += Number(result.back);
      continue;
    }
    if ((await pool.run(undoStepTask, { root, action })) === 'undone') undone += 1;
    else {
      const reason = action.t === 'folder' ? 'It is not empty, and stays.' : 'It changed since, and stays.';
      job.warn({ path: action.path, reason });
    }
  }
  if (record.store !== undefined && !isThere(parts, root)) parts.removeStore(record.store);
  records.finish(record.id, 'undone');
  return { result: { setup: record.id, path: root, undone } };
}

function isThere({ context }: SetupParts, path: string): boolean {
  try {
    context.fs.lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** A setup that can be undone. Throws `NOT_FOUND` and says why. */
export function findUndoable(parts: SetupParts, id: string, untilMs: (record: StoredSetup) => number): StoredSetup {
  const record = parts.records.list().find((each) => each.id === id);
  if (record === undefined) throw new LarderError('NOT_FOUND', `There is no setup ${displayName(id)}.`);
  if (record.status === 'undone') throw new LarderError('NOT_FOUND', `The setup ${id} is undone already.`);
  if (record.status === 'running') throw new LarderError('BUSY', `The setup ${id} is still under way.`);
  if (untilMs(record) < parts.context.clock()) {
    throw new LarderError('NOT_FOUND', `The setup ${id} can no longer be undone.`, {
      hint: 'Setups can be undone for as many days as the settings say.',
    });
  }
  return record;
}
