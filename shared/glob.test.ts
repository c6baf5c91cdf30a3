import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Globs } from './glob.ts';

function matches(pattern: string, path: string, isFolder = false): boolean {
  return new Globs([pattern]).match(path, isFolder) !== undefined;
}

describe('a glob', () => {
  test.each([
    ['*.tmp', 'a.tmp', true],
    ['*.tmp', 'deep/er/.tmp', true],
    ['*.tmp', 'a.tmp/b', false],
    ['node_modules', 'x/node_modules', true],
    ['node_modules', 'x/node_modules2', false],
    ['logs/*.log', 'logs/a.log', true],
    ['logs/*.log', 'x/logs/a.log', false],
    ['logs/*.log', 'logs/x/a.log', false],
    ['/logs', 'logs', true],
    ['/logs', 'x/logs', false],
    ['./logs', 'logs', true],
    ['logs/**', 'logs', true],
    ['logs/**', 'logs/a/b', true],
    ['logs/**', 'logs2', false],
    ['**/cache', 'cache', true],
    ['**/cache', 'a/b/cache', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c/zz', false],
    ['a/**/b/**/c', 'a/b/x/b/y/c', true],
    ['**', 'anything/at/all', true],
    ['a**b', 'axxb', true],
    ['?', 'x', true],
    ['?', '🦊', true],
    ['??', '🦊', false],
    ['?', '', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['[]]', ']', true],
    ['[a-]', '-', true],
    ['[\\]]', ']', true],
    ['[', '[', true],
    ['[ab', '[ab', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['a\\/b', 'a/b', true],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['!a', 'b', false],
    ['*', '.hidden', true],
    ['f?.bin', 'f\udcff.bin', true],
    ['f\udcff*', 'f\udcffx', true],
    ['[\udc80-\udcff]', '\udcfe', true],
  ])('%j on %j: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  test('that ends in a slash matches folders only', () => {
    expect(matches('build/', 'x/build', true)).toBe(true);
    expect(matches('build/', 'x/build', false)).toBe(false);
    expect(matches('/a/build/', 'a/build', true)).toBe(true);
  });

  test('says which one matched', () => {
    expect(new Globs(['*.a', '*.b', '*']).match('x.b', false)).toBe('*.b');
    expect(new Globs([]).match('x', false)).toBeUndefined();
  });
});

test('is of one mind with picomatch', () => {
  // A tool of the linter's; the product does without (see docs/dependencies.md).
  const picomatch = createRequire(import.meta.url)('picomatch') as (
    pattern: string,
    options: object,
  ) => (path: string) => boolean;
  const piece = fc.constantFrom('a', 'b', 'ab', '.', '*', '?', '[ab]', 'x.y');
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.array(piece, { minLength: 1, maxLength: 3 }).map((list) => list.join('')) },
    { weight: 1, arbitrary: fc.constant('**') },
  );
  const pattern = fc
    .array(part, { minLength: 2, maxLength: 4 })
    // Two stars side by side inside a part are read differently, and so are dots alone, which are no names.
    .filter((parts) => parts.every((text) => text === '**' || !(/\*\*/.test(text) || /^[.?*[\]!]*$/.test(text))))
    .map((parts) => parts.join('/'))
    // There `a/**` is `a` as well, and yet `a*/**` is not; here both are.
    .filter((text) => !/\*(?:\/\*\*)+$/.test(text));
  const name = fc
    .array(fc.constantFrom('a', 'b', '.', 'x.y', 'ab'), { minLength: 1, maxLength: 3 })
    .map((list) => list.join(''))
    .filter((text) => !/^\.+$/.test(text));
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(pattern, path, (glob, subject) => {
      expect(matches(glob, subject)).toBe(picomatch(glob, { dot: true, nobrace: true, noextglob: true })(subject));
    }),
    { numRuns: 2_000 },
  );
});

test('time is bounded, whatever the pattern and the name', () => {
  const name = 'a'.repeat(20_000);
  const deep = 'a/'.repeat(2_000) + 'b';
  const started = process.cpuUsage().user;
  expect(matches(`${'*a'.repeat(200)}b`, name)).toBe(false);
  expect(matches(`${'**/a/'.repeat(100)}c`, deep)).toBe(false);
  expect(matches(`${'?*'.repeat(100)}[b]`, name)).toBe(false);
  expect(process.cpuUsage().user - started).toBeLessThan(2_000_000);
});
