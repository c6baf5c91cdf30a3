import { describe, expect, it } from 'vitest';
import { checkMount, mountAt, mountsOf } from './mount.ts';
import { checkSpace } from './space.ts';

const table = mountsOf(
  Buffer.from(
    [
      '1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
      '2 1 0:5 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1k',
      '3 1 8:2 / /mnt/my\\040disk ro,relatime shared:2 - xfs /dev/sdb1 rw',
      '4 1 8:3 / /mnt/broken rw - ext4 /dev/sdc1 ro,errors=remount-ro',
      '5 1 0:9 / /srv rw - nfs4 server:/x rw,addr=1.2.3.4',
      '6 1 0:8 / /box rw - overlay overlay rw,lowerdir=/a',
    ].join('\n'),
  ),
);

describe('mounts', () => {
  it.each([
    ['/home/x', 'pass', 'ext4 at /.'],
    ['/tmp/x', 'warn', 'memory'],
    ['/mnt/my disk/x', 'fail', 'read-only'],
    ['/mnt/broken/x', 'fail', 'read-only'],
    ['/srv/x', 'warn', 'another machine'],
    ['/box/x', 'warn', 'container'],
  ])('%s: %s', (path, status, evidence) => {
    const check = checkMount(mountAt(table, path), { hasTable: true });
    expect(check).toMatchObject({ status, evidence: expect.stringContaining(evidence) as string });
    expect(check.next === undefined).toBe(status === 'pass');
  });

  it('cannot be told where there is no table', () => {
    expect(checkMount(undefined, { hasTable: false }).status).toBe('skip');
    expect(checkMount(undefined, { hasTable: true, area: 'logs' })).toMatchObject({ id: 'mount:logs', status: 'skip' });
  });
});

describe('space', () => {
  const gib = 1024 ** 3;
  it.each([
    ['much', 100 * gib, 50 * gib, 'pass'],
    ['a small share of a large disk', 4_000 * gib, 100 * gib, 'pass'],
    ['little', 100 * gib, 4 * gib, 'warn'],
    ['none', 100 * gib, 1024, 'fail'],
    ['a disk without a size', 0, 0, 'fail'],
  ])('%s', (_title, capacity, free, status) => {
    expect(checkSpace({ capacity, free })[0]?.status).toBe(status);
  });

  it.each([
    [undefined, 'pass'],
    [{ total: 1_000, free: 900 }, 'pass'],
    [{ total: 1_000, free: 10 }, 'warn'],
    [{ total: 1_000, free: 0 }, 'fail'],
  ])('inodes %j: %s', (inodes, status) => {
    expect(checkSpace({ capacity: gib, free: gib, inodes })[1]).toMatchObject({ id: 'inodes', status });
  });
});
