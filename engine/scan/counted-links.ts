import { comparePaths } from '../../shared/path-text.ts';
import type { Directories } from './directories.ts';
import { linkKey, Links } from './links.ts';
import type { Extra, Link } from './links.ts';
import { decodeName } from '../fs/index.ts';
import { joinRelative } from './read-directory.ts';
import { EntryCursor, header, sparseBytes } from './record.ts';
import type { Figures } from './figures.ts';
import type { Steps } from './slices.ts';

/**
 * Figures of a hard-linked entry, as the file was last seen under any of its names; zero where another of them is
 * counted.
 */
export interface LinkedShown extends Pick<Figures, 'bytes' | 'allocated' | 'newest'> {
  sparse: boolean;
}

/** Entries looked at between two steps: a link takes about a microsecond. */
const linksAStep = 500;

/** Sees that each file with several names is in the totals of a store's directories once. */
export class CountedLinks {
  readonly #directories: Directories;
  readonly #links = new Links();
  /** Sums over the whole store. */
  readonly #extra: Extra = { names: 0, bytes: 0, sparseFiles: 0, sparseBytes: 0 };

  constructor(directories: Directories) {
    this.#directories = directories;
  }

  /** What files with several names, and sparse files, are to the store as a whole. */
  get extra(): Readonly<Extra> {
    return this.#extra;
  }

  /** A file with several names as last seen; undefined when it is not known as one. */
  link(key: string): Readonly<Pick<Link, 'links' | 'allocated'>> | undefined {
    return this.#links.get(key);
  }

  /** Paths of the other names of a file with several, in path order, at most `limit` of them. */
  *otherNames(path: string, inode: bigint, device: bigint, limit: number): Steps<string[]> {
    const found: string[] = [];
    // Only where it is not the root's is the device part of the key.
    for (const key of [linkKey(inode, undefined), linkKey(inode, device)]) {
      const directories = new Set(this.#links.get(key)?.directories);
      const named: string[] = [];
      for (const id of directories) named.push(...(yield* this.#namesIn(id, key)));
      if (named.includes(path)) found.push(...named.filter((name) => name !== path));
    }
    return found.sort(comparePaths).slice(0, limit);
  }

  *#namesIn(id: number, key: string): Steps<string[]> {
    const { buffer, at } = this.#directories.record(id);
    const path = this.#directories.path(id);
    const names: string[] = [];
    const cursor = new EntryCursor(buffer, at);
    for (let index = 0; cursor.next(); index++) {
      if (index % linksAStep === linksAStep - 1) yield;
      if (cursor.links === undefined || linkKey(cursor.inode, cursor.device) !== key) continue;
      names.push(joinRelative(path, decodeName(cursor.name)));
    }
    return names;
  }

  /** Notes what the record of a directory lists. Returns the keys of hard links met; they are in no total until settled. */
  learn(id: number): Set<string> {
    const { buffer, at } = this.#directories.record(id);
    const touched = new Set<string>();
    this.#extra.sparseFiles += header.sparseFiles(buffer, at);
    this.#extra.sparseBytes += header.sparseBytes(buffer, at);
    if (header.linked(buffer, at) === 0) return touched;
    const cursor = new EntryCursor(buffer, at);
    while (cursor.next()) {
      if (cursor.links === undefined) continue;
      const key = linkKey(cursor.inode, cursor.device);
      touched.add(key);
      this.#links.add(key, id, {
        file: cursor.kind === 'file',
        bytes: cursor.kind === 'file' ? cursor.bytes : 0,
        allocated: cursor.blocks * 512,
        newest: cursor.mtimeMs,
        links: cursor.links,
      });
    }
    return touched;
  }

  /** The reverse of {@link learn}. */
  forget(id: number): Set<string> {
    const touched = new Set<string>();
    const { buffer, at } = this.#directories.record(id);
    this.#extra.sparseFiles -= header.sparseFiles(buffer, at);
    this.#extra.sparseBytes -= header.sparseBytes(buffer, at);
    if (header.linked(buffer, at) === 0) return touched;
    const cursor = new EntryCursor(buffer, at);
    while (cursor.next()) {
      if (cursor.links === undefined) continue;
      const key = linkKey(cursor.inode, cursor.device);
      const link = this.#links.get(key);
      if (link === undefined) continue;
      this.#uncount(link);
      this.#links.remove(key, id);
      touched.add(key);
    }
    return touched;
  }

