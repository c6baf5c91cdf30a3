import fs from 'node:fs';
import type { Dirent } from 'node:fs';
import { promisify } from 'node:util';
import type { DirectoryEntry, FileSystem } from './port.ts';
import { decodeName, fsPath } from './path-bytes.ts';

// Taken out of the module once: it is looked up there slowly, and a count asks for every file.
const { lstatSync } = fs;
const fsyncAsync = promisify(fs.fsync);
const writeAsync = promisify(fs.write);

function kindOf(entry: Dirent | Dirent<Buffer>): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'dir';
  if (entry.isSymbolicLink()) return 'symlink';
  return 'other';
}

/** Node takes a negative number for "now", but a numeric string as it is (`toUnixTimestamp` in lib/internal/fs/utils.js). */
function stamp(seconds: number): number | string {
  return seconds < 0 ? String(seconds) : seconds;
}

/** The real file system. */
export const nodeFs: FileSystem = {
  open: (path, flags, mode) => fs.openSync(fsPath(path), flags, mode),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into, offset, length, position) => fs.readSync(fd, into, offset, length, position),
  write(fd, data, position = null) {
    let done = 0;
    while (done < data.length) {
      const at = position === null ? null : position + done;
      done += fs.writeSync(fd, data, done, data.length - done, at);
    }
  },
  async writeAsync(fd, data, position) {
    let done = 0;
    while (done < data.length) {
      const { bytesWritten } = await writeAsync(fd, data, done, data.length - done, position + done);
      done += bytesWritten;
    }
  },
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  fsync: (fd) => fs.fsyncSync(fd),
  fsyncAsync: (fd) => fsyncAsync(fd),
  fsyncDirectory(path) {
    if (process.platform === 'win32') return;
    const fd = fs.openSync(fsPath(path), 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  lstat: (path) => fs.lstatSync(fsPath(path), { bigint: true }),
  lstatNumbers: (path) => lstatSync(fsPath(path)),
  stat: (path) => fs.statSync(fsPath(path), { bigint: true }),
  fstat: (fd) => fs.fstatSync(fd, { bigint: true }),
  readDirectory(path) {
    const entries = fs.readdirSync(fsPath(path), { withFileTypes: true });
    // Node replaces bytes that are not UTF-8 by U+FFFD; only then is the slower listing as bytes needed.
    if (process.platform === 'win32' || !entries.some((entry) => entry.name.includes('\uFFFD'))) {
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    }
    return fs
      .readdirSync(fsPath(path), { withFileTypes: true, encoding: 'buffer' })
      .map((entry) => ({ name: decodeName(entry.name), kind: kindOf(entry) }));
  },
  readNames(path) {
    const names = fs.readdirSync(fsPath(path));
    if (process.platform === 'win32' || !names.some((name) => name.includes('\uFFFD'))) return names;
    return fs.readdirSync(fsPath(path), 'buffer').map(decodeName);
  },
  readFile: (path) => fs.readFileSync(fsPath(path)),
  readLink: (path) => decodeName(fs.readlinkSync(fsPath(path), { encoding: 'buffer' })),
  access: (path, mode) => fs.accessSync(fsPath(path), mode),
  realPath: (path) => decodeName(fs.realpathSync.native(fsPath(path), { encoding: 'buffer' })),
  statfs: (path) => fs.statfsSync(fsPath(path)),
  makeDirectory(path, options) {
    fs.mkdirSync(fsPath(path), options);
  },
  removeDirectory: (path) => fs.rmdirSync(fsPath(path)),
  rename: (from, to) => fs.renameSync(fsPath(from), fsPath(to)),
  unlink: (path) => fs.unlinkSync(fsPath(path)),
  link: (existing, path) => fs.linkSync(fsPath(existing), fsPath(path)),
  symlink: (target, path) => fs.symlinkSync(fsPath(target), fsPath(path)),
  chmod: (path, mode) => fs.chmodSync(fsPath(path), mode),
  fchmod: (fd, mode) => fs.fchmodSync(fd, mode),
  lchown: (path, uid, gid) => fs.lchownSync(fsPath(path), uid, gid),
  lutimes: (path, atime, mtime) => fs.lutimesSync(fsPath(path), stamp(atime), stamp(mtime)),
};
