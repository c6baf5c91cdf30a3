import { isRunning } from '../process/index.ts';
import { journalIds, readJournal, removeJournal } from './move-journal.ts';
import type { MoveOwner } from './move-journal.ts';
import type { SetupParts } from './run.ts';
import { settleMoveTask } from './tasks.ts';
import { toLarderError } from '../fs/index.ts';

/** Whether the one who began it may still be at work. */
function isAtWork({ owner: here }: SetupParts, owner: MoveOwner): boolean {
  const same = owner.host === here.host && owner.bootId === here.bootId && owner.pid === here.pid;
  if (same && owner.startTicks === here.startTicks) return owner.instance === here.instance;
  return isRunning(owner) !== false;
}

/** Settles what crashes left: moves come to one of their ends, setups under way count as interrupted. */
export async function settleSetups(parts: SetupParts, untilMs: (atMs: number) => number): Promise<void> {
  const { context, records } = parts;
  const { fs, home, pool, log } = context;
  const known = new Map(records.list().map((record) => [record.id, record]));
  for (const id of journalIds(fs, home)) {
    try {
      const journal = readJournal(fs, home, id);
      if (journal === undefined) continue;
      if (journal.state === 'done') {
        const record = known.get(journal.setup);
        if (record === undefined || untilMs(record.atMs) < context.clock()) removeJournal(fs, home, id);
        continue;
      }
      if (isAtWork(parts, journal.owner)) continue;
      const { from, to } = journal;
      const settled = await pool.run(settleMoveTask, { home, journal });
      log.warn({ move: id, from, to, settled }, 'A move was interrupted and is settled');
    } catch (error) {
      // Its disk may be away; the next start tries again.
      log.warn({ move: id, error: toLarderError(error).message }, 'An interrupted move could not be settled yet');
    }
  }
  for (const { id, status, owner } of known.values()) {
    if (status === 'running' && !isAtWork(parts, owner)) records.finish(id, 'interrupted');
  }
}
