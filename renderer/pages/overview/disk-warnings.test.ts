import { describe, expect, it } from 'vitest';
import { defaultStoreRules } from '../../../shared/contract/index.ts';
import type { Disk, Store } from '../../../shared/contract/index.ts';
import { diskWarnings, sharingStores } from './disk-warnings.ts';

const disk = (changes: Partial<Disk> = {}): Disk => ({
  device: '/dev/sda1',
  mountPoint: '/',
  type: 'ext4',
  capacity: 1000,
  free: 500,
  network: false,
  stores: [],
  backupsShare: [],
  ...changes,
});
const store = (id: string): Store => ({
  id,
  name: id,
  path: `/${id}`,
  addedAtMs: 0,
  state: 'ok',
  destination: '/b',
  live: { state: 'live' },
  rules: defaultStoreRules,
});

describe('disk warnings', () => {
  it('begin at 80 % and grow at 90 %', () => {
    expect(diskWarnings(disk({ free: 201 }))).toEqual([]);
    expect(diskWarnings(disk({ free: 200 }))).toMatchObject([{ tone: 'warn', title: '/dev/sda1 is 80 % full' }]);
    expect(diskWarnings(disk({ free: 100 }))).toMatchObject([{ tone: 'bad', title: '/dev/sda1 is 90 % full' }]);
  });

  it('tell when no more files fit, whatever the space', () => {
    expect(diskWarnings(disk({ inodes: { total: 100, free: 10 } }))).toEqual([]);
    expect(diskWarnings(disk({ inodes: { total: 100, free: 9 } }))).toMatchObject([{ tone: 'warn' }]);
    expect(diskWarnings(disk({ inodes: { total: 0, free: 0 } }))).toEqual([]);
  });

  it('name the stores whose backups share the disk', () => {
    expect(sharingStores([disk({ backupsShare: ['b', 'x'] })], [store('a'), store('b')]).map(({ id }) => id)).toEqual([
      'b',
    ]);
  });
});
