import { decodeName } from '../fs/index.ts';
import { Columns } from './columns.ts';
import type { Figures } from './figures.ts';
import { joinRelative } from './read-directory.ts';
import { header } from './record.ts';
import { Records } from './records.ts';

export const rootId = 0;

/** The directories of a store as rows: how they hang together, their figures and their records. Row 0 is the root. */
export class Directories {
  readonly columns: Columns;
  readonly records: Records;
  readonly #free: number[] = [];
  /** Names of the directories inside a directory, for those with many; made when first asked for. */
  readonly #index = new Map<number, Map<string, number>>();
  #rows = 0;
  #revision = 0;

  constructor(capacity: number) {
    this.columns = new Columns(capacity);
    this.records = new Records(this.columns);
  }

  /** Rows in use or free again. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes of memory held. */
  get memory(): number {
    return this.records.memory + this.columns.memory;
  }

  record(id: number): { buffer: Buffer; at: number } {
    return this.records.of(id);
  }

  /** The same as of now, for reading only: later changes do not reach it. */
  frozen(): Pick<Directories, 'columns' | 'record'> {
    const columns = this.columns.copy(this.#rows);
    return { columns, record: this.records.frozen(columns) };
  }

  /** A new row below `parent` (-1 for the root) whose record lies at `at` of a chunk. Figures are left to the caller. */
  add(parent: number, chunk: number, at: number): number {
    const row = this.#free.pop() ?? this.#rows++;
    this.columns.grow(row + 1);
    this.columns.clear(row);
    this.records.assign(row, chunk, at);
    if (parent >= 0) this.columns.attach(row, parent);
    this.columns.revision[row] = ++this.#revision;
    return row;
  }

  /** Takes a directory out, with the rows below it; `rows` are all of them. */
  remove(id: number, rows: readonly number[]): void {
    this.forgetNames(this.columns.parent[id] ?? -1);
    this.columns.detach(id);
    for (const row of rows) {
      this.records.drop(row);
      this.columns.clear(row);
      this.forgetNames(row);
      this.#free.push(row);
    }
  }

  /** The directories inside `id` are no longer the same. */
  forgetNames(id: number): void {
    this.#index.delete(id);
  }

  figures(id: number): Figures {
    const columns = this.columns;
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
    for (const child of this.children(id)) {
      const figures = this.figures(child);
      own.bytes -= figures.bytes;
      own.allocated -= figures.allocated;
      own.files -= figures.files;
    }
    return { bytes: own.bytes, allocated: own.allocated, files: own.files, newest: this.columns.ownNewest[id] ?? 0 };
  }

  /** Number of entries, directories included, directly in a directory. */
  entryCount(id: number): number {
    const { buffer, at } = this.record(id);
    let count = header.entries(buffer, at);
    for (const _ of this.children(id)) count++;
    return count;
  }

  name(id: number): string {
    const { buffer, at } = this.record(id);
    return decodeName(header.name(buffer, at));
  }

  /** Path relative to the root. */
  path(id: number): string {
    let path = '';
    for (let at = id; at > rootId; at = this.columns.parent[at] ?? -1) {
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

  /** Every directory with its path, parents first. */
  *walk(from = rootId): Generator<{ id: number; path: string }> {
    const stack: { id: number; path: string }[] = [{ id: from, path: this.path(from) }];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      yield at;
      for (const child of this.children(at.id)) {
        stack.push({ id: child, path: joinRelative(at.path, this.name(child)) });
      }
    }
  }

  /** Ids of the directories directly in a directory. */
  *children(id: number): Generator<number> {
    for (let child = this.columns.firstChild[id] ?? -1; child >= 0; child = this.columns.nextSibling[child] ?? -1) {
      yield child;
    }
  }

  /** Figures that the record of a directory adds by itself, hard-linked files aside. */
  recordFigures(id: number): Omit<Figures, 'dirs' | 'newest'> {
    const { buffer, at } = this.record(id);
    return {
      bytes: header.bytes(buffer, at),
      allocated: header.ownAllocated(buffer, at) + header.allocated(buffer, at),
      files: header.files(buffer, at),
    };
  }

  /** Adds figures to (or, with -1, takes them from) a directory and all above it. */
  move(id: number, figures: Omit<Figures, 'newest'>, sign: 1 | -1): void {
    const columns = this.columns;
    for (let at = id; at >= 0; at = columns.parent[at] ?? -1) {
      columns.bytes[at] = (columns.bytes[at] ?? 0) + sign * figures.bytes;
      columns.allocated[at] = (columns.allocated[at] ?? 0) + sign * figures.allocated;
      columns.files[at] = (columns.files[at] ?? 0) + sign * figures.files;
      columns.dirs[at] = (columns.dirs[at] ?? 0) + sign * figures.dirs;
    }
    this.touch(id);
  }

  /** Something of a directory changed: it and all above it are no longer what they were. */
  touch(id: number): void {
    const { parent, revision } = this.columns;
    const now = ++this.#revision;
    for (let at = id; at >= 0; at = parent[at] ?? -1) revision[at] = now;
  }

  #childNamed(id: number, name: string): number | undefined {
    let index = this.#index.get(id);
    if (index === undefined) {
      index = new Map();
      for (const child of this.children(id)) index.set(this.name(child), child);
      // Small directories are searched as fast as their index is built.
      if (index.size > 16) this.#index.set(id, index);
    }
    return index.get(name);
  }
}
