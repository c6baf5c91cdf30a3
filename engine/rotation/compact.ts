import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import type { AgeRecipients, AgeStart } from '../age/index.ts';
import { startTask } from '../age/tasks.ts';
import { archiveStem, freeName, isEncrypted, parseArchiveName } from '../archive/index.ts';
import type { CopiedFrames, MovedFrames } from '../archive/index.ts';
import type { DestinationLock } from '../backup/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import { version } from '../version.ts';
import type { GroundArchive } from './ground.ts';
import type { HeldArchive } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import type { ReleasedList } from './released.ts';
import { copyTask, moveTask, twinTask, usageTask } from './tasks.ts';
import { isWorthMoving } from './usage.ts';
import type { ArchiveUsage } from './usage.ts';

/**
 * Writing archives anew with what is still needed. Order of writes: each new archive, durably → its name among the
 * released → its rename → each manifest, durably and by one rename → the old archives go. Until the last step both
 * are there, so every backup is whole whichever of them its manifest names.
 */

/** An archive that is worth writing anew. */
export interface Moving {
  readonly usage: ArchiveUsage;
  /** Whom what is written is for, where it is encrypted. */
  readonly recipients: AgeRecipients | undefined;
}

/** What an archive that is mostly unneeded would come to; undefined when it stays as it is. */
export async function movingOf(
  parts: RotationParts,
  store: Store,
  directory: string,
  { archive, manifests, movable }: HeldArchive,
  signal: AbortSignal,
): Promise<Moving | undefined> {
  if (!movable) return undefined;
  const paths = manifests.map((name) => join(directory, name));
  const secret = isEncrypted(archive.name);
  const recipients = secret ? await parts.recipientsLike(store, paths, signal) : undefined;
  // Written anew it must open for those it opened for before, and for nobody else.
  if (secret && recipients === undefined) return undefined;
  const keys = await parts.catalog.keys.of([join(directory, archive.name), ...paths], signal);
  const usage = await parts.context.pool.run(usageTask, { directory, archive, manifests }, { signal, keys });
  return isWorthMoving(usage) ? { usage, recipients } : undefined;
}

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
export async function compactAll(
  compaction: Compaction,
  wanted: readonly { readonly held: HeldArchive; readonly moving: Moving }[],
): Promise<Compacted> {
  const { job } = compaction;
  const archives: string[] = [];
  let won = 0;
  for (let next = 0; next < wanted.length;) {
    const copied: Copied[] = [];
    for (let bytes = 0; next < wanted.length; next++) {
      const { held, moving } = wanted[next] as (typeof wanted)[number];
      if (bytes > 0 && bytes + moving.usage.needed > roundBytes) break;
      bytes += moving.usage.needed;
      const copy = await orWarn(job, [held], () => copyOf(compaction, held, moving, archives));
      if (copy !== undefined) copied.push(copy);
    }
    const moved = await moveManifests(compaction, copied);
    won += removeOld(compaction, moved);
    archives.push(...moved.map(({ held }) => held.archive.name));
  }
  return { archives, won };
}

/** What fails is a warning: the backups to remove are removed, and whatever was reached every other one is whole. */
export async function orWarn<T>(
  job: JobHandle,
  held: readonly HeldArchive[],
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof LarderError) || error.code === 'CANCELLED' || error.code === 'BUSY') throw error;
    for (const { archive } of held)
      job.warn({ path: archive.name, reason: `It was not made smaller: ${error.message}` });
    return undefined;
  }
}

async function copyOf(
  compaction: Compaction,
  held: HeldArchive,
  { usage, recipients }: Moving,
  gone: readonly string[],
): Promise<Copied> {
  const { parts, job, lock } = compaction;
  const { archive } = held;
  job.throwIfCancelled();
  job.update({ phase: 'Compacting archives', current: archive.name, bytesDone: 0, bytesTotal: usage.needed });
  const temporary = temporaryFolder(parts.context.fs, lock.directory);
  const twin = await findCopy(compaction, archive, usage, gone);
  const start = twin === undefined ? await startOf(parts, recipients, job.signal) : undefined;
  const copy = twin ?? (await makeCopy(compaction, archive, usage, temporary, start));
  const offsets = new Map(usage.frames.map(({ offset }, index) => [offset, copy.offsets[index] ?? 0]));
  return { held, recipients, to: copy.archive, offsets, isTwin: twin !== undefined };
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
  for (const { held, to, isTwin } of moved) {
    const old = join(directory, held.archive.name);
    step(old, () => fs.unlink(old));
    won += held.archive.bytes - (isTwin ? 0 : Number(fs.lstat(join(directory, to.file)).size));
  }
  step(directory, () => fs.fsyncDirectory(directory));
  for (const { held } of moved) released.delete(held.archive.name);
  released.save();
  return won;
}

/** The copy that a run made which was interrupted while it rewrote manifests. */
async function findCopy(
  { parts, job, lock, others }: Compaction,
  archive: GroundArchive,
  { frames }: ArchiveUsage,
  gone: readonly string[],
): Promise<CopiedFrames | undefined> {
  const { directory } = lock;
  const there = others.filter((held) => !gone.includes(held.archive.name));
  const candidates = there.flatMap((held) => {
    const { name, format } = held.archive;
    const [manifest] = held.manifests;
    const alike = format === archive.format && isEncrypted(name) === isEncrypted(archive.name);
    return name === archive.name || !alike || manifest === undefined ? [] : [{ name, format, manifest }];
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
  archive: GroundArchive,
  { frames }: ArchiveUsage,
  temporary: string,
  start: AgeStart | undefined,
): Promise<CopiedFrames> {
  const { fs, pool, clock } = parts.context;
  const { directory } = lock;
  const stem = archiveStem(archive.name) ?? archive.name;
  const name = freeName(fs, directory, parseArchiveName(stem)?.base ?? stem) + archive.name.slice(stem.length);
  const source = join(directory, archive.name);
  const target = join(temporary, `${randomUUID()}.archive`);
  const now = clock();
  let copied = 0;
  const copy = await pool.run(
    copyTask,
    {
      source: { path: source, format: archive.format },
      frames,
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
      keys: await parts.catalog.keys.of([source], job.signal),
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
