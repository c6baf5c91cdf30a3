import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { openBackup, openForReading } from '../archive/index.ts';
import type { ManifestEntry } from '../archive/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { diffEntries } from './diff-entries.ts';
import type { DiffOutput, Side } from './diff-entries.ts';
import { decodeEntries } from './entry-codec.ts';
import type { EntryBatch } from './entry-codec.ts';

export interface DiffInput {
  /** Manifest of the older. */
  readonly before: string;
  readonly after:
    | { readonly manifest: string }
    /** A store as a walk has just found it; `root` is absolute. */
    | { readonly root: string; readonly batches: readonly EntryBatch[] };
}

export function diffBackups({ before, after }: DiffInput, context: TaskContext): DiffOutput {
  const { fs } = context;
  const check = (): void => context.throwIfCancelled();
  const old = entriesOf(openBackup(fs, before).entries());
  if ('manifest' in after)
    return diffEntries(old, entriesOf(openBackup(fs, after.manifest).entries()), () => 'gone', check);
  const { root, batches } = after;
  return diffEntries(old, liveEntries(fs, root, batches), (entry) => lookAt(fs, root, entry), check);
}

function* entriesOf(entries: Iterable<ManifestEntry>): Generator<Side> {
  yield* entries;
}

function* liveEntries(fs: FileSystem, root: string, batches: readonly EntryBatch[]): Generator<Side> {
  for (const { path, type, mode, uid, gid, mtimeNs, size } of decodeEntries(batches)) {
    const meta = { path, type, mode: mode & 0o7777, uid, gid, mtimeNs };
    if (type === 'file') yield { ...meta, size };
    else if (type === 'dir') yield meta;
    else {
      const target = linkTarget(fs, join(root, path));
      yield target === undefined ? meta : { ...meta, target };
    }
  }
}

function join(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}

function linkTarget(fs: FileSystem, path: string): string | undefined {
  try {
    return fs.readLink(path);
  } catch (error) {
    // Replaced since the walk saw it: it differs, whatever it is now.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** What stands where the walk found nothing to list: perhaps something that a rule leaves out. */
function lookAt(fs: FileSystem, root: string, { path }: Side): Side | 'gone' | 'unknown' {
  const absolute = join(root, path);
  try {
    return sideOf(fs, path, absolute, fs.lstat(absolute));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'gone';
    if (isSystemError(error)) return 'unknown';
    throw error;
  }
}

function sideOf(fs: FileSystem, path: string, absolute: string, stats: BigIntStats): Side | 'gone' {
  const { mode, uid, gid, mtimeNs } = stats;
  const meta = { path, mode: Number(mode) & 0o7777, uid: Number(uid), gid: Number(gid), mtimeNs };
  if (stats.isFile()) return { ...meta, type: 'file', size: Number(stats.size) };
  if (stats.isDirectory()) return { ...meta, type: 'dir' };
  // A socket or the like in the place of what was there.
  if (!stats.isSymbolicLink()) return 'gone';
  const target = linkTarget(fs, absolute);
  return { ...meta, type: 'symlink', ...(target === undefined ? {} : { target }) };
}

export interface HashInput {
  readonly root: string;
  readonly paths: readonly string[];
}

const chunkBytes = 1024 * 1024;

/** SHA-256 of live files, hex; null for what cannot be read. */
export function hashFiles({ root, paths }: HashInput, context: TaskContext): (string | null)[] {
  const buffer = new Uint8Array(chunkBytes);
  return paths.map((path) => {
    try {
      return hashFile(context, join(root, path), buffer);
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  });
}

function hashFile(context: TaskContext, path: string, buffer: Uint8Array): string | null {
  const { fs } = context;
  const fd = openForReading(fs, path);
  try {
    if (!fs.fstat(fd).isFile()) return null;
    const hash = createHash('sha256');
    for (let at = 0; ;) {
      context.throwIfCancelled();
      const got = fs.read(fd, buffer, 0, buffer.length, at);
      if (got === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, got));
      at += got;
    }
  } finally {
    fs.close(fd);
  }
}
