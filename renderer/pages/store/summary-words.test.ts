import { describe, expect, it } from 'vitest';
import { ageNames, ageOrder, typeName } from './details-words.ts';
import { asideWords } from './summary-words.ts';

const plain = { hardLinks: { names: 0, bytes: 0 }, sparse: { files: 0, bytes: 0 }, mounts: [] };

describe('words about a store', () => {
  it('are silent where there is nothing to say', () => {
    expect(asideWords(plain, { crossMounts: false })).toEqual([]);
  });

  it('name links, holes and other disks', () => {
    expect(
      asideWords(
        { hardLinks: { names: 2, bytes: 2048 }, sparse: { files: 1, bytes: 1024 }, mounts: ['a', 'b', 'c', 'd'] },
        { crossMounts: false },
      ),
    ).toEqual([
      '2 further names of files that have several, counted once: 2.0 KiB less than it seems',
      '1 sparse file with 1.0 KiB of holes that take no space',
      'Other disks inside, not counted: a, b, c and 1 more',
    ]);
  });

  it('say when other disks are counted as well', () => {
    expect(asideWords({ ...plain, mounts: ['a'] }, { crossMounts: true })).toEqual([
      'Other disks inside, counted as well: a',
    ]);
  });

  it('call types and ages by name', () => {
    expect(['', '*', 'gguf'].map(typeName)).toEqual(['no extension', 'all others', '.gguf']);
    expect(new Set(ageOrder).size).toBe(Object.keys(ageNames).length);
  });
});
