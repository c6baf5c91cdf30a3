import type { BigIntStats } from 'node:fs';
import { encodeName, isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { hasRawBytes } from '../../shared/path-text.ts';
import type { DirectoryPlace, RecordWriter } from './record.ts';
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
  /** Mount points below the root, relative: bind mounts have the root's own device. */
  mounts: ReadonlySet<string>;
}

/** Times beyond the year 33,000 (some file systems hand out nonsense) are taken as that, so that differences stay exact. */
const farMs = 1e15;

export function joinRelative(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

export function absolute(root: string, relative: string): string {
  if (relative === '') return root;
  return root.endsWith('/') ? root + relative : `${root}/${relative}`;
}

export function placeFigures(stats: BigIntStats): Pick<DirectoryPlace, 'allocated' | 'inode' | 'changedUs'> {
  return {
    allocated: Number(stats.blocks) * 512,
    inode: stats.ino,
    changedUs: Number(stats.ctimeNs / 1000n),
  };
}

function nameBytes(name: string): Buffer {
  return hasRawBytes(name) ? encodeName(name) : Buffer.from(name, 'utf8');
}

/** Errors that say "it was there a moment ago". */
function vanished(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR', 'ESTALE');
}

function errno(error: unknown): string {
  return isSystemError(error) ? error.code : 'EIO';
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
  let listing;
  try {
    listing = fs.readDirectory(path);
  } catch (error) {
    if (vanished(error)) writer.begin(place, recordStatus.gone);
    else writer.begin(place, recordStatus.unreadable, errno(error));
    return writer.end();
  }
  writer.begin(place, recordStatus.read);
  const prefix = path.endsWith('/') ? path : `${path}/`;
  for (const { name } of listing) {
    let stats;
    try {
      stats = fs.lstat(prefix + name);
    } catch (error) {
      if (vanished(error)) continue;
      const unreadable = errno(error);
      writer.entry({ kind: 'other', name: nameBytes(name), bytes: 0, blocks: 0, mtimeMs: 0, inode: 0n, unreadable });
      continue;
    }
    if (stats.isDirectory()) {
      if (stats.dev === bounds.device && !(bounds.mounts.size > 0 && bounds.mounts.has(joinRelative(relative, name)))) {
        found({ name, ...placeFigures(stats) });
      } else {
        writer.entry({ kind: 'mount', name: nameBytes(name), bytes: 0, blocks: 0, mtimeMs: 0, inode: 0n });
      }
      continue;
    }
    const isFile = stats.isFile();
    writer.entry({
      kind: isFile ? 'file' : stats.isSymbolicLink() ? 'symlink' : 'other',
      name: nameBytes(name),
      bytes: isFile ? Number(stats.size) : 0,
      blocks: Number(stats.blocks),
      mtimeMs: Math.max(-farMs, Math.min(farMs, Number(stats.mtimeMs))),
      inode: stats.ino,
      // A symlink or socket may have several names too, and du counts its blocks once.
      links: stats.nlink > 1n ? Number(stats.nlink) : undefined,
      device: stats.dev === bounds.device ? undefined : stats.dev,
    });
  }
  return writer.end();
}
