import { describe, expect, it } from 'vitest';
import { below, foldersAbove, nameOf, parentOf, refusePath, relativeTo, Selection } from './paths.ts';

describe('refusePath', () => {
  it.each([
    '',
    'a',
    'a/b c/d',
    '..a',
    'a..',
    '...',
    'C:x',
    'con',
    'a\\b',
    'nul.txt',
    'raw-\udcff',
    'end.',
    '.larder-undone',
  ])('lets %j pass', (path) => expect(refusePath(path, 'linux')).toBeUndefined());

  it.each([
    '/',
    '/etc',
    '..',
    '../x',
    'a/..',
    'a/../b',
    '.',
    './a',
    'a/.',
    'a//b',
    'a/',
    'a\0',
    '\ud800',
    '.larder-undo',
    '.larder-undo/x',
  ])('refuses %j', (path) => expect(refusePath(path, 'linux')).toBeTypeOf('string'));

  it.each([
    'C:x',
    'c:/x',
    'a\\..\\b',
    'con',
    'CON.txt',
    'a/Nul',
    'com1',
    'lpt9.log',
    'a.',
    'a ',
    'a?b',
    'a:b',
    'x\u0001',
  ])('refuses %j on Windows', (path) => expect(refusePath(path, 'win32')).toBeTypeOf('string'));

  it.each(['console', 'a/com', 'com10', 'nullable.txt'])('lets %j pass on Windows', (path) =>
    expect(refusePath(path, 'win32')).toBeUndefined(),
  );
});

describe('Selection', () => {
  it('takes what was chosen, what is below, and the folders above', () => {
    const selection = new Selection(['a/b', 'c/']);
    const found = Object.fromEntries(
      ['', 'a', 'a/b', 'a/b/x/y', 'a/bc', 'a/c', 'c', 'c/d', 'cd', 'd'].map((path) => [path, selection.of(path)]),
    );
    expect(found).toEqual({
      '': 'above',
      a: 'above',
      'a/b': 'in',
      'a/b/x/y': 'in',
      'a/bc': 'out',
      'a/c': 'out',
      c: 'in',
      'c/d': 'in',
      cd: 'out',
      d: 'out',
    });
  });

  it('takes all when nothing or the root is chosen', () => {
    expect(new Selection([]).of('x/y')).toBe('in');
    expect(new Selection(['', 'a']).of('x/y')).toBe('in');
  });
});

it('takes paths apart and puts them together', () => {
  expect([parentOf('a/b/c'), parentOf('a'), nameOf('a/b'), nameOf('a')]).toEqual(['a/b', '', 'b', 'a']);
  expect(foldersAbove('a/b/c')).toEqual(['a', 'a/b']);
  expect([below('/x', ''), below('/x', 'a'), below('/', 'a')]).toEqual(['/x', '/x/a', '/a']);
  expect([relativeTo('/x', '/x'), relativeTo('/x', '/x/a/b'), relativeTo('/x', '/xy'), relativeTo('/', '/a')]).toEqual([
    '',
    'a/b',
    undefined,
    'a',
  ]);
});
