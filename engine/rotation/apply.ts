import { basename, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import { choose, removedManifests } from './choice.ts';
import type { Wish } from './choice.ts';
import { compactAll, notMoved, step } from './compact.ts';
import { assertSameGround } from './ground.ts';
import type { Ground } from './ground.ts';
import { movingsOf } from './moving.ts';
import { outcomeOf } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import { ReleasedList } from './released.ts';
import { keepSpare, withSpare } from './spare.ts';
import { groundTask } from './tasks.ts';

export interface Removed {
  /** Ids of the backups that are gone. */
  readonly removed: string[];
  /** Bytes the destination got back. */
  freed: number;
  /** File names of archives that stay for kept backups. */
  readonly held: string[];
  /** File names of archives that were written anew. */
  readonly compacted: string[];
}

export interface Removal {
  readonly directory: string;
  readonly store: Store;
  readonly wish: Wish | undefined;
  /** What the plan found, which must still be so; absent when there was no plan. */
  readonly planned?: { readonly ground: Ground; readonly manifests: ReadonlySet<string> };
}

/**
 * Removes backups from one destination, under its lock. Order of writes: the archives' names among the released → the
 * manifests, each of which ends a backup → the archives that no manifest leads to. Also clears away what an interrupted
 * run left, and writes mostly unneeded archives anew. Throws `CHANGED_ON_DISK` when the ground moved since the plan, and
 * then has changed nothing.
 */
export async function removeBackups(parts: RotationParts, job: JobHandle, removal: Removal): Promise<Removed> {
  const { context, catalog } = parts;
  const { fs } = context;
  assertNobodyReads(parts);
  const lock = await catalog.lockDestination(removal.directory, { purpose: 'removing backups', makesRoom: true });
  const { directory } = lock;
  const done: Removed = { removed: [], freed: 0, held: [], compacted: [] };
  try {
    job.update({ phase: 'Removing old backups', bytesDone: 0, bytesTotal: null, filesDone: 0, filesTotal: null });
    const keys = await catalog.keys.inFolder(directory, job.signal);
    const ground = await context.pool.run(groundTask, directory, { signal: job.signal, keys });
    const { manifests, ids } = await chosen(parts, directory, ground, removal);
    const outcome = outcomeOf(ground, manifests);
    job.throwIfCancelled();
    lock.assertHeld();

    const released = new ReleasedList(fs, directory, ground.released, outcome.released);
    withSpare(fs, directory, () => released.save());
    for (const { name, bytes } of ground.manifests) {
      if (!manifests.has(name)) continue;
      job.throwIfCancelled();
      const path = join(directory, name);
      job.update({ current: name });
      step(path, () => fs.unlink(path));
      done.removed.push(ids.get(name) ?? name);
      done.freed += bytes;
    }
    if (manifests.size > 0) step(directory, () => fs.fsyncDirectory(directory));

    for (const { name, bytes } of outcome.free) {
      lock.assertHeld();
      const path = join(directory, name);
      job.update({ current: name });
      removeArchive(parts, path);
      released.delete(name);
      done.freed += bytes;
    }
    if (outcome.free.length > 0) step(directory, () => fs.fsyncDirectory(directory));
    released.save();

    const compaction = { parts, job, lock, store: removal.store, released, others: outcome.held };
    const { moving, problems } = await movingsOf(parts, removal.store, directory, outcome.held, job.signal);
    for (const { held, problem } of problems) notMoved(job, held.archive, problem);
    const { archives, won } = await compactAll(compaction, moving);
    done.compacted.push(...archives);
    done.freed += won;
    for (const { archive } of outcome.held) if (!archives.includes(archive.name)) done.held.push(archive.name);
    const kept = outcome.held.filter(({ neededBy }) => neededBy.length === 0);
    for (const { archive } of kept) job.warn({ path: archive.name, reason: `It stays: ${outcome.blocked ?? ''}` });
    return done;
  } finally {
    keepSpare(fs, directory);
    lock.release();
    if (done.removed.length > 0) context.emit('backups.changed', { store: removal.store.id });
  }
}

/** Names of the manifests to remove, and their backups' ids. */
async function chosen(
  parts: RotationParts,
  directory: string,
  ground: Ground,
  { wish, planned }: Removal,
): Promise<{ manifests: ReadonlySet<string>; ids: ReadonlyMap<string, string> }> {
  if (planned !== undefined) assertSameGround(planned.ground, ground, directory);
  if (wish === undefined) return { manifests: new Set(), ids: new Map() };
  const choice = await choose(parts, directory, ground, wish);
  const manifests = removedManifests(choice);
  // Pins and verifications count for rotation and lie elsewhere than in the manifests.
  if (planned !== undefined && !isSame(manifests, planned.manifests)) {
    throw new LarderError('CHANGED_ON_DISK', 'Which backups are to be removed has changed since the plan was made.', {
      hint: 'Plan again.',
    });
  }
  const ids = new Map(ground.manifests.map(({ name, says }) => [name, says?.id ?? name]));
  for (const { backup } of choice.backups) ids.set(basename(backup.manifest), backup.id);
  return { manifests, ids };
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

function removeArchive({ context }: RotationParts, path: string): void {
  try {
    context.fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
  }
}

/** Jobs that read archives, and would take one that goes for damage. */
const readers: ReadonlySet<string> = new Set(['restore', 'verify', 'export', 'rebuild']);

function assertNobodyReads({ context }: RotationParts): void {
  const reader = context.jobs.running().find(({ kind }) => readers.has(kind));
  if (reader === undefined) return;
  throw new LarderError('BUSY', `Backups are being read just now: ${reader.title}.`, {
    hint: 'Wait until it is done.',
  });
}
