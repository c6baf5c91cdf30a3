import { LarderError } from '../../shared/contract/index.ts';
import type { Output, Store, UsageEntry } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Pool } from '../pool/index.ts';
import { detailsOf, findBelow, freedBy, inSlices, PagesKept, sparseBytes, treemapOf } from '../scan/index.ts';
import type { PageQuery, SortKey, TreeEntry, UsageTree } from '../scan/index.ts';
import type { StoreRoles } from './areas.ts';
import { reasonInWords } from './summary.ts';
import { lookTask } from './tasks.ts';

type Named = Pick<Store, 'name'>;

function notThere(store: Named, path: string, what: 'folder' | 'file or folder'): LarderError {
  return new LarderError('NOT_FOUND', `There is no ${what} ${displayName(path)} in ${store.name}.`, {
    hint: 'It may have been removed or renamed since it was listed.',
  });
}

function directoryAt(store: Named, tree: UsageTree, path: string): number {
  const id = tree.find(path);
  if (id === undefined) throw notThere(store, path, 'folder');
  return id;
}

function shown({ unreadable, hardLinked, sparse, ...entry }: TreeEntry): UsageEntry {
  return {
    ...entry,
    ...(unreadable === undefined ? {} : { unreadable: reasonInWords(unreadable) }),
    ...(hardLinked === true ? { hardLinked } : {}),
    ...(sparse === true ? { sparse } : {}),
  };
}

/** Kept orders of large folders are given up once nobody has asked for this long, ms. */
const pagesKeptMs = 60_000;

/** Pages of folders. */
export class ChildrenAnswers {
  readonly #kept = new PagesKept();
  #timer: NodeJS.Timeout | undefined;

  async of(
    store: Named,
    tree: UsageTree,
    { path, ...query }: PageQuery & { path: string },
    signal: AbortSignal,
  ): Promise<Output<'usage.children'>> {
    const id = directoryAt(store, tree, path);
    const figures = tree.figures(id);
    const { entries, total, others } = await inSlices(this.#kept.page(tree, id, query), signal);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kept.clear(), pagesKeptMs);
    this.#timer.unref();
    return { path, ...figures, entries: entries.map(shown), total, others };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#kept.clear();
  }
}

/** Entries anywhere below a folder by a part of their name. */
export async function foundBelow(
  store: Named,
  tree: UsageTree,
  { path, text, sort, limit }: { path: string; text: string; sort: SortKey; limit: number },
  signal: AbortSignal,
): Promise<Output<'usage.find'>> {
  const found = await inSlices(findBelow(tree, directoryAt(store, tree, path), text, sort, limit), signal);
  return { entries: found.entries.map((entry) => ({ ...shown(entry), path: entry.path })), total: found.total };
}

/** Names listed of one file. */
const listedNames = 100;

/** What one entry is: the disk tells of itself, the tree of what is below it and of its other names. */
export async function entryOf(
  pool: Pool,
  store: Pick<Store, 'path'>,
  tree: UsageTree,
  path: string,
  roles: StoreRoles,
  signal: AbortSignal,
): Promise<Output<'usage.entry'>> {
  const { inode, device, ...looked } = await pool.run(lookTask, { root: store.path, path }, { signal });
  const own = { bytes: looked.bytes, allocated: looked.allocated, files: 0, dirs: 0, newest: looked.mtimeMs };
  const id = looked.kind === 'dir' ? tree.find(path) : undefined;
  const names = looked.links > 1 ? await inSlices(tree.otherNames(path, inode, device, listedNames), signal) : [];
  return {
    path,
    ...looked,
    ...(id === undefined ? { ...own, files: looked.kind === 'file' ? 1 : 0 } : tree.figures(id)),
    otherNames: names,
    sparse: looked.kind === 'file' && sparseBytes(looked.bytes, looked.allocated) > 0,
    role: roles.of(path),
  };
}

/** A folder as rectangles. */
export function tilesOf(
  store: Named,
  tree: UsageTree,
  { path, tiles: limit }: { path: string; tiles: number },
  roles: StoreRoles,
): Output<'usage.treemap'> {
  const { share, tiles } = treemapOf(tree, directoryAt(store, tree, path), limit);
  return { path, ...share, tiles: tiles.map((tile) => ({ ...tile, role: roles.of(tile.path ?? path) })) };
}

/** What deleting these would free. */
export async function freedOf(
  store: Named,
  tree: UsageTree,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Output<'usage.freed'>> {
  const { found, ...freed } = await inSlices(freedBy(tree, paths), signal);
  if (found === 0) throw notThere(store, paths[0] ?? '', 'file or folder');
  return freed;
}

/** An answer is given again this long while nothing changed, ms: ages move on by themselves. */
const keptMs = 60_000;

interface Answered {
  key: string;
  version: number;
  atMs: number;
  answer: Output<'usage.details'>;
}

/** Largest files, types and ages; the last answer of each tree is kept, as it may have taken a whole look through. */
export class DetailsAnswers {
  readonly #last = new WeakMap<UsageTree, Answered>();

  async of(
    store: Named,
    tree: UsageTree,
    { path, limit }: { path: string; limit: number },
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Output<'usage.details'>> {
    const id = directoryAt(store, tree, path);
    const key = `${limit} ${path}`;
    const { version } = tree;
    const last = this.#last.get(tree);
    if (last?.key === key && last.version === version && Math.abs(nowMs - last.atMs) < keptMs) return last.answer;
    const answer = await inSlices(detailsOf(tree, id, limit, nowMs), signal);
    this.#last.set(tree, { key, version, atMs: nowMs, answer: { path, ...answer } });
    return { path, ...answer };
  }
}
