import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import type { AgeRecipients, AgeStart } from '../age/index.ts';
import { startTask } from '../age/tasks.ts';
import { archiveStem, freeName, isEncrypted, parseArchiveName } from '../archive/index.ts';
import type { ArchiveRef, CopiedFrames, MovedFrames } from '../archive/index.ts';
import type { DestinationLock } from '../backup/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import { version } from '../version.ts';
import type { GroundArchive } from './ground.ts';
import type { Moving } from './moving.ts';
import type { HeldArchive } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import type { ReleasedList } from './released.ts';
import { copyTask, moveTask, twinTask } from './tasks.ts';
import type { Twin } from './usage.ts';

/**
 * Writing archives anew with what is still needed. Order of writes: each new archive, durably → its name among the
 * released → its rename → each manifest, durably and by one rename → the old archives go. Until the last step both
 * are there, so every backup is whole whichever of them its manifest names.
 */

export interface Compaction {
  readonly parts: RotationParts;
  readonly job: JobHandle;
  readonly lock: DestinationLock;
  readonly store: Store;
  readonly released: ReleasedList;
  /** Archives that belonged to no backup when the run began. */
  readonly others: readonly HeldArchive[];
}

/** An archive, and where what is needed of it goes. */
interface Copied extends MovedFrames {
  readonly held: HeldArchive;
  readonly recipients: AgeRecipients | undefined;
  /** The copy is an interrupted run's. */
  readonly isTwin: boolean;
}

export interface Compacted {
  /** File names of the archives that are gone. */
  readonly archives: readonly string[];
  /** Bytes won. */
  readonly won: number;
}

/** New archives are written up to this many bytes before the old ones go: a full disk has no room for more at once. */
const roundBytes = 64 * 1024 * 1024;

/**
 * Moves what is needed of archives into new ones and removes them. Several share a round, in which each manifest is
 * written anew once. What cannot be moved stays, and the job warns of it.
 */
export async function compactAll(compaction: Compaction, wanted: readonly Moving[]): Promise<Compacted> {
  const archives: string[] = [];
  let won = 0;
  // What is going to go is no place to move anything to.
  const leaving = new Set(wanted.map(({ held }) => held.archive.name));
  for (let next = 0; next < wanted.length;) {
    const round: Moving[] = [];
    for (let bytes = 0; next < wanted.length; next++) {
      const moving = wanted[next] as (typeof wanted)[number];
      if (bytes > 0 && bytes + moving.usage.needed > roundBytes) break;
      bytes += moving.usage.needed;
      round.push(moving);
    }
    const copied: Copied[] = [];
    for (const lot of lotsOf(round)) copied.push(...(await copyLot(compaction, lot, leaving)));
    const moved = await moveManifests(compaction, copied);
    won += removeOld(compaction, moved);
    archives.push(...moved.map(({ held }) => held.archive.name));
  }
  return { archives, won };
}

function lotsOf(round: readonly Moving[]): Moving[][] {
  const lots = new Map<string, Moving[]>();
  for (const moving of round) {
    const lot = moving.lot ?? moving.held.archive.name;
    lots.set(lot, [...(lots.get(lot) ?? []), moving]);
  }
  return [...lots.values()];
}

/** What fails is a warning: the backups to remove are removed, and whatever was reached every other one is whole. */
async function orWarn<T>(job: JobHandle, held: readonly HeldArchive[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    warnOf(job, held, error);
    return undefined;
  }
}

function warnOf(job: JobHandle, held: readonly HeldArchive[], error: unknown): void {
  if (!(error instanceof LarderError) || error.code === 'CANCELLED' || error.code === 'BUSY') throw error;
  for (const { archive } of held) notMoved(job, archive, error.message);
}

export function notMoved(job: JobHandle, { name }: GroundArchive, why: string): void {
  job.warn({ path: name, reason: `It was not made smaller: ${why}` });
}

