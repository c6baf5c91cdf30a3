import { describe, expect, it } from 'vitest';
import { growthWords } from './growth-words.ts';

const day = 86_400_000;
const growth = (...values: [number, number][]) => ({
  points: values.map(([days, value]) => ({ atMs: days * day, value })),
  from: 0,
  to: 30 * day,
});

describe('growthWords', () => {
  it('says what came or went, and in how long', () => {
    expect(growthWords(growth([0, 0], [20, 2048]))).toBe('+2.0 KiB in 30 days');
    expect(growthWords(growth([20, 4096], [25, 2048]))).toBe('−2.0 KiB in 10 days');
    expect(growthWords(growth([29, 5]))).toBe('unchanged in a day');
    expect(growthWords(growth([29.5, 5]))).toBe('unchanged in 12 h');
    expect(growthWords(growth())).toBe('');
  });
});
