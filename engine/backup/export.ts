import { basename, dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { keyed } from '../age/index.ts';
import type { EngineContext } from '../context.ts';
import { exportBackup, hasNotes, noteExport, temporaryName } from '../export/index.ts';
import type { Exported } from '../export/index.ts';
import { clearFolderTask, clearNotedTask } from '../export/tasks.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import type { CheckParts } from './check.ts';

/** Writes one plain archive of a backup, as the work of a job. */
export async function exportTo(
  { context, catalog }: CheckParts,
  job: JobHandle,
  backup: Backup,
  file: string,
): Promise<JobOutcome> {
  job.update({ phase: 'Opening the backup' });
  const reader = await catalog.open(backup);
  job.throwIfCancelled();
  const { files, bytes } = reader.counts;
  await clear(context, context.pool.run(clearFolderTask, dirname(file), { signal: job.signal }));
  job.update({ phase: 'Writing', bytesDone: 0, filesDone: 0, bytesTotal: bytes, filesTotal: files });
  const temporary = join(dirname(file), temporaryName());
  const forget = noteExport(context.fs, context.home, temporary);
  let exported: Exported;
  try {
    exported = await exportBackup({
      ...keyed(context, reader.keys),
      reader,
      file,
      temporary,
      signal: job.signal,
      onProgress: (progress) => job.update(progress),
      onCommit: () => job.cannotCancel(),
    });
  } finally {
    forget();
  }
  return { status: 'done', result: { backup: backup.id, file, files, bytes, storedBytes: exported.storedBytes } };
}

/** Clears away what exports left whose processes were killed, where that is noted. */
export async function clearExports(context: EngineContext): Promise<void> {
  if (hasNotes(context.fs, context.home)) await clear(context, context.pool.run(clearNotedTask, context.home));
}

/** What cannot be removed is no reason to do nothing else. */
async function clear({ log }: EngineContext, clearing: Promise<unknown>): Promise<void> {
  try {
    await clearing;
  } catch (error) {
    if (!(error instanceof LarderError) || error.code === 'CANCELLED') throw error;
    log.warn({ reason: error.message }, 'What a killed export left could not be removed.');
  }
}

export function exportTitle({ archive }: Backup): string {
  return `Export ${displayName(basename(archive))}`;
}
