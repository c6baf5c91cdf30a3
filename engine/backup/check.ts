import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Backup, Verification, VerifyProblem } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { verifyBackup } from '../archive/index.ts';
import type { VerifyResult } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
import type { JobHandle } from '../jobs/index.ts';
import type { Catalog } from './catalog.ts';
import type { BackupRecords } from './records.ts';

export interface CheckParts {
  readonly context: EngineContext;
  readonly catalog: Catalog;
  readonly records: BackupRecords;
}

/** Verifies a backup inside a job and remembers the outcome. Damage is in the result, not thrown. */
export async function checkBackup(
  { context, catalog, records }: CheckParts,
  job: JobHandle,
  backup: Pick<Backup, 'id' | 'manifest' | 'archive' | 'store'>,
  mode: Verification['mode'],
): Promise<VerifyResult> {
  job.update({ phase: 'Verifying', bytesDone: 0, filesDone: 0 });
  const result = await verify();
  records.rememberVerification(backup, { mode, atMs: context.clock(), ok: result.ok }, result.problems);
  context.emit('backups.changed', backup.store === undefined ? {} : { store: backup.store });
  return result;

  async function verify(): Promise<VerifyResult> {
    try {
      const reader = await catalog.open(backup);
      job.throwIfCancelled();
      return await verifyBackup({
        fs: context.fs,
        pool: context.pool,
        reader,
        deep: mode === 'deep',
        signal: job.signal,
        onProgress: (progress) => job.update(progress),
      });
    } catch (error) {
      // A manifest that is damaged or gone is a finding like any other.
      if (!isLarderError(error, 'CORRUPT') && !isLarderError(error, 'NOT_FOUND')) throw error;
      const kind: VerifyProblem['kind'] = error.code === 'CORRUPT' ? 'manifest' : 'missing';
      const problem: VerifyProblem = { archive: backup.archive, kind, message: error.message };
      return { ok: false, checkedBytes: 0, checkedFiles: 0, problems: [problem] };
    }
  }
}

const problemsNamed = 3;

/** The error a job ends with when a backup is not whole; its details are the verification's own JSON. */
export function damagedError(backup: Pick<Backup, 'id' | 'archive'>, result: VerifyResult): LarderError {
  const files = new Set(result.problems.flatMap(({ path }) => path ?? []));
  const named = [...files].slice(0, problemsNamed).map(displayName).join(', ');
  const rest = files.size > problemsNamed ? ` and ${files.size - problemsNamed} more` : '';
  const what = files.size === 0 ? (result.problems[0]?.message ?? '') : `Affected: ${named}${rest}.`;
  return new LarderError('CORRUPT', `The backup ${backup.id} is damaged. ${what}`.trim(), {
    hint: 'What is not affected can still be restored. Make a new backup, and check the disk this one lies on.',
    details: { backup: backup.id, archive: backup.archive, ...result },
  });
}
