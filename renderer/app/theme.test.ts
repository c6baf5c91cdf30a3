import { describe, expect, it } from 'vitest';
import { resolveTheme } from './theme.ts';

describe('theme', () => {
  it.each([
    ['system', true, 'dark'],
    ['system', false, 'light'],
    ['light', true, 'light'],
    ['dark', false, 'dark'],
  ] as const)('%s where the system is dark: %s gives %s', (theme, systemIsDark, shown) => {
    expect(resolveTheme(theme, systemIsDark)).toBe(shown);
  });
});
