import { describe, expect, it } from 'vitest';
import { areaPath, AreaIndex, isAreaAt } from './area-path.ts';

describe('paths of areas', () => {
  it.each([
    ['logs', 'logs'],
    ['./logs/', 'logs'],
    ['.', ''],
    ['./', ''],
    ['a/b', 'a/b'],
    ['', undefined],
    ['/', undefined],
    ['/a', undefined],
    ['..', undefined],
    ['a/../b', undefined],
    ['a//b', undefined],
    ['a\\b', undefined],
    ['a\0b', undefined],
  ])('%j is %j', (text, path) => {
    expect(areaPath(text)).toBe(path);
  });

  it('may have a star for a part of one name, and nothing else', () => {
    expect(isAreaAt('models--*', 'models--a--b')).toBe(true);
    expect(isAreaAt('models--*', 'models--a/b')).toBe(false);
    expect(isAreaAt('*/logs', 'a/logs')).toBe(true);
    expect(isAreaAt('a[1]*', 'a[1]b')).toBe(true);
    expect(isAreaAt('a[1]*', 'a1b')).toBe(false);
    expect(isAreaAt('a?*', 'abc')).toBe(false);
  });

  it('are found from the deepest up', () => {
    const index = new AreaIndex(['', 'a', 'a/*', 'a/b', 'x/y'].map((path) => ({ path })));
    const of = (path: string): string | undefined => index.of(path)?.path;
    expect([of('a/b/c'), of('a/q/c'), of('a'), of('z'), of('x'), of('')]).toEqual(['a/b', 'a/*', 'a', '', '', '']);
    expect(new AreaIndex([{ path: 'a' }]).of('b')).toBeUndefined();
  });
});
