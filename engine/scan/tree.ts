import { comparePaths } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { addScanned } from './add-scanned.ts';
import type { ScannedRecords } from './add-scanned.ts';
import { CountedLinks } from './counted-links.ts';
import type { LinkedShown } from './counted-links.ts';
import type { Link } from './links.ts';
import { Directories, rootId } from './directories.ts';
import type { Figures } from './figures.ts';
import type { SortKey } from './entry-order.ts';
import { listingOf } from './listing.ts';
import type { Listing } from './listing.ts';
import { Pages } from './page.ts';
import type { ChildrenPage } from './page.ts';
import { joinRelative } from './read-directory.ts';
import type { FoundDirectory } from './read-directory.ts';
import { EntryCursor, header, noOldest, recordStatus, RecordWriter, sameRecord } from './record.ts';
import { atOnce } from './slices.ts';
import type { Steps } from './slices.ts';
import { Snapshot } from './snapshot.ts';

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

/**
 * What a scan knows of a store: every directory's figures, and every entry, packed.
 *
 * About 30 bytes a file with its name, and about 130 a directory. Changed directories replace their record; totals move
 * by differences up to the root, so that an update costs the depth of the directory, not the size of the store.
 */
export class UsageTree {
  readonly #directories: Directories;
  readonly #links: CountedLinks;
  /** Directories with something unreadable: themselves, or entries of theirs. */
  readonly #troubled = new Set<number>();
  /** Directories that list a mount. */
  readonly #mounting = new Set<number>();
  #version = 0;

  /** Builds the tree from the records of a whole scan; ids are dense and parents come before their children. */
  constructor(chunks: readonly ArrayBuffer[], directories: number) {
    this.#directories = new Directories(directories + 16);
    this.#links = new CountedLinks(this.#directories);
    this.#links.settle(this.#adopt({ chunks, directories, parents: [-1] }), false);
  }

  /** Whether the root could be read as a directory at all; errno name when it could not, `ENOENT` when it is gone. */
  get rootTrouble(): string | undefined {
    const { buffer, at } = this.record(rootId);
    const status = header.status(buffer, at);
    if (status === recordStatus.gone) return 'ENOENT';
    return status === recordStatus.unreadable ? header.reason(buffer, at) : undefined;
  }

  /** Inode of a directory when it was read. */
  inode(id: number): bigint {
    const { buffer, at } = this.record(id);
    return header.inode(buffer, at);
  }

  /** Moves with every change. */
  get version(): number {
    return this.#version;
  }

  /** Oldest modification of a file, ms; 0 when there is none. */
  get oldest(): number {
    let oldest = noOldest;
    const { ownOldest } = this.#directories.columns;
    for (let row = 0; row < this.#directories.rows; row++) {
      const own = ownOldest[row] ?? noOldest;
      if (own < oldest) oldest = own;
    }
    return oldest === noOldest ? 0 : oldest;
  }

  /** Names beyond the first of files with several names in the store, and the bytes they would add by themselves. */
  get hardLinks(): { names: number; bytes: number } {
    return { names: this.#links.extra.names, bytes: this.#links.extra.bytes };
  }

  /** Files with fewer blocks than their size needs, and the bytes they do not take. */
  get sparse(): { files: number; bytes: number } {
    return { files: this.#links.extra.sparseFiles, bytes: this.#links.extra.sparseBytes };
  }

  /** Paths of the mounts inside, in order. */
  mounts(): string[] {
    const found: string[] = [];
    for (const id of this.#mounting) {
      const { buffer, at } = this.record(id);
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.kind === 'mount') found.push(joinRelative(this.path(id), decodeName(cursor.name)));
      }
    }
    return found.sort(comparePaths);
  }

