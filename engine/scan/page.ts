import { comparePaths } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { Best } from './best.ts';
import type { Candidate } from './best.ts';
import type { Figures, Row } from './figures.ts';
import { EntryCursor, header, sparseBytes } from './record.ts';

export type SortKey = 'name' | 'bytes' | 'allocated' | 'files' | 'newest';
export type TreeEntry = Row & { name: string };

export interface ChildrenPage {
  entries: TreeEntry[];
  /** Entries in the directory. */
  total: number;
  /** What comes after the page. */
  others: { entries: number; bytes: number; allocated: number };
}

/** Figures of a hard-linked entry; zero where another of its names is counted. */
export type LinkedShown = Pick<Figures, 'bytes' | 'allocated' | 'newest'>;

function figuresOf(cursor: EntryCursor, linked: LinkedShown | undefined): Figures {
  return {
    bytes: linked?.bytes ?? (cursor.kind === 'file' ? cursor.bytes : 0),
    allocated: linked?.allocated ?? cursor.blocks * 512,
    files: cursor.kind === 'file' ? 1 : 0,
    dirs: 0,
    newest: linked?.newest ?? cursor.mtimeMs,
  };
}

function keyOf(cursor: EntryCursor, linked: LinkedShown | undefined, sort: Exclude<SortKey, 'name'>): number {
  switch (sort) {
    case 'bytes':
      return linked?.bytes ?? (cursor.kind === 'file' ? cursor.bytes : 0);
    case 'allocated':
      return linked?.allocated ?? cursor.blocks * 512;
    case 'files':
      return cursor.kind === 'file' ? 1 : 0;
    case 'newest':
      return linked?.newest ?? cursor.mtimeMs;
  }
}

/** One directory whose entries are asked for: directories count from 0, then the record's entries. */
interface Listing {
  buffer: Buffer;
  at: number;
  directories: readonly TreeEntry[];
  linked: ReadonlyMap<number, LinkedShown> | undefined;
  total: number;
}

/** Pages that end up to here are found by keeping the first entries; later ones by sorting all keys. */
const keptEntries = 5_000;

/**
 * `limit` entries of one directory from the one at `offset` in an order.
 *
 * Only the sort key of each entry is looked at, and only names that are shown (or that decide between entries with the
 * same key) are decoded, so that a directory of a hundred thousand files answers in a few milliseconds.
 */
export function pageOf(
  buffer: Buffer,
  at: number,
  directories: readonly TreeEntry[],
  linked: ReadonlyMap<number, LinkedShown> | undefined,
  sort: SortKey,
  limit: number,
  offset: number,
): ChildrenPage {
  const total = directories.length + header.entries(buffer, at);
  const listing = { buffer, at, directories, linked, total };
  const all = offset === 0 && total <= limit;
  const places = all ? new Uint8Array(total).fill(onPage) : placesOf(listing, sort, offset, offset + limit);
  const entries: TreeEntry[] = [];
  const others = { entries: 0, bytes: 0, allocated: 0 };
  const take = (index: number, bytes: number, allocated: number): boolean => {
    const place = places[index];
    if (place !== afterPage) return place === onPage;
    others.entries++;
    others.bytes += bytes;
    others.allocated += allocated;
    return false;
  };
  for (const [index, directory] of directories.entries()) {
    if (take(index, directory.bytes, directory.allocated)) entries.push(directory);
  }
  const cursor = new EntryCursor(buffer, at);
  for (let index = 0; cursor.next(); index++) {
    const shown = linked?.get(index);
    const bytes = keyOf(cursor, shown, 'bytes');
    if (!take(directories.length + index, bytes, keyOf(cursor, shown, 'allocated'))) continue;
    entries.push({
      name: decodeName(cursor.name),
      kind: cursor.kind,
      ...figuresOf(cursor, shown),
      ...(cursor.unreadable === undefined ? {} : { unreadable: cursor.unreadable }),
      ...(cursor.links === undefined ? {} : { hardLinked: true }),
      ...(cursor.kind === 'file' && sparseBytes(cursor.bytes, cursor.blocks * 512) > 0 ? { sparse: true } : {}),
    });
  }
  entries.sort((a, b) => (sort === 'name' ? 0 : b[sort] - a[sort]) || comparePaths(a.name, b.name));
  return { entries, total, others };
}

