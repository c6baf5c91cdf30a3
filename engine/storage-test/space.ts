import type { StorageCheck } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatPercent } from '../../shared/format.ts';

/** Below this nothing worth keeping fits any more. */
const leastFree = 64 * 1024 * 1024;
/** Little is left when it is both a small share and not much. */
const littleShare = 0.05;
const littleBytes = 20 * 1024 ** 3;

/** What `statfs` says, in bytes and numbers of files. */
export interface Room {
  readonly capacity: number;
  readonly free: number;
  readonly inodes?: { readonly total: number; readonly free: number } | undefined;
}

export function checkSpace({ capacity, free, inodes }: Room): StorageCheck[] {
  const share = capacity === 0 ? 0 : free / capacity;
  const space: StorageCheck = {
    id: 'space',
    title: 'Free space',
    status: free < leastFree ? 'fail' : share < littleShare && free < littleBytes ? 'warn' : 'pass',
    evidence: `${formatBytes(free)} of ${formatBytes(capacity)} free.`,
  };
  const checks = [space.status === 'pass' ? space : { ...space, next: 'Free some space on that disk.' }];
  if (inodes === undefined) {
    return [
      ...checks,
      { id: 'inodes', title: 'Room for files', status: 'pass', evidence: 'The file system sets no limit of its own.' },
    ];
  }
  const left = inodes.free / inodes.total;
  const files: StorageCheck = {
    id: 'inodes',
    title: 'Room for files',
    status: inodes.free === 0 ? 'fail' : left < littleShare ? 'warn' : 'pass',
    evidence: `${formatCount(inodes.free)} more files fit (${formatPercent(inodes.free, inodes.total)} of its inodes).`,
  };
  return [...checks, files.status === 'pass' ? files : { ...files, next: 'Remove small files that nobody needs.' }];
}
