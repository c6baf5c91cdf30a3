import { describe, expect, test } from 'vitest';
import { remarksOnGlobs } from './glob-remarks.ts';
import { Globs } from './glob.ts';

const root = '/home/ada/data';
const kindOf = (glob: string) => remarksOnGlobs([glob], root)[0]?.kind;

describe('a glob that cannot match what it says', () => {
  test.each([
    ['/home/ada/data/cache', 'absolute'],
    ['/home/ada/data', 'absolute'],
    ['/home/ada/other/*.log', 'absolute'],
    ['C:\\data\\cache', 'absolute'],
    ['../other', 'outside'],
    ['a/../b', 'outside'],
    ['a//b', 'segment'],
    ['a/./b', 'segment'],
    ['.', 'segment'],
    ['/', 'segment'],
    ['*.tmp ', 'spaces'],
    [' cache', 'spaces'],
    ['logs\\old', 'backslash'],
    ['~/cache', 'home'],
  ])('%j is told as %s', (glob, kind) => {
    expect(kindOf(glob)).toBe(kind);
  });

  test('is so by the matcher as well', () => {
    for (const glob of ['a/../b', 'a//b', 'a/./b', '/', '.', '../other']) {
      const globs = new Globs([glob]);
      for (const path of ['a', 'b', 'a/b', 'other', 'x/a/b']) expect(globs.match(path, true), glob).toBeUndefined();
    }
  });

  test('names what may be meant', () => {
    expect(remarksOnGlobs(['/home/ada/data/cache/*.tmp'], root)[0]?.why).toContain('/cache/*.tmp is meant');
  });
});

test.each([
  '*.tmp',
  'cache/',
  '/cache',
  './cache',
  'a/**/b',
  '**',
  '/home',
  '/home/cache',
  'a b',
  '\\*.txt',
  '[a-z]\\[x',
  'a\\\\b',
  '.git',
  '..a',
  'ü*',
])('nothing is odd about %j', (glob) => {
  expect(remarksOnGlobs([glob], root)).toEqual([]);
});