  /** The records and figures of a directory and of all below it as they are now; later changes do not reach them. */
  snapshot(id: number): Steps<Snapshot> {
    return Snapshot.of(this.#directories, id);
  }

  /** The record of one directory, and of none below it. */
  record(id: number): { buffer: Buffer; at: number } {
    return this.#directories.record(id);
  }

  /** A file with several names as last seen under any of them; undefined when it is not known as one. */
  link(key: string): Readonly<Pick<Link, 'links' | 'allocated'>> | undefined {
    return this.#links.link(key);
  }

  /** Paths of the other names of a file with several, in path order, at most `limit` of them. */
  otherNames(path: string, inode: bigint, device: bigint, limit: number): Steps<string[]> {
    return this.#links.otherNames(path, inode, device, limit);
  }

  /**
   * For a directory with hard-linked files: for each such entry, by its place in the record, its figures; zero where
   * another of its names is counted.
   */
  linkedShown(id: number, record = this.record(id)): Steps<ReadonlyMap<number, LinkedShown> | undefined> {
    return this.#links.shown(id, record);
  }

  /** Bytes of memory held for it. */
  get memory(): number {
    return this.#directories.memory;
  }

  /** Number of directories, the root included. */
  get directories(): number {
    return this.figures(rootId).dirs + 1;
  }

  figures(id: number): Figures {
    return this.#directories.figures(id);
  }

  /** Figures of what lies directly in a directory, its own blocks included and directories below left out. */
  ownFigures(id: number): Omit<Figures, 'dirs'> {
    return this.#directories.ownFigures(id);
  }

  /** Number of entries, directories included, directly in a directory. */
  entryCount(id: number): number {
    return this.#directories.entryCount(id);
  }

  name(id: number): string {
    return this.#directories.name(id);
  }

  /** Path relative to the root. */
  path(id: number): string {
    return this.#directories.path(id);
  }

  /** The directory at a relative path; undefined when there is none. */
  find(path: string): number | undefined {
    return this.#directories.find(path);
  }

  /** Ids of the directories directly in a directory. */
  childDirectories(id: number): number[] {
    return [...this.#directories.children(id)];
  }

  /** Every directory with its path, parents first. */
  walk(from = rootId): Generator<{ id: number; path: string }> {
    return this.#directories.walk(from);
  }

  /** What could not be read, in path order, at most `limit`. */
  unreadable(limit = Infinity): Unreadable[] {
    const found: Unreadable[] = [];
    for (const id of this.#troubled) {
      const { buffer, at } = this.record(id);
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

  /** What is in a directory. A change in between two steps may be in it in part: {@link revision} tells. */
  listing(id: number): Steps<Listing> {
    return listingOf(this.#directories, this.#links, id);
  }

  /** Another number after each change of a directory or of anything below it. */
  revision(id: number): number {
    return this.#directories.columns.revision[id] ?? 0;
  }

  /** A directory's entries, `limit` of them from the one at `offset`, at once: for large ones there is {@link listing}. */
  children(id: number, sort: SortKey, limit: number, offset = 0): ChildrenPage {
    return atOnce(new Pages(atOnce(this.listing(id))).page({ sort, limit, offset }));
  }

  /**
   * Takes over a fresh record of a known directory. `found` are the directories listed in it. New directories are
   * returned, not scanned: the caller scans them and calls {@link graft}.
   */
  apply(id: number, record: Buffer, found: readonly FoundDirectory[]): Applied {
    const applied: Applied = { added: [], stale: [], removed: [], changed: true };
    this.#version++;
    if (header.status(record, 0) === recordStatus.gone && id !== rootId) {
      const parent = this.#directories.columns.parent[id] ?? rootId;
      const links = this.#remove(id, applied.removed);
      this.#links.refreshNewest(parent);
      applied.stale.push(...this.#links.settle(links, true));
      return applied;
    }
    const touched = new Set<string>();
    const listed = new Map(found.map((directory) => [directory.name, directory]));
    for (const child of this.childDirectories(id)) {
      const name = this.name(child);
      const seen = listed.get(name);
      const { buffer, at } = this.record(child);
      if (seen?.inode === header.inode(buffer, at)) {
        listed.delete(name);
        if (seen.changedUs !== header.changedUs(buffer, at)) applied.stale.push(child);
      } else {
        for (const key of this.#remove(child, applied.removed)) touched.add(key);
      }
    }
    applied.added.push(...listed.values());
    const before = this.record(id);
    applied.changed = applied.removed.length > 0 || listed.size > 0 || !sameRecord(before.buffer, before.at, record, 0);
    // Even an equal record is taken over: it carries the directory's new change time.
    for (const key of this.#forget(id)) touched.add(key);
    this.#directories.move(id, { ...this.#directories.recordFigures(id), dirs: 0 }, -1);
    this.#directories.records.replace(id, this.#directories.rows, record);
    this.#directories.move(id, { ...this.#directories.recordFigures(id), dirs: 0 }, 1);
    for (const key of this.#learn(id)) touched.add(key);
    this.#links.refreshNewest(id);
    applied.stale.push(...this.#links.settle(touched, true));
    return applied;
  }

  /**
   * Adds freshly scanned subtrees below existing directories. In the records the tops have the scan ids 0 to
   * `parents.length - 1`; `parents` are the ids they go below. Returns directories (ids) to be read again.
   */
  graft(chunks: readonly ArrayBuffer[], directories: number, parents: readonly number[]): number[] {
    this.#version++;
    const touched = this.#adopt({ chunks, directories, parents });
    for (const parent of new Set(parents)) this.#links.refreshNewest(parent);
    return this.#links.settle(touched, true);
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

  /** Takes the records of a scan in. Returns the keys of hard links met; they are not in the totals until settled. */
  #adopt(scanned: ScannedRecords): Set<string> {
    const touched = new Set<string>();
    addScanned(this.#directories, scanned, (id) => {
      for (const key of this.#learn(id)) touched.add(key);
    });
    return touched;
  }

  /** Notes the hard links and the troubles of a directory whose record is in place. */
  #learn(id: number): Set<string> {
    const { buffer, at } = this.record(id);
    if (header.status(buffer, at) !== recordStatus.read || header.hasUnreadable(buffer, at)) this.#troubled.add(id);
    if (header.mounts(buffer, at) > 0) this.#mounting.add(id);
    return this.#links.learn(id);
  }

  /** The reverse of {@link #learn}: links met here are in no total until settled again. */
  #forget(id: number): Set<string> {
    this.#troubled.delete(id);
    this.#mounting.delete(id);
    return this.#links.forget(id);
  }

  /** Takes a subtree out. Returns the hard links met in it, to be settled; `newest` above is left to the caller. */
  #remove(id: number, removed: string[]): Set<string> {
    const rows: number[] = [];
    const touched = new Set<string>();
    for (const { id: row, path } of this.walk(id)) {
      rows.push(row);
      removed.push(path);
      for (const key of this.#forget(row)) touched.add(key);
    }
    const parent = this.#directories.columns.parent[id] ?? -1;
    const sum = this.figures(id);
    sum.dirs += 1;
    this.#directories.move(parent, sum, -1);
    this.#directories.remove(id, rows);
    return touched;
  }
}
