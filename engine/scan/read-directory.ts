import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { encodeName, isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { DirectoryPlace, RecordEntry, RecordWriter } from './record.ts';
import { recordStatus } from './record.ts';

/** A directory found inside another, with what its own `lstat` said. */
export interface FoundDirectory {
  name: string;
  allocated: number;
  inode: bigint;
  changedUs: number;
}

/** What is the same for every directory of a store. */
export interface ScanBounds {
  /** Absolute path text of the store's root. */
  root: string;
  /** Device of the root: a directory on another one is a mount. */
  device: bigint;
  /** Whether directories on other devices are entered. */
  crossMounts: boolean;
  /** Mount points below the root that are not entered, relative: bind mounts have the root's own device. */
  mounts: ReadonlySet<string>;
}

// Taken out once: looking a constant up among them is slow, and a count does it for every file.
const { S_IFMT: typeMask, S_IFDIR: directoryType, S_IFREG: fileType, S_IFLNK: symlinkType } = constants;

/** Times beyond the year 33,000 (some file systems hand out nonsense) are taken as that, so that differences stay exact. */
const farMs = 1e15;

export function joinRelative(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

export function absolute(root: string, relative: string): string {
  if (relative === '') return root;
  return root.endsWith('/') ? root + relative : `${root}/${relative}`;
}

/** A directory's figures. All of them come from {@link FileSystem.lstatNumbers}, so that change times can be compared. */
export function placeFigures(
  { blocks, ctimeMs }: Stats,
  inode: bigint,
): Pick<DirectoryPlace, 'allocated' | 'inode' | 'changedUs'> {
  return { allocated: blocks * 512, inode, changedUs: Math.round(ctimeMs * 1_000) };
}

/** An inode as it is: one from 2^53 is asked for again. Throws as `lstat` does. */
export function exactInode(fs: FileSystem, path: string, { ino }: Stats): number | bigint {
  return Number.isSafeInteger(ino) ? ino : fs.lstat(path).ino;
}

/** Whether a directory below the root is a mount that is shown and not entered. */
function isBeyond({ device, crossMounts, mounts }: ScanBounds, directoryDevice: number, relative: string): boolean {
  return (directoryDevice !== Number(device) && !crossMounts) || (mounts.size > 0 && mounts.has(relative));
}

/** Errors that say "it was there a moment ago". */
function vanished(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR', 'ESTALE');
}

/** The errno name; anything else is a defect and thrown on. */
function errno(error: unknown): string {
  if (isSystemError(error)) return error.code;
  throw error;
}

/**
 * Lists one directory and writes its record. Directories inside it are handed to `found` and are not part of the
 * record. A directory or entry that vanishes meanwhile is left out; one that cannot be read is recorded as such.
 */
export function readDirectory(
  fs: FileSystem,
  bounds: ScanBounds,
  relative: string,
  place: DirectoryPlace,
  writer: RecordWriter,
  found: (directory: FoundDirectory) => void,
): { start: number; end: number; files: number; bytes: number } {
  const path = absolute(bounds.root, relative);
  let names;
  try {
    names = fs.readNames(path);
  } catch (error) {
    if (vanished(error)) writer.begin(place, recordStatus.gone);
    else writer.begin(place, recordStatus.unreadable, errno(error));
    return writer.end();
  }
  writer.begin(place, recordStatus.read);
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const entry: RecordEntry = {
    kind: 'file',
    name: '',
    bytes: 0,
    blocks: 0,
    mtimeMs: 0,
    inode: 0,
    links: undefined,
    device: undefined,
  };
  const device = Number(bounds.device);
  for (const name of names) {
    const child = prefix + name;
    let stats;
    let inode;
    try {
      stats = fs.lstatNumbers(child);
      inode = exactInode(fs, child, stats);
    } catch (error) {
      if (vanished(error)) continue;
      const unreadable = errno(error);
      writer.entry({ kind: 'other', name, bytes: 0, blocks: 0, mtimeMs: 0, inode: 0, unreadable });
      continue;
    }
    const type = stats.mode & typeMask;
    if (type === directoryType) {
      if (isBeyond(bounds, stats.dev, joinRelative(relative, name))) {
        writer.entry({ kind: 'mount', name, bytes: 0, blocks: 0, mtimeMs: 0, inode: 0 });
      } else {
        found({ name, ...placeFigures(stats, BigInt(inode)) });
      }
      continue;
    }
    const isFile = type === fileType;
    entry.kind = isFile ? 'file' : type === symlinkType ? 'symlink' : 'other';
    entry.name = name;
    entry.bytes = isFile ? stats.size : 0;
    entry.blocks = stats.blocks;
    entry.mtimeMs = Math.max(-farMs, Math.min(farMs, Math.floor(stats.mtimeMs)));
    entry.inode = inode;
    // A symlink or socket may have several names too, and du counts its blocks once.
    entry.links = stats.nlink === 1 ? undefined : stats.nlink;
    entry.device = stats.dev === device ? undefined : BigInt(stats.dev);
    writer.entry(entry);
  }
  return writer.end();
}

/**
 * Reads a directory by its path alone, its own `lstat` included. One that is gone, is no directory any more, or became a
 * mount that is not entered gives a record of status `gone`.
 */
export function readDirectoryAt(
  fs: FileSystem,
  bounds: ScanBounds,
  relative: string,
  writer: RecordWriter,
  found: (directory: FoundDirectory) => void,
): { start: number; end: number } {
  const name = encodeName(relative.slice(relative.lastIndexOf('/') + 1));
  const place = { id: 0, parent: -1, name, allocated: 0, inode: 0n, changedUs: -1 };
  const path = absolute(bounds.root, relative);
  let stats;
  let inode;
  try {
    stats = fs.lstatNumbers(path);
    inode = exactInode(fs, path, stats);
  } catch (error) {
    if (vanished(error)) writer.begin(place, recordStatus.gone);
    else writer.begin(place, recordStatus.unreadable, errno(error));
    return writer.end();
  }
  if (!stats.isDirectory() || isBeyond(bounds, stats.dev, relative)) {
    writer.begin(place, recordStatus.gone);
    return writer.end();
  }
  return readDirectory(fs, bounds, relative, { ...place, ...placeFigures(stats, BigInt(inode)) }, writer, found);
}
