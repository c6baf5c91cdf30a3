import { createHash } from 'node:crypto';
import type { RestoreAction, Skipped } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import type { BackupReader } from '../archive/index.ts';
import type { Pool } from '../pool/index.ts';
import { besideReason, Besides } from './beside.ts';
import type { Rule } from './decide.ts';
import { chosenEntries } from './entries.ts';
import type { ChosenEntry } from './entries.ts';
import type { Extra } from './extras.ts';
import { nothingThere } from './live.ts';
import { linkEntries } from './hard-links.ts';
import type { LinkCandidate } from './hard-links.ts';
import { nameOf, parentOf } from './paths.ts';
import type { Selection } from './paths.ts';
import { actionCode, actionNames, extrasTask, surveyTask } from './survey-task.ts';
import type { ActionName, SurveyEntry, SurveyReply } from './survey-task.ts';

/** Items a plan lists one by one. */
const listedItems = 1_000;
/** Entries a task looks at. */
const batchEntries = 1_024;
/** A plan keeps the entries themselves when there are no more than these. */
const fewEntries = 4_096;
/** Folders a task lists for what the backup does not know. */
const batchFolders = 256;

export interface Target {
  /** Real path of the folder restored into, which may not exist yet. */
  readonly path: string;
  /** Device it lies on; undefined when it does not exist. */
  readonly device: bigint | undefined;
}

export interface SurveyOptions {
  readonly reader: BackupReader;
  readonly target: Target;
  readonly selection: Selection;
  readonly rule: Rule;
  readonly deleteExtra: boolean;
  readonly protectedPaths: readonly string[];
  readonly pool: Pool;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (entries: number) => void;
}

export interface SurveyItem {
  readonly path: string;
  readonly action: RestoreAction;
  readonly bytes: number;
}

export interface Totals {
  created: number;
  overwritten: number;
  metadata: number;
  unchanged: number;
  kept: number;
  deleted: number;
  bytesToWrite: number;
}

/** Everything a plan knows. Nine bytes an entry, so that a plan over a million entries stays small. */
export interface Survey {
  /** Action of each manifest entry, by its place. */
  readonly actions: Uint8Array;
  /** Stamp of what was at each entry's path; see `stampOf`. */
  readonly stamps: Float64Array;
  /** Entry that another one becomes a hard link to, by place. */
  readonly links: ReadonlyMap<number, number>;
  readonly extras: readonly Extra[];
  /** What goes aside together with a file that is put in place, by the path of that file. */
  readonly beside: ReadonlyMap<string, readonly Extra[]>;
  readonly totals: Totals;
  readonly items: readonly SurveyItem[];
  readonly touched: number;
  /** The chosen entries themselves when they are few, so that applying need not go through the whole backup again. */
  readonly few: readonly ChosenEntry[] | undefined;
  /** Chosen entries that cannot be restored. */
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly { path?: string; message: string }[];
}

/**
 * Compares a backup with the live tree and decides about every chosen entry. Looks at nothing but the paths chosen, and
 * changes nothing. Throws `NOT_FOUND` naming chosen paths that the backup does not hold.
 */
