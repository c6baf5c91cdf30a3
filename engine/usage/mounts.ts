import { decodeName } from '../fs/index.ts';

export interface Mount {
  device: string;
  mountPoint: string;
  type: string;
  /** Which file system it shows, `major:minor`, and which folder of that one; absent where there is no mount table. */
  shows?: { fileSystem: string; folder: string } | undefined;
}

/** File systems whose changes other machines (or a host outside this one) make unseen by inotify. */
const networkTypes = new Set(
  `nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre beegfs gpfs gfs2 ocfs2 orangefs pvfs2 coda ncpfs davfs virtiofs
   vboxsf prl_fs vmhgfs fuse.sshfs fuse.rclone fuse.glusterfs fuse.ceph fuse.ceph-fuse fuse.s3fs fuse.gcsfuse fuse.juicefs
   fuse.goofys fuse.mount-s3 fuse.davfs2 fuse.vmhgfs-fuse fuse.blobfuse fuse.blobfuse2 fuse.mfs fuse.moosefs`.split(
    /\s+/,
  ),
);

export function isNetworkType(type: string): boolean {
  return networkTypes.has(type);
}

/** File systems that show what the kernel or a program knows and hold no data: never counted. */
const pseudoTypes = new Set(
  `autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs efivarfs fdescfs fusectl hugetlbfs mqueue
   nfsd nsfs proc procfs pstore resctrl rpc_pipefs securityfs selinuxfs smackfs sysfs tracefs fuse.gvfsd-fuse fuse.lxcfs
   fuse.portal`.split(/\s+/),
);

/** Undoes the octal escapes of /proc/self/mountinfo (space, tab, newline, backslash, `#`). */
function unescape(field: Buffer): string {
  const bytes: number[] = [];
  for (let index = 0; index < field.length; index++) {
    const octal = field[index] === 0x5c ? field.toString('latin1', index + 1, index + 4) : '';
    if (/^[0-3][0-7]{2}$/.test(octal)) {
      bytes.push(parseInt(octal, 8));
      index += 3;
    } else bytes.push(field[index] ?? 0);
  }
  return decodeName(Uint8Array.from(bytes));
}

/**
 * The mount table from /proc/self/mountinfo (proc_pid_mountinfo(5)): after the optional fields a single `-`, then type
 * and source. Of several mounts on one point the last one is what is seen.
 */
export function parseMountInfo(text: Buffer): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.toString('latin1').split('\n')) {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [fileSystem, folder, point, type, device] = [
      fields[2],
      fields[3],
      fields[4],
      fields[dash + 1],
      fields[dash + 2],
    ];
    if (
      dash < 0 ||
      fileSystem === undefined ||
      folder === undefined ||
      point === undefined ||
      type === undefined ||
      device === undefined
    )
      continue;
    const text = (field: string): string => unescape(Buffer.from(field, 'latin1'));
    const mountPoint = text(point);
    mounts.delete(mountPoint);
    mounts.set(mountPoint, {
      mountPoint,
      type: text(type),
      device: text(device),
      shows: { fileSystem, folder: text(folder) },
    });
  }
  return [...mounts.values()];
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

/** The mount a path lies on. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (!isBelow(path, mount.mountPoint)) continue;
    if (found === undefined || mount.mountPoint.length >= found.mountPoint.length) found = mount;
  }
  return found;
}

/** What is mounted strictly below a store's root. Paths are relative to it. */
export interface MountsBelow {
  /** Shown, not counted. */
  closed: Set<string>;
  /** Counted with the store. */
  crossed: Map<string, Mount>;
}

/**
 * Divides what is mounted below a folder. Even where other mounts are to be crossed, some stay closed: those that hold no
 * data, and those that show again what is counted already (bind mounts), which would count it twice.
 */
export function mountsBelow(mounts: readonly Mount[], path: string, cross: boolean): MountsBelow {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const below: MountsBelow = { closed: new Set(), crossed: new Map() };
  const counted: Place[] = [];
  const own = mountOf(mounts, path);
  if (own !== undefined) counted.push(...placeOf(own, path));
  const inside = mounts.filter(({ mountPoint }) => mountPoint.startsWith(prefix));
  for (const mount of inside.sort((a, b) => a.mountPoint.length - b.mountPoint.length)) {
    const relative = mount.mountPoint.slice(prefix.length);
    const places = placeOf(mount, mount.mountPoint);
    const again = places.some((place) => counted.some((known) => overlaps(known, place)));
    const hidden = [...below.closed].some((closed) => isBelow(relative, closed));
    if (!cross || again || hidden || pseudoTypes.has(mount.type)) {
      below.closed.add(relative);
      continue;
    }
    counted.push(...places);
    below.crossed.set(relative, mount);
  }
  return below;
}

/** Mount points that came, went or show something else than before. */
export function movedMounts(before: readonly Mount[], now: readonly Mount[]): string[] {
  const key = ({ mountPoint, type, device, shows }: Mount): string =>
    JSON.stringify([mountPoint, type, device, shows?.fileSystem, shows?.folder]);
  const [old, fresh] = [
    new Map(before.map((each) => [key(each), each])),
    new Map(now.map((each) => [key(each), each])),
  ];
  const moved = new Set<string>();
  for (const [own, { mountPoint }] of old) if (!fresh.has(own)) moved.add(mountPoint);
  for (const [own, { mountPoint }] of fresh) if (!old.has(own)) moved.add(mountPoint);
  return [...moved];
}

/** A folder by the file system it really lies on. */
type Place = NonNullable<Mount['shows']>;

/** Where a path on this mount really lies; empty where the platform does not tell. */
function placeOf({ mountPoint, shows }: Mount, path: string): Place[] {
  if (shows === undefined) return [];
  const inside = path.slice(mountPoint === '/' ? 0 : mountPoint.length).replace(/^\/+/, '');
  const folder = inside === '' ? shows.folder : `${shows.folder.replace(/\/$/, '')}/${inside}`;
  return [{ fileSystem: shows.fileSystem, folder }];
}

function overlaps(a: Place, b: Place): boolean {
  return a.fileSystem === b.fileSystem && (isBelow(a.folder, b.folder) || isBelow(b.folder, a.folder));
}
