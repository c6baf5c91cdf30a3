import { describe, expect, it } from 'vitest';
import { facts, table } from './table.ts';
import { displayWidth, printable, shorten } from './text.ts';

describe('printable', () => {
  it.each([
    ['plain ü 日本', 'plain ü 日本'],
    ['a\nb\tc', 'a\\nb\\tc'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u202eb', 'a\\u202eb'],
    ['raw \udcff byte', 'raw \\xff byte'],
  ])('%j → %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['🚀', 2],
    ['…', 1],
  ])('%j takes %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('shorten', () => {
  it.each([
    ['models/a.bin', 12, 'models/a.bin'],
    ['models/large/weights.safetensors', 16, 'model…afetensors'],
    ['日本語日本語', 7, '日…本語'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i cells is %j', (text, width, shown) => {
    expect(shorten(text, width)).toBe(shown);
    expect(displayWidth(shown)).toBeLessThanOrEqual(width);
  });
});

describe('table', () => {
  it('aligns columns by what is seen, without trailing spaces', () => {
    const shown = table(
      [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'NOTE' }],
      [
        ['日本', '1 B', ''],
        ['abcdef', '100 KiB', 'x'],
      ],
    );
    expect(shown).toBe('NAME       SIZE  NOTE\n日本        1 B\nabcdef  100 KiB  x\n');
  });

  it('leaves out facts that are not known', () => {
    expect(
      facts([
        ['a', '1'],
        ['longer', undefined],
        ['bb', '2'],
      ]),
    ).toBe('  a   1\n  bb  2\n');
  });
});
