import type { BackupEntry, ErrorData } from '../../../shared/contract/index.ts';
import { comparePaths } from '../../../shared/path-text.ts';
import { parentPath } from './selection.ts';

/** Entries of a folder that are asked for at once. */
export const pageSize = 500;

/** What is known of one folder of a backup. */
export interface Listing {
  /** Entries in it; undefined until the first page is there. */
  readonly total: number | undefined;
  /** Pages that have arrived, in the backup's order of names. */
  readonly pages: ReadonlyMap<number, readonly BackupEntry[]>;
  readonly error?: ErrorData | undefined;
}

interface Place {
  /** 1 for what lies at the top. */
  readonly level: number;
  /** Row of the folder it lies in; -1 at the top. */
  readonly parent: number;
  /** From 1, among the entries of its folder. */
  readonly position: number;
  readonly siblings: number;
}

export type TreeRow = Place &
  (
    | { readonly kind: 'entry'; readonly entry: BackupEntry; readonly expanded: boolean | undefined }
    | { readonly kind: 'waiting'; readonly folder: string; readonly page: number }
    | { readonly kind: 'empty'; readonly folder: string }
    | { readonly kind: 'failed'; readonly folder: string; readonly error: ErrorData }
  );

/** Rows as they are shown, by number, of which only those in sight are ever made. */
export interface Tree {
  readonly length: number;
  rowAt(index: number): TreeRow | undefined;
  /** Row of a path; -1 while it is not shown. */
  indexOf(path: string): number;
}

/** A folder that is open, as a stretch of rows. */
interface Block {
  readonly folder: string;
  readonly listing: Listing | undefined;
  readonly rows: number;
  /** Open folders in it, in order. */
  readonly open: readonly { readonly at: number; readonly block: Block }[];
}

/** Where an entry stands in its folder; undefined while the page it lies on has not arrived. */
export function positionIn(listing: Listing, path: string): { at: number; entry: BackupEntry } | undefined {
  for (const [page, entries] of listing.pages) {
    let low = 0;
    let high = entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = entries[middle];
      if (entry === undefined) break;
      const order = comparePaths(entry.path, path);
      if (order === 0) return { at: page * pageSize + middle, entry };
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
  }
  return undefined;
}

/** All paths of a folder's entries; undefined while some have not arrived. */
export function wholeListing(listing: Listing | undefined): string[] | undefined {
  if (listing?.total === undefined) return undefined;
  const paths = [...listing.pages.values()].flatMap((entries) => entries.map((entry) => entry.path));
  return paths.length === listing.total ? paths : undefined;
}

/** Only folders of at most this many entries are narrowed to what changed; of larger ones all is shown. */
export const mostNarrowed = 5_000;

/** What of a folder is not as in the store. The folder as it is while some entries were not compared yet. */
export function changedOnly(listing: Listing): Listing {
  const entries = [...listing.pages].sort(([a], [b]) => a - b).flatMap(([, page]) => page);
  if (entries.length !== listing.total || entries.some((entry) => entry.live === undefined)) return listing;
  const changed = entries.filter((entry) => entry.live !== 'same');
  const pages = new Map<number, readonly BackupEntry[]>();
  for (let page = 0; page * pageSize < changed.length; page += 1) {
    pages.set(page, changed.slice(page * pageSize, (page + 1) * pageSize));
  }
  return { ...listing, total: changed.length, pages };
}

/** Folders whose entries are shown: the top, and every open one that can be reached from it. */
export function openFolders(
  expanded: ReadonlySet<string>,
  listingOf: (folder: string) => Listing | undefined,
): string[] {
  const open = [''];
  const reached = new Set(open);
  for (const path of [...expanded].sort(comparePaths)) {
    const parent = parentPath(path);
    if (parent === undefined || !reached.has(parent)) continue;
    const listing = listingOf(parent);
    if (listing === undefined || positionIn(listing, path)?.entry.type !== 'dir') continue;
    reached.add(path);
    open.push(path);
  }
  return open;
}