/** Copies what is needed of archives into one new one, or finds the copy that is there. Warns of those it cannot copy. */
async function copyLot(
  compaction: Compaction,
  lot: readonly Moving[],
  leaving: ReadonlySet<string>,
): Promise<Copied[]> {
  const { job, lock } = compaction;
  const copied: Copied[] = [];
  let rest: Moving[] = [];
  for (const moving of lot) {
    job.throwIfCancelled();
    const found = await orWarn(job, [moving.held], async () => [await findCopy(compaction, moving, leaving)]);
    const twin = found?.[0];
    if (twin !== undefined) copied.push(copiedTo(moving, twin.archive, twin.offsets, true));
    else if (found !== undefined) rest.push(moving);
  }
  while (rest.length > 0) {
    const lasting = rest;
    try {
      const { archive, offsets } = await makeCopy(compaction, lasting);
      lasting.forEach((moving, index) => copied.push(copiedTo(moving, archive, offsets[index] ?? [], false)));
      rest = [];
    } catch (error) {
      const source = isLarderError(error, 'CORRUPT') ? error.details?.['source'] : undefined;
      const damaged = lasting.find(({ held }) => join(lock.directory, held.archive.name) === source);
      warnOf(
        job,
        (damaged === undefined ? lasting : [damaged]).map(({ held }) => held),
        error,
      );
      rest = damaged === undefined ? [] : lasting.filter((moving) => moving !== damaged);
    }
  }
  return copied;
}

function copiedTo(
  { held, usage, recipients }: Moving,
  to: ArchiveRef,
  places: readonly number[],
  isTwin: boolean,
): Copied {
  const offsets = new Map(usage.frames.map(({ offset }, index) => [offset, places[index] ?? 0]));
  return { held, recipients, to, offsets, isTwin };
}

/** Writes the manifests anew that draw on these archives. Gives those archives that none draws on afterwards. */
async function moveManifests(compaction: Compaction, copied: readonly Copied[]): Promise<readonly Copied[]> {
  const { parts, job, lock } = compaction;
  const { fs, pool } = parts.context;
  const { keys } = parts.catalog;
  const { signal } = job;
  const { directory } = lock;
  let moved = copied;
  const manifests = new Set(copied.flatMap(({ held }) => held.manifests));
  for (const manifest of manifests) {
    job.throwIfCancelled();
    const drawnOn = moved.filter(({ held }) => held.manifests.includes(manifest));
    const [first] = drawnOn;
    if (first === undefined) continue;
    job.update({ current: manifest });
    const done = await orWarn(
      job,
      drawnOn.map(({ held }) => held),
      async () => {
        const target = join(temporaryFolder(fs, directory), `${randomUUID()}.manifest`);
        const path = join(directory, manifest);
        const age = await startOf(parts, first.recipients, signal);
        const moves = new Map(drawnOn.map(({ held, to, offsets }) => [held.archive.name, { to, offsets }]));
        await pool.run(
          moveTask,
          { manifest: path, target, start: age, moves },
          { signal, keys: await keys.of([path], signal) },
        );
        lock.assertHeld();
        step(path, () => fs.rename(target, path));
        if (age !== undefined) keys.remember({ [path]: age.fileKey });
        return true;
      },
    );
    if (done === undefined) moved = moved.filter((one) => !drawnOn.includes(one));
  }
  if (manifests.size > 0) step(directory, () => fs.fsyncDirectory(directory));
  return moved;
}

/** Removes archives that nothing draws on any more. Gives the bytes won. */
function removeOld({ parts, lock, released }: Compaction, moved: readonly Copied[]): number {
  const { fs } = parts.context;
  const { directory } = lock;
  if (moved.length === 0) return 0;
  let won = 0;
  lock.assertHeld();
  const made = new Set<string>();
  for (const { held, to, isTwin } of moved) {
    const old = join(directory, held.archive.name);
    step(old, () => fs.unlink(old));
    won += held.archive.bytes;
    if (!isTwin) made.add(to.file);
  }
  for (const file of made) won -= Number(fs.lstat(join(directory, file)).size);
  step(directory, () => fs.fsyncDirectory(directory));
  for (const { held } of moved) released.delete(held.archive.name);
  released.save();
  return won;
}

