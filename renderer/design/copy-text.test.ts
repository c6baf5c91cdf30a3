import { afterEach, describe, expect, it, vi } from 'vitest';
import { copyText } from './copy-text.ts';

/** As much of a page as copying touches. */
function page(execCommand: () => boolean): { value: string | undefined; left: () => number } {
  const seen: { value: string | undefined; left: () => number } = { value: undefined, left: () => elements.size };
  const elements = new Set<unknown>();
  const source = {
    value: '',
    setAttribute: () => {},
    focus: () => {},
    select: () => {
      seen.value = source.value;
    },
    remove: () => elements.delete(source),
  };
  vi.stubGlobal('HTMLElement', Map);
  vi.stubGlobal('document', {
    activeElement: null,
    body: { append: (element: unknown) => elements.add(element) },
    createElement: () => source,
    execCommand,
  });
  return seen;
}

describe('copyText', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('uses the clipboard where it may', async () => {
    const written: string[] = [];
    vi.stubGlobal('navigator', { clipboard: { writeText: (text: string) => Promise.resolve(written.push(text)) } });
    expect(await copyText('/data/a')).toBe(true);
    expect(written).toEqual(['/data/a']);
  });

  it.each([
    ['denied', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } }],
    ['absent', {}],
  ])('copies a selection where the clipboard is %s, and leaves nothing behind', async (_, navigator) => {
    vi.stubGlobal('navigator', navigator);
    const seen = page(() => true);
    expect(await copyText('/data/a')).toBe(true);
    expect(seen.value).toBe('/data/a');
    expect(seen.left()).toBe(0);
  });

  it('says when neither is allowed', async () => {
    vi.stubGlobal('navigator', {});
    const seen = page(() => false);
    expect(await copyText('x')).toBe(false);
    expect(seen.left()).toBe(0);
  });
});
