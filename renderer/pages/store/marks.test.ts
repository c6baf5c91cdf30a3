import { describe, expect, it } from 'vitest';
import { markRange, mostMarked, noMarks, toggleMark } from './marks.ts';

const names = ['a', 'b', 'c', 'd'];
const nameAt = (row: number): string | undefined => names[row];

describe('marks', () => {
  it('are put and taken one by one', () => {
    const one = toggleMark(noMarks, 'b', 1);
    expect([...one.names]).toEqual(['b']);
    expect([...toggleMark(one, 'b', 1).names]).toEqual([]);
    expect([...noMarks.names]).toEqual([]);
  });

  it('reach from the last single one, in both directions', () => {
    const from = toggleMark(noMarks, 'b', 1);
    const down = markRange(from, 3, nameAt);
    expect([...down.names]).toEqual(['b', 'c', 'd']);
    expect([...markRange(down, 0, nameAt).names]).toEqual(['a', 'b']);
  });

  it('leave out rows that are not known, and end', () => {
    expect([...markRange(noMarks, 9, nameAt).names]).toEqual(names);
    expect(markRange(noMarks, 10 * mostMarked, String).names.size).toBe(mostMarked);
  });
});
