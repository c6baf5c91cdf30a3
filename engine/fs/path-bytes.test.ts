import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayName, hasRawBytes } from '../../shared/path-text.ts';
import { decodeName, encodeName, fsPath } from './index.ts';

describe('path text', () => {
  it('gives every byte string back exactly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = decodeName(bytes);
        expect(JSON.parse(JSON.stringify(text))).toBe(text);
      }),
    );
  });

  it('leaves UTF-8 names as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(decodeName(Buffer.from(name, 'utf8'))).toBe(name);
        expect(hasRawBytes(name)).toBe(false);
        expect(fsPath(name)).toBe(name);
      }),
    );
  });

  it('keeps bytes that are not UTF-8, among them encoded surrogates and overlong forms', () => {
    for (const bytes of [[0xff], [0xed, 0xb2, 0x80], [0xc0, 0xaf], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]) {
      const text = decodeName(Uint8Array.from(bytes));
      expect(hasRawBytes(text)).toBe(true);
      expect([...encodeName(text)]).toEqual(bytes);
    }
    expect(decodeName(Uint8Array.from([0x61, 0xff]))).toBe('a\udcff');
    expect(displayName('a\udcff é')).toBe('a\\xff é');
  });

  it('refuses a lone surrogate that stands for no byte', () => {
    expect(() => encodeName('a\ud800')).toThrow(RangeError);
  });
});
