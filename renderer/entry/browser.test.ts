import { describe, expect, it } from 'vitest';
import { codeInFragment } from './browser.ts';

describe('sign-in address', () => {
  it.each([
    ['#code=abc-_123', 'abc-_123'],
    ['#code=a%2Bb', 'a+b'],
    ['#code=%zz', '%zz'],
    ['#code=', undefined],
    ['#/stores', undefined],
    ['', undefined],
  ])('finds the code in %j', (fragment, code) => {
    expect(codeInFragment(fragment)).toBe(code);
  });
});
