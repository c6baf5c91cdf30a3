import type { AreaUsage, Live, Store, UsageSummary } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import type { UsageTree } from '../scan/index.ts';
import { inferAreas } from '../layouts/index.ts';

const root = 0;
/** Unreadable paths listed in a summary; `atLeast` speaks for the rest. */
const listedUnreadable = 200;

/** An errno name in words. */
export function reasonInWords(errno: string): string {
  return reasonOf(Object.assign(new Error(errno), { code: errno }));
}

/** Top-level directories with their roles and figures, in path order. */
export function areasOf(tree: UsageTree): AreaUsage[] {
  const ids = new Map(tree.childDirectories(root).map((id) => [tree.name(id), id]));
  return inferAreas([...ids.keys()]).map((area) => ({ ...area, ...tree.figures(ids.get(area.path) ?? root) }));
}

/** What a store takes, as the contract tells it. `crossed` are mounts counted with it, as far as they can be reached. */
export function summarise(
  store: Pick<Store, 'id' | 'path'>,
  tree: UsageTree,
  crossed: Iterable<string>,
  countedAtMs: number,
  live: Live,
): UsageSummary {
  const { bytes, allocated, files } = tree.ownFigures(root);
  return {
    store: store.id,
    path: store.path,
    ...tree.figures(root),
    atLeast: tree.atLeast,
    unreadable: tree.unreadable(listedUnreadable).map(({ path, reason }) => ({ path, reason: reasonInWords(reason) })),
    areas: areasOf(tree),
    loose: { bytes, allocated, files },
    oldest: tree.oldest,
    hardLinks: tree.hardLinks,
    sparse: tree.sparse,
    mounts: [...tree.mounts(), ...[...crossed].filter((path) => tree.find(path) !== undefined)].sort(comparePaths),
    countedAtMs,
    live,
  };
}

/** Why a store whose root could not be listed cannot be counted. */
export function rootTrouble(path: string, errno: string): LarderError {
  const missing = errno === 'ENOENT' || errno === 'ENOTDIR';
  return new LarderError(missing ? 'NOT_FOUND' : 'PERMISSION', `${displayName(path)} ${reasonInWords(errno)}.`, {
    hint: missing ? 'Check that its disk is connected.' : 'Check its owner and permissions.',
    details: { errno, path },
  });
}
