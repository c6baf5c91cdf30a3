import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../shared/contract/index.ts';
import { archiveExtensions, archiveStem, freeName, isEncrypted, parseArchiveName } from '../archive/index.ts';
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

/** What an archive that is mostly unneeded would come to; undefined when it stays as it is. */
export async function usageOf(
  { context }: RotationParts,
  directory: string,
  { archive, manifests, movable }: HeldArchive,
  signal: AbortSignal,
): Promise<ArchiveUsage | undefined> {
  // An encrypted one would have to be decrypted and encrypted anew as a whole.
  if (!movable || isEncrypted(archive.name)) return undefined;
  const usage = await context.pool.run(usageTask, { directory, archive, manifests }, { signal });
  return isWorthMoving(usage) ? usage : undefined;
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

/** Moves what is needed of an archive into a new one and removes it. Gives the bytes won. */
export async function compact(
  compaction: Compaction,
  { archive, manifests }: HeldArchive,
  usage: ArchiveUsage,
): Promise<number> {
  const { parts, job, lock, released } = compaction;
  const { fs, pool } = parts.context;
  const { directory } = lock;
  const { frames } = usage;
  const temporary = temporaryFolder(fs, directory);
  job.update({ phase: 'Compacting archives', current: archive.name, bytesDone: 0, bytesTotal: usage.needed });
  const twin = await findCopy(compaction, archive, usage);
  const copy = twin ?? (await makeCopy(compaction, archive, usage, join(temporary, `${randomUUID()}.archive`)));

  const offsets = new Map(frames.map(({ offset }, index) => [offset, copy.offsets[index] ?? 0]));
  for (const manifest of manifests) {
    job.throwIfCancelled();
    const target = join(temporary, `${randomUUID()}.manifest`);
    const input = { manifest: join(directory, manifest), target, from: archive.name, to: copy.archive, offsets };
    await pool.run(moveTask, input, { signal: job.signal });
    lock.assertHeld();
    step(input.manifest, () => fs.rename(target, input.manifest));
  }
  step(directory, () => fs.fsyncDirectory(directory));

  const old = join(directory, archive.name);
  step(old, () => fs.unlink(old));
  step(directory, () => fs.fsyncDirectory(directory));
  released.delete(archive.name);
  released.save();
  return archive.bytes - (twin === undefined ? (copy.archive.size ?? 0) : 0);
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
    return name === archive.name || format !== archive.format || manifest === undefined
      ? []
      : [{ name, format, manifest }];
  });
  if (candidates.length === 0) return undefined;
  return parts.context.pool.run(twinTask, { directory, frames, candidates }, { signal: job.signal });
}

/** Writes the new archive and puts it in place. */
async function makeCopy(
  { parts, job, lock, store, released }: Compaction,
  archive: GroundArchive,
  { frames }: ArchiveUsage,
  target: string,
): Promise<CopiedFrames> {
  const { fs, pool, clock } = parts.context;
  const { directory } = lock;
  const stem = archiveStem(archive.name) ?? archive.name;
  const name = freeName(fs, directory, parseArchiveName(stem)?.base ?? stem) + archiveExtensions[archive.format];
  const now = clock();
  let copied = 0;
  const copy = await pool.run(
    copyTask,
    {
      source: { path: join(directory, archive.name), format: archive.format },
      frames,
      target,
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
  step(directory, () => fs.fsyncDirectory(directory));
  return copy;
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
