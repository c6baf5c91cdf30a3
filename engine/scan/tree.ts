import { comparePaths } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { Columns } from './columns.ts';
import { linkKey, Links } from './links.ts';
import type { Extra, Link } from './links.ts';
import type { FoundDirectory } from './read-directory.ts';
import { joinRelative } from './read-directory.ts';
import { pageOf } from './page.ts';
import type { ChildrenPage, LinkedShown, SortKey } from './page.ts';
import { EntryCursor, header, noOldest, recordStatus, RecordWriter, sameRecord, sparseBytes } from './record.ts';
import { Snapshot } from './snapshot.ts';
import type { Figures, Row } from './figures.ts';

export interface Unreadable {
  path: string;
  /** Errno name. */
  reason: string;
}

/** What reading one known directory again brought to light. */
export interface Applied {
  /** Directories that are new, or another than before under the same name: to be scanned with all below them. */
  added: FoundDirectory[];
  /** Directories (ids) whose own content must be read again as well. */
  stale: number[];
  /** Paths of directories that are gone. */
  removed: string[];
  /** Whether any figure or name changed. */
  changed: boolean;
}

const rootId = 0;
const tailBytes = 256 * 1024;

/**
 * What a scan knows of a store: every directory's figures, and every entry, packed.
 *
 * About 30 bytes a file with its name, and about 130 a directory. Changed directories replace their record; totals move
 * by differences up to the root, so that an update costs the depth of the directory, not the size of the store.
 */
export class UsageTree {
  readonly #columns: Columns;
  readonly #chunks: Buffer[] = [];
  readonly #free: number[] = [];
  readonly #links = new Links();
  /** Names of the directories inside a directory, for those with many; made when first asked for. */
  readonly #index = new Map<number, Map<string, number>>();
  /** Directories with something unreadable: themselves, or entries of theirs. */
  readonly #troubled = new Set<number>();
  /** Directories that list a mount. */
  readonly #mounting = new Set<number>();
  /** Sums over the whole store. */
  readonly #extra: Extra = { names: 0, bytes: 0, sparseFiles: 0, sparseBytes: 0 };
  #version = 0;
  #rows = 0;
  #building = true;
  #liveBytes = 0;
  #heldBytes = 0;
  /** Bytes used of the last chunk, which takes changed records. */
  #tailUsed = tailBytes;

  /** Builds the tree from the records of a whole scan; ids are dense and parents come before their children. */
  constructor(chunks: readonly ArrayBuffer[], directories: number) {
    this.#columns = new Columns(directories + 16);
    this.#settle(this.#adopt(chunks, directories, [-1]));
    this.#building = false;
  }

  /** Whether the root could be read as a directory at all; errno name when it could not, `ENOENT` when it is gone. */
  get rootTrouble(): string | undefined {
    const { buffer, at } = this.#record(rootId);
    const status = header.status(buffer, at);
    if (status === recordStatus.gone) return 'ENOENT';
    return status === recordStatus.unreadable ? header.reason(buffer, at) : undefined;
  }

  /** Inode of a directory when it was read. */
  inode(id: number): bigint {
    const { buffer, at } = this.#record(id);
    return header.inode(buffer, at);
  }

  /** Moves with every change. */
  get version(): number {
    return this.#version;
  }

  /** Oldest modification of a file, ms; 0 when there is none. */
  get oldest(): number {
    let oldest = noOldest;
    const { ownOldest } = this.#columns;
    for (let row = 0; row < this.#rows; row++) {
      const own = ownOldest[row] ?? noOldest;
      if (own < oldest) oldest = own;
    }
    return oldest === noOldest ? 0 : oldest;
  }

  /** Names beyond the first of files with several names in the store, and the bytes they would add by themselves. */
  get hardLinks(): { names: number; bytes: number } {
    return { names: this.#extra.names, bytes: this.#extra.bytes };
  }

  /** Files with fewer blocks than their size needs, and the bytes they do not take. */
  get sparse(): { files: number; bytes: number } {
    return { files: this.#extra.sparseFiles, bytes: this.#extra.sparseBytes };
  }

  /** Paths of the mounts inside, in order. */
  mounts(): string[] {
    const found: string[] = [];
    for (const id of this.#mounting) {
      const { buffer, at } = this.#record(id);
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.kind === 'mount') found.push(joinRelative(this.path(id), decodeName(cursor.name)));
      }
    }
    return found.sort(comparePaths);
  }

