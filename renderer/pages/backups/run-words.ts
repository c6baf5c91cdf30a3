import { z } from 'zod';
import type { Job } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';

const backupResult = z.looseObject({
  files: z.number(),
  bytes: z.number(),
  storedBytes: z.number(),
  reusedBytes: z.number(),
});
const verifyResult = z.looseObject({ checkedFiles: z.number(), checkedBytes: z.number() });
const exportResult = z.looseObject({ file: z.string(), storedBytes: z.number() });
const pruneResult = z.looseObject({ removed: z.array(z.string()), freed: z.number() });

/** What came of a job about backups, in a sentence; what went wrong stands in its error. */
export function endedWords(job: Job): string {
  if (job.status === 'cancelled') {
    return job.kind === 'prune' ? 'Cancelled. What was not removed yet stays.' : 'Cancelled. It left nothing behind.';
  }
  if (job.status === 'interrupted') return 'Larder stopped while it ran. What was unfinished has been put away.';
  if (job.error !== undefined) return '';
  switch (job.kind) {
    case 'backup': {
      const result = backupResult.safeParse(job.result).data;
      if (result === undefined) return '';
      const { files, bytes, storedBytes, reusedBytes } = result;
      const reused = reusedBytes === 0 ? '' : ` ${formatBytes(reusedBytes)} were there already.`;
      return `It holds ${formatQuantity(files, 'file')}, ${formatBytes(bytes)}, and added ${formatBytes(storedBytes)}.${reused}`;
    }
    case 'verify': {
      const result = verifyResult.safeParse(job.result).data;
      if (result === undefined) return 'No damage was found.';
      const files = result.checkedFiles === 0 ? '' : ` of ${formatQuantity(result.checkedFiles, 'file')}`;
      return `${formatBytes(result.checkedBytes)}${files} read; no damage was found.`;
    }
    case 'export': {
      const result = exportResult.safeParse(job.result).data;
      return result === undefined ? '' : `${displayName(result.file)}, ${formatBytes(result.storedBytes)}`;
    }
    case 'prune': {
      const result = pruneResult.safeParse(job.result).data;
      if (result === undefined) return '';
      return `${formatQuantity(result.removed.length, 'backup')} removed, ${formatBytes(result.freed)} freed.`;
    }
    case 'rebuild':
      return job.result?.['ok'] === false
        ? 'The manifest was made again, and damage was found.'
        : 'The manifest was made again; the backup can be used.';
    default:
      return '';
  }
}
