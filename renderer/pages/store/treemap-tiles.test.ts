import { describe, expect, it } from 'vitest';
import { openTarget, tileWords, treemapTiles, type Tile } from './treemap-tiles.ts';

const tile = (kind: Tile['kind'], path: string | undefined, allocated = 10): Tile => ({
  kind,
  ...(path === undefined ? {} : { path }),
  name: path?.slice(path.lastIndexOf('/') + 1) ?? 'others',
  role: 'model',
  bytes: allocated,
  allocated,
  files: 1,
});

describe('tiles of a folder', () => {
  it('lie together by the directory they are in', () => {
    const tiles = treemapTiles('m', [
      tile('dir', 'm/a/deep'),
      tile('file', 'm/x'),
      tile('dir', 'm/b'),
      tile('others', undefined),
    ]);
    expect(tiles.map(({ group, name }) => [group, name])).toEqual([
      ['a', 'deep'],
      ['Files here', 'x'],
      ['b', 'b'],
      ['Too small to draw', 'Others'],
    ]);
    expect(tiles.at(-1)?.color).toBeUndefined();
    expect(new Set(tiles.map(({ id }) => id)).size).toBe(4);
  });

  it('are not drawn when they take nothing', () => {
    expect(treemapTiles('', [tile('file', 'empty', 0)])).toEqual([]);
  });

  it('lead to their folder, or nowhere', () => {
    expect(openTarget('m', tile('dir', 'm/a/deep'))).toBe('m/a/deep');
    expect(openTarget('m', tile('file', 'm/a/x'))).toBe('m/a');
    expect(openTarget('m', tile('file', 'm/x'))).toBeUndefined();
    expect(openTarget('', tile('file', 'x'))).toBeUndefined();
    expect(openTarget('m', tile('others', undefined))).toBeUndefined();
  });

  it('are told in words', () => {
    const data = {
      path: '',
      bytes: 40,
      allocated: 40,
      files: 3,
      tiles: [tile('dir', 'a/b', 20), tile('dir', 'a/c', 10), tile('file', 'x')],
    };
    expect(tileWords(data, 'store')).toBe('Treemap of store, 40 B on disk. Largest: a 75 %, Files here 25 %.');
  });
});
