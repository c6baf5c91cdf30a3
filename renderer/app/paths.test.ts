import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSegment, encodeSegment, href, pagePaths } from './paths.ts';

describe('addresses of pages', () => {
  it('carries any name there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = encodeSegment(name);
        expect(text).toMatch(/^[A-Za-z0-9._~-]*$/);
        expect(decodeSegment(text)).toBe(name);
        expect(decodeURIComponent(text)).toBe(text);
      }),
    );
  });

  it('carries names that are not UTF-8', () => {
    const name = 'caf\udce9/50%.h5';
    expect(decodeSegment(encodeSegment(name))).toBe(name);
  });

  it('names pages', () => {
    expect(pagePaths.store('s1')).toBe('/stores/s1');
    expect(pagePaths.store('s1', 'ml models/a')).toBe('/stores/s1/ml~0020models~002fa');
    expect(pagePaths.backups()).toBe('/backups');
    expect(pagePaths.activity('j1')).toBe('/activity/j1');
    expect(href(pagePaths.overview())).toBe('#/');
  });
});
