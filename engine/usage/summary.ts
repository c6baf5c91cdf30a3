import type { Live, Store, UsageSummary } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import { areasOf, StoreRoles } from './areas.ts';
import type { LayoutAreas } from './areas.ts';
import type { UsageTree } from '../scan/index.ts';

const root = 0;
/** Unreadable paths listed in a summary; `atLeast` speaks for the rest. */
const listedUnreadable = 200;

/** An errno name in words. */
export function reasonInWords(errno: string): string {
  return reasonOf(Object.assign(new Error(errno), { code: errno }));
}

/** What a store takes, as the contract tells it. `crossed` are mounts counted with it, as far as they can be reached. */
export function summarise(
  store: Pick<Store, 'id' | 'path'>,
  tree: UsageTree,
  layout: LayoutAreas,
  crossed: Iterable<string>,
  countedAtMs: number,
  live: Live,
): UsageSummary {
  const { bytes, allocated, files } = tree.ownFigures(root);
  const role = new StoreRoles(layout).of('');
  return {
    store: store.id,
    path: store.path,
    ...tree.figures(root),
    atLeast: tree.atLeast,
    unreadable: tree.unreadable(listedUnreadable).map(({ path, reason }) => ({ path, reason: reasonInWords(reason) })),
    areas: areasOf(tree, layout),
    loose: { bytes, allocated, files, ...(role === 'other' ? {} : { role }) },
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
