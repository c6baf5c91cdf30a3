import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import type { Figures, Row } from './figures.ts';
import { EntryCursor, header } from './record.ts';

export type SortKey = 'name' | 'bytes' | 'allocated' | 'files' | 'newest';

export type TreeEntry = Row & { name: string };

export interface ChildrenPage {
  entries: TreeEntry[];
  /** What `limit` cut off. */
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

/**
 * The `limit` entries of one directory that come first in an order.
 *
 * Only the sort key of each entry is looked at in the first pass, and only names that are shown are decoded, so that a
 * directory of a hundred thousand files answers in a few milliseconds.
 */
export function pageOf(
  buffer: Buffer,
  at: number,
  directories: readonly TreeEntry[],
  linked: ReadonlyMap<number, LinkedShown> | undefined,
  sort: SortKey,
  limit: number,
): ChildrenPage {
  const total = directories.length + header.entries(buffer, at);
  const chosen = total <= limit ? undefined : chooseFirst(buffer, at, directories, linked, sort, limit);
  const entries: TreeEntry[] = [];
  const others = { entries: total, bytes: 0, allocated: 0 };
  const take = (index: number, figures: Figures, entry: () => TreeEntry): void => {
    if (chosen === undefined || chosen.has(index)) {
      entries.push(entry());
      others.entries--;
    } else {
      others.bytes += figures.bytes;
      others.allocated += figures.allocated;
    }
  };
  for (const [index, directory] of directories.entries()) take(index, directory, () => directory);
  const cursor = new EntryCursor(buffer, at);
  for (let index = 0; cursor.next(); index++) {
    const figures = figuresOf(cursor, linked?.get(index));
    take(directories.length + index, figures, () => ({
      name: decodeName(cursor.name),
      kind: cursor.kind,
      ...figures,
      ...(cursor.unreadable === undefined ? {} : { unreadable: cursor.unreadable }),
    }));
  }
  entries.sort((a, b) => (sort === 'name' ? 0 : b[sort] - a[sort]) || comparePaths(a.name, b.name));
  return { entries, others };
}

/** Which entries make the page: directories count from 0, then the record's entries. */
function chooseFirst(
  buffer: Buffer,
  at: number,
  directories: readonly TreeEntry[],
  linked: ReadonlyMap<number, LinkedShown> | undefined,
  sort: SortKey,
  limit: number,
): ReadonlySet<number> {
  const cursor = new EntryCursor(buffer, at);
  if (sort === 'name') {
    const names = directories.map((directory) => directory.name);
    while (cursor.next()) names.push(decodeName(cursor.name));
    const order = names.map((_, index) => index);
    order.sort((a, b) => comparePaths(names[a] ?? '', names[b] ?? ''));
    return new Set(order.slice(0, limit));
  }
  const keys = new Float64Array(directories.length + header.entries(buffer, at));
  for (const [index, directory] of directories.entries()) keys[index] = directory[sort];
  for (let index = 0; cursor.next(); index++) {
    keys[directories.length + index] = figuresOf(cursor, linked?.get(index))[sort];
  }
  const threshold = keys.slice().sort()[keys.length - limit] ?? 0;
  const chosen = new Set<number>();
  for (const [index, key] of keys.entries()) if (key > threshold) chosen.add(index);
  for (const [index, key] of keys.entries()) {
    if (chosen.size >= limit) break;
    if (key === threshold) chosen.add(index);
  }
  return chosen;
}
