import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { disksOf } from './disks.ts';
import { findMount, readMounts } from './mount-table.ts';
import { isNetworkType, mountOf, mountsBelow, movedMounts, parseMountInfo } from './mounts.ts';

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
    expect(mounts).toContainEqual({
      mountPoint: '/mnt/my disk',
      type: 'xfs',
      device: '/dev/disk/by-label',
      shows: { fileSystem: '8:17', folder: '/' },
    });
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
    expect(mountsBelow(mounts, '/mnt', false).closed).toEqual(new Set(['my disk', 'my disk/inner']));
    expect(mountsBelow(mounts, '/mnt/my disk', false)).toEqual({ closed: new Set(['inner']), crossed: new Map() });
  });

  it('tells which mounts a store that crosses them counts', () => {
    const table = parseMountInfo(
      Buffer.from(
        [
          '21 1 8:1 / / rw - ext4 /dev/sda1 rw',
          '22 21 0:50 / /store/ram rw - tmpfs tmpfs rw',
          '23 22 8:1 /store/own /store/ram/again rw - ext4 /dev/sda1 rw',
          '24 21 8:1 /elsewhere /store/bound rw - ext4 /dev/sda1 rw',
          '25 21 0:51 / /store/chroot/proc rw - proc proc rw',
          '26 25 0:52 / /store/chroot/proc/inside rw - tmpfs tmpfs rw',
          '27 21 8:2 /a /store/one rw - xfs /dev/sdb rw',
          '28 21 8:2 /a/b /store/inside-one rw - xfs /dev/sdb rw',
          '29 21 8:2 /ab /store/two rw - xfs /dev/sdb rw',
        ].join('\n'),
      ),
    );
    const { closed, crossed } = mountsBelow(table, '/store', true);
    expect([...crossed.keys()].sort()).toEqual(['bound', 'one', 'ram', 'two']);
    expect([...closed].sort()).toEqual(['chroot/proc', 'chroot/proc/inside', 'inside-one', 'ram/again']);
    expect(mountsBelow(table, '/store', false).closed.size).toBe(8);
  });

  it('tells which mounts came, went or changed', () => {
    const [first, second] = [mounts.slice(0, 3), mounts.slice(1)];
    expect(movedMounts(mounts, parseMountInfo(table))).toEqual([]);
    expect(movedMounts(first, second).sort()).toEqual(['/', '/mnt/my disk/inner', '/srv/nas']);
    const swapped = mounts.map((mount) => (mount.mountPoint === '/' ? { ...mount, type: 'xfs' } : mount));
    expect(movedMounts(mounts, swapped)).toEqual(['/']);
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
    const rules = { crossMounts: false };
    const stores = [
      { id: 'a', rules, path, state: 'ok', destination: `${path}/not/there/yet` },
      { id: 'b', rules, path, state: 'ok', destination: '/proc' },
      { id: 'gone', rules, path: `${path}/no`, state: 'missing', destination: path },
    ] as const;
    const disks = await disksOf(nodeFs, pool, stores);
    expect(disks).toHaveLength(1);
    const { blocks, bsize } = fs.statfsSync(path);
    expect(disks[0]).toMatchObject({ stores: ['a', 'b'], backupsShare: ['a'], capacity: blocks * bsize });
    const { files } = fs.statfsSync(path);
    expect(disks[0]?.inodes?.total ?? 0).toBe(files);
    expect(disks[0]?.free).toBeGreaterThan(0);
  });

  it('are all those a store that crosses mounts lies on', async () => {
    const fake = {
      ...nodeFs,
      readFile: () =>
        Buffer.from(
          '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 8:2 / /data/more rw - xfs /dev/sdb rw\n23 21 0:3 / /data/proc rw - proc proc rw\n',
        ),
      statfs: () => nodeFs.statfs('/'),
    };
    const store = { id: 'a', path: '/data', state: 'ok', destination: '/data/more/backups' } as const;
    const across = await disksOf(fake, pool, [{ ...store, rules: { crossMounts: true } }]);
    expect(across.map(({ mountPoint, stores, backupsShare }) => [mountPoint, stores, backupsShare])).toEqual([
      ['/', ['a'], []],
      ['/data/more', ['a'], ['a']],
    ]);
    const within = await disksOf(fake, pool, [{ ...store, rules: { crossMounts: false } }]);
    expect(within.map(({ mountPoint }) => mountPoint)).toEqual(['/']);
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
    const rules = { crossMounts: false };
    const stores = [{ id: 'a', rules, path: fs.realpathSync('.'), state: 'ok', destination: '/' }] as const;
    await expect(disksOf(failing, pool, stores)).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
