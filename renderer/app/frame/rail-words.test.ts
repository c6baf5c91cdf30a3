import { describe, expect, it } from 'vitest';
import { isCurrentPage, watchingWords } from './rail-words.ts';

describe('rail', () => {
  it('marks the page and what is below it', () => {
    expect(isCurrentPage('/', '/')).toBe(true);
    expect(isCurrentPage('/stores', '/')).toBe(false);
    expect(isCurrentPage('/stores/s1/a', '/stores')).toBe(true);
    expect(isCurrentPage('/stores-of-old', '/stores')).toBe(false);
    expect(isCurrentPage('/layout/s1', '/stores')).toBe(true);
    expect(isCurrentPage('/layout/s1', '/health')).toBe(false);
  });

  it('is as live as the least live store', () => {
    expect(watchingWords(['live', 'live'])).toBe('live');
    expect(watchingWords(['live', 'partial'])).toBe('partly live');
    expect(watchingWords(['live', 'off'])).toBe('partly live');
    expect(watchingWords(['off'])).toBe('not live');
    expect(watchingWords(['live', 'starting'])).toBe('starting');
  });
});
