import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { duAllocated, freshTree, Storm } from '../scan-testing/index.ts';
import { atOnce, detailsOf, freedBy, inSlices, treemapOf, UsageTree } from './index.ts';
import { recordStatus, RecordWriter } from './record.ts';
import type { RecordEntry } from './record.ts';

const dayMs = 24 * 3_600_000;

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'larder-answers-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

function write(path: string, size: number): void {
  fs.mkdirSync(join(root, path, '..'), { recursive: true });
  fs.writeFileSync(join(root, path), Buffer.alloc(size, 1));
}

/** A made-up tree: `sizes` for each directory, each below one of those before it. */
interface Made {
  directories: { parent: number; files: Pick<RecordEntry, 'name' | 'bytes' | 'blocks' | 'mtimeMs'>[] }[];
}

function treeOf({ directories }: Made): UsageTree {
  const writer = new RecordWriter();
  for (const [id, { parent, files }] of directories.entries()) {
    const place = { id, parent: id === 0 ? -1 : parent % id, name: Buffer.from(id === 0 ? '' : `d${id}`) };
    writer.begin({ ...place, allocated: 4096, inode: BigInt(id), changedUs: 0 }, recordStatus.read);
    for (const [index, file] of files.entries()) {
      writer.entry({ kind: 'file', inode: BigInt(index), ...file, name: `${index}${file.name}` });
    }
    writer.end();
  }
  const { buffer, at } = writer.out;
  return new UsageTree([new Uint8Array(buffer.subarray(0, at)).buffer], directories.length);
}

const file = fc.record({
  name: fc.constantFrom('', '.json', '.JSON', '.tar.gz', '.safetensors', '.ü', '.a-very-long-ending-of-a-name', '.'),
  bytes: fc.oneof(fc.nat(10_000), fc.nat(1e9)),
  blocks: fc.oneof(fc.nat(20), fc.nat(2e6)),
  mtimeMs: fc.integer({ min: -500 * dayMs, max: dayMs }),
});
const made: fc.Arbitrary<Made> = fc.record({
  directories: fc.array(fc.record({ parent: fc.nat(), files: fc.array(file, { maxLength: 30 }) }), {
    minLength: 1,
    maxLength: 40,
  }),
});

const keys = ['bytes', 'allocated', 'files'] as const;
function sum(shares: readonly { bytes: number; allocated: number; files: number }[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, shares.reduce((total, share) => total + share[key], 0)]));
}

