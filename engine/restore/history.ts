import type { RestoreRecord } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import { peekJournal } from './journal.ts';
import type { JournalSummary } from './journal.ts';
import { settleJournal, settleTarget, settleWithoutJournal } from './settle.ts';
import type { RestoreParts } from './settle.ts';
import type { FoundJournal } from './undo-folder.ts';
import { undoUntil } from './undo.ts';

/** Past restores, newest first: those the database knows, and those whose journals lie on disk. */
export function listRestores(parts: RestoreParts, store?: string): RestoreRecord[] {
  const now = parts.context.clock();
  const stored = parts.records.list().map((record): RestoreRecord => {
    const { root: _root, madeFolders: _made, status, store: of, ...fields } = record;
    const ended = status === 'done' || status === 'partial';
    const until = undoUntil(parts, record.atMs);
    const undoable = ended && until > now && stands(parts, findJournal(parts, record.id, record.target));
    return {
      ...fields,
      ...(of === undefined ? {} : { store: of }),
      status: status === 'running' ? 'interrupted' : status === 'undoing' ? 'undone' : status,
      ...(undoable ? { undoUntilMs: until } : {}),
    };
  });
  const known = new Set(stored.map((record) => record.id));
  const found = allJournals(parts)
    .filter((journal) => !known.has(journal.id))
    .flatMap((journal) => fromJournal(parts, journal, now));
  const running = new Set(parts.active);
  return [...stored, ...found]
    .filter((record) => (store === undefined || record.store === store) && !isUnderWay(record, running))
    .sort((a, b) => b.atMs - a.atMs);
}

function isUnderWay(record: RestoreRecord, running: ReadonlySet<string>): boolean {
  return record.status === 'interrupted' && running.has(record.target);
}

function stands(parts: RestoreParts, found: FoundJournal | undefined): boolean {
  return found !== undefined && summaryOf(parts, found)?.state === 'committed';
}

/** A journal that cannot be read tells nothing; the log says so. */
function summaryOf(parts: RestoreParts, found: FoundJournal): JournalSummary | undefined {
  try {
    return peekJournal(parts.context.fs, found.path);
  } catch (error) {
    parts.context.log.warn(
      { journal: found.path, error: toLarderError(error).message },
      'A restore journal is damaged',
    );
    return undefined;
  }
}

function fromJournal(parts: RestoreParts, found: FoundJournal, now: number): RestoreRecord[] {
  const summary = summaryOf(parts, found);
  if (summary?.commit === undefined) return [];
  const { header, commit, state } = summary;
  const { created, overwritten, deleted, bytes } = commit;
  const until = undoUntil(parts, commit.atMs);
  return [
    {
      id: header.id,
      backup: header.backup,
      ...(header.store === undefined ? {} : { store: header.store }),
      target: found.target ?? header.target,
      atMs: header.atMs,
      created,
      overwritten,
      deleted,
      bytes,
      status: state === 'committed' ? commit.status : 'undone',
      ...(state === 'committed' && until > now ? { undoUntilMs: until } : {}),
    },
  ];
}

function allJournals(parts: RestoreParts): FoundJournal[] {
  const targets = parts.context.stores.list().map((store) => store.path);
  const inTargets = targets.flatMap((target) => lookInto(parts, target, () => parts.folders.journalsOf(target)) ?? []);
  return [...inTargets, ...parts.folders.homeJournals()];
}

function findJournal(parts: RestoreParts, id: string, target: string): FoundJournal | undefined {
  return lookInto(parts, target, () => parts.folders.find(id, target));
}

/** A folder that cannot be entered (a disk gone, a share away) tells nothing and stands in no other's way; the log says so. */
function lookInto<T>(parts: RestoreParts, target: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code, message } = toLarderError(error, target);
    parts.context.log.warn({ target, code, error: message }, 'Restores into a folder cannot be looked at now');
    return undefined;
  }
}

/** The restore that an id, or a unique beginning of one, names. */
export function findRestore(parts: RestoreParts, wanted: string): RestoreRecord {
  const all = listRestores(parts);
  const exact = all.find((record) => record.id === wanted);
  if (exact !== undefined) return exact;
  const starting = all.filter((record) => record.id.startsWith(wanted));
  const [only, ...others] = starting;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw new LarderError('NOT_FOUND', `There is no restore ${displayName(wanted)}.`);
  throw new LarderError('INVALID_INPUT', `${displayName(wanted)} names several restores.`, {
    hint: `Say which: ${starting
      .slice(0, 10)
      .map((record) => record.id)
      .join(', ')}`,
  });
}

/**
 * Settles what crashes left, in the registered stores and wherever the database says that a restore was under way. What
 * cannot be reached or belongs to a Larder at work is left for the next time.
 */
export async function settleAll(parts: RestoreParts): Promise<void> {
  const { context, folders, records } = parts;
  const running = records.list().filter((record) => record.status === 'running' || record.status === 'undoing');
  const targets = new Set([
    ...context.stores.list().map((store) => store.path),
    ...running.map((record) => record.target),
  ]);
  for (const target of targets) {
    await attempt(parts, target, async () => {
      await settleTarget(parts, target);
      for (const record of running) {
        if (record.target === target && folders.find(record.id, target) === undefined) {
          const still = records.list().find((one) => one.id === record.id);
          if (still?.status === 'running') settleWithoutJournal(parts, record);
          else if (still?.status === 'undoing') settleWithoutJournal(parts, record, 'undone');
        }
      }
    });
  }
  for (const found of folders.homeJournals()) {
    const summary = summaryOf(parts, found);
    if (summary === undefined) continue;
    await attempt(parts, summary.header.target, () => settleJournal(parts, found, summary.header.target));
  }
}

/** Forgets restores whose time for Undo is over, with everything kept for them. */
export async function removeExpired(parts: RestoreParts): Promise<void> {
  const { context, folders, records } = parts;
  const now = context.clock();
  const elsewhere = records
    .list()
    .flatMap((record) => findJournal(parts, record.id, record.target) ?? [])
    .filter((found) => found.target !== undefined);
  const seen = new Set<string>();
  for (const found of [...allJournals(parts), ...elsewhere]) {
    if (seen.has(found.path)) continue;
    seen.add(found.path);
    const summary = summaryOf(parts, found);
    if (summary?.commit === undefined || undoUntil(parts, summary.commit.atMs) > now) continue;
    if (summary.state === 'undoing') continue;
    const target = found.target ?? summary.header.target;
    if (parts.active.has(target)) continue;
    await attempt(parts, target, () => folders.discard(target, found.id));
  }
}

async function attempt(parts: RestoreParts, target: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = toLarderError(error);
    parts.context.log.warn({ target, code, error: message }, 'Restores into a folder could not be settled');
  }
}