  /**
   * Counts each of these links once, in the directory whose path comes first, so that the figures of every directory
   * follow from what is on disk and not from the order of events.
   *
   * Returns directories (ids) that may hold one of these files as it was before, because what is done to a file under one name
   * raises no event where its other names lie: those that list it with a single name, and, when a name is gone, those of
   * the other names (it may have been written to under the name that is gone). Without `search` the first are not looked for.
   */
  settle(keys: ReadonlySet<string>, search: boolean): number[] {
    const fewer = new Set<string>();
    const refresh = new Set<number>();
    const again = new Set<number>();
    for (const key of keys) {
      const link = this.#links.get(key);
      if (link === undefined) continue;
      this.#uncount(link);
      const [first] = link.directories;
      if (first === undefined) continue;
      const different = new Set(link.directories);
      let owner = first;
      if (different.size > 1) {
        const paths = [...different].map((id) => ({ id, path: this.#directories.path(id) }));
        owner = paths.reduce((a, b) => (comparePaths(a.path, b.path) <= 0 ? a : b)).id;
      }
      const names = link.file ? link.directories.length - 1 : 0;
      const missing = link.file ? sparseBytes(link.bytes, link.allocated) : 0;
      const extra = { names, bytes: names * link.bytes, sparseFiles: missing > 0 ? 1 : 0, sparseBytes: missing };
      link.counted = { owner, bytes: link.bytes, allocated: link.allocated, extra };
      this.#moveExtra(extra, 1);
      this.#directories.move(owner, { bytes: link.bytes, allocated: link.allocated, files: 0, dirs: 0 }, 1);
      for (const id of different) {
        refresh.add(id);
        if (link.directories.length < (link.names ?? 0)) again.add(id);
      }
      link.names = link.directories.length;
      if (link.directories.length < link.links && link.searched !== link.links) {
        link.searched = link.links;
        fewer.add(key);
      }
    }
    for (const id of refresh) this.refreshNewest(id);
    if (fewer.size > 0 && search) for (const id of this.#directoriesWith(fewer)) again.add(id);
    return [...again];
  }

  /** Recomputes the newest modification of a directory and, where it moved, of those above. */
  refreshNewest(id: number): void {
    const columns = this.#directories.columns;
    const { buffer, at } = this.#directories.record(id);
    let own = header.newest(buffer, at);
    let oldest = header.oldest(buffer, at);
    if (header.linked(buffer, at) > 0) {
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.links === undefined) continue;
        const mtimeMs = this.#links.get(linkKey(cursor.inode, cursor.device))?.newest ?? cursor.mtimeMs;
        own = Math.max(own, mtimeMs);
        if (cursor.kind === 'file') oldest = Math.min(oldest, mtimeMs);
      }
    }
    this.#directories.touch(id);
    columns.ownNewest[id] = own;
    columns.ownOldest[id] = oldest;
    for (let row = id; row >= 0; row = columns.parent[row] ?? -1) {
      let newest = columns.ownNewest[row] ?? 0;
      for (const child of this.#directories.children(row)) newest = Math.max(newest, columns.newest[child] ?? 0);
      if (columns.newest[row] === newest) return;
      columns.newest[row] = newest;
    }
  }

  /**
   * For a directory with hard-linked files: for each such entry, by its place in the record, its
   * figures; zero where another of its names is counted.
   */
  *shown(
    id: number,
    { buffer, at }: { buffer: Buffer; at: number },
  ): Steps<ReadonlyMap<number, LinkedShown> | undefined> {
    if (header.linked(buffer, at) === 0) return undefined;
    const shown = new Map<number, LinkedShown>();
    const first = new Map<string, { index: number; name: Buffer }>();
    const cursor = new EntryCursor(buffer, at);
    for (let index = 0; cursor.next(); index++) {
      if (index % linksAStep === 0) yield;
      if (cursor.links === undefined) continue;
      const key = linkKey(cursor.inode, cursor.device);
      const link = this.#links.get(key);
      const bytes = link?.bytes ?? cursor.bytes;
      const sparse = cursor.kind === 'file' && sparseBytes(bytes, link?.allocated ?? cursor.blocks * 512) > 0;
      shown.set(index, { bytes: 0, allocated: 0, newest: link?.newest ?? cursor.mtimeMs, sparse });
      if (link?.counted?.owner !== id) continue;
      const best = first.get(key);
      const { name } = cursor;
      if (best === undefined || name.compare(best.name) < 0) first.set(key, { index, name });
    }
    for (const [key, { index }] of first) {
      const own = shown.get(index);
      const link = this.#links.get(key);
      if (link !== undefined && own !== undefined) Object.assign(own, { bytes: link.bytes, allocated: link.allocated });
    }
    return shown;
  }

  /** Directories that list one of these inodes as a file with one name. */
  #directoriesWith(keys: ReadonlySet<string>): number[] {
    const found: number[] = [];
    for (const { id } of this.#directories.walk()) {
      const { buffer, at } = this.#directories.record(id);
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.links !== undefined || cursor.kind === 'mount') continue;
        if (!keys.has(linkKey(cursor.inode, cursor.device))) continue;
        found.push(id);
        break;
      }
    }
    return found;
  }

  #moveExtra(extra: Extra, sign: 1 | -1): void {
    for (const key of ['names', 'bytes', 'sparseFiles', 'sparseBytes'] as const) this.#extra[key] += sign * extra[key];
  }

  #uncount(link: Link): void {
    if (link.counted === undefined) return;
    const { owner, bytes, allocated, extra } = link.counted;
    this.#directories.move(owner, { bytes, allocated, files: 0, dirs: 0 }, -1);
    this.#moveExtra(extra, -1);
    link.counted = undefined;
  }
}
