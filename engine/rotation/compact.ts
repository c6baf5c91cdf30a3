import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../shared/contract/index.ts';
import { archiveExtensions, archiveStem, freeName, isEncrypted, parseArchiveName } from '../archive/index.ts';
import type { DestinationLock } from '../backup/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import { version } from '../version.ts';
import type { HeldArchive } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import type { ReleasedList } from './released.ts';
import { copyTask, moveTask, usageTask } from './tasks.ts';
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
}

/** Moves what is needed of an archive into a new one and removes it. Gives the bytes won. */
export async function compact(
  { parts, job, lock, store, released }: Compaction,
  { archive, manifests }: HeldArchive,
  { frames, needed }: ArchiveUsage,
): Promise<number> {
  const { fs, pool, clock } = parts.context;
  const { directory } = lock;
  const temporary = temporaryFolder(fs, directory);
  const stem = archiveStem(archive.name) ?? archive.name;
  const name = freeName(fs, directory, parseArchiveName(stem)?.base ?? stem) + archiveExtensions[archive.format];
  const now = clock();
  let copied = 0;
  job.update({ phase: 'Compacting archives', current: archive.name, bytesDone: 0, bytesTotal: needed });
  const copy = join(temporary, `${randomUUID()}.archive`);
  const result = await pool.run(
    copyTask,
    {
      source: { path: join(directory, archive.name), format: archive.format },
      frames,
      target: copy,
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
  step(path, () => fs.rename(copy, path));
  step(directory, () => fs.fsyncDirectory(directory));

  const offsets = new Map(frames.map(({ offset }, index) => [offset, result.offsets[index] ?? 0]));
  for (const manifest of manifests) {
    job.throwIfCancelled();
    const target = join(temporary, `${randomUUID()}.manifest`);
    const input = { manifest: join(directory, manifest), target, from: archive.name, to: result.archive, offsets };
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
  return archive.bytes - (result.archive.size ?? 0);
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
