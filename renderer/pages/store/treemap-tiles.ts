import type { Output } from '../../../shared/contract/index.ts';
import { formatBytes, formatPercent } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { roleColor } from '../../design/roles.ts';
import type { TreemapTile } from '../../design/index.ts';
import { parentOf } from './folder-view.ts';

export type Tile = Output<'usage.treemap'>['tiles'][number];

/** Distinct for the tiles of one answer. */
export function tileId(tile: Tile): string {
  return tile.path === undefined ? `others:${tile.name}` : `/${tile.path}`;
}

/** The folder that a press on a tile of `folder` leads to; undefined where there is none further down. */
export function openTarget(folder: string, tile: Tile): string | undefined {
  if (tile.path === undefined) return undefined;
  const target = tile.kind === 'dir' ? tile.path : parentOf(tile.path);
  return target === folder ? undefined : target;
}

/** Tiles as they are drawn: together by the directory of `folder` they lie in. What takes nothing is not drawn. */
export function treemapTiles(folder: string, tiles: readonly Tile[]): TreemapTile[] {
  const skip = folder === '' ? 0 : folder.length + 1;
  return tiles
    .filter((tile) => tile.allocated > 0)
    .map((tile) => {
      const below = tile.path?.slice(skip);
      const top = below?.split('/', 1)[0] ?? '';
      return {
        id: tileId(tile),
        name: displayName(tile.kind === 'others' ? 'Others' : tile.name),
        group:
          below === undefined
            ? 'Too small to draw'
            : tile.kind === 'file' && top === below
              ? 'Files here'
              : displayName(top),
        value: tile.allocated,
        color: tile.kind === 'others' ? undefined : roleColor(tile.role),
        opens: openTarget(folder, tile) !== undefined,
      };
    });
}

const named = 3;

/** The treemap in words: the largest parts and their share. */
export function tileWords(data: Output<'usage.treemap'>, where: string): string {
  const groups = new Map<string, number>();
  for (const tile of treemapTiles(data.path, data.tiles)) {
    groups.set(tile.group, (groups.get(tile.group) ?? 0) + tile.value);
  }
  const largest = [...groups].toSorted((a, b) => b[1] - a[1]).slice(0, named);
  const words = largest.map(([group, value]) => `${group} ${formatPercent(value, data.allocated)}`).join(', ');
  return `Treemap of ${where}, ${formatBytes(data.allocated)} on disk. Largest: ${words}.`;
}