const [beforePage, onPage, afterPage] = [0, 1, 2] as const;

/** For each entry whether it comes before, on or after the page of ranks `from` up to `to`. */
function placesOf(listing: Listing, sort: SortKey, from: number, to: number): Uint8Array {
  const { buffer, at, directories, linked, total } = listing;
  const places = new Uint8Array(total).fill(afterPage);
  if (to <= keptEntries) {
    for (const [place, { index }] of firstOf(listing, sort, to).entries()) places[index] = placeOf(place, from, to);
    return places;
  }
  const rank = (group: readonly number[], firstRank: number): void => {
    // Names decide only where the group lies across an edge of the page.
    const [first, last] = [placeOf(firstRank, from, to), placeOf(firstRank + group.length - 1, from, to)];
    const ordered = first === last ? group : byName(listing, group);
    for (const [index, entry] of ordered.entries()) places[entry] = placeOf(firstRank + index, from, to);
  };
  if (sort === 'name') {
    rank(
      Array.from({ length: total }, (_, index) => index),
      0,
    );
    return places;
  }
  const keys = new Float64Array(total);
  for (const [index, directory] of directories.entries()) keys[index] = directory[sort];
  const cursor = new EntryCursor(buffer, at);
  for (let index = 0; cursor.next(); index++)
    keys[directories.length + index] = keyOf(cursor, linked?.get(index), sort);
  const ascending = keys.slice().sort();
  const keyAt = (place: number): number => ascending[total - 1 - place] ?? -Infinity;
  const high = from < total ? keyAt(from) : -Infinity;
  const low = to - 1 < total ? keyAt(to - 1) : -Infinity;
  const [highest, lowest]: [number[], number[]] = [[], []];
  let [aboveHigh, aboveLow] = [0, 0];
  for (let index = 0; index < total; index++) {
    const key = keys[index] ?? 0;
    if (key > high) aboveHigh++;
    if (key > low) aboveLow++;
    if (key === high) highest.push(index);
    else if (key === low) lowest.push(index);
    else places[index] = key > high ? beforePage : key > low ? onPage : afterPage;
  }
  rank(highest, aboveHigh);
  rank(lowest, aboveLow);
  return places;
}

/** The first `limit` entries in their order. */
function firstOf({ buffer, at, directories, linked }: Listing, sort: SortKey, limit: number): readonly Candidate[] {
  const best = new Best(limit);
  for (const [index, directory] of directories.entries()) {
    const key = sort === 'name' ? 0 : directory[sort];
    if (!best.wants(key)) continue;
    const name = encodeName(directory.name);
    best.add({ index, key, buffer: name, nameStart: 0, nameEnd: name.length });
  }
  const cursor = new EntryCursor(buffer, at);
  for (let index = 0; cursor.next(); index++) {
    const key = sort === 'name' ? 0 : keyOf(cursor, linked?.get(index), sort);
    if (!best.wants(key)) continue;
    const { nameStart, nameEnd } = cursor;
    best.add({ index: directories.length + index, key, buffer, nameStart, nameEnd });
  }
  return best.list();
}

function placeOf(rank: number, from: number, to: number): number {
  return rank < from ? beforePage : rank < to ? onPage : afterPage;
}

/** These entries in the order of their names. `entries` ascend. */
function byName({ buffer, at, directories }: Listing, entries: readonly number[]): number[] {
  const names = new Map<number, string>();
  let next = 0;
  for (; (entries[next] ?? Infinity) < directories.length; next++) {
    const index = entries[next] ?? 0;
    names.set(index, directories[index]?.name ?? '');
  }
  const cursor = new EntryCursor(buffer, at);
  for (let index = directories.length; next < entries.length && cursor.next(); index++) {
    if (entries[next] !== index) continue;
    names.set(index, decodeName(cursor.name));
    next++;
  }
  return entries.toSorted((a, b) => comparePaths(names.get(a) ?? '', names.get(b) ?? ''));
}
