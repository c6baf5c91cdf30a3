import { describe, expect, it } from 'vitest';
import { nextRow } from './virtual-list-keys.ts';

describe('walking a long list', () => {
  it.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 3, 4],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 3, 2],
    ['ArrowUp', 0, 0],
    ['ArrowUp', -1, 9],
    ['Home', 5, 0],
    ['End', 5, 9],
    ['PageDown', 2, 6],
    ['PageDown', 8, 9],
    ['PageUp', 2, 0],
    ['Enter', 2, undefined],
  ])('%s at %d leads to %s', (key, from, to) => {
    expect(nextRow(key, from, 10, 4)).toBe(to);
  });

  it('has nowhere to go in an empty list', () => {
    expect(nextRow('End', -1, 0, 4)).toBeUndefined();
  });
});
