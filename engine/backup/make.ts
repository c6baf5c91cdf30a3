import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat, Backup, ParsedInput, Store } from '../../shared/contract/index.ts';
import { formatBytes } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import type { AgeRecipients } from '../age/index.ts';
import { canCompressZstd, vanishedBeforeRead, writeBackup } from '../archive/index.ts';
import type { Parent, WrittenBackup } from '../archive/index.ts';
import { capture } from '../capture/index.ts';
import type { EngineContext } from '../context.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { keepSpare } from '../rotation/index.ts';
import type { Rotation } from '../rotation/index.ts';
import { version } from '../version.ts';
import { checkBackup, damagedError } from './check.ts';
import type { CheckParts } from './check.ts';
import { assertNotEmptied, assertNotGutted, assertSameRoot } from './ground.ts';
import { copiesFolder } from './copies-folder.ts';
import type { CopiesFolder } from './copies-folder.ts';
import { idleSince, withoutIdle } from './idle.ts';
import type { IdleFile } from './idle-files.ts';
import { isSealed, keepManifest } from './kept-manifest.ts';
import { clearLeftovers, noteRun } from './leftovers.ts';
import { archiveBaseName } from './names.ts';
import { encryptedFor, openParentFor } from './parent.ts';
import { lookAtPlace, makePlace, unmakePlace, whyLost } from './place.ts';
import type { FolderIdentity, Place } from './place.ts';
import { since } from './since.ts';
import { expectedSize } from './space.ts';
import type { PastBackup } from './space.ts';
import { assertReadable, surveyStore } from './survey.ts';
import type { Survey } from './survey.ts';
import { asIfCopied, withCopies } from './with-copies.ts';
import type { Surveyed } from './with-copies.ts';
import type { DestinationLock } from './types.ts';

export type BackupRequest = ParsedInput<'backups.start'>;

/** The format a backup gets: as asked for, else as set, else what this runtime can write. */
export function chosenFormat(context: EngineContext, asked: ArchiveFormat | undefined): ArchiveFormat {
  const format = asked ?? context.settings.get().format;
  if (format !== 'zst' || canCompressZstd()) return format;
  if (asked === undefined) return 'gz';
  throw new LarderError('UNSUPPORTED', 'This Larder runs on a Node that cannot compress zstd.', {
    hint: 'Choose gz instead.',
  });
}

/** Earlier whole backups of a store, newest first. */
export async function pastBackups({ catalog }: CheckParts, store: Store): Promise<Backup[]> {
  const { backups } = await catalog.list({ store: store.id });
  return backups.filter((backup) => backup.store === store.id && backup.problem === undefined);
}

/** Makes a backup, as the work of a job, and then removes old ones where the store asks for that. */
export async function makeBackup(
  parts: CheckParts,
  rotation: Pick<Rotation, 'rotate'>,
  job: JobHandle,
  request: BackupRequest,
): Promise<JobOutcome> {
  const { context } = parts;
  const store = context.stores.get(request.store);
  job.update({ phase: 'Listing files' });
  // The store is looked at first, so that nothing is made for one that is not there.
  assertReadable(context, store);
  const place = lookAtPlace(context, store, request.destination ?? store.destination);
  const made = makePlace(context, parts.records, store, place, request.destination !== undefined);
  try {
    const written = await underLock(parts, job, request, store, place);
    const outcome = await finish(parts, job, store, written);
    const directory = dirname(written.manifest);
    await rotation.rotate(store, directory, job);
    await keepNewest(parts, store, directory);
    const { bytes, files } = written;
    job.update({ bytesDone: bytes, bytesTotal: bytes, filesDone: files, filesTotal: files });
    return outcome;
  } catch (error) {
    unmakePlace(context.fs, made);
    throw error;
  }
}

/** After backups of a store were made or removed in a folder, or their manifests written anew. */
export async function keepNewest(parts: CheckParts, store: Store, directory: string): Promise<void> {
  const past = isSealed(store.rules.encryption) ? await pastBackups(parts, store) : [];
  await keepManifest(
    parts,
    store,
    past.find(({ manifest }) => dirname(manifest) === directory),
    directory,
  );
}

