import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaths } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { Pages } from './page.ts';
import type { PageQuery } from './page.ts';
import { PagesKept } from './pages-kept.ts';
import { recordStatus, RecordWriter } from './record.ts';
import { atOnce } from './slices.ts';
import { UsageTree } from './tree.ts';

interface File {
  name: string;
  bytes: number;
  mtimeMs: number;
}

/** A tree of a root with these files and directories, made without a disk. */
function treeOf(files: readonly File[], directories: readonly string[] = []): UsageTree {
  const writer = new RecordWriter();
  const place = { allocated: 4_096, inode: 1n, changedUs: 1 };
  writer.begin({ ...place, id: 0, parent: -1, name: Buffer.alloc(0) }, recordStatus.read);
  for (const [index, { name, bytes, mtimeMs }] of files.entries()) {
    writer.entry({ kind: 'file', name, bytes, blocks: Math.ceil(bytes / 512), mtimeMs, inode: BigInt(index + 10) });
  }
  writer.end();
  for (const [index, name] of directories.entries()) {
    writer.begin({ ...place, id: index + 1, parent: 0, name: encodeName(name) }, recordStatus.read);
    writer.end();
  }
  const { buffer, at } = writer.out;
  return new UsageTree([new Uint8Array(buffer.subarray(0, at)).buffer], directories.length + 1);
}

/** Names that share beginnings, names beyond ASCII, and names that are no UTF-8. */
const names = fc.uniqueArray(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('', 'a', 'record-', 'record-00'), fc.nat(5_000))
      .map(([head, number]) => `${head}${number}`),
    fc.constantFrom('é', 'É', '日本', '\u{1F600}', '\uFF5E', 'record-', 'R', decodeName(Uint8Array.of(0x72, 0xff))),
    fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', '0', 'é') }),
  ),
  { maxLength: 60 },
);

describe('a page', () => {
  it('holds what a plain sort would put there, in each order and from either end', () => {
    fc.assert(
      fc.property(
        names.chain((all) => fc.tuple(fc.constant(all), fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }))),
        fc.constantFrom('name', 'bytes', 'newest', 'files', 'allocated'),
        fc.boolean(),
        fc.constantFrom('', 'A', '0', 'é', 'record-0'),
        fc.nat(70),
        fc.integer({ min: 1, max: 30 }),
        ([all, keys], sort, reverse, filter, offset, limit) => {
          const cut = Math.floor(all.length / 3);
          const files = all.slice(cut).map((name, index) => ({
            name,
            bytes: (keys[index] ?? 0) * 70_000_000_000,
            mtimeMs: 1_700_000_000_000 - (keys[index] ?? 0),
          }));
          const tree = treeOf(files, all.slice(0, cut));
          const pages = new Pages(atOnce(tree.listing(0)));
          const whole = atOnce(pages.page({ sort: 'name', limit: 1_000 })).entries;
          const expected = whole
            .filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
            .sort((a, b) => (sort === 'name' ? 0 : b[sort] - a[sort]) || comparePaths(a.name, b.name));
          if (reverse) expected.reverse();
          const page = atOnce(pages.page({ sort, reverse, filter, offset, limit }));
          expect(whole.map(({ name }) => name)).toEqual([...all].sort(comparePaths));
          expect(page.entries).toEqual(expected.slice(offset, offset + limit));
          expect(page.total).toBe(expected.length);
          const after = expected.slice(offset + limit);
          expect(page.others).toEqual({
            entries: after.length,
            bytes: after.reduce((sum, { bytes }) => sum + bytes, 0),
            allocated: after.reduce((sum, { allocated }) => sum + allocated, 0),
          });
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('comes from anywhere in a very long folder, several asked for at a time', () => {
    const count = 20_000;
    const files = Array.from({ length: count }, (_, index) => ({
      name: `part-${(index * 7_919) % count}.bin`,
      bytes: index % 3,
      mtimeMs: index,
    }));
    const sorted = files.map(({ name }) => name).sort(comparePaths);
    const pages = new Pages(atOnce(treeOf(files).listing(0)));
    const asked = [12_000, 11_950, 0, 19_990].map((offset) => ({
      offset,
      steps: pages.page({ sort: 'name', limit: 100, offset }),
    }));
    const open = new Set(asked);
    while (open.size > 0) {
      for (const each of open) {
        const step = each.steps.next();
        if (step.done !== true) continue;
        open.delete(each);
        expect(step.value.entries.map(({ name }) => name)).toEqual(sorted.slice(each.offset, each.offset + 100));
      }
    }
  });
});

describe('kept listings', () => {
  const files = Array.from({ length: 3_000 }, (_, index) => ({ name: `f${index}`, bytes: index, mtimeMs: 1 }));
  const query: PageQuery = { sort: 'bytes', limit: 2 };

  it('are used again, and not once something changed in or below the folder', () => {
    const tree = treeOf(files, ['sub']);
    const kept = new PagesKept();
    let listed = 0;
    const real = tree.listing.bind(tree);
    tree.listing = (id) => {
      listed++;
      return real(id);
    };
    const names = (): string[] => atOnce(kept.page(tree, 0, query)).entries.map(({ name }) => name);
    expect(names()).toEqual(['f2999', 'f2998']);
    atOnce(kept.page(tree, 0, { ...query, sort: 'name', offset: 100 }));
    expect(listed).toBe(1);
    const record = new RecordWriter();
    const sub = tree.find('sub') ?? -1;
    const place = { id: 0, parent: -1, name: Buffer.from('sub'), allocated: 4_096, inode: 1n, changedUs: 2 };
    record.begin(place, recordStatus.read);
    record.entry({ kind: 'file', name: 'big', bytes: 9_000, blocks: 8, mtimeMs: 1, inode: 99_999n });
    const { start, end } = record.end();
    tree.apply(sub, Buffer.from(record.out.buffer.subarray(start, end)), []);
    expect(names()).toEqual(['sub', 'f2999']);
    expect(listed).toBe(2);
    kept.clear();
    names();
    expect(listed).toBe(3);
    expect(atOnce(kept.page(treeOf([]), 0, query)).total).toBe(0);
  });
});
