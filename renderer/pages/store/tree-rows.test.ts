import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageEntry } from '../../../shared/contract/index.ts';
import { buildTree, findByName, findPosition, flatTree, pageSize, type Listing, type TreeSource } from './tree-rows.ts';

const entry = (name: string, kind: UsageEntry['kind'] = 'file'): UsageEntry => ({
  name,
  kind,
  bytes: 1,
  allocated: 1,
  files: 1,
  dirs: 0,
  newest: 1,
});

function listingOf(entries: readonly UsageEntry[]): Listing {
  const pages = new Map<number, readonly UsageEntry[]>();
  for (let page = 0; page * pageSize < entries.length; page += 1) {
    pages.set(page, entries.slice(page * pageSize, (page + 1) * pageSize));
  }
  return { total: entries.length, pages };
}

function sourceOf(folders: Readonly<Record<string, Listing>>): TreeSource {
  return {
    listing: (folder) => folders[folder],
    position(folder, name) {
      const listing = folders[folder];
      return listing === undefined ? undefined : findPosition(listing, name);
    },
  };
}

const folders = {
  '': listingOf([entry('a', 'dir'), entry('b', 'dir'), entry('c')]),
  a: listingOf([entry('x'), entry('deep', 'dir')]),
  'a/deep': listingOf([]),
  b: { total: undefined, pages: new Map() },
};
const shown = (expanded: readonly string[], root = ''): string[] => {
  const tree = buildTree(root, new Set(expanded), sourceOf(folders));
  return Array.from({ length: tree.length }, (_, index) => {
    const row = tree.rowAt(index);
    if (row === undefined) return 'nothing';
    return `${row.level}/${row.position}/${row.siblings}/${row.parent} ${row.kind === 'entry' ? row.path : row.kind}`;
  });
};

describe('the rows of a tree', () => {
  it('are the entries of the folder shown, and of those open in it', () => {
    expect(shown([])).toEqual(['1/1/3/-1 a', '1/2/3/-1 b', '1/3/3/-1 c']);
    expect(shown(['a', 'a/deep', 'b'])).toEqual([
      '1/1/3/-1 a',
      '2/1/2/0 a/x',
      '2/2/2/0 a/deep',
      '3/1/1/2 empty',
      '1/2/3/-1 b',
      '2/1/1/4 waiting',
      '1/3/3/-1 c',
    ]);
  });

  it('leave out what is open in a closed folder, or outside', () => {
    expect(shown(['a/deep'])).toHaveLength(3);
    expect(shown(['b', 'a/deep'], 'a')).toEqual(['1/1/2/-1 a/x', '1/2/2/-1 a/deep', '2/1/1/1 empty']);
  });

  it('say what went wrong in a folder', () => {
    const error = { code: 'NOT_FOUND', message: 'gone', retryable: false } as const;
    const tree = buildTree('', new Set(), sourceOf({ '': { total: 3, pages: new Map(), error } }));
    expect([tree.length, tree.rowAt(0)?.kind]).toEqual([1, 'failed']);
  });

  it('are found by their path where their page is known', () => {
    const tree = buildTree('', new Set(['a', 'a/deep']), sourceOf(folders));
    expect(['a', 'a/x', 'a/deep', 'b', 'c', 'b/y', 'nope', ''].map((path) => tree.indexOf(path))).toEqual([
      0, 1, 2, 4, 5, -1, -1, -1,
    ]);
  });

  it('are a million without there being a million of anything', () => {
    const asked: string[] = [];
    const many: Listing = { total: 1_000_000, pages: new Map([[1_999, [entry('almost'), entry('last')]]]) };
    const source = sourceOf({ '': many });
    const tree = buildTree('', new Set(), {
      ...source,
      listing: (folder) => {
        asked.push(folder);
        return source.listing(folder);
      },
    });
    expect(tree.length).toBe(1_000_000);
    expect(tree.rowAt(999_999)).toMatchObject({ kind: 'waiting', position: 1_000_000 });
    expect(tree.rowAt(999_501)).toMatchObject({ kind: 'entry', path: 'last' });
    expect(tree.rowAt(1_000_000)).toBeUndefined();
    expect(asked).toEqual(['']);
  });

  it('are the same as a tree written out, whatever is open', () => {
    const names = ['p', 'q', 'r', 's'];
    const children = names.map((name) => entry(name, 'dir'));
    const all = ['', ...names, ...names.flatMap((name) => names.map((below) => `${name}/${below}`))];
    const source = sourceOf(Object.fromEntries(all.map((folder) => [folder, listingOf(children)])));
    const written = (folder: string, open: ReadonlySet<string>): string[] =>
      names.flatMap((name) => {
        const path = folder === '' ? name : `${folder}/${name}`;
        return [path, ...(open.has(path) ? written(path, open) : [])];
      });
    fc.assert(
      fc.property(fc.subarray(all.slice(1)), (open) => {
        const tree = buildTree('', new Set(open), source);
        const wanted = written('', new Set(open));
        expect(tree.length).toBe(wanted.length);
        wanted.forEach((path, index) => {
          expect(tree.rowAt(index)).toMatchObject({ kind: 'entry', path });
          expect(tree.indexOf(path)).toBe(index);
        });
      }),
    );
  });
});

describe('positions', () => {
  it('are looked for where they were, then beside, then anywhere', () => {
    const listing = listingOf(Array.from({ length: 3 * pageSize }, (_, index) => entry(`n${index}`)));
    expect(findPosition(listing, 'n700', 700)).toBe(700);
    expect(findPosition(listing, 'n700', 10)).toBe(700);
    expect(findPosition(listing, 'n1400', 3)).toBe(1_400);
    expect(findPosition(listing, 'no', 3)).toBeUndefined();
  });
});

describe('found rows', () => {
  const found = flatTree([
    { ...entry('Alpha'), path: 'x/Alpha' },
    { ...entry('beta'), path: 'y/beta' },
    { ...entry('alp'), path: 'alp' },
  ]);
  it('stand one under another, with where they lie', () => {
    expect(found.rowAt(1)).toMatchObject({ path: 'y/beta', folder: 'y', level: 1, expanded: undefined });
    expect(found.indexOf('alp')).toBe(2);
    expect(found.rowAt(3)).toBeUndefined();
  });

  it('are gone to by the beginning of their name, around the end', () => {
    expect(findByName(found, 0, 'AL')).toBe(0);
    expect(findByName(found, 1, 'al')).toBe(2);
    expect(findByName(found, 2, 'b')).toBe(1);
    expect(findByName(found, 0, 'z')).toBe(-1);
  });
});
