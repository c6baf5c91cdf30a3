import { basename } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Backup, Verification, VerifyProblem } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { verifyBackup } from '../archive/index.ts';
import type { VerifyResult } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import type { Catalog } from './catalog.ts';
import type { BackupRecords } from './records.ts';
import { joined, nothingVerified, withFinding } from './verified.ts';
import type { Verified } from './verified.ts';
import { addVerified, readVerified } from './verified-files.ts';

export interface CheckParts {
  readonly context: EngineContext;
  readonly catalog: Catalog;
  readonly records: BackupRecords;
}

/** What is to be looked at; `percent` is for samples. */
export interface CheckScope {
  readonly mode: Verification['mode'];
  readonly percent?: number;
}

export interface CheckResult extends Omit<VerifyResult, 'sampled'> {
  /** Of samples: the share of the stored bytes they have covered by now, 0 to 1. */
  readonly covered?: number;
}

/** Verifies a backup inside a job and remembers the outcome. Damage is in the result, not thrown. */
export async function checkBackup(
  parts: CheckParts,
  job: JobHandle,
  backup: Pick<Backup, 'id' | 'manifest' | 'archive' | 'store'>,
  { mode, percent = 100 }: CheckScope,
): Promise<CheckResult> {
  const { context, catalog, records } = parts;
  job.update({ phase: 'Verifying', bytesDone: 0, bytesTotal: null, filesDone: 0, filesTotal: null });
  const before = knownOf({ context, records }, backup);
  const { sampled, ...result } = await verify();
  const covered = sampled?.covered;
  const found: Verification = {
    mode,
    atMs: context.clock(),
    ok: result.ok,
    ...(covered === undefined ? {} : { covered }),
  };
  const archives = [...new Set(result.problems.map(({ archive }) => basename(archive)))];
  remember(parts, backup, withFinding(before, { verification: found, archives, sample: sampled?.next }));
  context.emit('backups.changed', backup.store === undefined ? {} : { store: backup.store });
  return covered === undefined ? result : { ...result, covered };

  async function verify(): Promise<VerifyResult> {
    try {
      const reader = await catalog.open(backup);
      job.throwIfCancelled();
      // The other modes count no files: they look at frames, or at some of the files.
      if (mode === 'deep') job.update({ filesTotal: reader.counts.files });
      return await verifyBackup({
        fs: context.fs,
        pool: context.pool,
        reader,
        mode,
        sample: { percent, ...(before.sample === undefined ? {} : { after: before.sample }) },
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

/** What is known of a backup's verifications, here and beside it. */
export function knownOf(
  { context, records }: Pick<CheckParts, 'context' | 'records'>,
  backup: Pick<Backup, 'id' | 'manifest'>,
): Verified {
  return joined(records.verified(backup) ?? nothingVerified, readVerified(context.fs, backup) ?? nothingVerified);
}

/** In the database, and beside the backup where that can be written. */
function remember({ context, records }: CheckParts, backup: Pick<Backup, 'id' | 'manifest'>, verified: Verified): void {
  records.rememberVerified(backup, verified);
  try {
    addVerified(context.fs, backup, verified);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { manifest } = backup;
    context.log.warn({ manifest, reason: reasonOf(error) }, 'How a backup was verified cannot be noted beside it.');
  }
}

const problemsNamed = 3;

/** The error a job ends with when a backup is not whole; its details are the verification's own JSON. */
export function damagedError(backup: Pick<Backup, 'id' | 'archive'>, result: CheckResult): LarderError {
  const files = new Set(result.problems.flatMap(({ path }) => path ?? []));
  const named = [...files].slice(0, problemsNamed).map(displayName).join(', ');
  const rest = files.size > problemsNamed ? ` and ${files.size - problemsNamed} more` : '';
  const what = files.size === 0 ? (result.problems[0]?.message ?? '') : `Affected: ${named}${rest}.`;
  return new LarderError('CORRUPT', `The backup ${backup.id} is damaged. ${what}`.trim(), {
    hint: 'What is not affected can still be restored. Make a new backup, and check the disk this one lies on.',
    details: { backup: backup.id, archive: backup.archive, ...result },
  });
}
