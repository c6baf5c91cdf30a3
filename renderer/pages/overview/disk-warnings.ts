import type { Disk, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatPercent } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { spaceBar } from './space-bar.ts';

export interface DiskWarning {
  id: string;
  tone: 'warn' | 'bad';
  title: string;
  text: string;
}

const inodesLow = 0.1;

/** The name a disk is shown by. */
export function diskName(disk: Disk): string {
  return displayName(disk.device === '' ? disk.mountPoint : disk.device);
}

/** What a person should know about a disk: filling up, out of room for files. */
export function diskWarnings(disk: Disk): DiskWarning[] {
  const { usedShare, level } = spaceBar(disk, []);
  const warnings: DiskWarning[] = [];
  const name = diskName(disk);
  if (level !== 'fine') {
    warnings.push({
      id: `space ${name} ${disk.mountPoint}`,
      tone: level,
      title: `${name} is ${formatPercent(usedShare, 1)} full`,
      text:
        level === 'bad'
          ? `${formatBytes(disk.free)} are left. A backup or a training run may not fit any more.`
          : `${formatBytes(disk.free)} are left.`,
    });
  }
  const { inodes } = disk;
  if (inodes !== undefined && inodes.total > 0 && inodes.free / inodes.total < inodesLow) {
    warnings.push({
      id: `inodes ${name} ${disk.mountPoint}`,
      tone: 'warn',
      title: `${name} has room for few more files`,
      text: `${formatPercent(inodes.total - inodes.free, inodes.total)} of its entries for files are taken, whatever their size.`,
    });
  }
  return warnings;
}

/** Stores of `stores` whose backups lie on the same disk as their data. */
export function sharingStores(disks: readonly Disk[], stores: readonly Store[]): Store[] {
  const sharing = new Set(disks.flatMap((disk) => disk.backupsShare));
  return stores.filter((store) => sharing.has(store.id));
}
