import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { keyed, parseRecipients } from '../age/index.ts';
import type { AgeRecipients, AgeStart, FileKeys } from '../age/index.ts';
import { startTask } from '../age/tasks.ts';
import { archiveStem, embeddedHead, hasManifest, isEncrypted, rebuildTask } from '../archive/index.ts';
import type { ManifestHeader } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
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
    const { keys, start } = await unlock(parts, archive, job.signal);
    const input = { archive, target, ...(start === undefined ? {} : { start }) };
    const rebuilt = await pool.run(rebuildTask, input, { signal: job.signal, keys });
    job.throwIfCancelled();
    const manifest = join(lock.directory, rebuilt.name);
    lock.assertHeld();
    assertLost(parts, archive);
    job.cannotCancel();
    place(parts, target, manifest);
    if (start !== undefined) catalog.keys.remember({ [manifest]: start.fileKey });
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

/** What it takes to read an encrypted archive, and to encrypt its manifest for whom it was encrypted for. */
async function unlock(
  { context, catalog }: CheckParts,
  archive: string,
  signal: AbortSignal,
): Promise<{ keys?: FileKeys | undefined; start?: AgeStart }> {
  if (!isEncrypted(archive)) return {};
  const own = await catalog.keys.of([archive], signal);
  const { header, archives } = embeddedHead(keyed(context, own).fs, archive);
  const start = await context.pool.run(startTask, await recipientsFor(context, header), { signal });
  const directory = dirname(archive);
  const names = context.fs.readDirectory(directory).map(({ name }) => name);
  if (archives.every(({ file }, index) => index === 0 || names.includes(file))) return { keys: own, start };
  // What is gone is looked for in all the others.
  const others = names.filter((name) => archiveStem(name) !== undefined).map((name) => join(directory, name));
  return { keys: { ...(await catalog.keys.of(others, signal)), ...own }, start };
}

async function recipientsFor(
  { secrets, stores }: EngineContext,
  { store: { id, name }, encryptedFor }: Pick<ManifestHeader, 'store' | 'encryptedFor'>,
): Promise<AgeRecipients> {
  if (encryptedFor !== undefined && encryptedFor !== 'passphrase') {
    return { kind: 'recipients', recipients: parseRecipients(encryptedFor) };
  }
  const encryption = stores.list().find((store) => store.id === id)?.rules.encryption;
  if (encryption?.kind === 'passphrase') return secrets.recipientsOf(encryption);
  throw new LarderError('PERMISSION', `The passphrase for backups of ${name} is not known here.`, {
    hint: 'Add the store, and set its passphrase in its rules.',
  });
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
