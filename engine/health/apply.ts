import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { HealthChange, Skipped } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** A change with what it needs to be made, beyond what a person is shown. */
export type Change = Omit<HealthChange, 'kind'> &
  (
    | { readonly kind: 'create'; readonly mode: number | undefined; readonly owner: Owner | undefined }
    | { readonly kind: 'mode'; readonly fromMode: number; readonly mode: number }
    | { readonly kind: 'owner'; readonly fromOwner: Owner; readonly owner: Owner }
    | { readonly kind: 'append'; readonly digest: string; readonly text: string }
  );

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface ApplyInput {
  /** Real path of the store's root. */
  readonly root: string;
  readonly changes: readonly Change[];
}

export interface Applied {
  /** Places in `changes`. */
  readonly done: readonly number[];
  readonly skipped: readonly Skipped[];
}

/** Permission bits a plan speaks of. */
const modeBits = 0o7777;

/**
 * Makes the changes of a plan. Each path is looked at first: where one is not as the plan found it, nothing at all is
 * done and `CHANGED_ON_DISK` is thrown. What the system then refuses is skipped and told. Links are never followed: the
 * folder a path lies in must be in the store by its real path, and the last name must be no link.
 */
export function applyChanges(fs: FileSystem, { root, changes }: ApplyInput, throwIfCancelled: () => void): Applied {
  const planned = new Set<string>();
  for (const change of changes) {
    throwIfCancelled();
    assertAsPlanned(fs, root, change, planned);
    if (change.kind === 'create') planned.add(change.path);
  }
  const done: number[] = [];
  const skipped: Skipped[] = [];
  for (const [index, change] of changes.entries()) {
    throwIfCancelled();
    try {
      assertAsPlanned(fs, root, change, new Set());
      make(fs, root, change);
      done.push(index);
    } catch (error) {
      if (error instanceof LarderError && error.code === 'CHANGED_ON_DISK') {
        skipped.push({ path: change.path, reason: 'changed meanwhile' });
      } else if (isSystemError(error)) skipped.push({ path: change.path, reason: reasonOf(error) });
      else throw error;
    }
  }
  return { done, skipped };
}

function absoluteOf(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}

function moved(path: string): LarderError {
  return new LarderError(
    'CHANGED_ON_DISK',
    `${displayName(path === '' ? 'The root folder' : path)} changed meanwhile.`,
    {
      hint: 'Plan the fix again.',
    },
  );
}

/** Throws `CHANGED_ON_DISK` unless a path is as it was when planned. `planned` are folders that will be there by then. */
function assertAsPlanned(fs: FileSystem, root: string, change: Change, planned: ReadonlySet<string>): void {
  const { path } = change;
  const absolute = absoluteOf(root, path);
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  try {
    if (change.kind === 'create') {
      if (!planned.has(parent)) assertReal(fs, root, parent);
      try {
        fs.lstat(absolute);
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return;
        throw error;
      }
      throw moved(path);
    }
    // A folder created by the same plan has its mode already.
    if (path !== '') assertReal(fs, root, parent);
    const stats = fs.lstat(absolute);
    if (stats.isSymbolicLink()) throw moved(path);
    if (change.kind === 'mode' && (Number(stats.mode) & modeBits & maskOf(change)) !== change.fromMode)
      throw moved(path);
    if (change.kind === 'owner') {
      const { uid, gid } = change.fromOwner;
      if (Number(stats.uid) !== uid || Number(stats.gid) !== gid) throw moved(path);
    }
    if (change.kind === 'append' && (!stats.isFile() || digestOf(fs.readFile(absolute)) !== change.digest))
      throw moved(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw moved(path);
    throw error;
  }
}

/** Special bits count only where the layout names them. */
function maskOf({ mode }: { readonly mode: number }): number {
  return mode > 0o777 ? 0o7777 : 0o777;
}

function assertReal(fs: FileSystem, root: string, folder: string): void {
  const absolute = absoluteOf(root, folder);
  if (fs.realPath(absolute) !== absolute) throw moved(folder);
}

function make(fs: FileSystem, root: string, change: Change): void {
  const absolute = absoluteOf(root, change.path);
  switch (change.kind) {
    case 'create':
      fs.makeDirectory(absolute);
      // In this order: a change of owner takes special bits away. The umask does not count.
      if (change.owner !== undefined) fs.lchown(absolute, change.owner.uid, change.owner.gid);
      if (change.mode !== undefined) setMode(fs, absolute, change.mode);
      return;
    case 'mode': {
      const special = change.mode > 0o777 ? 0 : Number(fs.lstat(absolute).mode) & 0o7000;
      setMode(fs, absolute, change.mode | special);
      return;
    }
    case 'owner':
      fs.lchown(absolute, change.owner.uid, change.owner.gid);
      return;
    case 'append': {
      const stats = fs.lstat(absolute);
      const before = fs.readFile(absolute);
      const gap = before.length > 0 && before.at(-1) !== 0x0a ? '\n' : '';
      writeFileDurable(
        fs,
        absolute,
        Buffer.concat([before, Buffer.from(`${gap}${change.text}`)]),
        Number(stats.mode) & modeBits,
        {
          uid: Number(stats.uid),
          gid: Number(stats.gid),
        },
      );
      return;
    }
  }
}

/** Through an open handle, so that a link put in its place is not followed; by its path where it may not be opened. */
function setMode(fs: FileSystem, path: string, mode: number): void {
  let fd: number;
  try {
    fd = fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error;
    fs.chmod(path, mode);
    return;
  }
  try {
    fs.fchmod(fd, mode);
  } finally {
    fs.close(fd);
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
