import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import { isOthers, othersHomes } from './places.ts';
import type { Place, Surroundings } from './places.ts';

export interface LocateRequest {
  readonly places: readonly Place[];
  readonly around: Surroundings;
}

/** A place that is there. */
export interface Located extends Omit<Place, 'path'> {
  /** Real path. */
  readonly path: string;
  /** Why it cannot be looked into. */
  readonly unreadable: boolean;
}

/** Names that a `*` is tried with. */
const mostNames = 200;

/** Which places there are, patterns filled in. A disk that does not answer holds a worker up and nobody else. */
export const locateTask = defineTask<LocateRequest, Located[]>({
  name: 'discover.locate',
  run({ places, around }, { fs, throwIfCancelled }) {
    const others = othersHomes(textOf(fs, '/etc/passwd'), around.home);
    const found: Located[] = [];
    for (const place of places) {
      for (const path of fill(fs, place.path)) {
        throwIfCancelled();
        const located = locate(fs, path);
        if (located === undefined || isOthers(located.path, others, around)) continue;
        found.push({ ...place, ...located });
      }
    }
    return found;
  },
});

function textOf(fs: FileSystem, path: string): string {
  try {
    return fs.readFile(path).toString('utf8');
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

function fill(fs: FileSystem, path: string): string[] {
  const star = path.indexOf('*');
  if (star < 0) return [path];
  const start = path.lastIndexOf('/', star);
  const end = path.indexOf('/', star);
  const folder = path.slice(0, start);
  const part = path.slice(start + 1, end < 0 ? undefined : end);
  const rest = end < 0 ? '' : path.slice(end);
  const [before = '', ...after] = part.split('*');
  const last = after.join('*');
  try {
    return fs
      .readDirectory(folder === '' ? '/' : folder)
      .filter(({ name, kind }) => kind !== 'file' && name.startsWith(before) && name.endsWith(last))
      .slice(0, mostNames)
      .flatMap(({ name }) => fill(fs, `${folder}/${name}${rest}`));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

function locate(fs: FileSystem, path: string): Pick<Located, 'path' | 'unreadable'> | undefined {
  let real: string;
  try {
    real = fs.realPath(path);
    if (!fs.stat(real).isDirectory()) return undefined;
  } catch (error) {
    // Not there, or in a folder this user may not enter: nothing can be said of it.
    if (isSystemError(error)) return undefined;
    throw error;
  }
  try {
    fs.readNames(real);
    return { path: real, unreadable: false };
  } catch (error) {
    if (isSystemError(error)) return { path: real, unreadable: true };
    throw error;
  }
}

export interface CountRequest {
  readonly path: string;
  /** The count ends after this long, or this many entries, with what it has. */
  readonly mostMs: number;
  readonly mostEntries: number;
}

export interface Counted {
  readonly bytes: number;
  readonly allocated: number;
  readonly files: number;
  readonly atLeast: boolean;
}

const blockBytes = 512;

/**
 * A quick count: apparent size of files, blocks of files and folders, hard links once, links not followed, other file
 * systems left out. Posts `Counted` as it goes.
 */
export const countTask = defineTask<CountRequest, Counted>({
  name: 'discover.count',
  run({ path, mostMs, mostEntries }, { fs, throwIfCancelled, post }) {
    const began = performance.now();
    let told = began;
    const count = { bytes: 0, allocated: 0, files: 0, atLeast: false };
    const seen = new Set<string>();
    const { dev } = fs.lstatNumbers(path);
    const waiting = [path];
    let entries = 0;
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      throwIfCancelled();
      const now = performance.now();
      if (now - began > mostMs || entries > mostEntries) {
        count.atLeast = true;
        break;
      }
      if (now - told > 200) {
        told = now;
        post({ ...count });
      }
      try {
        count.allocated += fs.lstatNumbers(folder).blocks * blockBytes;
        for (const { name, kind } of fs.readDirectory(folder)) {
          entries += 1;
          const at = `${folder}/${name}`;
          const stats = fs.lstatNumbers(at);
          if (kind === 'dir') {
            if (stats.dev === dev) waiting.push(at);
            continue;
          }
          if (!stats.isFile()) continue;
          count.files += 1;
          if (stats.nlink > 1) {
            const inode = `${stats.dev}:${stats.ino}`;
            if (seen.has(inode)) continue;
            seen.add(inode);
          }
          count.bytes += stats.size;
          count.allocated += stats.blocks * blockBytes;
        }
      } catch (error) {
        if (!isSystemError(error)) throw error;
        count.atLeast = true;
      }
    }
    return count;
  },
});

export const discoverTasks = [locateTask, countTask] as const;
