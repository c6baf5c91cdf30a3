import { describe, expect, it } from 'vitest';
import { drawnParts, type BarPart } from './bar-parts.ts';

const part = (id: string, bytes: number): BarPart => ({ id, label: id.toUpperCase(), bytes, shown: `${bytes} B` });

describe('a bar as it is drawn', () => {
  it('leaves out what is empty', () => {
    expect(drawnParts([part('a', 10), part('b', 0)]).map((each) => each.id)).toEqual(['a']);
    expect(drawnParts([])).toEqual([]);
  });

  it('folds slivers into the largest of them and keeps the sum', () => {
    const parts = [part('a', 500), part('b', 1), part('c', 2), part('d', 600)];
    const drawn = drawnParts(parts);
    expect(drawn.map((each) => [each.id, each.label, each.bytes])).toEqual([
      ['a', 'A', 500],
      ['c', 'B, C', 3],
      ['d', 'D', 600],
    ]);
    expect(drawn[1]?.shown).toBeUndefined();
  });

  it('keeps a single sliver as it is', () => {
    const parts = [part('a', 1000), part('b', 1)];
    expect(drawnParts(parts)).toEqual(parts);
  });
});
