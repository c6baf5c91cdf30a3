import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { StorageCheck } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** A folder that is tested: an area, or `''` for the root. */
export interface TestedArea {
  readonly path: string;
  readonly required: boolean;
  /** Permission its layout wants, in octal. */
  readonly mode?: string | undefined;
  /** A running service writes to it, and may keep it to itself. */
  readonly live: boolean;
}

export interface AreaContext {
  readonly fs: FileSystem;
  readonly root: string;
  /** Where to make a file for a try; the caller removes what stays. */
  readonly temporary: (folder: string) => string;
  readonly windows: boolean;
}

const readFlags = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

function named(path: string): string {
  return path === '' ? 'The folder' : displayName(path);
}

/** All there is to say about one folder of a store. Later checks are left out where an earlier one tells all. */
export function checkArea(context: AreaContext, area: TestedArea): StorageCheck[] {
  const { fs, root } = context;
  const about = (id: string, title: string): Pick<StorageCheck, 'id' | 'title' | 'area'> => ({
    id: area.path === '' ? id : `${id}:${area.path}`,
    title,
    ...(area.path === '' ? {} : { area: area.path }),
  });
  const folder = area.path === '' ? root : `${root}/${area.path}`;
  const exists = about('exists', 'Is there');
  const setUp = 'Make it: larder setup makes all folders of the layout.';
  let stats: BigIntStats;
  try {
    const real = fs.realPath(folder);
    if (real !== root && !real.startsWith(`${root.replace(/[/\\]$/, '')}/`) && !real.startsWith(`${root}\\`)) {
      return [
        {
          ...exists,
          status: 'warn',
          evidence: `${named(area.path)} is a link to ${displayName(real)}, outside the store, and was not tried.`,
          next: 'Mount that folder here, or add it as a store of its own.',
        },
      ];
    }
    stats = fs.stat(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const missing = isSystemError(error, 'ENOENT', 'ENOTDIR');
    if (missing && !area.required) return [];
    return [
      {
        ...exists,
        status: 'fail',
        evidence: `${named(area.path)} ${reasonOf(error)}.`,
        next: missing ? setUp : 'Check the owner and permissions of the folders above it.',
      },
    ];
  }
  if (!stats.isDirectory()) {
    return [{ ...exists, status: 'fail', evidence: `${named(area.path)} is not a folder.`, next: 'Put it elsewhere.' }];
  }
  const permissions = checkPermissions(context, area, folder, stats);
  return [
    { ...exists, status: 'pass', evidence: `${named(area.path)} is there.` },
    { ...about('permissions', 'Permissions'), ...permissions },
    { ...about('write', 'Write and read back'), ...tryWriting(context, area, folder, stats) },
  ];
}

type Finding = Pick<StorageCheck, 'status' | 'evidence' | 'next'>;

function ownerOf({ uid, gid, mode }: BigIntStats): string {
  return `${(Number(mode) & 0o7777).toString(8)}, owner ${uid}:${gid}`;
}

function checkPermissions({ fs, windows }: AreaContext, area: TestedArea, folder: string, stats: BigIntStats): Finding {
  try {
    fs.readDirectory(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (area.live) return keptByService(area, stats);
    return {
      status: 'fail',
      evidence: `${named(area.path)} cannot be listed: it ${reasonOf(error)} (${ownerOf(stats)}).`,
      next: 'Give this user access to it, or run as its owner.',
    };
  }
  if (windows) return { status: 'pass', evidence: 'It can be listed.' };
  const mode = Number(stats.mode) & 0o7777;
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    return {
      status: 'warn',
      evidence: `Everybody on this machine may write to it (${ownerOf(stats)}).`,
      next: `chmod o-w ${displayName(folder)}`,
    };
  }
  if (area.mode !== undefined && !area.live && mode !== Number.parseInt(area.mode, 8)) {
    return {
      status: 'warn',
      evidence: `The layout wants ${area.mode}, and it is ${ownerOf(stats)}.`,
      next: `chmod ${area.mode} ${displayName(folder)}`,
    };
  }
  return { status: 'pass', evidence: `It can be listed (${ownerOf(stats)}).` };
}

function keptByService({ path }: TestedArea, stats: BigIntStats): Finding {
  return {
    status: 'skip',
    evidence: `Cannot tell: ${named(path)} belongs to the service that runs on it (${ownerOf(stats)}).`,
    next: 'Run the test as that user, or as root.',
  };
}

/** Creates a file, writes, makes it durable, reads it back, removes it. */
function tryWriting(context: AreaContext, area: TestedArea, folder: string, stats: BigIntStats): Finding {
  const { fs } = context;
  const path = context.temporary(folder);
  const written = randomBytes(8_192);
  let step = 'created';
  try {
    const fd = fs.open(path, 'wx', 0o600);
    try {
      step = 'written';
      fs.write(fd, written);
      step = 'made durable';
      fs.fsync(fd);
    } finally {
      fs.close(fd);
    }
    step = 'read back';
    const read = Buffer.alloc(written.length + 1);
    const again = fs.open(path, readFlags);
    let length = 0;
    try {
      for (let got = -1; got !== 0 && length < read.length; length += got) {
        got = fs.read(again, read, length, read.length - length, length);
      }
    } finally {
      fs.close(again);
    }
    if (!read.subarray(0, length).equals(written)) {
      return {
        status: 'fail',
        evidence: 'What was read back is not what was written.',
        next: 'Trust nothing on this disk until it is checked: its SMART values, its cable, the memory.',
      };
    }
    step = 'removed';
    fs.unlink(path);
    return { status: 'pass', evidence: 'A file was written, made durable, read back and removed.' };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (area.live && step === 'created' && isSystemError(error, 'EACCES', 'EPERM')) return keptByService(area, stats);
    return {
      status: 'fail',
      evidence: `A file could not be ${step}: ${folder === '' ? 'it' : named(area.path)} ${reasonOf(error)} (${ownerOf(stats)}).`,
      next: nextAfter(error),
    };
  }
}

function nextAfter(error: Error): string {
  if (isSystemError(error, 'EACCES', 'EPERM')) return 'Give this user access to it, or run as its owner.';
  if (isSystemError(error, 'EROFS')) return 'Mount the file system so that it can be written.';
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) return 'Free some space.';
  return 'Check the disk.';
}