export async function survey(options: SurveyOptions): Promise<Survey> {
  const { reader, selection, rule } = options;
  let actions = new Uint8Array(fewEntries);
  let stamps = new Float64Array(fewEntries);
  const skipped: Skipped[] = [];
  const warnings: { path?: string; message: string }[] = [];
  /** Of the files to be written. */
  let sizes = new Float64Array(fewEntries);
  const candidates: LinkCandidate[] = [];
  const liveInodes = new Map<number, bigint>();
  const closed = new Set<string>();
  const kept = new Set<string>();
  const found = new Set<string>();
  const besides = new Besides();
  const known = options.deleteExtra ? new Map<string, string[]>() : undefined;
  const liveFolders: string[] = [];
  const totals: Totals = {
    created: 0,
    overwritten: 0,
    metadata: 0,
    unchanged: 0,
    kept: 0,
    deleted: 0,
    bytesToWrite: 0,
  };
  let items: SurveyItem[] = [];
  let touched = 0;

  const list = (item: SurveyItem): void => {
    touched += 1;
    items.push(item);
    if (items.length > listedItems * 2) items = firstItems(items);
  };

  const take = (batch: readonly ChosenEntry[], reply: SurveyReply): void => {
    const reasons = new Map(reply.skipped.map((skip) => [skip.at, skip.reason]));
    const replaced = new Map(reply.replaced.map((tree) => [tree.at, tree]));
    const blocked = new Set(reply.blocked);
    const besideAt = new Map(reply.beside.map((beside) => [beside.at, beside]));
    for (const { at, inode } of reply.linked) {
      const place = batch[at]?.index;
      if (place !== undefined) liveInodes.set(place, inode);
    }
    batch.forEach(({ index, entry, refusal }, at) => {
      const { path } = entry;
      let action: ActionName = actionNames[reply.actions[at] ?? 0] ?? 'none';
      let reason = reasons.get(at);
      const parent = path === '' ? undefined : parentOf(path);
      if (refusal !== undefined) {
        action = 'skip';
        reason = `Refused: ${refusal}.`;
      } else if (parent !== undefined && closed.has(parent)) {
        action = 'skip';
        reason ??= 'The folder it lies in is not restored.';
      } else if (parent !== undefined && kept.has(parent)) action = 'keep';
      if (action === 'skip') {
        skipped.push({ path, reason: reason ?? 'It cannot be restored.' });
        warnings.push({ path, message: reason ?? 'It cannot be restored.' });
        if (entry.type === 'dir') closed.add(path);
      } else if (action === 'keep' && entry.type === 'dir' && (blocked.has(at) || kept.has(parent ?? path))) {
        kept.add(path);
      }
      besides.pass(path);
      const beside = besideAt.get(at);
      if (beside !== undefined && entry.type === 'file') {
        besides.add(path, { index, size: entry.size, mtimeNs: entry.mtimeNs }, beside);
      }
      if (index >= actions.length) {
        const room = 2 * index;
        actions = new Uint8Array(actions.buffer.transfer(room));
        stamps = new Float64Array(stamps.buffer.transfer(room * 8));
        sizes = new Float64Array(sizes.buffer.transfer(room * 8));
      }
      actions[index] = actionCode[action];
      stamps[index] = reply.stamps[at] ?? nothingThere;
      count(totals, action, 1);
      const bytes = entry.type === 'file' ? entry.size : 0;
      if (action === 'create' || action === 'overwrite') {
        totals.bytesToWrite += bytes;
        sizes[index] = bytes;
      }
      const tree = replaced.get(at);
      if (tree !== undefined && action === 'overwrite') {
        totals.deleted += tree.entries - 1;
        const inside = tree.entries === 1 ? '' : ` with ${tree.entries - 1} entries in it`;
        warnings.push({ path, message: `A folder${inside} is in its place now and is moved aside.` });
      }
      if (isTouched(action)) list({ path, action, bytes: action === 'metadata' ? 0 : bytes });
      if (entry.type === 'file' && entry.linkTo !== undefined && action !== 'skip') {
        candidates.push({ index, path, linkTo: entry.linkTo, size: entry.size, sha256: entry.sha256 });
      }
      if (known !== undefined && selection.of(path) === 'in') {
        const live = action === 'unchanged' || action === 'metadata' || action === 'keep';
        if (entry.type === 'dir' && live && !kept.has(path)) liveFolders.push(path);
      }
      if (known !== undefined && parent !== undefined) {
        const names = known.get(parent);
        if (names === undefined) known.set(parent, [nameOf(path)]);
        else names.push(nameOf(path));
      }
    });
  };

  let looked = 0;
  const ask = async (batch: readonly ChosenEntry[]): Promise<SurveyReply> => {
    const reply = await look(options, batch, true);
    looked += batch.length;
    options.onProgress?.(looked);
    return reply;
  };
  let few: ChosenEntry[] | undefined = [];
  const note = function* (): Generator<ChosenEntry> {
    for (const chosen of chosenEntries(reader, selection)) {
      if (few !== undefined && few.push(chosen) > fewEntries) few = undefined;
      if (selection.chosen.has(chosen.entry.path)) found.add(chosen.entry.path);
      yield chosen;
    }
  };
  await inOrder(batches(note(), batchEntries), options.pool.size + 1, ask, take);
  refuseUnknown(selection, found);

  const revised = new Map<string, SurveyItem>();
  const links = resolveLinks();
  const beside = resolveBesides();
  items = items.filter((item) => !revised.has(item.path));
  for (const item of revised.values()) list(item);
  for (const extra of [...beside.values()].flat()) {
    totals.deleted += 1;
    list({ path: extra.path, action: 'delete', bytes: extra.bytes });
    warnings.push({ path: extra.path, message: besideReason });
  }
  const { extras, stay } = await findExtras(options, liveFolders, known, beside);
  for (const extra of extras) {
    totals.deleted += extra.entries;
    list({ path: extra.path, action: 'delete', bytes: extra.bytes });
  }
  warnings.push(...stay.map(({ path, reason }) => ({ path, message: reason })));
  return {
    actions,
    stamps,
    links,
    extras,
    beside,
    totals,
    items: firstItems(items),
    touched,
    few,
    skipped,
    warnings,
  };

  function resolveLinks(): Map<number, number> {
    const resolved = linkEntries({
      reader,
      candidates,
      actionOf,
      inodeOf: (index) => liveInodes.get(index),
      wins: rule.overwrite === 'always' || rule.overwrite === 'if-changed',
    });
    for (const { index, path, action } of resolved.linked) {
      // Also one whose content is right: it must become another name of the same file.
      revise(index, path, action === 'create' ? 'create' : 'overwrite', 0);
    }
    for (const [index, { path, size }] of resolved.replaced) revise(index, path, 'overwrite', size);
    return resolved.links;
  }

  function actionOf(index: number): ActionName {
    return actionNames[actions[index] ?? 0] ?? 'none';
  }

  function revise(index: number, path: string, action: 'create' | 'overwrite', bytes: number): void {
    const before = actionOf(index);
    totals.bytesToWrite += bytes - (sizes[index] ?? 0);
    count(totals, before, -1);
    count(totals, action, 1);
    actions[index] = actionCode[action];
    if (isTouched(before) && !revised.has(path)) touched -= 1;
    revised.set(path, { path, action, bytes });
  }

  /** What goes aside with the databases that are put in place. */
  function resolveBesides(): Map<string, readonly Extra[]> {
    const going = new Map<string, readonly Extra[]>();
    const wins = rule.overwrite === 'always' || rule.overwrite === 'if-changed';
    for (const { path, index, size, newer, files } of besides.entries()) {
      const action = actionOf(index);
      // The file is as it was, and yet the database is not: what was written since is in its WAL.
      const differs = newer && wins && (action === 'unchanged' || action === 'metadata');
      if (differs) revise(index, path, 'overwrite', size);
      if (differs || action === 'create' || action === 'overwrite') going.set(path, [...files.values()]);
    }
    return going;
  }
}

