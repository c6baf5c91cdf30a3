import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choiceOf,
  choose,
  isChosen,
  isNothingChosen,
  nothingChosen,
  pathsOf,
  settle,
  TooManyPathsError,
  type Selection,
} from './selection.ts';

/** Two folders deep, two entries a folder, and one beside whose name begins like a folder's. */
const tree: Readonly<Record<string, readonly string[]>> = {
  '': ['a', 'a.txt', 'b'],
  a: ['a/x', 'a/y'],
  'a/x': ['a/x/1', 'a/x/2'],
  'a/y': ['a/y/1', 'a/y/2'],
  b: ['b/1', 'b/2'],
};
const all = Object.values(tree).flat();
const leaves = all.filter((path) => tree[path] === undefined);
const list = (folder: string): Promise<readonly string[]> => Promise.resolve(tree[folder] ?? []);
const childrenOf = (folder: string): readonly string[] | undefined => tree[folder];

function chosenLeaves(selection: Selection): string[] {
  return leaves.filter((leaf) => isChosen(selection, leaf));
}

function toggle(selection: Selection, path: string, on: boolean): Selection {
  return settle(choose(selection, path, on), path, childrenOf);
}

describe('choosing', () => {
  it('takes a folder with one mark and a file out of it with a second', () => {
    const folder = choose(nothingChosen, 'a', true);
    expect(folder.marks.size).toBe(1);
    expect(choiceOf(folder, 'a/x/1')).toBe('all');
    const without = choose(folder, 'a/x/1', false);
    expect(without.marks.size).toBe(2);
    expect([choiceOf(without, ''), choiceOf(without, 'a'), choiceOf(without, 'a/x')]).toEqual(['some', 'some', 'some']);
    expect(choiceOf(without, 'a/y')).toBe('all');
    expect(choiceOf(without, 'a/x/1')).toBe('none');
  });

  it('does not take a name that begins like a folder for something in it', () => {
    const folder = choose(nothingChosen, 'a', true);
    expect(choiceOf(folder, 'a.txt')).toBe('none');
    expect(choiceOf(choose(choose(folder, 'a.txt', true), 'a', false), 'a.txt')).toBe('all');
  });

  it('forgets what was marked below', () => {
    const mixed = choose(choose(choose(nothingChosen, 'a', true), 'a/x', false), 'a/x/1', true);
    expect(choose(mixed, 'a', true).marks).toEqual(new Map([['a', true]]));
    expect(isNothingChosen(choose(mixed, 'a', false))).toBe(true);
    expect(choose(mixed, '', true).marks).toEqual(new Map([['', true]]));
  });

  it('keeps no mark that says what holds above it anyway', () => {
    const all_ = choose(nothingChosen, '', true);
    expect(choose(all_, 'a/x', true)).toEqual(all_);
    expect(choose(choose(all_, 'a/x', false), 'a/x', true)).toEqual(all_);
  });
});

describe('settling', () => {
  it('chooses a folder once all its entries are, up to the whole backup', () => {
    let selection = nothingChosen;
    for (const path of ['a/x/1', 'a/x/2', 'a/y', 'a.txt', 'b/1']) selection = toggle(selection, path, true);
    expect(choiceOf(selection, 'a')).toBe('all');
    expect(choiceOf(selection, '')).toBe('some');
    expect(toggle(selection, 'b/2', true).marks).toEqual(new Map([['', true]]));
  });

  it('lets go of a folder once none of its entries is chosen', () => {
    const folder = choose(nothingChosen, 'b', true);
    expect(isNothingChosen(toggle(toggle(folder, 'b/1', false), 'b/2', false))).toBe(true);
  });

  it('stops where a folder is not known whole', () => {
    const selection = settle(choose(nothingChosen, 'b/1', true), 'b/1', () => undefined);
    expect(choiceOf(selection, 'b')).toBe('some');
  });
});

describe('naming paths', () => {
  it('names a folder whole, or its other entries', async () => {
    const folder = choose(nothingChosen, 'a', true);
    expect(await pathsOf(folder, list)).toEqual(['a']);
    expect(await pathsOf(choose(folder, 'a/x/1', false), list)).toEqual(['a/x/2', 'a/y']);
    expect(await pathsOf(choose(nothingChosen, '', true), list)).toEqual(['']);
    expect(await pathsOf(nothingChosen, list)).toEqual([]);
  });

  it('finds what is chosen inside what was taken out', async () => {
    const selection = choose(choose(choose(nothingChosen, '', true), 'a', false), 'a/y/2', true);
    expect(await pathsOf(selection, list)).toEqual(['a.txt', 'a/y/2', 'b']);
  });

  it('names nothing when everything was taken out one by one', async () => {
    const selection = choose(choose(choose(nothingChosen, 'b', true), 'b/1', false), 'b/2', false);
    expect(isNothingChosen(selection)).toBe(false);
    expect(await pathsOf(selection, list)).toEqual([]);
  });

  it('says when there are too many', async () => {
    const selection = choose(choose(nothingChosen, 'big', true), 'big/7', false);
    const many = Array.from({ length: 100_002 }, (_, index) => `big/${index}`);
    await expect(pathsOf(selection, () => Promise.resolve(many))).rejects.toThrow(TooManyPathsError);
  });

  it('asks only for folders that are divided', async () => {
    const asked: string[] = [];
    const selection = choose(choose(nothingChosen, '', true), 'a/x/1', false);
    await pathsOf(selection, (folder) => {
      asked.push(folder);
      return list(folder);
    });
    expect(asked.sort()).toEqual(['', 'a', 'a/x']);
  });
});

describe('any sequence of choices', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('', ...all), fc.boolean()), { maxLength: 25 });

  it('chooses what a plain set of files would hold, and names exactly that', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (sequence, settled) => {
        let selection = nothingChosen;
        const expected = new Set<string>();
        for (const [path, on] of sequence) {
          selection = settled ? toggle(selection, path, on) : choose(selection, path, on);
          for (const leaf of leaves) {
            if (path !== '' && leaf !== path && !leaf.startsWith(`${path}/`)) continue;
            if (on) expected.add(leaf);
            else expected.delete(leaf);
          }
        }
        expect(chosenLeaves(selection)).toEqual(leaves.filter((leaf) => expected.has(leaf)));
        const named = await pathsOf(selection, list);
        const meant = leaves.filter((leaf) =>
          named.some((path) => path === '' || leaf === path || leaf.startsWith(`${path}/`)),
        );
        expect(meant).toEqual(chosenLeaves(selection));
        if (settled) {
          for (const path of ['', ...all]) {
            const below = leaves.filter((leaf) => path === '' || leaf === path || leaf.startsWith(`${path}/`));
            const count = below.filter((leaf) => expected.has(leaf)).length;
            const choice = count === 0 ? 'none' : count === below.length ? 'all' : 'some';
            expect([path, choiceOf(selection, path)]).toEqual([path, choice]);
          }
        }
      }),
    );
  });
});
