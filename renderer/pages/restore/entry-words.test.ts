import { describe, expect, it } from 'vitest';
import { changedWords, liveWords } from './entry-words.ts';

describe('time of change', () => {
  const now = Date.parse('2026-11-20T11:00:00Z');
  it.each([
    ['2026-11-20T01:58:00Z', 'today 01:58'],
    ['2026-11-19T14:20:00Z', 'yesterday 14:20'],
    ['2026-11-01T14:20:00Z', '1 Nov'],
    ['2025-11-01T14:20:00Z', '1 Nov 2025'],
  ])('%s is %s', (time, words) => {
    expect(changedWords(Date.parse(time), now, { timeZone: 'UTC' })).toBe(words);
  });
});

describe('against now', () => {
  it('colours only what a restore would change', () => {
    expect(liveWords('missing', 'file')).toEqual({ tone: 'bad', word: 'missing now' });
    expect(liveWords('differs', 'dir')).toEqual({ tone: 'warn', word: 'differences' });
    expect(liveWords('same', 'file').tone).toBeUndefined();
    expect(liveWords(undefined, 'file').word).toBe('');
  });
});
