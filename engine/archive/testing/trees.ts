import nodeFsModule from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparePaths } from '../../../shared/path-text.ts';
import type { Skipped } from '../../../shared/contract/index.ts';
import { decrypting } from '../../age/index.ts';
import { fsPath, nodeFs } from '../../fs/index.ts';
import type { FileSystem } from '../../fs/index.ts';
import { createInlinePool } from '../../pool/index.ts';
import { decodeFrame, openBackup } from '../index.ts';
import type { BackupReader, SourceEntry, WriteBackupOptions } from '../index.ts';

/** Helpers of this folder's tests. */

export function makeFolder(): string {
  return nodeFsModule.mkdtempSync(join(tmpdir(), 'larder-archive-'));
}

export function removeFolder(path: string): void {
  nodeFsModule.rmSync(path, { recursive: true, force: true });
}

/** Lists a tree the way the product's walk does. */
export function listTree(root: string, fs: FileSystem = nodeFs): SourceEntry[] {
  const entries: SourceEntry[] = [];
  const visit = (path: string): void => {
    const stats = fs.lstat(join(root, path));
    const type = stats.isDirectory() ? 'dir' : stats.isSymbolicLink() ? 'symlink' : 'file';
    entries.push({
      path,
      type,
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      mtimeNs: stats.mtimeNs,
      ctimeNs: stats.ctimeNs,
      size: Number(stats.size),
      device: stats.dev,
      inode: stats.ino,
      links: Number(stats.nlink),
    });
    if (type !== 'dir') return;
    for (const { name } of fs.readDirectory(join(root, path))) visit(path === '' ? name : `${path}/${name}`);
  };
  visit('');
  return entries.sort((a, b) => comparePaths(a.path, b.path));
}

export const header = {
  id: 'b-1',
  store: { id: 's', name: 'store', path: '/store' },
  startedAtMs: 1_000,
  timeZone: 'Europe/Berlin',
  host: 'host',
  tool: 'larder test',
  excluded: [],
} as const satisfies WriteBackupOptions['header'];

export function optionsFor(
  root: string,
  destination: string,
  more: Partial<WriteBackupOptions> = {},
): WriteBackupOptions {
  const fs = more.fs ?? nodeFs;
  return {
    fs,
    pool: createInlinePool(fs),
    root,
    entries: listTree(root),
    destination,
    baseName: 'backup',
    format: 'zst',
    header,
    now: () => 2_000,
    ...more,
  };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`There is no item ${index}.`);
  return item;
}

/** What a backup holds, file content included, read through frames as a restore would. */
export function contentsOf(reader: BackupReader): Map<string, unknown> {
  const contents = new Map<string, unknown>();
  const fs = decrypting(nodeFs, reader.keys);
  const fds = reader.archivePaths.map((path) => fs.open(path, 'r'));
  for (const entry of reader.entries()) {
    const { path, mode, uid, gid, mtimeNs } = entry;
    const meta = { mode, uid, gid, mtimeNs };
    if (entry.type === 'dir') contents.set(path, { type: 'dir', ...meta });
    else if (entry.type === 'symlink') contents.set(path, { type: 'symlink', ...meta, target: entry.target });
    else {
      const content = Buffer.concat(
        entry.pieces.map((piece) => {
          const frame = at(reader.frames, piece.frame);
          const { format } = at(reader.archives, frame.archive);
          const plain = decodeFrame(fs, at(fds, frame.archive), frame, format);
          return plain.subarray(piece.offset, piece.offset + piece.length);
        }),
      );
      contents.set(path, { type: 'file', ...meta, content: content.toString('base64') });
    }
  }
  for (const fd of fds) fs.close(fd);
  return contents;
}

/** The same from the disk. */
export function contentsOnDisk(root: string): Map<string, unknown> {
  const contents = new Map<string, unknown>();
  for (const { path, type, mode, uid, gid, mtimeNs } of listTree(root)) {
    const absolute = join(root, path);
    const meta = { type, mode, uid, gid, mtimeNs };
    if (type === 'dir') contents.set(path, meta);
    else if (type === 'symlink') contents.set(path, { ...meta, target: nodeFs.readLink(absolute) });
    else contents.set(path, { ...meta, content: nodeFs.readFile(absolute).toString('base64') });
  }
  return contents;
}

export function filesBelow(folder: string): string[] {
  return nodeFsModule.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    return entry.isDirectory() ? [] : [join(entry.parentPath, entry.name)];
  });
}

export function writeTree(root: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(root, path);
    nodeFsModule.mkdirSync(join(absolute, '..'), { recursive: true });
    nodeFsModule.writeFileSync(fsPath(absolute), content);
  }
}

export function collectSkips(): { skipped: Skipped[]; onSkip: (skipped: Skipped) => void } {
  const skipped: Skipped[] = [];
  return { skipped, onSkip: (one) => skipped.push(one) };
}

/** Bytes that do not compress, the same every time. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function reopen(manifest: string): BackupReader {
  return openBackup(nodeFs, manifest);
}
