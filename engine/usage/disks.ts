import { dirname } from 'node:path';
import type { Disk, Store, StoreRules } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { findMount, readMounts } from './mount-table.ts';
import { isNetworkType, mountOf, mountsBelow } from './mounts.ts';
import type { Mount } from './mounts.ts';
import { spaceAt, spaceTask } from './tasks.ts';

/** The mount a path lies on, or would lie on once its missing folders are made; undefined when nothing can be told. */
function mountToBe(fs: FileSystem, mounts: readonly Mount[], path: string): Mount | undefined {
  const listed = mountOf(mounts, path);
  if (listed !== undefined) return listed;
  for (let at = path; ; at = dirname(at)) {
    try {
      return findMount(fs, mounts, at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (dirname(at) === at) return undefined;
    }
  }
}

/** Two mount points may show one disk (bind mounts, subvolumes). */
function sameFileSystem(a: Mount, b: Mount): boolean {
  if (a.mountPoint === b.mountPoint) return true;
  return a.device.startsWith('/') && a.device === b.device && a.type === b.type;
}

/** The file systems these stores lie on, crossed mounts included. A store that is not there is on none. */
export async function disksOf(
  fs: FileSystem,
  pool: Pool,
  stores: readonly (Pick<Store, 'id' | 'path' | 'state' | 'destination'> & {
    rules: Pick<StoreRules, 'crossMounts'>;
  })[],
): Promise<Disk[]> {
  const mounts = readMounts(fs);
  const byPoint = new Map<string, Mount & { stores: string[]; backupsShare: string[] }>();
  for (const { id, path, state, destination, rules } of stores) {
    if (state === 'missing') continue;
    const backups = mountToBe(fs, mounts, destination);
    for (const mount of [
      findMount(fs, mounts, path),
      ...mountsBelow(mounts, path, rules.crossMounts).crossed.values(),
    ]) {
      let known = byPoint.get(mount.mountPoint);
      if (known === undefined) {
        known = { ...mount, stores: [], backupsShare: [] };
        byPoint.set(mount.mountPoint, known);
      }
      known.stores.push(id);
      if (backups !== undefined && sameFileSystem(mount, backups)) known.backupsShare.push(id);
    }
  }
  const disks: Disk[] = [];
  for (const { device, mountPoint, type, stores: on, backupsShare } of byPoint.values()) {
    const network = isNetworkType(type);
    // A server that does not answer must not hold the engine thread.
    const space = network ? await pool.run(spaceTask, mountPoint) : spaceAt(fs, mountPoint);
    disks.push({ device, mountPoint, type, network, stores: on, backupsShare, ...space });
  }
  return disks;
}
