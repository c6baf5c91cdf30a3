import { describe, expect, it } from 'vitest';
import { yamlParts } from './yaml-parts.ts';

const drawn = (line: string): string =>
  yamlParts(line)
    .map(({ kind, text }) => `${kind}(${text})`)
    .join('');

describe('parts of a line of YAML', () => {
  it('are key, value and comment', () => {
    expect(drawn('  image: redis:7 # why')).toBe('plain(  )key(image)plain(: redis:7 )comment(# why)');
    expect(drawn('services:')).toBe('key(services)plain(:)');
    expect(drawn('  - target: /data')).toBe('plain(  - )key(target)plain(: /data)');
    expect(drawn('  - ./data:/data')).toBe('plain(  - ./data:/data)');
  });

  it('know quotes', () => {
    expect(drawn('a: "x # y"')).toBe('key(a)plain(: "x # y")');
    expect(drawn("note: it's # really")).toBe("key(note)plain(: it's )comment(# really)");
    expect(drawn('#all')).toBe('comment(#all)');
    expect(drawn('')).toBe('');
  });
});
