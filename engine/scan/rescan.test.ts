import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { dump, freshTree, Storm, withOtherDevice } from '../scan-testing/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { rescan, scanStore } from './index.ts';
import type { ScanBounds, UsageTree } from './index.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

const pool = createInlinePool();

async function settle(
  tree: UsageTree,
  bounds: ScanBounds,
  dirty: Iterable<string>,
  inlineMs: number,
  using: { fs: FileSystem; pool: Pool } = { fs: nodeFs, pool },
): Promise<void> {
  for (let next = [...new Set(dirty)]; next.length > 0;) {
    const outcome = await rescan(tree, bounds, next, { fs: using.fs, pool: using.pool, inlineMs });
    expect(outcome.rootLost).toBe(false);
    next = [...new Set(outcome.next)];
  }
}

describe('reading again only what changed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the tree a fresh count gives (storm %i)', async (seed) => {
    const root = join(temporary.path, `storm-${seed}`);
    fs.mkdirSync(root);
    const storm = new Storm(root, seed);
    for (let step = 0; step < 40; step++) storm.step();
    const { tree, bounds } = await scanStore(root, new Set(), { fs: nodeFs, pool });
    for (let round = 0; round < 8; round++) {
      const dirty: string[] = [];
      for (let step = 0; step < 12; step++) dirty.push(...storm.step());
      await settle(tree, bounds, dirty, round % 2 === 0 ? 1_000 : 0);
      expect(dump(tree)).toEqual(dump(await freshTree(root)));
    }
  });

  it.each([
    [21, false],
    [22, false],
    [23, true],
    [24, true],
  ])(
    'does so after each step, files with several names written to (storm %i, other mounts: %s)',
    async (seed, cross) => {
      const root = join(temporary.path, `steps-${seed}`);
      fs.mkdirSync(root);
      const storm = new Storm(root, seed, { writesLinked: true });
      for (let step = 0; step < 30; step++) storm.step();
      const fileSystem = withOtherDevice((name) => /^(?:n|x)\D*[0-9]*[05]/.test(name));
      const options = { fs: fileSystem, pool: createInlinePool(fileSystem), crossMounts: cross };
      const { tree, bounds } = await scanStore(root, new Set(), options);
      for (let step = 0; step < 120; step++) {
        await settle(tree, bounds, storm.step(), step % 2 === 0 ? 1_000 : 0, options);
        expect(dump(tree)).toEqual(dump(await freshTree(root, fileSystem, cross)));
      }
      if (cross) expect(tree.mounts()).toEqual([]);
    },
  );

  it('finds the first name of a file whose second name appears elsewhere', async () => {
    const root = join(temporary.path, 'late-link');
    fs.mkdirSync(join(root, 'a'), { recursive: true });
    fs.mkdirSync(join(root, 'b'));
    fs.writeFileSync(join(root, 'a/file'), Buffer.alloc(10_000));
    const { tree, bounds } = await scanStore(root, new Set(), { fs: nodeFs, pool });
    fs.linkSync(join(root, 'a/file'), join(root, 'b/link'));
    await settle(tree, bounds, ['b'], 1_000);
    expect(tree.figures(0).bytes).toBe(10_000);
    fs.rmSync(join(root, 'a/file'));
    await settle(tree, bounds, ['a'], 1_000);
    expect(tree.figures(0).bytes).toBe(10_000);
    expect(dump(tree)).toEqual(dump(await freshTree(root)));
  });

  it('sees what was written under a name that is gone', async () => {
    const root = join(temporary.path, 'gone-name');
    for (const name of ['a', 'b']) fs.mkdirSync(join(root, name), { recursive: true });
    fs.writeFileSync(join(root, 'a/file'), Buffer.alloc(10_000));
    fs.linkSync(join(root, 'a/file'), join(root, 'b/link'));
    const { tree, bounds } = await scanStore(root, new Set(), { fs: nodeFs, pool });
    fs.appendFileSync(join(root, 'b/link'), Buffer.alloc(5_000));
    fs.rmSync(join(root, 'b/link'));
    await settle(tree, bounds, ['b'], 1_000);
    expect(tree.figures(0).bytes).toBe(15_000);
    expect(dump(tree)).toEqual(dump(await freshTree(root)));
  });

  it('holds its memory through many changes', async () => {
    const root = join(temporary.path, 'churn');
    fs.mkdirSync(root);
    for (let index = 0; index < 2_000; index++) fs.writeFileSync(join(root, `record-${index}.json`), '');
    const { tree, bounds } = await scanStore(root, new Set(), { fs: nodeFs, pool });
    let most = 0;
    for (let round = 0; round < 30; round++) {
      fs.writeFileSync(join(root, 'record-7.json'), Buffer.alloc(round));
      await settle(tree, bounds, [''], 1_000);
      most = Math.max(most, tree.memory);
    }
    expect(most).toBeLessThan(4_000_000);
    expect(dump(tree)).toEqual(dump(await freshTree(root)));
  });

  it('tells when the root is gone or another one', async () => {
    const root = join(temporary.path, 'replaced');
    fs.mkdirSync(root);
    const { tree, bounds } = await scanStore(root, new Set(), { fs: nodeFs, pool });
    fs.renameSync(root, `${root}-old`);
    expect(await rescan(tree, bounds, [''], { fs: nodeFs, pool, inlineMs: 0 })).toMatchObject({ rootLost: true });
    fs.mkdirSync(root);
    expect(await rescan(tree, bounds, [''], { fs: nodeFs, pool, inlineMs: 9 })).toMatchObject({ rootLost: true });
  });
});

describe('a page of a large directory', () => {
  it('holds the first entries of each order, and folds the others', async () => {
    const root = join(temporary.path, 'large');
    fs.mkdirSync(join(root, 'sub'), { recursive: true });
    fs.writeFileSync(join(root, 'sub/most'), Buffer.alloc(5_000));
    for (let index = 0; index < 300; index++) fs.writeFileSync(join(root, `f${index}`), Buffer.alloc(index % 50));
    const tree = await freshTree(root);
    for (const sort of ['bytes', 'allocated', 'files', 'newest', 'name'] as const) {
      const all = tree.children(0, sort, 1_000);
      expect(all.others).toEqual({ entries: 0, bytes: 0, allocated: 0 });
      const page = tree.children(0, sort, 20);
      expect(page.others.entries).toBe(281);
      const key = (entry: (typeof all.entries)[number]): unknown => entry[sort];
      expect(page.entries.map(key)).toEqual(all.entries.slice(0, 20).map(key));
      const shown = page.entries.reduce((sum, entry) => sum + entry.bytes, 0);
      expect(shown + page.others.bytes).toBe(tree.figures(0).bytes);
    }
    expect(tree.children(0, 'bytes', 2).entries[0]).toMatchObject({ name: 'sub', kind: 'dir', bytes: 5_000, files: 1 });
  });
});
