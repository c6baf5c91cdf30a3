import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { disksOf, findMount, readMounts } from './disks.ts';
import { isNetworkType, mountOf, mountsBelow, parseMountInfo } from './mounts.ts';

const table = Buffer.from(
  [
    '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro',
    '22 21 0:5 / /proc rw - proc proc rw',
    '30 21 8:17 / /mnt/my\\040disk rw,relatime shared:2 master:3 - xfs /dev/disk/by\\055label rw',
    '31 21 0:40 / /srv/nas rw - nfs4 server:/export\\011x rw,vers=4.2',
    '32 21 0:41 / /srv/nas rw - cifs //server/share rw',
    '33 30 8:18 /sub /mnt/my\\040disk/inner rw - btrfs /dev/sdb2 rw',
    'broken line',
    '',
  ].join('\n'),
);

describe('the mount table', () => {
  const mounts = parseMountInfo(table);

  it('is read with escapes undone and optional fields skipped', () => {
    expect(mounts).toContainEqual({ mountPoint: '/mnt/my disk', type: 'xfs', device: '/dev/disk/by-label' });
    expect(mounts).toHaveLength(5);
  });

  it('shows the last of several mounts on one point', () => {
    expect(mountOf(mounts, '/srv/nas/data')).toMatchObject({ type: 'cifs' });
  });

  it('finds the nearest mount, by whole names', () => {
    expect(mountOf(mounts, '/mnt/my disk/inner/x')).toMatchObject({ type: 'btrfs' });
    expect(mountOf(mounts, '/mnt/my disk/innermost')).toMatchObject({ type: 'xfs' });
    expect(mountOf(mounts, '/mnt/my diskette')).toMatchObject({ mountPoint: '/' });
    expect(mountOf([], '/x')).toBeUndefined();
  });

  it('tells what is mounted below a folder', () => {
    expect(mountsBelow(mounts, '/mnt')).toEqual(new Set(['my disk', 'my disk/inner']));
    expect(mountsBelow(mounts, '/mnt/my disk')).toEqual(new Set(['inner']));
  });

  it('knows network types', () => {
    expect(['nfs4', 'cifs', 'fuse.sshfs', '9p', 'virtiofs'].every(isNetworkType)).toBe(true);
    expect(['ext4', 'xfs', 'overlay', 'tmpfs', 'fuseblk', ''].some(isNetworkType)).toBe(false);
  });
});

describe('disks', () => {
  const pool = createInlinePool();

  it('are those the stores lie on, with what is free', async () => {
    const path = fs.realpathSync('.');
    const stores = [
      { id: 'a', path, state: 'ok', destination: `${path}/not/there/yet` },
      { id: 'b', path, state: 'ok', destination: '/proc' },
      { id: 'gone', path: `${path}/no`, state: 'missing', destination: path },
    ] as const;
    const disks = await disksOf(nodeFs, pool, stores);
    expect(disks).toHaveLength(1);
    const { blocks, bsize } = fs.statfsSync(path);
    expect(disks[0]).toMatchObject({ stores: ['a', 'b'], backupsShare: ['a'], capacity: blocks * bsize });
    const { files } = fs.statfsSync(path);
    expect(disks[0]?.inodes?.total ?? 0).toBe(files);
    expect(disks[0]?.free).toBeGreaterThan(0);
  });

  it('are found without a mount table by walking up', () => {
    const without = {
      ...nodeFs,
      readFile: () => {
        throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      },
    };
    expect(readMounts(without)).toEqual([]);
    const path = fs.realpathSync('.');
    const { mountPoint } = findMount(without, [], path);
    expect(path.startsWith(mountPoint)).toBe(true);
    expect(fs.statSync(mountPoint).dev).toBe(fs.statSync(path).dev);
  });

  it('say which one does not answer', async () => {
    const failing = {
      ...nodeFs,
      statfs: () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    };
    const stores = [{ id: 'a', path: fs.realpathSync('.'), state: 'ok', destination: '/' }] as const;
    await expect(disksOf(failing, pool, stores)).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