/** A digest over a survey: two are equal when the plan they make is the same. */
export function fingerprintOf(found: Survey, about: string): string {
  const digest = createHash('sha256').update(about).update('\0').update(found.actions);
  digest.update(new Uint8Array(found.stamps.buffer, found.stamps.byteOffset, found.stamps.byteLength));
  for (const extra of found.extras) digest.update(`${extra.path}\0${extra.stamp}\0`);
  for (const [index, to] of found.links) digest.update(`${index}=${to},`);
  for (const [path, files] of found.beside) {
    for (const file of files) digest.update(`${path}\0${file.path}\0${file.stamp}\0`);
  }
  return digest.digest('hex');
}

/**
 * Looks again at every path a plan relies on. Returns paths that are no longer as they were, the first ones first; empty
 * when the ground did not move. Reads no content.
 */
export async function movedSince(options: SurveyOptions, plan: Survey, most = 5): Promise<string[]> {
  // Nothing was there, and the caller has seen that nothing is.
  if (options.target.device === undefined) return [];
  const moved: string[] = [];
  const liveFolders: string[] = [];
  const known = new Map<string, string[]>();
  const planned = new Map([...plan.beside.values()].flat().map((extra) => [extra.path, extra.stamp]));
  const besides = new Besides();
  await inOrder(
    batches(plan.few ?? chosenEntries(options.reader, options.selection), batchEntries),
    options.pool.size + 1,
    (batch) => look(options, batch, false),
    (batch, reply) => {
      const besideAt = new Map(reply.beside.map((beside) => [beside.at, beside]));
      batch.forEach(({ index, entry }, at) => {
        const action = actionNames[plan.actions[index] ?? 0] ?? 'none';
        besides.pass(entry.path);
        const beside = besideAt.get(at);
        if (beside !== undefined && (action === 'create' || action === 'overwrite')) {
          besides.add(entry.path, { index, size: 0, mtimeNs: entry.mtimeNs }, beside);
        }
        if (action !== 'skip' && plan.stamps[index] !== reply.stamps[at]) moved.push(entry.path);
        if (!options.deleteExtra) return;
        if (entry.type === 'dir' && ['unchanged', 'metadata', 'keep'].includes(action)) {
          if (options.selection.of(entry.path) === 'in') liveFolders.push(entry.path);
        }
        if (entry.path === '') return;
        const names = known.get(parentOf(entry.path));
        if (names === undefined) known.set(parentOf(entry.path), [nameOf(entry.path)]);
        else names.push(nameOf(entry.path));
      });
    },
  );
  for (const extra of besides.entries().flatMap(({ files }) => [...files.values()])) {
    if (planned.get(extra.path) !== extra.stamp) moved.push(extra.path);
    planned.delete(extra.path);
  }
  const { extras } = await findExtras(options, liveFolders, known, plan.beside);
  for (const extra of plan.extras) planned.set(extra.path, extra.stamp);
  for (const extra of extras) {
    if (planned.get(extra.path) !== extra.stamp) moved.push(extra.path);
    planned.delete(extra.path);
  }
  moved.push(...planned.keys());
  return moved.slice(0, most);
}

