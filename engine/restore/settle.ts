import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import { isRunning } from '../process/index.ts';
import { unlinkIfThere } from './commit-task.ts';
import { concernsOnePath } from './faults.ts';
import { goBackTask } from './go-back-task.ts';
import type { GoBackReply } from './go-back-task.ts';
import { JournalWriter, peekJournal, readJournal, undoPaths } from './journal.ts';
import type { JournalOwner, JournalSummary } from './journal.ts';
import { lstatOrNothing } from './live.ts';
import { setMetadata } from './metadata.ts';
import type { RestoreRecords, StoredRestore } from './records.ts';
import type { FoundJournal, UndoFolders } from './undo-folder.ts';

/** What the parts of the capability share. */
export interface RestoreParts {
  readonly context: EngineContext;
  readonly records: RestoreRecords;
  readonly folders: UndoFolders;
  /** This engine, as journals name it. */
  readonly owner: JournalOwner;
  /** Targets that this engine works on right now. */
  readonly active: Set<string>;
}

const strangerHours = 24;

/** Whether the one who wrote the journal may still be at work. */
function isAtWork(parts: RestoreParts, owner: JournalOwner, journal: string): boolean {
  const here = parts.owner;
  const sameProcess =
    owner.host === here.host &&
    owner.bootId === here.bootId &&
    owner.pid === here.pid &&
    owner.startTicks === here.startTicks;
  if (sameProcess) return owner.instance === here.instance;
  const running = isRunning(owner);
  if (running !== undefined) return running;
  // Another machine: its journal is left alone for as long as a restore may take.
  const written = lstatOrNothing(parts.context.fs, journal)?.mtimeMs ?? 0n;
  return parts.context.clock() - Number(written) < strangerHours * 3_600_000;
}

/**
 * Settles what crashes left in a target: a restore that was not committed goes back, one that was is finished, an undo
 * that had begun is ended. Throws `BUSY` when another Larder works on the target right now.
 */
export async function settleTarget(parts: RestoreParts, target: string): Promise<void> {
  if (parts.active.has(target)) throw busy(target);
  for (const found of parts.folders.journalsOf(target)) await settleJournal(parts, found, target);
  await parts.folders.finishRemovals(target);
}

/** Throws `BUSY` when a journal besides `own` says that somebody is changing the target: two had begun at once. */
export function refuseOthers(parts: RestoreParts, target: string, own: string): void {
  for (const found of parts.folders.journalsOf(target)) {
    if (found.id === own) continue;
    const summary = peekJournal(parts.context.fs, found.path);
    if (summary === undefined || summary.state === 'committed' || summary.state === 'undone') continue;
    if (isAtWork(parts, summary.owner, found.path)) throw busy(target);
  }
}

function busy(target: string): LarderError {
  return new LarderError('BUSY', `Another restore into ${displayName(target)} is under way.`, {
    hint: 'Wait until it has ended.',
  });
}

/** Settles one journal; `target` is where it was found, or where it says when it lies in Larder's home. */
export async function settleJournal(parts: RestoreParts, found: FoundJournal, target: string): Promise<void> {
  const { context, folders, records } = parts;
  const summary = peekJournal(context.fs, found.path);
  if (summary === undefined) {
    // A crash came before its first line was whole, so nothing else exists of it.
    await folders.discard(target, found.id);
    return;
  }
  if (summary.state === 'undone') return;
  if (summary.state === 'committed') {
    await finishCommitted(parts, target, found, summary);
    return;
  }
  if (isAtWork(parts, summary.owner, found.path)) throw busy(target);
  // The folder may have been moved with its journal since; paths in it are relative.
  if (summary.header.target !== target) {
    context.log.warn({ restore: found.id, target }, 'A restore was interrupted in a folder that was moved since');
    return;
  }
  context.log.warn({ restore: found.id, target, state: summary.state }, 'Settling an interrupted restore');
  if (summary.state === 'undoing') {
    await endUndo(parts, found, target);
    return;
  }
  await goBack(parts, found, target);
  records.setStatus(found.id, 'interrupted');
}

async function finishCommitted(
  parts: RestoreParts,
  target: string,
  found: FoundJournal,
  summary: JournalSummary,
): Promise<void> {
  const { commit } = summary;
  if (commit === undefined) return;
  if (found.target !== undefined) await parts.folders.finish(target, found.id, commit.replaced);
  const stored = parts.records.list().find((record) => record.id === found.id);
  if (stored?.status !== 'running') return;
  // The crash may have come between the last change in the target's root and putting its time right again.
  const root = readJournal(parts.context.fs, parts.folders.find(found.id, target)?.path ?? found.path)?.folders.find(
    (line) => line.path === '',
  );
  if (root?.after !== undefined) {
    setMetadata(parts.context.fs, target, parts.context.fs.lstat(target), root.after, summary.header);
  }
  parts.records.finish(found.id, commit.status, commit);
}

/**
 * Undoes everything a journal lists and removes what it kept. What somebody changed meanwhile stays as it is, and what
 * it had replaced is then kept until the time for Undo is over.
 */
export async function goBack(parts: RestoreParts, found: FoundJournal, target: string): Promise<GoBackReply> {
  const { context, folders } = parts;
  const journal = readJournal(context.fs, found.path);
  const { old } = undoPaths(target, found.id);
  const reply = await context.pool.run(goBackTask, { journal: found.path, old, dry: false });
  if (reply.left.length > 0 && journal?.state !== 'staging') {
    const writer = JournalWriter.reopen(context.fs, found.path);
    try {
      writer.add({ t: 'undone', left: reply.left.length });
      writer.sync();
    } finally {
      writer.close();
    }
    context.log.warn({ restore: found.id, target, left: reply.left.slice(0, 20) }, 'Some paths had changed since');
    return reply;
  }
  await folders.discard(target, found.id);
  if (journal !== undefined) removeMadeFolders(parts, journal.header.madeFolders);
  return reply;
}

/** Finishes an undo that had begun. */
export async function endUndo(parts: RestoreParts, found: FoundJournal, target: string): Promise<GoBackReply> {
  // First: it will be ended, and once its journal is gone nothing else tells.
  parts.records.setStatus(found.id, 'undoing');
  const reply = await goBack(parts, found, target);
  parts.records.setStatus(found.id, 'undone');
  return reply;
}

/** Removes folders that a restore had made and that are empty again, innermost first. One may not have come to be. */
function removeMadeFolders(parts: RestoreParts, made: readonly string[]): void {
  for (const folder of made.toReversed()) {
    try {
      parts.context.fs.removeDirectory(folder);
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) continue;
      if (!concernsOnePath(error)) throw error;
      return;
    }
  }
}

/** Settles a restore of which only the database knows: the crash came before its journal, or after it had gone again. */
export function settleWithoutJournal(
  parts: RestoreParts,
  record: Pick<StoredRestore, 'id' | 'target' | 'root' | 'madeFolders'>,
  status: 'interrupted' | 'undone' = 'interrupted',
): void {
  const { context, folders, records } = parts;
  if (lstatOrNothing(context.fs, record.target)?.isDirectory() === true) {
    // Its journal may have been begun without a name reaching the disk.
    unlinkIfThere(context.fs, undoPaths(record.target, record.id).journal);
    folders.close(record.target);
    const now = context.fs.lstat(record.target);
    if (record.root !== null) setMetadata(context.fs, record.target, now, record.root, { owners: false, modes: false });
  }
  removeMadeFolders(parts, record.madeFolders);
  records.setStatus(record.id, status);
}
