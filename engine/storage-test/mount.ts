import type { StorageCheck } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isNetworkType, mountOf, parseMountInfo } from '../usage/index.ts';
import type { Mount } from '../usage/index.ts';

/** A mount with whether it may be written to. */
export interface MountFacts extends Mount {
  readonly readOnly: boolean;
}

/** File systems in memory. */
const inMemory = new Set(['tmpfs', 'ramfs']);

/**
 * The mounts of /proc/self/mountinfo with their options: field 6 those of the mount, the last field those of the file
 * system (proc_pid_mountinfo(5)); `ro` in either means that nothing can be written.
 */
export function mountsOf(text: Buffer): MountFacts[] {
  const readOnly = new Map<string, boolean>();
  for (const line of text.toString('latin1').split('\n')) {
    const fields = line.split(' ');
    const options = [fields[5], fields.at(-1)].flatMap((field) => field?.split(',') ?? []);
    if (fields[4] !== undefined) readOnly.set(fields[4], options.includes('ro'));
  }
  const escaped = (path: string): string =>
    path.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return parseMountInfo(text).map((mount) => ({
    ...mount,
    readOnly: readOnly.get(escaped(Buffer.from(mount.mountPoint).toString('latin1'))) ?? false,
  }));
}

export function mountAt(mounts: readonly MountFacts[], path: string): MountFacts | undefined {
  const found = mountOf(mounts, path);
  return mounts.find(({ mountPoint }) => mountPoint === found?.mountPoint);
}

/** What a mount means for data that is to stay. */
export function checkMount(
  mount: MountFacts | undefined,
  { hasTable, area }: { hasTable: boolean; area?: string },
): StorageCheck {
  const about = {
    id: area === undefined ? 'mount' : `mount:${area}`,
    ...(area === undefined ? {} : { area }),
    title: 'File system',
  };
  if (mount === undefined) {
    const why = hasTable ? 'no mount in the table holds it' : 'this system has no mount table to read';
    return { ...about, status: 'skip', evidence: `Cannot tell: ${why}.` };
  }
  const on = `${mount.type === '' ? 'A file system' : mount.type} at ${displayName(mount.mountPoint)}`;
  if (mount.readOnly) {
    return {
      ...about,
      status: 'fail',
      evidence: `${on}, mounted read-only.`,
      next: `Mount it so that it can be written: mount -o remount,rw ${displayName(mount.mountPoint)}`,
    };
  }
  if (inMemory.has(mount.type)) {
    return {
      ...about,
      status: 'warn',
      evidence: `${on}, which is memory: everything in it is gone after a restart.`,
      next: 'Put the store on a disk.',
    };
  }
  if (mount.type === 'overlay') {
    return {
      ...about,
      status: 'warn',
      evidence: `${on}, the layer of a container: everything in it is gone with the container.`,
      next: 'Mount a folder or volume of the host there.',
    };
  }
  if (isNetworkType(mount.type)) {
    return {
      ...about,
      status: 'warn',
      evidence: `${on}, on another machine: slower, and away when that one is.`,
      next: 'Databases are better kept on a disk of this machine.',
    };
  }
  return { ...about, status: 'pass', evidence: `${on}.` };
}
