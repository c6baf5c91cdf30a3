import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../shared/contract/index.ts';
import type { AgeRecipients, AgeStart } from '../age/index.ts';
import { startTask } from '../age/tasks.ts';
import { archiveStem, freeName, isEncrypted, parseArchiveName } from '../archive/index.ts';
import type { CopiedFrames } from '../archive/index.ts';
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
 * Writing an archive anew with what is still needed. Order of writes: the new archive, durably → its name among the
 * released → its rename → each manifest, durably and by one rename → the old archive goes. Until the last step both
 * archives are there, so every backup is whole whichever of them its manifest names.
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
  /** Archives that belonged to no backup when the run began and are still there. */
  readonly others: readonly HeldArchive[];
}

/** Moves what is needed of an archive into a new one and removes it. Gives the bytes won. */
export async function compact(
  compaction: Compaction,
  { archive, manifests }: HeldArchive,
  { usage, recipients }: Moving,
): Promise<number> {
  const { parts, job, lock, released } = compaction;
  const { fs, pool } = parts.context;
  const { keys } = parts.catalog;
  const { signal } = job;
  const { directory } = lock;
  const { frames } = usage;
  const start = (): Promise<AgeStart | undefined> => startOf(parts, recipients, signal);
  const temporary = temporaryFolder(fs, directory);
  job.update({ phase: 'Compacting archives', current: archive.name, bytesDone: 0, bytesTotal: usage.needed });
  const twin = await findCopy(compaction, archive, usage);
  const copy = twin ?? (await makeCopy(compaction, archive, usage, temporary, await start()));

  const offsets = new Map(frames.map(({ offset }, index) => [offset, copy.offsets[index] ?? 0]));
  for (const manifest of manifests) {
    job.throwIfCancelled();
    const target = join(temporary, `${randomUUID()}.manifest`);
    const path = join(directory, manifest);
    const age = await start();
    await pool.run(
      moveTask,
      { manifest: path, target, start: age, from: archive.name, to: copy.archive, offsets },
      { signal, keys: await keys.of([path], signal) },
    );
    lock.assertHeld();
    step(path, () => fs.rename(target, path));
    if (age !== undefined) keys.remember({ [path]: age.fileKey });
  }
  step(directory, () => fs.fsyncDirectory(directory));

  const old = join(directory, archive.name);
  step(old, () => fs.unlink(old));
  step(directory, () => fs.fsyncDirectory(directory));
  released.delete(archive.name);
  released.save();
  return archive.bytes - (twin === undefined ? Number(fs.lstat(join(directory, copy.archive.file)).size) : 0);
}

/** The copy that a run made which was interrupted while it rewrote manifests. */
async function findCopy(
  { parts, job, lock, others }: Compaction,
  archive: GroundArchive,
  { frames }: ArchiveUsage,
): Promise<CopiedFrames | undefined> {
  const { directory } = lock;
  const candidates = others.flatMap((held) => {
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