async function underLock(
  parts: CheckParts,
  job: JobHandle,
  request: BackupRequest,
  store: Store,
  place: Place,
): Promise<WrittenBackup> {
  const { context, catalog, records } = parts;
  const lock = await catalog.lockDestination(place.directory, { purpose: 'making a backup' });
  let before: FolderIdentity | undefined;
  try {
    const { encryption } = store.rules;
    const recipients = encryption === undefined ? undefined : await context.secrets.recipientsOf(encryption);
    before = context.fs.stat(lock.directory);
    const past = await pastBackups(parts, store);
    const last = past.find(({ manifest }) => dirname(manifest) === lock.directory);
    const { full } = request;
    const opening = openParentFor(parts, { store, past, directory: lock.directory, full, signal: job.signal });
    // It is opened while the store is listed; should that fail, nobody asks for it any more.
    opening.catch(() => undefined);
    const found = await surveyStore(context, store, {
      destinations: [lock.directory, ...context.stores.list().flatMap((each) => catalog.destinationsOf(each))],
      entries: true,
      signal: job.signal,
      onProgress: ({ files, current }) => job.update({ filesDone: files, current }),
    });
    for (const skipped of found.skipped) job.warn(skipped);
    const format = chosenFormat(context, request.format);
    const { parent } = await opening;
    const idle = parent === undefined ? [] : await idleSince(context, store.path, found.live, parent, job.signal);
    const survey = withoutIdle(found, idle);
    // What is remembered counts where the destination went away together with the store.
    assertNotEmptied(store, survey, last?.files ?? records.lastFiles(store.id, lock.directory));
    await checkSpace(context, lock.directory, { survey, idle, parent, past, format });
    const written = await write(context, job, {
      store,
      survey,
      idle,
      parent,
      format,
      recipients,
      note: request.note,
      lock,
    });
    if (written.keys !== undefined) catalog.keys.remember(written.keys);
    records.rememberDestination(store.id, lock.directory, {
      atMs: context.clock(),
      otherDisk: !place.onSameDisk,
      files: written.files,
    });
    context.emit('backups.changed', { store: store.id });
    keepSpare(context.fs, lock.directory);
    return written;
  } catch (error) {
    throw before === undefined ? error : whyLost(context.fs, lock.directory, before, error);
  } finally {
    lock.release();
  }
}

interface SpaceParts {
  readonly survey: Survey;
  readonly idle: readonly IdleFile[];
  readonly parent: Parent | undefined;
  readonly past: readonly PastBackup[];
  readonly format: ArchiveFormat;
}

/** Throws `NO_SPACE` when the destination has less room than the backup will probably take. */
async function checkSpace(context: EngineContext, directory: string, parts: SpaceParts): Promise<void> {
  const { survey, idle, parent, past, format } = parts;
  const { bavail, bsize, blocks } = context.fs.statfs(directory);
  const free = bavail * bsize;
  // Some network and user-space file systems do not tell their size.
  if (blocks === 0 || free >= expectedSize(survey.needed, past, format)) return;
  const needed = parent === undefined ? survey.needed : (await since(parent, asIfCopied(survey, idle))).needed;
  const expected = expectedSize(needed, past, format);
  if (free >= expected) return;
  throw new LarderError(
    'NO_SPACE',
    `${displayName(directory)} has ${formatBytes(free)} free, and the backup can take ${formatBytes(expected)}.`,
    { hint: 'Free some space there, or choose another destination.', details: { path: directory, free, expected } },
  );
}

interface WriteParts {
  readonly store: Store;
  /** Without those live files that are idle. */
  readonly survey: Survey;
  readonly idle: readonly IdleFile[];
  readonly parent: Parent | undefined;
  readonly format: ArchiveFormat;
  readonly recipients: AgeRecipients | undefined;
  readonly note: string | undefined;
  readonly lock: DestinationLock;
}

