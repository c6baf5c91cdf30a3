import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fsPath, nodeFs } from '../fs/index.ts';
import { createThreadPool } from '../pool/index.ts';
import { readHeader, verifyBackup, writeBackup } from './index.ts';
import type { SourceEntry } from './index.ts';
import { pieceBytes } from './limits.ts';
import { compareManifests } from './manifest-compare.ts';
import { openEmbedded } from './manifest-reader.ts';
import {
  collectSkips,
  contentsOf,
  contentsOnDisk,
  listTree,
  makeFolder,
  noise,
  optionsFor,
  removeFolder,
  reopen,
  writeTree,
} from './testing/trees.ts';

let folder: string;
let root: string;
let destination: string;

beforeEach(() => {
  folder = makeFolder();
  root = join(folder, 'store');
  destination = join(folder, 'backups');
  nodeFsModule.mkdirSync(root);
  nodeFsModule.mkdirSync(destination);
});
afterEach(() => removeFolder(folder));

const formats = ['zst', 'gz', 'tar'] as const;
const workerUrl = new URL('../pool-worker.ts', import.meta.url);

const segment = fc.oneof(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.constantFrom(
    'a b',
    'new\nline',
    '🦊',
    'e\u0301',
    '\u00e9',
    'caf\udce9',
    '\udcff\udcfe',
    'x'.repeat(255),
    '-rf',
    '"q"',
  ),
  fc.constantFrom('ж'.repeat(127), '\u2028', '\\', 'a.'),
);
const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(511, 512, 513, pieceBytes - 1, pieceBytes, pieceBytes + 1) },
);
const times = fc.bigInt({ min: -3_000_000_000n, max: 9_000_000_000n });
const node = fc.record({
  path: fc.array(segment, { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('file', 'file', 'file', 'dir', 'symlink', 'link'),
  size: sizes,
  seed: fc.nat(),
  compressible: fc.boolean(),
  mode: fc.constantFrom(0o644, 0o600, 0o755, 0o4711, 0o1777),
  seconds: times,
});
type Node = typeof node extends fc.Arbitrary<infer T> ? T : never;

function build(nodes: readonly Node[]): void {
  const made: string[] = [];
  for (const { path, kind, size, seed, compressible, mode } of nodes) {
    const absolute = join(root, ...path);
    try {
      nodeFs.makeDirectory(join(root, ...path.slice(0, -1)), { recursive: true });
      if (kind === 'dir') nodeFs.makeDirectory(absolute, { recursive: true });
      else if (kind === 'symlink') nodeFs.symlink(path.join('/../'), absolute);
      else if (kind === 'link' && made.length > 0) nodeFs.link(made[seed % made.length]!, absolute);
      else {
        nodeFsModule.writeFileSync(fsPath(absolute), compressible ? Buffer.alloc(size, 'ab') : noise(size, seed));
        nodeFs.chmod(absolute, mode);
        made.push(absolute);
      }
    } catch {
      // A name that is taken by a file already, or a file in the way: the tree is simply without it.
    }
  }
  const seconds = nodes.map((one) => Number(one.seconds));
  // Deepest first, or setting a child would move its folder's time.
  for (const [index, { path, type }] of listTree(root).reverse().entries()) {
    const time = (seconds[index % Math.max(1, seconds.length)] ?? 0) + (index % 3) / 8;
    if (type !== 'symlink') nodeFs.lutimes(join(root, path), time, time);
  }
}

describe('a backup', () => {
  it('holds exactly what was there, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(node, { maxLength: 14 }), fc.constantFrom(...formats), async (nodes, format) => {
        removeFolder(root);
        removeFolder(destination);
        nodeFsModule.mkdirSync(root);
        nodeFsModule.mkdirSync(destination);
        build(nodes);
        const { skipped, onSkip } = collectSkips();
        const written = await writeBackup(optionsFor(root, destination, { format, onSkip }));
        expect(skipped).toEqual([]);
        const reader = reopen(written.manifest);
        expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
        expect(written.files).toBe(reader.counts.files);
        const verified = await verifyBackup({
          fs: nodeFs,
          pool: optionsFor(root, destination).pool,
          reader,
          mode: 'deep',
        });
        expect(verified.problems).toEqual([]);
        expect(
          compareManifests(nodeFs, { path: written.archive, format }, written.manifest, 'b-1', true),
        ).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('carries the manifest that stands beside it, but for its own size and digest', async () => {
    writeTree(root, { 'a/b.txt': 'text', big: noise(9_000_000) });
    for (const format of formats) {
      const written = await writeBackup(optionsFor(root, destination, { format }));
      const inner = openEmbedded(nodeFs, { path: written.archive, format }, written.manifest);
      const outer = reopen(written.manifest);
      expect([...inner.entries()]).toEqual([...outer.entries()]);
      expect(inner.frames).toEqual(outer.frames);
      expect(inner.header).toEqual(outer.header);
      expect(inner.counts).toEqual(outer.counts);
      expect(inner.archives).toEqual([{ ...outer.archives[0], size: null, sha256: null }]);
      expect(outer.archives[0]?.size).toBe(nodeFsModule.statSync(written.archive).size);
    }
  });

  it('is the same bytes with one worker as with four', async () => {
    writeTree(root, { 'models/w.bin': noise(10_000_001), 'models/z.bin': Buffer.alloc(5_000_000, 'xyz') });
    writeTree(root, Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`cache/${n % 7}/f${n}`, noise(n, n)])));
    nodeFsModule.linkSync(join(root, 'models/w.bin'), join(root, 'a-link'));
    nodeFsModule.linkSync(join(root, 'cache/3/f10'), join(root, 'zz-link'));
    const written = new Map<string, Buffer[]>();
    for (const size of [1, 4]) {
      const pool = createThreadPool(workerUrl, size);
      for (const format of formats) {
        const into = join(destination, `${format}-${size}`);
        nodeFsModule.mkdirSync(into);
        const { archive, manifest } = await writeBackup(optionsFor(root, into, { format, pool }));
        const files = [nodeFsModule.readFileSync(archive), nodeFsModule.readFileSync(manifest)];
        written.set(format, [...(written.get(format) ?? []), ...files]);
      }
      await pool.close();
    }
    for (const format of formats) {
      const [archive, manifest, otherArchive, otherManifest] = written.get(format)!;
      expect(archive!.equals(otherArchive!)).toBe(true);
      expect(manifest!.equals(otherManifest!)).toBe(true);
    }
  }, 120_000);

  it('stores hard links once, as links, and every other repetition again', async () => {
    writeTree(root, { a: 'same', b: 'same', 'dir/big': noise(6_000_000) });
    nodeFsModule.linkSync(join(root, 'a'), join(root, 'c'));
    nodeFsModule.linkSync(join(root, 'dir/big'), join(root, 'dir/more'));
    const reader = reopen((await writeBackup(optionsFor(root, destination))).manifest);
    const links = [...reader.entries()].flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry.linkTo]] : []));
    expect(links).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', 'a'],
      ['dir/big', undefined],
      ['dir/more', 'dir/big'],
    ]);
    expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
  });

  it('tells in its header frame all that a list needs', async () => {
    writeTree(root, { a: 'x', 'b/c': 'yy' });
    const skippedBefore = [{ path: 'locked', reason: 'may not be accessed by this user' }];
    const written = await writeBackup(optionsFor(root, destination, { skippedBefore }));
    const summary = readHeader(nodeFs, written.manifest);
    expect(summary.counts).toEqual({ archives: 1, frames: 1, files: 2, dirs: 2, symlinks: 0, bytes: 3, reused: 0 });
    expect(summary.header).toEqual(written.header);
    expect(summary.header.skipped).toEqual(skippedBefore);
    expect(summary.archivePaths).toEqual([written.archive]);
    expect(summary.manifestBytes + nodeFsModule.statSync(written.archive).size).toBe(written.storedBytes);
  });

  it('has a manifest of many frames when there are many entries', async () => {
    // Folders are taken as they were listed, so they need not be there.
    const [top] = listTree(root) as [SourceEntry];
    const names = Array.from({ length: 60_000 }, (_, n) => `folder-${String(n).padStart(6, '0')}`);
    const entries = [top, ...names.map((path) => ({ ...top, path }))];
    const written = await writeBackup(optionsFor(root, destination, { entries }));
    const reader = reopen(written.manifest);
    expect(reader.frames.length).toBeGreaterThan(5);
    expect([...reader.entries()].map(({ path }) => path)).toEqual(['', ...names]);
    const { pool } = optionsFor(root, destination);
    expect((await verifyBackup({ fs: nodeFs, pool, reader, mode: 'deep' })).problems).toEqual([]);
  });

  it('takes the next free name, and keeps files to their owner', async () => {
    writeTree(root, { a: 'x' });
    const names: string[] = [];
    for (const format of ['zst', 'gz', 'zst'] as const) {
      const written = await writeBackup(optionsFor(root, destination, { format }));
      names.push(written.archive.slice(destination.length + 1));
      for (const path of [written.archive, written.manifest]) {
        expect(nodeFsModule.statSync(path).mode & 0o777).toBe(0o600);
      }
    }
    expect(names).toEqual(['backup.tar.zst', 'backup-2.tar.gz', 'backup-3.tar.zst']);
    expect(nodeFsModule.statSync(join(destination, '.larder')).mode & 0o777).toBe(0o700);
    expect(nodeFsModule.readdirSync(join(destination, '.larder/tmp'))).toEqual([]);
  });

  it('refuses a list that is out of order, rather than write a manifest nobody can open', async () => {
    writeTree(root, { 'a/b': 'x' });
    const [top, ...rest] = listTree(root) as [SourceEntry, ...SourceEntry[]];
    for (const entries of [rest, [top, ...rest.toReversed()], [top, top], [top, rest[1]!]]) {
      const failing = writeBackup(optionsFor(root, destination, { entries }));
      await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });
});
