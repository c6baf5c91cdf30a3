import { decodeName } from '../fs/index.ts';

export interface Mount {
  device: string;
  mountPoint: string;
  type: string;
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
    const [point, type, device] = [fields[4], fields[dash + 1], fields[dash + 2]];
    if (dash < 0 || point === undefined || type === undefined || device === undefined) continue;
    const mountPoint = unescape(Buffer.from(point, 'latin1'));
    mounts.delete(mountPoint);
    mounts.set(mountPoint, {
      mountPoint,
      type: unescape(Buffer.from(type, 'latin1')),
      device: unescape(Buffer.from(device, 'latin1')),
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

/** Mount points strictly below a path, relative to it. */
export function mountsBelow(mounts: readonly Mount[], path: string): Set<string> {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return new Set(
    mounts
      .filter(({ mountPoint }) => mountPoint.startsWith(prefix))
      .map(({ mountPoint }) => mountPoint.slice(prefix.length)),
  );
}