  /** The records of a directory and of all below it as they are now; later changes do not reach them. */
  snapshot(id: number): Snapshot {
    const snapshot = new Snapshot((this.#columns.dirs[id] ?? 0) + 1, this.path(id));
    const stack = [{ id, parent: -1 }];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const record = this.#record(at.id);
      const index = snapshot.add(record.buffer, record.at, at.parent, at.id);
      for (const child of this.#children(at.id)) stack.push({ id: child, parent: index });
    }
    return snapshot;
  }

  /** The record of one directory, and of none below it. */
  record(id: number): { buffer: Buffer; at: number } {
    return this.#record(id);
  }

  /** Names the file system counts of a file with several, as last seen; undefined when it is not known as one. */
  linkCount(key: string): number | undefined {
    return this.#links.get(key)?.links;
  }

  /** Bytes of memory held for it. */
  get memory(): number {
    return this.#heldBytes + this.#columns.memory;
  }

  /** Number of directories, the root included. */
  get directories(): number {
    return (this.#columns.dirs[rootId] ?? 0) + 1;
  }

  figures(id: number): Figures {
    const columns = this.#columns;
    return {
      bytes: columns.bytes[id] ?? 0,
      allocated: columns.allocated[id] ?? 0,
      files: columns.files[id] ?? 0,
      dirs: columns.dirs[id] ?? 0,
      newest: columns.newest[id] ?? 0,
    };
  }

  /** Figures of what lies directly in a directory, its own blocks included and directories below left out. */
  ownFigures(id: number): Omit<Figures, 'dirs'> {
    const own = this.figures(id);
    for (const child of this.#children(id)) {
      const figures = this.figures(child);
      own.bytes -= figures.bytes;
      own.allocated -= figures.allocated;
      own.files -= figures.files;
    }
    return { bytes: own.bytes, allocated: own.allocated, files: own.files, newest: this.#columns.ownNewest[id] ?? 0 };
  }

  /** Number of entries, directories included, directly in a directory. */
  entryCount(id: number): number {
    const { buffer, at } = this.#record(id);
    let count = header.entries(buffer, at);
    for (const _ of this.#children(id)) count++;
    return count;
  }

  name(id: number): string {
    const { buffer, at } = this.#record(id);
    return decodeName(header.name(buffer, at));
  }

  /** Path relative to the root. */
  path(id: number): string {
    let path = '';
    for (let at = id; at > rootId; at = this.#columns.parent[at] ?? -1) {
      path = path === '' ? this.name(at) : `${this.name(at)}/${path}`;
    }
    return path;
  }

  /** The directory at a relative path; undefined when there is none. */
  find(path: string): number | undefined {
    let id = rootId;
    if (path === '') return id;
    for (const part of path.split('/')) {
      const match = this.#childNamed(id, part);
      if (match === undefined) return undefined;
      id = match;
    }
    return id;
  }

  /** Ids of the directories directly in a directory. */
  childDirectories(id: number): number[] {
    return [...this.#children(id)];
  }

  /** Every directory with its path, parents first. */
  *walk(from = rootId): Generator<{ id: number; path: string }> {
    const stack: { id: number; path: string }[] = [{ id: from, path: this.path(from) }];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      yield at;
      for (const child of this.#children(at.id)) {
        stack.push({ id: child, path: joinRelative(at.path, this.name(child)) });
      }
    }
  }

  /** What could not be read, in path order, at most `limit`. */
  unreadable(limit = Infinity): Unreadable[] {
    const found: Unreadable[] = [];
    for (const id of this.#troubled) {
      const { buffer, at } = this.#record(id);
      const path = this.path(id);
      if (header.status(buffer, at) === recordStatus.unreadable)
        found.push({ path, reason: header.reason(buffer, at) });
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.unreadable === undefined) continue;
        found.push({ path: joinRelative(path, decodeName(cursor.name)), reason: cursor.unreadable });
      }
    }
    return found.sort((a, b) => comparePaths(a.path, b.path)).slice(0, limit);
  }

  get atLeast(): boolean {
    return this.#troubled.size > 0;
  }

  /**
   * A directory's entries, in the order asked for (largest or newest first; names from A): `limit` of them from the one
   * at `offset`.
   */
  children(id: number, sort: SortKey, limit: number, offset = 0): ChildrenPage {
    const { buffer, at } = this.#record(id);
    const directories = this.childDirectories(id).map((child): Row & { name: string } => {
      const record = this.#record(child);
      const reason = header.reason(record.buffer, record.at);
      return {
        name: this.name(child),
        kind: 'dir',
        ...this.figures(child),
        ...(reason === '' ? {} : { unreadable: reason }),
      };
    });
    return pageOf(buffer, at, directories, this.linkedShown(id), sort, limit, offset);
  }

  /**
   * Takes over a fresh record of a known directory. `found` are the directories listed in it. New directories are
   * returned, not scanned: the caller scans them and calls {@link graft}.
   */
  apply(id: number, record: Buffer, found: readonly FoundDirectory[]): Applied {
    const applied: Applied = { added: [], stale: [], removed: [], changed: true };
    this.#version++;
    if (header.status(record, 0) === recordStatus.gone && id !== rootId) {
      const parent = this.#columns.parent[id] ?? rootId;
      const links = this.#remove(id, applied.removed);
      this.#refreshNewest(parent);
      applied.stale.push(...this.#settle(links));
      return applied;
    }
    const touched = new Set<string>();
    const listed = new Map(found.map((directory) => [directory.name, directory]));
    for (const child of this.childDirectories(id)) {
      const name = this.name(child);
      const seen = listed.get(name);
      const { buffer, at } = this.#record(child);
      if (seen?.inode === header.inode(buffer, at)) {
        listed.delete(name);
        if (seen.changedUs !== header.changedUs(buffer, at)) applied.stale.push(child);
      } else {
        for (const key of this.#remove(child, applied.removed)) touched.add(key);
      }
    }
    applied.added.push(...listed.values());
    const before = this.#record(id);
    applied.changed = applied.removed.length > 0 || listed.size > 0 || !sameRecord(before.buffer, before.at, record, 0);
    // Even an equal record is taken over: it carries the directory's new change time.
    for (const key of this.#forgetOwn(id)) touched.add(key);
    this.#move(id, { ...this.#recordFigures(id), dirs: 0 }, -1);
    this.#store(id, record);
    this.#move(id, { ...this.#recordFigures(id), dirs: 0 }, 1);
    for (const key of this.#learnOwn(id)) touched.add(key);
    this.#refreshNewest(id);
    applied.stale.push(...this.#settle(touched));
    return applied;
  }

  /**
   * Adds freshly scanned subtrees below existing directories. In the records the tops have the scan ids 0 to
   * `parents.length - 1`; `parents` are the ids they go below. Returns directories (ids) to be read again.
   */
  graft(chunks: readonly ArrayBuffer[], directories: number, parents: readonly number[]): number[] {
    this.#version++;
    const touched = this.#adopt(chunks, directories, parents);
    for (const parent of new Set(parents)) this.#refreshNewest(parent);
    return this.#settle(touched);
  }

  /** Adds directories that were found but not read yet. */
  addUnread(parent: number, found: readonly FoundDirectory[]): void {
    const writer = new RecordWriter(found.length * 128);
    for (const [id, { name, allocated, inode }] of found.entries()) {
      writer.begin({ id, parent: -1, name: encodeName(name), allocated, inode, changedUs: -1 }, recordStatus.read);
      writer.end();
    }
    const { buffer, at } = writer.out;
    this.graft(
      [new Uint8Array(buffer.subarray(0, at)).buffer],
      found.length,
      found.map(() => parent),
    );
  }

  /**
   * For a directory with hard-linked files: for each such entry, by its place in the record, its
   * figures; zero where another of its names is counted.
   */
  linkedShown(id: number, record = this.#record(id)): ReadonlyMap<number, LinkedShown> | undefined {
    const { buffer, at } = record;
    if (header.linked(buffer, at) === 0) return undefined;
    const shown = new Map<number, LinkedShown>();
    const first = new Map<string, { index: number; name: Buffer }>();
    const cursor = new EntryCursor(buffer, at);
    for (let index = 0; cursor.next(); index++) {
      if (cursor.links === undefined) continue;
      const key = linkKey(cursor.inode, cursor.device);
      const link = this.#links.get(key);
      shown.set(index, { bytes: 0, allocated: 0, newest: link?.newest ?? cursor.mtimeMs });
      if (link?.counted?.owner !== id) continue;
      const best = first.get(key);
      const { name } = cursor;
      if (best === undefined || name.compare(best.name) < 0) first.set(key, { index, name });
    }
    for (const [key, { index }] of first) {
      const link = this.#links.get(key);
      if (link !== undefined) shown.set(index, { bytes: link.bytes, allocated: link.allocated, newest: link.newest });
    }
    return shown;
  }

  #childNamed(id: number, name: string): number | undefined {
    let index = this.#index.get(id);
    if (index === undefined) {
      index = new Map();
      for (const child of this.#children(id)) index.set(this.name(child), child);
      // Small directories are searched as fast as their index is built.
      if (index.size > 16) this.#index.set(id, index);
    }
    return index.get(name);
  }

  *#children(id: number): Generator<number> {
    for (let child = this.#columns.firstChild[id] ?? -1; child >= 0; child = this.#columns.nextSibling[child] ?? -1) {
      yield child;
    }
  }

  #record(id: number): { buffer: Buffer; at: number } {
    const buffer = this.#chunks[this.#columns.chunk[id] ?? -1];
    if (buffer === undefined) throw new RangeError(`No directory has the id ${id}.`);
    return { buffer, at: this.#columns.offset[id] ?? 0 };
  }

  /** Figures that the record of a directory adds by itself, hard-linked files aside. */
  #recordFigures(id: number): Omit<Figures, 'dirs' | 'newest'> {
    const { buffer, at } = this.#record(id);
    return {
      bytes: header.bytes(buffer, at),
      allocated: header.ownAllocated(buffer, at) + header.allocated(buffer, at),
      files: header.files(buffer, at),
    };
  }

  /** Adds figures to (or, with -1, takes them from) a directory and all above it. */
  #move(id: number, figures: Omit<Figures, 'newest'>, sign: 1 | -1): void {
    const columns = this.#columns;
    for (let at = id; at >= 0; at = columns.parent[at] ?? -1) {
      columns.bytes[at] = (columns.bytes[at] ?? 0) + sign * figures.bytes;
      columns.allocated[at] = (columns.allocated[at] ?? 0) + sign * figures.allocated;
      columns.files[at] = (columns.files[at] ?? 0) + sign * figures.files;
      columns.dirs[at] = (columns.dirs[at] ?? 0) + sign * figures.dirs;
    }
  }

  /** Takes the records of a scan in. Returns the keys of hard links met; they are not in the totals until settled. */
  #adopt(chunks: readonly ArrayBuffer[], directories: number, parents: readonly number[]): Set<string> {
    const chunkOf = new Int32Array(directories).fill(-1);
    const offsetOf = new Uint32Array(directories);
    for (const chunk of chunks) {
      const buffer = Buffer.from(chunk);
      const index = this.#chunks.push(buffer) - 1;
      this.#heldBytes += buffer.length;
      this.#tailUsed = buffer.length;
      for (let at = 0; at < buffer.length; at += header.length(buffer, at)) {
        const id = header.id(buffer, at);
        chunkOf[id] = index;
        offsetOf[id] = at;
      }
    }
    const columns = this.#columns;
    const rows = new Int32Array(directories).fill(-1);
    const touched = new Set<string>();
    for (let scanId = 0; scanId < directories; scanId++) {
      const buffer = this.#chunks[chunkOf[scanId] ?? -1];
      if (buffer === undefined) continue;
      const at = offsetOf[scanId] ?? 0;
      const top = scanId < parents.length;
      const isRoot = top && parents[scanId] === -1;
      if (header.status(buffer, at) === recordStatus.gone && !isRoot) continue;
      const parent = top ? (parents[scanId] ?? -1) : (rows[header.parent(buffer, at)] ?? -1);
      if (parent < 0 && !isRoot) continue;
      const row = this.#free.pop() ?? this.#rows++;
      columns.grow(row + 1);
      columns.clear(row);
      rows[scanId] = row;
      columns.chunk[row] = chunkOf[scanId] ?? -1;
      columns.offset[row] = at;
      this.#liveBytes += header.length(buffer, at);
      if (parent >= 0) columns.attach(row, parent);
      if (top) this.#index.delete(parent);
      const own = this.#recordFigures(row);
      columns.bytes[row] = own.bytes;
      columns.allocated[row] = own.allocated;
      columns.files[row] = own.files;
      columns.ownNewest[row] = columns.newest[row] = header.newest(buffer, at);
      columns.ownOldest[row] = header.oldest(buffer, at);
      for (const key of this.#learnOwn(row)) touched.add(key);
    }
    for (let scanId = directories - 1; scanId >= 0; scanId--) {
      const row = rows[scanId] ?? -1;
      const parent = row < 0 ? -1 : (columns.parent[row] ?? -1);
      if (parent < 0) continue;
      const sum = this.figures(row);
      sum.dirs += 1;
      if (scanId < parents.length) {
        this.#move(parent, sum, 1);
        continue;
      }
      columns.bytes[parent] = (columns.bytes[parent] ?? 0) + sum.bytes;
      columns.allocated[parent] = (columns.allocated[parent] ?? 0) + sum.allocated;
      columns.files[parent] = (columns.files[parent] ?? 0) + sum.files;
      columns.dirs[parent] = (columns.dirs[parent] ?? 0) + sum.dirs;
      columns.newest[parent] = Math.max(columns.newest[parent] ?? 0, sum.newest);
    }
    return touched;
  }

  /** Notes the hard links and the troubles of a directory whose record is in place. */
  #learnOwn(id: number): Set<string> {
    const { buffer, at } = this.#record(id);
    const touched = new Set<string>();
    if (header.status(buffer, at) !== recordStatus.read || header.hasUnreadable(buffer, at)) this.#troubled.add(id);
    if (header.mounts(buffer, at) > 0) this.#mounting.add(id);
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

  /** The reverse of {@link #learnOwn}: links met here are in no total until settled again. */
  #forgetOwn(id: number): Set<string> {
    this.#troubled.delete(id);
    this.#mounting.delete(id);
    const touched = new Set<string>();
    const { buffer, at } = this.#record(id);
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

  #moveExtra(extra: Extra, sign: 1 | -1): void {
    for (const key of ['names', 'bytes', 'sparseFiles', 'sparseBytes'] as const) this.#extra[key] += sign * extra[key];
  }

  #uncount(link: Link): void {
    if (link.counted === undefined) return;
    const { owner, bytes, allocated, extra } = link.counted;
    this.#move(owner, { bytes, allocated, files: 0, dirs: 0 }, -1);
    this.#moveExtra(extra, -1);
    link.counted = undefined;
  }

  /**
   * Counts each of these links once, in the directory whose path comes first, so that the figures of every directory
   * follow from what is on disk and not from the order of events.
   *
   * Returns directories that may hold one of these files as it was before, because what is done to a file under one name
   * raises no event where its other names lie: those that list it with a single name, and, when a name is gone, those of
   * the other names (it may have been written to under the name that is gone).
   */
  #settle(keys: ReadonlySet<string>): number[] {
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
        const paths = [...different].map((id) => ({ id, path: this.path(id) }));
        owner = paths.reduce((a, b) => (comparePaths(a.path, b.path) <= 0 ? a : b)).id;
      }
      const names = link.file ? link.directories.length - 1 : 0;
      const missing = link.file ? sparseBytes(link.bytes, link.allocated) : 0;
      const extra = { names, bytes: names * link.bytes, sparseFiles: missing > 0 ? 1 : 0, sparseBytes: missing };
      link.counted = { owner, bytes: link.bytes, allocated: link.allocated, extra };
      this.#moveExtra(extra, 1);
      this.#move(owner, { bytes: link.bytes, allocated: link.allocated, files: 0, dirs: 0 }, 1);
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
    for (const id of refresh) this.#refreshNewest(id);
    if (fewer.size > 0 && !this.#building) for (const id of this.#directoriesWith(fewer)) again.add(id);
    return [...again];
  }

  /** Directories that list one of these inodes as a file with one name. */
  #directoriesWith(keys: ReadonlySet<string>): number[] {
    const found: number[] = [];
    for (const { id } of this.walk()) {
      const { buffer, at } = this.#record(id);
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

  /** Recomputes the newest modification of a directory and, where it moved, of those above. */
  #refreshNewest(id: number): void {
    const columns = this.#columns;
    const { buffer, at } = this.#record(id);
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
    columns.ownNewest[id] = own;
    columns.ownOldest[id] = oldest;
    for (let row = id; row >= 0; row = columns.parent[row] ?? -1) {
      let newest = columns.ownNewest[row] ?? 0;
      for (const child of this.#children(row)) newest = Math.max(newest, columns.newest[child] ?? 0);
      if (columns.newest[row] === newest) return;
      columns.newest[row] = newest;
    }
  }

  /** Takes a subtree out. Returns the hard links met in it, to be settled; `newest` above is left to the caller. */
  #remove(id: number, removed: string[]): Set<string> {
    const columns = this.#columns;
    const rows: number[] = [];
    const touched = new Set<string>();
    for (const { id: row, path } of this.walk(id)) {
      rows.push(row);
      removed.push(path);
      for (const key of this.#forgetOwn(row)) touched.add(key);
    }
    const parent = columns.parent[id] ?? -1;
    const sum = this.figures(id);
    sum.dirs += 1;
    this.#move(parent, sum, -1);
    columns.detach(id);
    this.#index.delete(parent);
    for (const row of rows) {
      const { buffer, at } = this.#record(row);
      this.#liveBytes -= header.length(buffer, at);
      columns.clear(row);
      this.#index.delete(row);
      this.#free.push(row);
    }
    return touched;
  }

  /** Copies a record in as that of `id`. */
  #store(id: number, record: Buffer): void {
    const columns = this.#columns;
    const old = this.#record(id);
    this.#liveBytes += record.length - header.length(old.buffer, old.at);
    columns.chunk[id] = -1;
    if (this.#heldBytes > this.#liveBytes * 2 + 8 * tailBytes) this.#compact();
    this.#append(id, record);
  }

  #append(id: number, record: Buffer): void {
    let tail = this.#chunks.at(-1);
    if (tail === undefined || this.#tailUsed + record.length > tail.length) {
      tail = Buffer.allocUnsafeSlow(Math.max(tailBytes, record.length));
      this.#chunks.push(tail);
      this.#heldBytes += tail.length;
      this.#tailUsed = 0;
    }
    record.copy(tail, this.#tailUsed);
    this.#columns.chunk[id] = this.#chunks.length - 1;
    this.#columns.offset[id] = this.#tailUsed;
    this.#tailUsed += record.length;
  }

  /** Moves the living records together once replaced ones take more than half of the memory. */
  #compact(): void {
    const old = this.#chunks.splice(0);
    this.#heldBytes = 0;
    this.#tailUsed = 0;
    const { chunk, offset } = this.#columns;
    for (let id = 0; id < this.#rows; id++) {
      const buffer = old[chunk[id] ?? -1];
      const at = offset[id] ?? 0;
      if (buffer !== undefined) this.#append(id, buffer.subarray(at, at + header.length(buffer, at)));
    }
  }
}
