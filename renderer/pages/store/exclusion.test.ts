import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exclusions, globOf, withExcluded, withoutExcluded } from './exclusion.ts';

const outBy = (globs: readonly string[], path: string): string | undefined => exclusions(globs)(path);

describe('what is left out of backups', () => {
  it('is named by a glob that fits it alone', () => {
    expect(globOf('cache/a b.json')).toBe('cache/a b.json');
    expect(globOf('odd/[x]*?.bin')).toBe('odd/[[]x][*][?].bin');
    expect(globOf('notes.txt')).toBe('/notes.txt');
    expect(outBy([globOf('notes.txt')], 'notes.txt')).toBe('/notes.txt');
    expect(outBy([globOf('notes.txt')], 'deep/notes.txt')).toBeUndefined();
  });

  it('holds for any name a disk can hold', () => {
    const name = fc
      .array(
        fc.constantFrom(
          '*',
          '?',
          '[',
          ']',
          '!',
          '^',
          '-',
          '{',
          '}',
          '\\',
          '.',
          '$',
          ' ',
          "'",
          '\n',
          'ä',
          '\uDC80',
          'a',
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      )
      .map((parts) => parts.join(''))
      // No disk holds these as names.
      .filter((text) => text !== '.' && text !== '..');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(path, path, (one, other) => {
        const fits = exclusions([globOf(one)]);
        expect(fits(one)).toBe(globOf(one));
        expect(fits(`${one}/below`)).toBe(globOf(one));
        if (other !== one && !other.startsWith(`${one}/`)) expect(fits(other)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['*.tmp', 'a/b/x.tmp', true],
    ['*.tmp', 'x.tmp/inside', true],
    ['*.tmp', 'x.tmpl', false],
    ['cache/*', 'cache/a', true],
    ['cache/*', 'cache', false],
    ['cache/*', 'other/cache/a', false],
    ['**/cache', 'other/cache', true],
    ['**/cache', 'cache', true],
    ['logs/**', 'logs/a/b', true],
    ['logs/**', 'logs', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['run-[0-9]', 'x/run-7', true],
    ['run-[!0-9]', 'x/run-7', false],
    ['run-?', 'run-12', false],
    ['a.b', 'axb', false],
    ['[z-a]', 'm', false],
  ])('%s and %s: %s', (glob, path, out) => {
    expect(outBy([glob], path)).toBe(out ? glob : undefined);
  });

  it('is put and taken by path; what lies in a folder put goes with it', () => {
    const put = withExcluded(['*.tmp'], ['a', 'a/b', 'c/d']);
    expect(put).toEqual(['*.tmp', '/a', 'c/d']);
    expect(withExcluded(put, ['a'])).toEqual(put);
    expect(withoutExcluded(put, ['a', 'c/d'])).toEqual(['*.tmp']);
  });
});
