import type { ErrorData, UsageEntry } from '../../../shared/contract/index.ts';
import { isBelow, joinPath, nameOf, parentOf } from './folder-view.ts';

/** Entries of a folder that are asked for at once. */
export const pageSize = 500;

/** What is known of one folder. */
export interface Listing {
  /** Entries in it; undefined until the first page is there. */
  readonly total: number | undefined;
  /** Pages that are known, by number. */
  readonly pages: ReadonlyMap<number, readonly UsageEntry[]>;
  readonly error?: ErrorData | undefined;
}

interface Place {
  /** Folder it lies in. */
  readonly folder: string;
  /** 1 for what lies directly in the folder shown. */
  readonly level: number;
  /** Row of the folder it lies in; -1 at the top. */
  readonly parent: number;
  /** From 1, among the entries of its folder. */
  readonly position: number;
  readonly siblings: number;
}

export type TreeRow = Place &
  (
    | {
        readonly kind: 'entry';
        readonly entry: UsageEntry;
        /** Relative to the store's root. */
        readonly path: string;
        /** Undefined where there is nothing to open. */
        readonly expanded: boolean | undefined;
      }
    | { readonly kind: 'waiting' }
    | { readonly kind: 'empty' }
    | { readonly kind: 'failed'; readonly error: ErrorData }
  );

export type EntryTreeRow = Extract<TreeRow, { kind: 'entry' }>;

/** Rows as they are shown, by number, of which only those in sight are ever made. */
export interface Tree {
  readonly length: number;
  rowAt(index: number): TreeRow | undefined;
  /** Row of a path; -1 while it is not shown or its page is not known. */
  indexOf(path: string): number;
}

/** An open folder as a stretch of rows. */
interface Block {
  readonly folder: string;
  readonly listing: Listing | undefined;
  /** Rows of it and all that is open in it. */
  readonly rows: number;
  /** Open folders in it, in order. */
  readonly open: readonly OpenChild[];
}

interface OpenChild {
  /** Its number among the folder's entries. */
  readonly at: number;
  /** Rows of the open folders before it. */
  readonly before: number;
  readonly block: Block;
}

export interface TreeSource {
  listing(folder: string): Listing | undefined;
  /** Number of an entry of a folder; undefined while the page it stands on is not known. */
  position(folder: string, name: string): number | undefined;
}

/** Where a name stands in a listing; looks where it was before first. */
export function findPosition(listing: Listing, name: string, hint = 0): number | undefined {
  const size = pageSize;
  const page = Math.floor(hint / size);
  if (listing.pages.get(page)?.[hint % size]?.name === name) return hint;
  const near = [page, page - 1, page + 1];
  for (const number of [...near, ...listing.pages.keys()]) {
    const at = listing.pages.get(number)?.findIndex((entry) => entry.name === name) ?? -1;
    if (at >= 0) return number * size + at;
  }
  return undefined;
}

/** The rows of `root` with some folders below it open. */
export function buildTree(root: string, expanded: ReadonlySet<string>, source: TreeSource): Tree {
  const below = new Map<string, string[]>();
  for (const path of expanded) {
    if (!isBelow(path, root)) continue;
    const parent = parentOf(path);
    const known = below.get(parent);
    if (known === undefined) below.set(parent, [path]);
    else known.push(path);
  }
  const whole = blockOf(root, below, source);
  return {
    length: whole.rows,
    rowAt: (index) => (index < 0 || index >= whole.rows ? undefined : rowIn(whole, index, 1, -1, 0)),
    indexOf: (path) => indexIn(whole, path, source),
  };
}

function blockOf(folder: string, below: ReadonlyMap<string, readonly string[]>, source: TreeSource): Block {
  const listing = source.listing(folder);
  if (listing?.total === undefined || listing.total === 0 || listing.error !== undefined) {
    return { folder, listing, rows: 1, open: [] };
  }
  const children = (below.get(folder) ?? [])
    .flatMap((path) => {
      const at = source.position(folder, nameOf(path));
      return at === undefined ? [] : [{ at, block: blockOf(path, below, source) }];
    })
    .sort((a, b) => a.at - b.at);
  let before = 0;
  const open = children.map(({ at, block }): OpenChild => {
    const child = { at, before, block };
    before += block.rows;
    return child;
  });
  return { folder, listing, rows: listing.total + before, open };
}

/** The last open child whose own row is at or before `index`; rows count within the block. */
function lastOpen({ open }: Block, index: number): OpenChild | undefined {
  let low = 0;
  let high = open.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const child = open[middle];
    if (child !== undefined && child.at + child.before <= index) low = middle + 1;
    else high = middle;
  }
  return open[low - 1];
}

function rowIn(block: Block, index: number, level: number, parent: number, start: number): TreeRow {
  const { listing, folder } = block;
  const alone: Place = { folder, level, parent, position: 1, siblings: 1 };
  if (listing?.error !== undefined) return { ...alone, kind: 'failed', error: listing.error };
  if (listing?.total === undefined) return { ...alone, kind: 'waiting' };
  if (listing.total === 0) return { ...alone, kind: 'empty' };
  const child = lastOpen(block, index);
  const own = child === undefined ? -1 : child.at + child.before;
  if (child !== undefined && index > own && index <= own + child.block.rows) {
    return rowIn(child.block, index - own - 1, level + 1, start + own, start + own + 1);
  }
  const isOpen = index === own;
  const at = child === undefined ? index : isOpen ? child.at : index - child.before - child.block.rows;
  const place: Place = { folder, level, parent, position: at + 1, siblings: listing.total };
  const entry = listing.pages.get(Math.floor(at / pageSize))?.[at % pageSize];
  if (entry === undefined) return { ...place, kind: 'waiting' };
  return {
    ...place,
    kind: 'entry',
    entry,
    path: joinPath(folder, entry.name),
    expanded: entry.kind === 'dir' ? isOpen : undefined,
  };
}

function indexIn(block: Block, path: string, source: TreeSource): number {
  if (parentOf(path) === block.folder && path !== '') {
    const at = block.listing?.total === undefined ? undefined : source.position(block.folder, nameOf(path));
    if (at === undefined) return -1;
    // Rows of the open folders that stand before it.
    let before = 0;
    for (const child of block.open) {
      if (child.at >= at) break;
      before = child.before + child.block.rows;
    }
    return at + before;
  }
  const child = block.open.find((each) => isBelow(path, each.block.folder));
  if (child === undefined) return -1;
  const within = indexIn(child.block, path, source);
  return within < 0 ? -1 : child.at + child.before + 1 + within;
}

/** Found entries one under another, as rows of the same kind. */
export function flatTree(entries: readonly (UsageEntry & { readonly path: string })[]): Tree {
  const at = new Map(entries.map((entry, index) => [entry.path, index]));
  return {
    length: entries.length,
    rowAt(index) {
      const entry = entries[index];
      if (entry === undefined) return undefined;
      return {
        kind: 'entry',
        entry,
        path: entry.path,
        folder: parentOf(entry.path),
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

/** The next row from `from` on, around the end, whose name begins with `text` in any case; -1 when none is known. */
export function findByName(tree: Tree, from: number, text: string): number {
  const wanted = text.toLowerCase();
  const rows = Math.min(tree.length, typeAheadRows);
  for (let step = 0; step < rows; step += 1) {
    const index = (from + step) % tree.length;
    const row = tree.rowAt(index);
    if (row?.kind === 'entry' && row.entry.name.toLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}
