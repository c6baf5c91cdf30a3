import { describe, expect, it } from 'vitest';
import type { Discovered } from '../../../shared/contract/index.ts';
import { canAdd, sortFound, sumWords } from './found.ts';

const one = (id: string, bytes: number | undefined, more: Partial<Discovered> = {}): Discovered => ({
  id,
  layout: { id, title: id },
  path: `/home/me/${id}`,
  score: 0.9,
  why: 'its default place',
  speaksFor: [],
  ...(bytes === undefined ? {} : { size: { bytes, allocated: bytes, files: 1, atLeast: false } }),
  ...more,
});

describe('stores that were found', () => {
  it('come with what can be added first, the largest at the top', () => {
    const found = [
      one('inside', 9_000, { refusal: 'It lies in the store a.', store: 's1' }),
      one('added', 8_000, { store: 's2' }),
      one('small', 10),
      one('large', 1_000),
      one('uncounted', undefined),
    ];
    expect(sortFound(found, false).map(({ id }) => id)).toEqual(['large', 'small', 'uncounted', 'added', 'inside']);
    expect(sortFound(found.toReversed(), true).map(({ id }) => id)).toEqual([
      'large',
      'small',
      'uncounted',
      'added',
      'inside',
    ]);
    expect(found.filter(canAdd).map(({ id }) => id)).toEqual(['small', 'large', 'uncounted']);
  });

  it('are summed up', () => {
    expect(sumWords([one('a', 1_024), one('b', 1_024)])).toBe('2 stores, 2.0 KiB');
    expect(sumWords([one('a', 1_024), one('b', undefined)])).toBe('2 stores, at least 1.0 KiB');
    expect(sumWords([one('a', undefined)])).toBe('1 store');
  });
});
