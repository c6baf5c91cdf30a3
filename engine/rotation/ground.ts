import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import {
  archiveFormat,
  archiveStem,
  hasManifest,
  isEncrypted,
  keepsFramesOnly,
  manifestStem,
  parseArchiveName,
  openEmbedded,
  readHeader,
} from '../archive/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readReleased } from './released.ts';

/** What a destination holds, as far as removing something depends on it. Read anew each time; nothing remembered counts. */
export interface Ground {
  /** By name. */
  readonly manifests: readonly GroundManifest[];
  /** By name. */
  readonly archives: readonly GroundArchive[];
  /** Names of archives that belong to no backup any more. */
  readonly released: readonly string[];
}

export interface GroundManifest {
  readonly name: string;
  readonly bytes: number;
  /** Changes whenever the file does. */
  readonly stamp: string;
  /** What it says; absent when it cannot be read, so that it may need anything that lies there. */
  readonly says?: {
    readonly id: string;
    /** Id of the store on the machine that made it, and that machine. */
    readonly store: string;
    readonly host: string;
    readonly archives: readonly string[];
  };
}

export interface GroundArchive {
  readonly name: string;
  readonly format: ArchiveFormat;
  readonly bytes: number;
  readonly stamp: string;
  readonly hasManifest: boolean;
  /** The backup whose lost manifest could be made again from the archive would need these; absent when there is none. */
  readonly lost?: { readonly id: string; readonly archives: readonly string[] } | 'unreadable';
}

/** Reads a destination. Throws `NOT_FOUND`, `PERMISSION` and the like when the folder cannot be listed. */
export function readGround(fs: FileSystem, directory: string, throwIfCancelled: () => void): Ground {
  const names = listNames(fs, directory).sort();
  const all = new Set(names);
  const released = readReleased(fs, directory);
  const manifests: GroundManifest[] = [];
  const archives: GroundArchive[] = [];
  for (const name of names) {
    throwIfCancelled();
    const isManifest = manifestStem(name) !== undefined;
    const stem = archiveStem(name);
    const file = isManifest || stem !== undefined ? lookAt(fs, join(directory, name)) : undefined;
    if (file === undefined) continue;
    if (isManifest) manifests.push({ name, ...file, ...saysOf(fs, join(directory, name)) });
    else if (stem !== undefined) {
      const own = hasManifest(stem, all);
      const format = archiveFormat(name) ?? 'tar';
      const mayBeLost = !own && !released.has(name) && parseArchiveName(stem) !== undefined;
      const lost = mayBeLost ? lostBackup(fs, directory, name, format) : undefined;
      archives.push({ name, format, ...file, hasManifest: own, ...(lost === undefined ? {} : { lost }) });
    }
  }
  return { manifests, archives, released: [...released] };
}

function listNames(fs: FileSystem, directory: string): string[] {
  try {
    return fs.readDirectory(directory).map((entry) => entry.name);
  } catch (error) {
    throw toLarderError(error, directory);
  }
}

function lookAt(fs: FileSystem, path: string): { bytes: number; stamp: string } | undefined {
  try {
    const stats = fs.lstat(path);
    if (!stats.isFile()) return undefined;
    return { bytes: Number(stats.size), stamp: `${stats.size}-${stats.mtimeNs}-${stats.ino}` };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw toLarderError(error, path);
  }
}

function saysOf(fs: FileSystem, path: string): Pick<GroundManifest, 'says'> {
  try {
    const { header, archives } = readHeader(fs, path);
    const { id, store, host } = header;
    return { says: { id, store: store.id, host, archives: archives.map(({ file }) => file) } };
  } catch (error) {
    if (error instanceof LarderError && error.code !== 'CANCELLED') return {};
    throw error;
  }
}

/**
 * What the backup needs whose manifest was lost and could be made again from the one the archive carries. An archive
 * whose own is damaged too can never be made a backup again, unless a key is all that is missing.
 */
function lostBackup(fs: FileSystem, directory: string, name: string, format: ArchiveFormat): GroundArchive['lost'] {
  try {
    const path = join(directory, name);
    const { header, archives } = openEmbedded(fs, { path, format }, path);
    return keepsFramesOnly(header) ? undefined : { id: header.id, archives: archives.map(({ file }) => file) };
  } catch (error) {
    if (!(error instanceof LarderError) || error.code === 'CANCELLED') throw error;
    return isEncrypted(name) || error.code !== 'CORRUPT' ? 'unreadable' : undefined;
  }
}

/** Throws `CHANGED_ON_DISK` when two looks at a destination differ, naming the first thing that does. */
export function assertSameGround(before: Ground, now: Ground, directory: string): void {
  const was = stampsOf(before);
  const is = stampsOf(now);
  const moved = [...new Set([...was.keys(), ...is.keys()])].sort().find((name) => was.get(name) !== is.get(name));
  if (moved === undefined) return;
  const what = !is.has(moved) ? 'is gone' : was.has(moved) ? 'has changed' : 'is new';
  throw new LarderError('CHANGED_ON_DISK', `${displayName(join(directory, moved))} ${what} since the plan was made.`, {
    hint: 'Plan again.',
    details: { path: join(directory, moved) },
  });
}

function stampsOf({ manifests, archives }: Ground): Map<string, string> {
  return new Map([...manifests, ...archives].map(({ name, stamp }) => [name, stamp]));
}