async function write(context: EngineContext, job: JobHandle, parts: WriteParts): Promise<WrittenBackup> {
  const { store, survey, parent, format, note, lock, recipients } = parts;
  const { fs } = context;
  const { encryption } = store.rules;
  const startedAtMs = context.clock();
  const id = randomBytes(8).toString('hex');
  const baseName = archiveBaseName(store.name, startedAtMs);
  job.throwIfCancelled();
  let vanished = 0;
  const copies = copiesFolder(context, lock.directory, recipients !== undefined);
  noteRun(fs, lock.directory, id, baseName);
  try {
    const taken = await copyLive(context, job, parts, copies.path);
    job.update({
      phase: 'Reading files',
      bytesDone: 0,
      filesDone: 0,
      bytesTotal: taken.bytes,
      filesTotal: taken.files,
    });
    return await writeBackup({
      fs,
      pool: context.pool,
      root: store.path,
      entries: taken.entries,
      destination: lock.directory,
      baseName,
      format,
      ...(parent === undefined ? {} : { parent }),
      ...(recipients === undefined ? {} : { recipients }),
      header: {
        id,
        store: { id: store.id, name: store.name, path: store.path },
        startedAtMs,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        host: hostname(),
        tool: `larder ${version}`,
        ...(note === undefined || note === '' ? {} : { note }),
        ...(encryption === undefined ? {} : { encryptedFor: encryptedFor(encryption) }),
        excluded: taken.excluded,
      },
      skippedBefore: taken.skipped,
      now: context.clock,
      signal: job.signal,
      onProgress: ({ phase, bytesDone, filesDone, current }) =>
        job.update({ phase: phase === 'reading' ? 'Reading files' : 'Committing', bytesDone, filesDone, current }),
      onSkip(skipped) {
        if (skipped.reason === vanishedBeforeRead) vanished += 1;
        job.warn(skipped);
      },
      onCommit() {
        lock.assertHeld();
        assertSameRoot(context, store, survey);
        assertNotGutted(context, store, survey, vanished);
        job.cannotCancel();
      },
    });
  } finally {
    settle(context, lock.directory, copies);
  }
}

/** Copies what programs are writing to into `folder`; `settle` takes the copies away. */
async function copyLive(
  context: EngineContext,
  job: JobHandle,
  { store, survey, idle }: WriteParts,
  folder: string,
): Promise<Surveyed> {
  if (survey.live.length > 0) job.update({ phase: 'Copying databases' });
  const outcome = await capture({
    pool: context.pool,
    root: store.path,
    candidates: survey.live,
    folder,
    signal: job.signal,
    onProgress: (current) => job.update({ current }),
  });
  for (const skipped of outcome.skipped) job.warn(skipped);
  return withCopies(survey, outcome, idle);
}

/** Takes away the run's note and, after a failure, what it made. */
function settle(context: EngineContext, directory: string, copies: CopiesFolder): void {
  try {
    copies.clear();
    clearLeftovers(context.fs, directory);
  } catch (error) {
    // The next holder clears it, and the outcome of the run itself is what the person must hear.
    if (!(error instanceof LarderError)) throw error;
    context.log.warn({ directory, reason: error.message }, 'Temporary files of a backup could not be removed.');
  }
}

async function verifyMade(
  parts: CheckParts,
  job: JobHandle,
  backup: Pick<Backup, 'id' | 'archive' | 'manifest' | 'store'>,
): Promise<void> {
  try {
    const checked = await checkBackup(parts, job, backup, { mode: 'written' });
    if (!checked.ok) throw damagedError(backup, checked);
  } catch (error) {
    // Larder is stopping. The backup is made and stands; only that it was verified cannot be said.
    if (!isLarderError(error, 'CANCELLED')) throw error;
  }
}

async function finish(parts: CheckParts, job: JobHandle, store: Store, written: WrittenBackup): Promise<JobOutcome> {
  const { header, archive, manifest, files, bytes, storedBytes, reusedBytes } = written;
  const { id, skipped } = header;
  const status = skipped.length > 0 ? 'partial' : 'done';
  if (parts.context.settings.get().verifyAfterBackup) {
    await verifyMade(parts, job, { id, archive, manifest, store: store.id });
  }
  return {
    status,
    result: {
      id,
      store: store.id,
      archive,
      manifest,
      startedAt: new Date(header.startedAtMs).toISOString(),
      finishedAt: new Date(header.finishedAtMs).toISOString(),
      files,
      bytes,
      storedBytes,
      reusedBytes,
      skipped,
      status,
    },
  };
}

export function backupTitle(store: Store): string {
  return `Back up ${store.name}`;
}

export function verifyTitle(archive: string): string {
  return `Verify ${displayName(basename(archive))}`;
}
