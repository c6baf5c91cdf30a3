import { describe, expect, it } from 'vitest';
import { cdCommand } from './terminal-words.ts';

describe('the line that goes to a folder', () => {
  it.each([
    ['/data/store', 'cd -- /data/store'],
    ["/data/it's here", "cd -- '/data/it'\\''s here'"],
    ['/data/-x $HOME `id`', "cd -- '/data/-x $HOME `id`'"],
    ['/data/two\nlines\uDCFF', "cd -- $'/data/two\\x0alines\\xff'"],
    ['C:\\Data\\my store', 'cd "C:\\Data\\my store"'],
  ])('%j', (folder, line) => expect(cdCommand(folder)).toBe(line));
});
