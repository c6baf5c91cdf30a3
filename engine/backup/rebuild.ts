import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { archiveStem, hasManifest, rebuildTask } from '../archive/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { checkBackup } from './check.ts';
import type { CheckParts } from './check.ts';
import { temporaryFolder } from './leftovers.ts';

/** The folder and name of an archive, its folder as it really is. Throws when it is not there. */
function locate({ context }: CheckParts, archive: string): { directory: string; name: string } {
  const name = basename(archive);
  try {
    if (!context.fs.stat(archive).isFile())
      throw new LarderError('INVALID_INPUT', `${displayName(archive)} is not a file.`);
    return { directory: context.fs.realPath(dirname(archive)), name };
  } catch (error) {
    throw toLarderError(error, archive);
  }
}

/** Refuses, before any work, what cannot be rebuilt. */
export function assertLost(parts: CheckParts, archive: string): void {
  const { directory, name } = locate(parts, archive);
  const stem = archiveStem(name);
  if (stem === undefined) {
    throw new LarderError('INVALID_INPUT', `${displayName(name)} is not an archive of Larder's.`, {
      hint: 'Name the archive whose manifest was lost.',
    });
  }
  const names = new Set(parts.context.fs.readDirectory(directory).map((entry) => entry.name));
  if (!hasManifest(stem, names)) return;
  throw new LarderError('INVALID_INPUT', `${displayName(name)} has a manifest, and it is not overwritten.`, {
    hint: 'If the manifest is damaged, move it away first.',
  });
}

/** Makes the lost manifest of an archive again, as the work of a job, and verifies what the backup wrote. */
export async function rebuildBackup(parts: CheckParts, job: JobHandle, archivePath: string): Promise<JobOutcome> {
  const { context, catalog } = parts;
  const { fs, pool } = context;
  const { directory, name } = locate(parts, archivePath);
  job.update({ phase: 'Reading the archive' });
  const lock = await catalog.lockDestination(directory, { purpose: 'rebuilding a manifest' });
  const archive = join(lock.directory, name);
  const target = join(temporaryFolder(lock.directory), `${randomUUID()}.manifest`);
  try {
    assertLost(parts, archive);
    fs.makeDirectory(temporaryFolder(lock.directory), { recursive: true, mode: 0o700 });
    const rebuilt = await pool.run(rebuildTask, { archive, target }, { signal: job.signal });
    job.throwIfCancelled();
    const manifest = join(lock.directory, rebuilt.name);
    lock.assertHeld();
    assertLost(parts, archive);
    job.cannotCancel();
    place(parts, target, manifest);
    const store = context.stores.list().find(({ id }) => id === rebuilt.storeId)?.id;
    context.emit('backups.changed', store === undefined ? {} : { store });
    const backup = { id: rebuilt.id, archive, manifest, ...(store === undefined ? {} : { store }) };
    const { ok, problems } = await checkBackup(parts, job, backup, { mode: 'written' });
    for (const { path, archive: where, message } of problems)
      job.warn({ path: path ?? basename(where), reason: message } satisfies Skipped);
    return { result: { id: rebuilt.id, archive, manifest, found: rebuilt.found, ok, problems } };
  } finally {
    removeTemporary(parts, target);
    lock.release();
  }
}

function place({ context: { fs } }: CheckParts, temporary: string, manifest: string): void {
  try {
    fs.rename(temporary, manifest);
    fs.fsyncDirectory(dirname(manifest));
  } catch (error) {
    throw toLarderError(error, manifest);
  }
}

function removeTemporary({ context: { fs } }: CheckParts, path: string): void {
  try {
    fs.unlink(path);
  } catch {
    // In its place by now, or never made; the next holder of the destination clears `.larder/tmp`.
  }
}