async function look(options: SurveyOptions, batch: readonly ChosenEntry[], compare: boolean): Promise<SurveyReply> {
  const { target, rule } = options;
  if (target.device === undefined) {
    const actions = new Uint8Array(batch.length).fill(actionCode.create);
    return {
      actions,
      stamps: new Float64Array(batch.length),
      skipped: [],
      replaced: [],
      linked: [],
      blocked: [],
      beside: [],
    };
  }
  const input = {
    root: target.path,
    device: target.device,
    entries: batch.map(toSurveyEntry),
    rule,
    protectedPaths: options.protectedPaths,
    compare,
  };
  return options.pool.run(surveyTask, input, { signal: options.signal });
}

function toSurveyEntry({ entry, implied, refusal }: ChosenEntry): SurveyEntry {
  const { type, mode, uid, gid, mtimeNs } = entry;
  // A refused path never reaches a system call.
  const path = refusal === undefined ? entry.path : '';
  const common = { path, type, mode, uid, gid, mtimeNs, implied: implied || refusal !== undefined, size: 0 };
  if (entry.type === 'file') return { ...common, size: entry.size, sha256: entry.sha256 };
  return entry.type === 'symlink' ? { ...common, target: entry.target } : common;
}

async function findExtras(
  options: SurveyOptions,
  liveFolders: readonly string[],
  known: ReadonlyMap<string, readonly string[]> | undefined,
  beside: ReadonlyMap<string, readonly Extra[]>,
): Promise<{ extras: Extra[]; stay: Skipped[] }> {
  const extras: Extra[] = [];
  const stay: Skipped[] = [];
  const { device, path: root } = options.target;
  const goingAnyway = new Set([...beside.values()].flat().map(({ path }) => path));
  if (!options.deleteExtra || known === undefined || device === undefined) return { extras, stay };
  await inOrder(
    batches(liveFolders, batchFolders),
    options.pool.size + 1,
    (batch) => {
      const folders = batch.map((path) => ({ path, known: known.get(path) ?? [] }));
      const input = { root, device, folders, protectedPaths: options.protectedPaths };
      return options.pool.run(extrasTask, input, { signal: options.signal });
    },
    (_batch, reply) => {
      extras.push(...reply.extras.filter(({ path }) => !goingAnyway.has(path)));
      stay.push(...reply.kept);
    },
  );
  const byPath = (a: { path: string }, b: { path: string }): number => comparePaths(a.path, b.path);
  return { extras: extras.sort(byPath), stay: stay.sort(byPath) };
}

function refuseUnknown(selection: Selection, found: ReadonlySet<string>): void {
  const unknown = [...selection.chosen].filter((path) => path !== '' && !found.has(path));
  if (unknown.length === 0) return;
  const shown = unknown.slice(0, 5).map(displayName).join(', ');
  const more = unknown.length > 5 ? ` and ${unknown.length - 5} more` : '';
  throw new LarderError('NOT_FOUND', `The backup does not hold ${shown}${more}.`, {
    hint: 'Paths are relative to the store. `larder ls` shows what a backup holds.',
    details: { paths: unknown.slice(0, 100) },
  });
}

function isTouched(action: ActionName): action is 'create' | 'overwrite' | 'metadata' {
  return action === 'create' || action === 'overwrite' || action === 'metadata';
}

function count(totals: Totals, action: ActionName, by: number): void {
  switch (action) {
    case 'create':
      totals.created += by;
      return;
    case 'overwrite':
      totals.overwritten += by;
      return;
    case 'metadata':
      totals.metadata += by;
      return;
    case 'unchanged':
      totals.unchanged += by;
      return;
    case 'keep':
      totals.kept += by;
      return;
    case 'none':
    case 'skip':
      return;
  }
}

function firstItems(items: readonly SurveyItem[]): SurveyItem[] {
  return items.toSorted((a, b) => comparePaths(a.path, b.path)).slice(0, listedItems);
}

export function* batches<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const one of all) {
    batch.push(one);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Runs `work` over all of `inputs`, `width` at a time, and gives the results to `take` in the order of the inputs. */
export async function inOrder<I, O>(
  inputs: Iterable<I>,
  width: number,
  work: (input: I) => Promise<O>,
  take: (input: I, output: O) => void | Promise<void>,
): Promise<void> {
  const running: { input: I; output: Promise<O> }[] = [];
  const settleFirst = async (): Promise<void> => {
    const first = running.shift();
    if (first !== undefined) await take(first.input, await first.output);
  };
  try {
    for (const input of inputs) {
      const output = work(input);
      // One may fail before its turn comes; until then nobody looks at it, which must not count as unhandled.
      output.catch(() => undefined);
      running.push({ input, output });
      if (running.length >= width) await settleFirst();
    }
    while (running.length > 0) await settleFirst();
  } finally {
    // After a failure the others are still under way; nothing may run on behind the caller's back.
    await Promise.allSettled(running.map((one) => one.output));
  }
}