describe('a treemap', () => {
  it('never has more tiles than asked for, none twice, and adds up exactly', () => {
    fc.assert(
      fc.property(made, fc.integer({ min: 10, max: 60 }), (given, limit) => {
        const tree = treeOf(given);
        const { share, tiles } = treemapOf(tree, 0, limit);
        expect(tiles.length).toBeLessThanOrEqual(limit);
        expect(tiles.filter(({ kind }) => kind === 'others').length).toBeLessThanOrEqual(1);
        expect(new Set(tiles.map(({ path }) => path)).size).toBe(tiles.length);
        expect(sum(tiles)).toEqual({ ...share });
        for (const tile of tiles) for (const key of keys) expect(tile[key]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('divides what is large and folds what is small', () => {
    const files = (count: number, blocks: number): Made['directories'][number]['files'] =>
      Array.from({ length: count }, () => ({ name: '', bytes: blocks * 512, blocks, mtimeMs: 0 }));
    const tree = treeOf({
      directories: [
        { parent: 0, files: files(3, 1) },
        { parent: 0, files: files(2, 100_000) },
        { parent: 0, files: files(2_000, 100) },
        { parent: 1, files: files(1, 50_000) },
      ],
    });
    const { tiles } = treemapOf(tree, 0, 20);
    expect(tiles.map(({ kind, path, files: names }) => [kind, path, names])).toEqual([
      ['dir', 'd2', 2_000],
      ['file', 'd1/0', 1],
      ['file', 'd1/1', 1],
      ['file', 'd1/d3/0', 1],
      ['others', undefined, 3],
    ]);
  });
});

describe('details', () => {
  it('add up over types and over ages, and name the largest', () => {
    fc.assert(
      fc.property(made, fc.integer({ min: 1, max: 40 }), (given, limit) => {
        const tree = treeOf(given);
        const { largest, types, ages } = atOnce(detailsOf(tree, 0, limit, 0));
        const all = given.directories.flatMap(({ files }) => files);
        const whole = {
          bytes: all.reduce((total, { bytes }) => total + bytes, 0),
          allocated: all.reduce((total, { blocks }) => total + blocks * 512, 0),
          files: all.length,
        };
        expect(sum(types)).toEqual(whole);
        expect(sum(ages)).toEqual(whole);
        expect(largest.map(({ bytes }) => bytes)).toEqual(
          all
            .map(({ bytes }) => bytes)
            .sort((a, b) => b - a)
            .slice(0, limit),
        );
        for (const { path, sparse, bytes, allocated } of largest) {
          const at = path.lastIndexOf('/');
          expect(tree.find(path.slice(0, Math.max(0, at)))).toBeDefined();
          expect(sparse).toBe(bytes - allocated >= 4096);
        }
        const old = all.filter(({ mtimeMs }) => mtimeMs < -365 * dayMs).length;
        expect(ages.find(({ age }) => age === 'older')?.files).toBe(old);
      }),
    );
  });

  it('take the type from the end of a name', async () => {
    for (const name of ['a.JSON', 'b.json', '.hidden', 'x.tar.gz', 'none', 'odd.', 'weights.safetensors', 'ä.ÄÖ']) {
      write(name, 10);
    }
    const { types } = atOnce(detailsOf(await freshTree(root), 0, 5, Date.now()));
    expect(Object.fromEntries(types.map(({ type, files }) => [type, files]))).toEqual({
      json: 2,
      gz: 1,
      safetensors: 1,
      äö: 1,
      '': 3,
    });
  });

  it('fold rare types', () => {
    const files = Array.from({ length: 70 }, (_, index) => ({
      name: `.t${index}`,
      bytes: 1_000 - index,
      blocks: 1,
      mtimeMs: 0,
    }));
    const { types } = atOnce(detailsOf(treeOf({ directories: [{ parent: 0, files }] }), 0, 1, 0));
    expect(types).toHaveLength(50);
    expect(types.at(-1)).toMatchObject({ type: '*', files: 21 });
  });

  it('count a file with several names once, and mark sparse files', async () => {
    write('a/one', 50_000);
    fs.mkdirSync(join(root, 'b'));
    fs.linkSync(join(root, 'a/one'), join(root, 'b/two'));
    fs.truncateSync(join(root, 'b/two'), 50_000);
    write('b/hole', 0);
    fs.truncateSync(join(root, 'b/hole'), 10_000_000);
    const tree = await freshTree(root);
    const { largest, types } = atOnce(detailsOf(tree, 0, 5, Date.now()));
    expect(largest.map(({ path, bytes, hardLinked, sparse }) => [path, bytes, hardLinked, sparse])).toEqual([
      ['b/hole', 10_000_000, false, true],
      ['a/one', 50_000, true, false],
    ]);
    expect(types).toMatchObject([{ type: '', bytes: 10_050_000, files: 3 }]);
    expect(tree.hardLinks).toEqual({ names: 1, bytes: 50_000 });
    expect(tree.sparse).toEqual({ files: 1, bytes: 10_000_000 - fs.statSync(join(root, 'b/hole')).blocks * 512 });
    const { entries } = tree.children(tree.find('b') ?? 0, 'name', 10);
    expect(entries).toMatchObject([
      { name: 'hole', sparse: true },
      { name: 'two', hardLinked: true, bytes: 0 },
    ]);
  });

  it('give way to others, hold what they began with, and end when nobody waits', async () => {
    const files = Array.from({ length: 9_000 }, () => ({ name: '', bytes: 1, blocks: 1, mtimeMs: 0 }));
    const tree = treeOf({ directories: [{ parent: 0, files }] });
    const steps = detailsOf(tree, 0, 5, 0);
    expect(steps.next().done).toBe(false);
    const writer = new RecordWriter();
    const place = { id: 0, parent: -1, name: Buffer.alloc(0), allocated: 0, inode: 0n, changedUs: 1 };
    writer.begin(place, recordStatus.read);
    const { start, end } = writer.end();
    const { version } = tree;
    tree.apply(0, writer.out.buffer.subarray(start, end), []);
    expect(tree.version).not.toBe(version);
    expect(tree.figures(0).files).toBe(0);
    expect(sum(atOnce(steps).types)).toMatchObject({ files: 9_000 });
    await expect(inSlices(detailsOf(tree, 0, 5, 0), AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await inSlices(detailsOf(tree, 0, 5, 0))).largest).toEqual([]);
  });
});

describe('what deleting frees', () => {
  it.each([1, 2, 3, 4, 5, 6])('is what du no longer counts (%i)', async (seed) => {
    const storm = new Storm(root, seed);
    for (let step = 0; step < 120; step++) storm.step();
    const tree = await freshTree(root);
    const paths: string[] = [];
    for (const { id, path } of tree.walk()) {
      for (const [index, { name }] of tree.children(id, 'name', 1_000).entries.entries()) {
        if ((index * 7 + path.length + seed) % 3 === 0) paths.push(path === '' ? name : `${path}/${name}`);
      }
    }
    expect(paths.length).toBeGreaterThan(0);
    const freed = atOnce(freedBy(tree, paths));
    expect(freed.found).toBeGreaterThan(0);
    const [before, files] = [duAllocated(root), tree.figures(0).files];
    for (const path of paths) fs.rmSync(join(root, path), { recursive: true, force: true });
    const after = await freshTree(root);
    expect(after.figures(0).files).toBe(files - freed.files);
    // Directories that remain may themselves have become smaller, which no answer could know.
    const shrunk = [...after.walk()].reduce((total, { id, path }) => {
      const now =
        after.figures(id).allocated - after.children(id, 'name', 1e6).entries.reduce((s, e) => s + e.allocated, 0);
      const was = tree.find(path) ?? 0;
      const then =
        tree.figures(was).allocated - tree.children(was, 'name', 1e6).entries.reduce((s, e) => s + e.allocated, 0);
      return total + then - now;
    }, 0);
    expect(freed.allocated + shrunk).toBe(before - duAllocated(root));
  });

  it('says what other names hold, inside the store or not', async () => {
    write('store/a/x', 40_000);
    fs.mkdirSync(join(root, 'store/b'));
    fs.linkSync(join(root, 'store/a/x'), join(root, 'store/b/y'));
    write('store/a/z', 40_000);
    fs.linkSync(join(root, 'store/a/z'), join(root, 'outside'));
    const tree = await freshTree(join(root, 'store'));
    const held = atOnce(freedBy(tree, ['a']));
    const each = fs.statSync(join(root, 'outside')).blocks * 512;
    expect(held).toMatchObject({ files: 2, dirs: 1, heldByLinks: 2 * each });
    expect(atOnce(freedBy(tree, ['a', 'b', 'a/x', 'nothing', 'no/where']))).toMatchObject({
      files: 3,
      dirs: 2,
      heldByLinks: each,
      found: 2,
    });
    expect(atOnce(freedBy(tree, ['a/x', 'b/y']))).toMatchObject({ files: 2, dirs: 0, allocated: each, heldByLinks: 0 });
  });
});

describe('a page of a folder', () => {
  it.each(['name', 'bytes', 'files'] as const)('far down follows on the page before, by %s', (sort) => {
    const files = Array.from({ length: 6_000 }, (_, index) => ({
      name: ['é', '\udc80', '𝄞', '\uffee', 'z'][index % 5] ?? '',
      bytes: index % 7,
      blocks: 1,
      mtimeMs: 0,
    }));
    const tree = treeOf({ directories: [{ parent: 0, files }] });
    const whole = tree.children(0, sort, 6_000).entries.map(({ name }) => name);
    for (const offset of [0, 4_600, 5_100, 5_990]) {
      const page = tree.children(0, sort, 300, offset).entries.map(({ name }) => name);
      expect(page).toEqual(whole.slice(offset, offset + 300));
    }
  });

  it('follows on the page before, in every order', () => {
    const order = fc.constantFrom(
      'name' as const,
      'bytes' as const,
      'allocated' as const,
      'files' as const,
      'newest' as const,
    );
    const few = fc.record({
      name: fc.constantFrom('', 'x', 'é', '\udcff', '𝄞', '\uffee'),
      bytes: fc.nat(3),
      blocks: fc.nat(3),
      mtimeMs: fc.nat(3),
    });
    const flat = fc.record({
      directories: fc.array(fc.record({ parent: fc.constant(0), files: fc.array(few, { maxLength: 25 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
    });
    fc.assert(
      fc.property(flat, order, fc.integer({ min: 1, max: 9 }), (given, sort, limit) => {
        const tree = treeOf(given);
        const whole = tree.children(0, sort, 1_000);
        expect(whole.others).toEqual({ entries: 0, bytes: 0, allocated: 0 });
        const names: string[] = [];
        for (let offset = 0; offset <= whole.total; offset += limit) {
          const page = tree.children(0, sort, limit, offset);
          expect(page.total).toBe(whole.entries.length);
          names.push(...page.entries.map(({ name }) => name));
          const after = whole.entries.slice(offset + limit);
          expect(page.others).toEqual({
            entries: after.length,
            bytes: after.reduce((total, { bytes }) => total + bytes, 0),
            allocated: after.reduce((total, { allocated }) => total + allocated, 0),
          });
        }
        expect(names).toEqual(whole.entries.map(({ name }) => name));
      }),
    );
  });
});
