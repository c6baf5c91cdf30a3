import { basename } from 'node:path';
import type { Backup } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { keyed } from '../age/index.ts';
import { exportBackup } from '../export/index.ts';
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
  job.update({ phase: 'Writing', bytesDone: 0, filesDone: 0, bytesTotal: bytes, filesTotal: files });
  const exported = await exportBackup({
    ...keyed(context, reader.keys),
    reader,
    file,
    signal: job.signal,
    onProgress: (progress) => job.update(progress),
    onCommit: () => job.cannotCancel(),
  });
  return { status: 'done', result: { backup: backup.id, file, files, bytes, storedBytes: exported.storedBytes } };
}

export function exportTitle({ archive }: Backup): string {
  return `Export ${displayName(basename(archive))}`;
}
