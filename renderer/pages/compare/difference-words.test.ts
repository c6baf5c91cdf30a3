import { describe, expect, it } from 'vitest';
import { folderOfEntry, growthWords, typedPath } from './difference-words.ts';

describe('differences in words', () => {
  it('say how a size changed', () => {
    expect(growthWords({ before: 1024, after: 3072 })).toBe('+2.0 KiB');
    expect(growthWords({ before: 10, after: 6 })).toBe('−4 B');
    expect(growthWords({ after: 5 })).toBe('+5 B');
    expect(growthWords({ before: 5 })).toBe('−5 B');
    expect(growthWords({ before: 5, after: 5 })).toBe('');
    expect(growthWords({})).toBe('');
  });

  it('know folders, and take a path as people type it', () => {
    expect(folderOfEntry('a/b/c.txt')).toBe('a/b');
    expect(folderOfEntry('c.txt')).toBe('');
    expect(typedPath(' /models/nvda/ ')).toBe('models/nvda');
    expect(typedPath('/')).toBe('');
  });
});
