import type { AreaUsage } from '../../shared/contract/index.ts';
import { followedDirectories } from '../history/index.ts';
import type { NotedDirectories } from '../history/index.ts';
import { joinRelative } from '../scan/index.ts';
import type { UsageTree } from '../scan/index.ts';

/**
 * The directories directly inside a store's areas that are none themselves, for its history. Only those that may be kept
 * are given names.
 */
export function directoriesInside(tree: UsageTree, areas: readonly AreaUsage[]): NotedDirectories {
  const all: { id: number; area: string; allocated: number }[] = [];
  const areaIds = new Set(areas.map(({ path }) => tree.find(path)));
  for (const { path } of areas) {
    const area = tree.find(path);
    if (area === undefined) continue;
    for (const id of tree.childDirectories(area)) {
      if (!areaIds.has(id)) all.push({ id, area: path, allocated: tree.figures(id).allocated });
    }
  }
  all.sort((a, b) => b.allocated - a.allocated);
  return {
    total: all.length,
    largest: all
      .slice(0, followedDirectories)
      .map(({ id, area, allocated }) => ({ path: joinRelative(area, tree.name(id)), allocated })),
    allocated(path) {
      const id = tree.find(path);
      return id === undefined ? undefined : tree.figures(id).allocated;
    },
  };
}
