import { describe, expect, it } from 'vitest';
import { markRange, mostMarked, noMarks, toggleMark } from './marks.ts';

const paths = ['a', 'b', 'c', 'd'];
const pathAt = (row: number): string | undefined => paths[row];

describe('marks', () => {
  it('are put and taken one by one', () => {
    const one = toggleMark(noMarks, 'b', 1);
    expect([...one.paths]).toEqual(['b']);
    expect([...toggleMark(one, 'b', 1).paths]).toEqual([]);
    expect([...noMarks.paths]).toEqual([]);
  });

  it('reach from the last single one, in both directions', () => {
    const from = toggleMark(noMarks, 'b', 1);
    const down = markRange(from, 3, pathAt);
    expect([...down.paths]).toEqual(['b', 'c', 'd']);
    expect([...markRange(down, 0, pathAt).paths]).toEqual(['a', 'b']);
  });

  it('leave out rows that are not known, and end', () => {
    expect([...markRange(noMarks, 9, pathAt).paths]).toEqual(paths);
    expect(markRange(noMarks, 10 * mostMarked, String).paths.size).toBe(mostMarked);
  });
});