/** The copy that a run made which was interrupted while it rewrote manifests. */
async function findCopy(
  { parts, job, lock, others }: Compaction,
  { held: { archive }, usage: { frames } }: Moving,
  leaving: ReadonlySet<string>,
): Promise<Twin | undefined> {
  const { directory } = lock;
  const candidates = others.flatMap((held) => {
    const { name, format } = held.archive;
    const [manifest] = held.manifests;
    const alike = format === archive.format && isEncrypted(name) === isEncrypted(archive.name);
    return leaving.has(name) || !alike || manifest === undefined ? [] : [{ name, format, manifest }];
  });
  if (candidates.length === 0) return undefined;
  const { signal } = job;
  const paths = candidates.flatMap(({ name, manifest }) => [join(directory, name), join(directory, manifest)]);
  const keys = await parts.catalog.keys.of(paths, signal);
  return parts.context.pool.run(twinTask, { directory, frames, candidates }, { signal, keys });
}

/** Writes the new archive and puts it in place. */
async function makeCopy(
  { parts, job, lock, store, released }: Compaction,
  lot: readonly Moving[],
): Promise<CopiedFrames> {
  const { fs, pool, clock } = parts.context;
  const { directory } = lock;
  const last = lot.at(-1);
  if (last === undefined) throw new LarderError('INTERNAL', 'A copy of no archive.');
  const { archive } = last.held;
  const needed = lot.reduce((sum, { usage }) => sum + usage.needed, 0);
  const none = { filesDone: 0, filesTotal: null };
  job.update({ phase: 'Compacting archives', current: archive.name, bytesDone: 0, bytesTotal: needed, ...none });
  const stem = archiveStem(archive.name) ?? archive.name;
  const name = freeName(fs, directory, parseArchiveName(stem)?.base ?? stem) + archive.name.slice(stem.length);
  const sources = lot.map(({ held, usage: { frames } }) => ({ path: join(directory, held.archive.name), frames }));
  const target = join(temporaryFolder(fs, directory), `${randomUUID()}.archive`);
  const start = await startOf(parts, last.recipients, job.signal);
  const now = clock();
  let copied = 0;
  const copy = await pool.run(
    copyTask,
    {
      sources,
      format: archive.format,
      target,
      start,
      name,
      header: {
        id: randomBytes(8).toString('hex'),
        store: { id: store.id, name: store.name, path: store.path },
        startedAtMs: now,
        finishedAtMs: now,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        host: hostname(),
        tool: `larder ${version}`,
      },
    },
    {
      signal: job.signal,
      keys: await parts.catalog.keys.of(
        sources.map((source) => source.path),
        job.signal,
      ),
      onMessage(bytes) {
        copied += Number(bytes);
        job.update({ bytesDone: copied });
      },
    },
  );
  const path = join(directory, name);
  lock.assertHeld();
  released.add(name);
  released.save();
  step(path, () => fs.rename(target, path));
  if (start !== undefined) parts.catalog.keys.remember({ [path]: start.fileKey });
  step(directory, () => fs.fsyncDirectory(directory));
  return copy;
}

/** Each age file has a key of its own. */
async function startOf(
  { context }: RotationParts,
  recipients: AgeRecipients | undefined,
  signal: AbortSignal,
): Promise<AgeStart | undefined> {
  return recipients === undefined ? undefined : context.pool.run(startTask, recipients, { signal });
}

function temporaryFolder(fs: FileSystem, directory: string): string {
  const folder = join(directory, '.larder', 'tmp');
  try {
    fs.makeDirectory(folder, { mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw toLarderError(error, folder);
  }
  return folder;
}

/** One change to the destination; its error names the path. */
export function step(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw toLarderError(error, path);
  }
}
