import { decodeName } from '../fs/index.ts';
import type { CountedLinks, LinkedShown } from './counted-links.ts';
import type { Directories } from './directories.ts';
import type { Row } from './figures.ts';
import { comparableNames } from './name-order.ts';
import type { Names } from './name-order.ts';
import { EntryCursor, entryKinds, header, sparseBytes } from './record.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';

export type TreeEntry = Row & { name: string };

const fileKind = entryKinds.indexOf('file');
const dirKind = entryKinds.length;
const kindMask = 0x0f;
const hardLinked = 0x10;
const sparse = 0x20;

/** What is in one directory, a column a figure: about 60 bytes an entry, for as long as pages of it are asked for. */
export class Listing implements Names {
  /** Entries, directories first. */
  readonly total: number;
  readonly buffer: Uint8Array;
  readonly start: Uint32Array;
  readonly length: Uint16Array;
  readonly bytes: Float64Array;
  readonly allocated: Float64Array;
  readonly files: Float64Array;
  readonly newest: Float64Array;
  /** Of the directories among them. */
  readonly dirs: Float64Array;
  readonly #flags: Uint8Array;
  readonly #unreadable = new Map<number, string>();
  #comparable: Names | undefined;

  constructor(total: number, directories: number, buffer: Uint8Array) {
    this.total = total;
    this.buffer = buffer;
    this.start = new Uint32Array(total);
    this.length = new Uint16Array(total);
    this.bytes = new Float64Array(total);
    this.allocated = new Float64Array(total);
    this.files = new Float64Array(total);
    this.newest = new Float64Array(total);
    this.dirs = new Float64Array(directories);
    this.#flags = new Uint8Array(total);
  }

  /** The names to sort by. */
  *comparable(): Steps<Names> {
    this.#comparable ??= yield* comparableNames(this);
    return this.#comparable;
  }

  setDirectory(index: number, figures: Omit<Row, 'kind'>, nameStart: number, nameLength: number): void {
    this.start[index] = nameStart;
    this.length[index] = nameLength;
    this.bytes[index] = figures.bytes;
    this.allocated[index] = figures.allocated;
    this.files[index] = figures.files;
    this.newest[index] = figures.newest;
    this.dirs[index] = figures.dirs;
    this.#flags[index] = dirKind;
    if (figures.unreadable !== undefined) this.#unreadable.set(index, figures.unreadable);
  }

  /** Takes the entry that the cursor stands at; `nameShift` leads from its buffer to this one's. */
  setEntry(index: number, cursor: EntryCursor, linked: LinkedShown | undefined, nameShift: number): void {
    const isFile = cursor.kind === 'file';
    const allocated = cursor.blocks * 512;
    this.start[index] = cursor.nameStart + nameShift;
    this.length[index] = cursor.nameEnd - cursor.nameStart;
    this.bytes[index] = linked?.bytes ?? (isFile ? cursor.bytes : 0);
    this.allocated[index] = linked?.allocated ?? allocated;
    this.files[index] = isFile ? 1 : 0;
    this.newest[index] = linked?.newest ?? cursor.mtimeMs;
    this.#flags[index] =
      (isFile ? fileKind : entryKinds.indexOf(cursor.kind)) |
      (cursor.links === undefined ? 0 : hardLinked) |
      ((linked?.sparse ?? (isFile && sparseBytes(cursor.bytes, allocated) > 0)) ? sparse : 0);
    if (cursor.unreadable !== undefined) this.#unreadable.set(index, cursor.unreadable);
  }

  entry(index: number): TreeEntry {
    const flags = this.#flags[index] ?? 0;
    const start = this.start[index] ?? 0;
    const unreadable = this.#unreadable.get(index);
    return {
      name: decodeName(this.buffer.subarray(start, start + (this.length[index] ?? 0))),
      kind: entryKinds[flags & kindMask] ?? 'dir',
      bytes: this.bytes[index] ?? 0,
      allocated: this.allocated[index] ?? 0,
      files: this.files[index] ?? 0,
      dirs: this.dirs[index] ?? 0,
      newest: this.newest[index] ?? 0,
      ...(unreadable === undefined ? {} : { unreadable }),
      ...((flags & hardLinked) === 0 ? {} : { hardLinked: true }),
      ...((flags & sparse) === 0 ? {} : { sparse: true }),
    };
  }
}

/** Lists a directory as the tree has it. */
export function* listingOf(directories: Directories, links: CountedLinks, id: number): Steps<Listing> {
  const { buffer, at } = directories.record(id);
  const linked = yield* links.shown(id, { buffer, at });
  const children = [...directories.children(id)];
  const end = at + header.length(buffer, at);

  let nameBytes = 0;
  for (const [index, child] of children.entries()) {
    const record = directories.record(child);
    nameBytes += header.name(record.buffer, record.at).length;
    if (index % entriesAStep === 0) yield;
  }
  // Records are never written to, so that one without directories inside can be read where it lies.
  const names = children.length === 0 ? buffer.subarray(at, end) : new Uint8Array(nameBytes + end - at);
  if (children.length > 0) names.set(buffer.subarray(at, end), nameBytes);
  const listing = new Listing(children.length + header.entries(buffer, at), children.length, names);
  let nameAt = 0;
  for (const [index, child] of children.entries()) {
    const record = directories.record(child);
    const name = header.name(record.buffer, record.at);
    const reason = header.reason(record.buffer, record.at);
    names.set(name, nameAt);
    listing.setDirectory(
      index,
      { ...directories.figures(child), ...(reason === '' ? {} : { unreadable: reason }) },
      nameAt,
      name.length,
    );
    nameAt += name.length;
    if (index % entriesAStep === 0) yield;
  }
  const cursor = new EntryCursor(buffer, at);
  let left = entriesAStep;
  for (let index = 0; cursor.next(); index++) {
    listing.setEntry(children.length + index, cursor, linked?.get(index), nameBytes - at);
    if (--left > 0) continue;
    left = entriesAStep;
    yield;
  }
  return listing;
}
