import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readForEdit, writeText } from '../layouts/index.ts';
import type { Action } from './actions.ts';
import { changedOnDisk, withoutLinks } from './real-place.ts';
import { withLines } from './texts.ts';
import type { Owner } from './wanted.ts';

const folderFlags =
  constants.O_RDONLY |
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0) |
  ((constants as Partial<typeof constants>).O_DIRECTORY ?? 0);

/** Sets the permission of a real folder, whatever the process takes away from new ones. */
function setFolderMode(fs: FileSystem, at: string, mode: number): void {
  let fd: number;
  try {
    fd = fs.open(at, folderFlags);
  } catch (error) {
    // Its own permission keeps its owner from opening it, or Windows, where folders are not opened; it was looked at.
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EISDIR') || !fs.lstat(at).isDirectory()) throw error;
    fs.chmod(at, mode);
    return;
  }
  try {
    fs.fchmod(fd, mode);
  } finally {
    fs.close(fd);
  }
}

/** Makes a file with all of its content at once. Throws `EEXIST` when something is there: nothing is ever replaced. */
function createWhole(fs: FileSystem, at: string, text: string, mode: number, owner: Owner | undefined): void {
  const temporary = `${dirname(at)}/.larder-${randomBytes(6).toString('hex')}.tmp`;
  const write = (path: string): void => {
    const fd = fs.open(path, 'wx', mode);
    try {
      fs.write(fd, Buffer.from(text));
      if (owner !== undefined) fs.lchown(path, owner.uid, owner.gid);
      if (process.platform !== 'win32') fs.fchmod(fd, mode);
      fs.fsync(fd);
    } finally {
      fs.close(fd);
    }
  };
  try {
    write(temporary);
    try {
      fs.link(temporary, at);
    } catch (error) {
      // A file system without second names.
      if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL')) throw error;
      write(at);
    }
  } finally {
    try {
      fs.unlink(temporary);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
  fs.fsyncDirectory(dirname(at));
}

/** Carries out one action. Throws `CHANGED_ON_DISK` when something is not as it was planned for. */
export function doStep(fs: FileSystem, root: string, action: Exclude<Action, { t: 'move' }>): void {
  withoutLinks(fs, root, action.path, (at) => {
    try {
      act(fs, at, action);
    } catch (error) {
      if (isSystemError(error, 'EEXIST')) throw changedOnDisk(action.path);
      throw error;
    }
  });
}

function act(fs: FileSystem, at: string, action: Exclude<Action, { t: 'move' }>): void {
  switch (action.t) {
    case 'folder':
      fs.makeDirectory(at, { mode: action.mode ?? 0o755 });
      if (action.mode !== undefined) setFolderMode(fs, at, action.mode);
      fs.fsyncDirectory(dirname(at));
      return;
    case 'mode': {
      const now = fs.lstat(at);
      if (!now.isDirectory() || (Number(now.mode) & 0o7777) !== action.before) throw changedOnDisk(action.path);
      setFolderMode(fs, at, action.after);
      return;
    }
    case 'owner': {
      const now = fs.lstat(at);
      const { before, after } = action;
      if (before !== undefined && (now.uid !== BigInt(before.uid) || now.gid !== BigInt(before.gid))) {
        throw changedOnDisk(action.path);
      }
      if (now.isSymbolicLink()) throw changedOnDisk(action.path);
      fs.lchown(at, after.uid, after.gid);
      return;
    }
    case 'create': {
      const folder = action.likeFolder && process.geteuid?.() === 0 ? fs.stat(dirname(at)) : undefined;
      const owner = folder === undefined ? undefined : { uid: Number(folder.uid), gid: Number(folder.gid) };
      createWhole(fs, at, action.text, action.mode, owner);
      return;
    }
    case 'append': {
      const now = readForEdit(fs, at);
      if (now?.text !== action.before) throw changedOnDisk(action.path);
      writeText(fs, at, withLines(action.before, action.added), now.stats);
    }
  }
}

/** What undoing a step came to. `left`: it is no longer as the step left it, and stays. */
export type Undone = 'undone' | 'left';

/** Takes one action back, unless what it made changed since. Repeating it does no harm. */
export function undoStep(fs: FileSystem, root: string, action: Exclude<Action, { t: 'move' }>): Undone {
  try {
    return withoutLinks(fs, root, action.path, (at) => undo(fs, at, action));
  } catch (error) {
    // It is gone already, or a folder above it is.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'undone';
    throw error;
  }
}

function undo(fs: FileSystem, at: string, action: Exclude<Action, { t: 'move' }>): Undone {
  switch (action.t) {
    case 'folder':
      try {
        if (!fs.lstat(at).isDirectory()) return 'left';
        fs.removeDirectory(at);
        return 'undone';
      } catch (error) {
        if (isSystemError(error, 'ENOTEMPTY', 'EEXIST')) return 'left';
        throw error;
      }
    case 'mode': {
      const mode = Number(fs.lstat(at).mode) & 0o7777;
      if (mode === action.before) return 'undone';
      if (mode !== action.after) return 'left';
      setFolderMode(fs, at, action.before);
      return 'undone';
    }
    case 'owner': {
      const { before, after } = action;
      if (before === undefined) return 'undone';
      const now = fs.lstat(at);
      if (now.uid === BigInt(before.uid) && now.gid === BigInt(before.gid)) return 'undone';
      if (now.uid !== BigInt(after.uid) || now.gid !== BigInt(after.gid)) return 'left';
      fs.lchown(at, before.uid, before.gid);
      return 'undone';
    }
    case 'create': {
      const now = readForEdit(fs, at);
      if (now === undefined) return 'undone';
      if (now.text !== action.text) return 'left';
      fs.unlink(at);
      return 'undone';
    }
    case 'append': {
      const now = readForEdit(fs, at);
      if (now === undefined || now.text === action.before) return 'undone';
      const after = withLines(action.before, action.added);
      if (!now.text.startsWith(after)) return 'left';
      // What somebody added below stays.
      writeText(fs, at, action.before + now.text.slice(after.length), now.stats);
      return 'undone';
    }
  }
}
