import { LarderError } from '../../shared/contract/index.ts';
import type { Output, Role, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { detailsOf, freedBy, inSlices, treemapOf } from '../scan/index.ts';
import type { SortKey, UsageTree } from '../scan/index.ts';
import { areasOf, reasonInWords } from './summary.ts';

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

/** A folder's entries, one page of them. */
export function childrenOf(
  store: Named,
  tree: UsageTree,
  { path, sort, limit, offset }: { path: string; sort: SortKey; limit: number; offset: number },
): Output<'usage.children'> {
  const id = directoryAt(store, tree, path);
  const { entries, total, others } = tree.children(id, sort, limit, offset);
  return {
    path,
    ...tree.figures(id),
    entries: entries.map(({ unreadable, hardLinked, sparse, ...entry }) => ({
      ...entry,
      ...(unreadable === undefined ? {} : { unreadable: reasonInWords(unreadable) }),
      ...(hardLinked === true ? { hardLinked } : {}),
      ...(sparse === true ? { sparse } : {}),
    })),
    total,
    others,
  };
}

/** A folder as rectangles. */
export function tilesOf(
  store: Named,
  tree: UsageTree,
  { path, tiles: limit }: { path: string; tiles: number },
): Output<'usage.treemap'> {
  const { share, tiles } = treemapOf(tree, directoryAt(store, tree, path), limit);
  const roles = new Map<string, Role>(areasOf(tree).map((area) => [area.path, area.role]));
  const roleOf = (of: string): Role => roles.get(of.split('/')[0] ?? '') ?? 'other';
  return { path, ...share, tiles: tiles.map((tile) => ({ ...tile, role: roleOf(tile.path ?? path) })) };
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
