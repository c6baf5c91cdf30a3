import { describe, expect, it } from 'vitest';
import type { BackupEntry } from '../../../shared/contract/index.ts';
import {
  buildTree,
  changedOnly,
  findByName,
  flatTree,
  openFolders,
  pageSize,
  wholeListing,
  type Listing,
} from './tree-rows.ts';

function entry(path: string, type: BackupEntry['type'] = 'file'): BackupEntry {
  return { name: path.slice(path.lastIndexOf('/') + 1), path, type, bytes: 1, files: 1, mode: 0o644, mtimeMs: 0 };
}

function listing(...entries: BackupEntry[]): Listing {
  return { total: entries.length, pages: new Map([[0, entries]]) };
}

const listings = new Map<string, Listing>([
  ['', listing(entry('data', 'dir'), entry('empty', 'dir'), entry('models', 'dir'), entry('readme'))],
  ['data', listing(entry('data/a'), entry('data/deep', 'dir'), entry('data/z'))],
  ['data/deep', listing(entry('data/deep/x'))],
  ['empty', listing()],
]);

function rows(expanded: readonly string[], of: ReadonlyMap<string, Listing> = listings): string[] {
  const tree = buildTree(
    of,
    openFolders(new Set(expanded), (folder) => of.get(folder)),
  );
  return Array.from({ length: tree.length }, (_, index) => {
    const row = tree.rowAt(index)!;
    const what = row.kind === 'entry' ? row.entry.path : `${row.kind}:${row.folder}`;
    if (row.kind === 'entry') expect(tree.indexOf(row.entry.path)).toBe(index);
    return `${row.level} ${what} ^${row.parent} ${row.position}/${row.siblings}`;
  });
}

describe('rows of a tree', () => {
  it('shows the top alone when nothing is open', () => {
    expect(rows([])).toEqual(['1 data ^-1 1/4', '1 empty ^-1 2/4', '1 models ^-1 3/4', '1 readme ^-1 4/4']);
  });

  it('puts open folders where they belong, each row with its folder', () => {
    expect(rows(['data', 'data/deep', 'empty', 'models'])).toEqual([
      '1 data ^-1 1/4',
      '2 data/a ^0 1/3',
      '2 data/deep ^0 2/3',
      '3 data/deep/x ^2 1/1',
      '2 data/z ^0 3/3',
      '1 empty ^-1 2/4',
      '2 empty:empty ^5 1/1',
      '1 models ^-1 3/4',
      '2 waiting:models ^7 1/1',
      '1 readme ^-1 4/4',
    ]);
  });

  it('does not open what cannot be reached', () => {
    expect(
      openFolders(new Set(['data/deep', 'gone', 'gone/more', 'readme']), (folder) => listings.get(folder)),
    ).toEqual(['']);
  });

  it('says that a folder could not be listed', () => {
    const error = { code: 'CORRUPT', message: 'Damaged.', retryable: false } as const;
    const failed = new Map([...listings, ['data', { total: undefined, pages: new Map(), error }]] as [
      string,
      Listing,
    ][]);
    expect(rows(['data'], failed)).toContain('2 failed:data ^0 1/1');
  });

  it('knows which entries are shown as open', () => {
    const tree = buildTree(listings, ['', 'data']);
    const expanded = [0, 1, 2, 4].map((index) => {
      const row = tree.rowAt(index);
      return row?.kind === 'entry' ? row.expanded : 'none';
    });
    expect(expanded).toEqual([true, undefined, false, false]);
    expect(tree.rowAt(-1)).toBeUndefined();
    expect(tree.rowAt(tree.length)).toBeUndefined();
    expect(tree.indexOf('data/deep/x')).toBe(-1);
  });

  it('waits for the page a row lies on, in a folder of a million', () => {
    const total = 1_000_000;
    const last = Math.floor((total - 1) / pageSize);
    const big: Listing = { total, pages: new Map([[last, [entry('f999500'), entry('f999501')]]]) };
    const tree = buildTree(new Map([['', big]]), ['']);
    expect(tree.length).toBe(total);
    expect(tree.rowAt(0)).toMatchObject({ kind: 'waiting', page: 0, siblings: total });
    expect(tree.rowAt(last * pageSize + 1)).toMatchObject({ kind: 'entry', entry: { path: 'f999501' } });
    expect(wholeListing(big)).toBeUndefined();
    expect(wholeListing(listings.get('data'))).toEqual(['data/a', 'data/deep', 'data/z']);
  });
});

describe('what changed', () => {
  const compared = (path: string, live: BackupEntry['live']): BackupEntry => ({
    ...entry(path),
    ...(live && { live }),
  });

  it('is what is not the same, on pages as usual', () => {
    const all = Array.from({ length: 1_200 }, (_, index) =>
      compared(`f${String(index).padStart(5, '0')}`, index % 2 === 0 ? 'differs' : 'same'),
    );
    const pages = new Map([
      [2, all.slice(1_000)],
      [0, all.slice(0, 500)],
      [1, all.slice(500, 1_000)],
    ]);
    const narrowed = changedOnly({ total: all.length, pages });
    expect(narrowed.total).toBe(600);
    const tree = buildTree(new Map([['', narrowed]]), ['']);
    expect(tree.rowAt(599)).toMatchObject({ kind: 'entry', entry: { path: 'f01198' } });
    expect(tree.indexOf('f01198')).toBe(599);
    expect(tree.indexOf('f01199')).toBe(-1);
  });

  it('is not guessed while entries are missing or not compared', () => {
    const partly = { total: 3, pages: new Map([[0, [compared('a', 'same')]]]) };
    expect(changedOnly(partly)).toBe(partly);
    const waiting = { total: 2, pages: new Map([[0, [compared('a', 'same'), compared('b', undefined)]]]) };
    expect(changedOnly(waiting)).toBe(waiting);
  });
});

describe('typed letters', () => {
  it('find the next name that begins so, around the end', () => {
    const tree = flatTree([entry('a/one'), entry('b/two'), entry('Three')]);
    expect(findByName(tree, 0, 't')).toBe(1);
    expect(findByName(tree, 2, 'T')).toBe(2);
    expect(findByName(tree, 2, 'o')).toBe(0);
    expect(findByName(tree, 0, 'q')).toBe(-1);
    expect(findByName(flatTree([]), 0, 'q')).toBe(-1);
  });
});