/** The rows of a tree of which some folders are open. */
export function buildTree(listings: ReadonlyMap<string, Listing>, open: readonly string[]): Tree {
  const below = new Map<string, string[]>();
  for (const path of open) {
    const parent = parentPath(path);
    if (parent !== undefined) below.set(parent, [...(below.get(parent) ?? []), path]);
  }
  const root = blockOf('', listings, below);
  return {
    length: root.rows,
    rowAt: (index) => (index < 0 || index >= root.rows ? undefined : rowIn(root, index, 1, -1, 0)),
    indexOf: (path) => indexIn(root, path),
  };
}

function blockOf(
  folder: string,
  listings: ReadonlyMap<string, Listing>,
  below: ReadonlyMap<string, readonly string[]>,
): Block {
  const listing = listings.get(folder);
  if (listing?.total === undefined || listing.total === 0 || listing.error !== undefined) {
    return { folder, listing, rows: 1, open: [] };
  }
  const open = (below.get(folder) ?? [])
    .flatMap((path) => {
      const found = positionIn(listing, path);
      return found === undefined ? [] : [{ at: found.at, block: blockOf(path, listings, below) }];
    })
    .sort((a, b) => a.at - b.at);
  return { folder, listing, rows: open.reduce((rows, { block }) => rows + block.rows, listing.total), open };
}

function rowIn(block: Block, index: number, level: number, parent: number, start: number): TreeRow {
  const { listing, folder } = block;
  const alone: Place = { level, parent, position: 1, siblings: 1 };
  if (listing?.error !== undefined) return { ...alone, kind: 'failed', folder, error: listing.error };
  if (listing?.total === undefined) return { ...alone, kind: 'waiting', folder, page: 0 };
  if (listing.total === 0) return { ...alone, kind: 'empty', folder };
  // Rows of open folders that stand before the wanted one.
  let before = 0;
  for (const { at, block: inner } of block.open) {
    const own = at + before;
    if (index <= own) break;
    if (index <= own + inner.rows) {
      return rowIn(inner, index - own - 1, level + 1, start + own, start + own + 1);
    }
    before += inner.rows;
  }
  const at = index - before;
  const place: Place = { level, parent, position: at + 1, siblings: listing.total };
  const page = Math.floor(at / pageSize);
  const entry = listing.pages.get(page)?.[at - page * pageSize];
  if (entry === undefined) return { ...place, kind: 'waiting', folder, page };
  const expanded = entry.type === 'dir' ? block.open.some((each) => each.at === at) : undefined;
  return { ...place, kind: 'entry', entry, expanded };
}

function indexIn(block: Block, path: string): number {
  if (block.listing === undefined) return -1;
  const found = positionIn(block.listing, path);
  let before = 0;
  for (const { at, block: inner } of block.open) {
    if (found !== undefined && at >= found.at) break;
    if (found === undefined) {
      const within = path.startsWith(`${inner.folder}/`) ? indexIn(inner, path) : -1;
      if (within >= 0) return at + before + 1 + within;
    }
    before += inner.rows;
  }
  return found === undefined ? -1 : found.at + before;
}

/** Found entries one under another, as rows of the same kind. */
export function flatTree(entries: readonly BackupEntry[]): Tree {
  const at = new Map(entries.map((entry, index) => [entry.path, index]));
  return {
    length: entries.length,
    rowAt(index) {
      const entry = entries[index];
      if (entry === undefined) return undefined;
      return {
        kind: 'entry',
        entry,
        expanded: undefined,
        level: 1,
        parent: -1,
        position: index + 1,
        siblings: entries.length,
      };
    },
    indexOf: (path) => at.get(path) ?? -1,
  };
}

/** How many rows typed letters are looked for in. */
const typeAheadRows = 5_000;

/** The next row after `from`, around the end, whose name begins with `text` in any case; -1 when there is none. */
export function findByName(tree: Tree, from: number, text: string): number {
  const wanted = text.toLowerCase();
  const rows = Math.min(tree.length, typeAheadRows);
  for (let step = 0; step < rows; step += 1) {
    const index = (from + step + tree.length) % tree.length;
    const row = tree.rowAt(index);
    if (row?.kind !== 'entry') continue;
    const { path } = row.entry;
    if (
      path
        .slice(path.lastIndexOf('/') + 1)
        .toLowerCase()
        .startsWith(wanted)
    )
      return index;
  }
  return -1;
}
