import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { setTime, setUp, snapshot, writeFile, writeTree } from './test-tree.ts';
import type { Bench, Node, Tree } from './test-tree.ts';

if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'd e', 'new\nline', 'a-b', 'a.b') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\u{1F980}', 'n\u0303', '\u00f1', '\udcff\udc80', 'x'.repeat(255), '-', '~'),
  },
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const mtimeNs = fc.bigInt({ min: -2_000_000_000_000_000_000n, max: 5_000_000_000_000_000_000n });
const content = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.constant(''),
  fc.constant(Buffer.alloc(20_000)),
  fc.constant(Buffer.concat([Buffer.alloc(8192), Buffer.from('x'), Buffer.alloc(8192)])),
  fc.nat(200).map((n) => Buffer.alloc(30_000 + n, `larder ${n}`)),
);
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o4711, 0o400);
const node: fc.Arbitrary<Node> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ content, mode, mtimeNs }) },
  {
    weight: 2,
    arbitrary: fc.record({ dir: fc.constant(true as const), mode: fc.constantFrom(0o755, 0o700, 0o555), mtimeNs }),
  },
  { weight: 1, arbitrary: fc.record({ link: fc.constantFrom('a', '../b', '/nowhere', 'd e/x'), mtimeNs }) },
);

/** A tree in which nothing lies below what is no folder. */
const tree = fc.array(fc.tuple(path, node), { maxLength: 14 }).chain((pairs) => {
  const chosen: Tree = {};
  for (const [at, one] of pairs.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const above = at.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'));
    if (above.some((folder) => folder in chosen && !('dir' in chosen[folder]!))) continue;
    if (Object.keys(chosen).some((other) => other.startsWith(`${at}/`)) && !('dir' in one)) continue;
    chosen[at] = one;
  }
  const files = Object.keys(chosen).filter((at) => 'content' in chosen[at]!);
  if (files.length === 0) return fc.constant(chosen);
  return fc.option(fc.constantFrom(...files)).map((hard): Tree => {
    return hard === null ? chosen : { ...chosen, 'zz hard link': { hard } };
  });
});

type Change = { readonly pick: number; readonly do: 'write' | 'remove' | 'time' | 'mode' | 'folder' | 'link' | 'add' };
const change: fc.Arbitrary<Change> = fc.record({
  pick: fc.nat(1000),
  do: fc.constantFrom('write', 'remove', 'time', 'mode', 'folder', 'link', 'add'),
});

function remove(at: string): void {
  if (nodeFs.lstat(at).isDirectory()) {
    for (const { name: child } of nodeFs.readDirectory(at)) remove(join(at, child));
    nodeFs.removeDirectory(at);
  } else nodeFs.unlink(at);
}

function apply(root: string, { pick, do: what }: Change, serial: number): void {
  const all = Object.keys(snapshot(root));
  const at = join(root, all[pick % all.length]!);
  const isRoot = at === root || at === `${root}/`;
  const isFolder = nodeFs.lstat(at).isDirectory();
  switch (what) {
    case 'write':
      if (nodeFs.lstat(at).isFile()) writeFile(at, `changed ${serial}`);
      return;
    case 'add':
      if (isFolder) writeTree(join(at, `added ${serial}`), { 'x/y': { content: `${serial}` } });
      return;
    case 'time':
      setTime(at, BigInt(serial) * 1_000_000_000n);
      return;
    case 'mode':
      if (!nodeFs.lstat(at).isSymbolicLink()) nodeFs.chmod(at, isFolder ? 0o711 : 0o640);
      return;
    case 'remove':
    case 'folder':
    case 'link':
      if (isRoot) return;
      remove(at);
      if (what === 'folder') writeTree(at, { [`in ${serial}`]: { content: 'in' } });
      if (what === 'link') nodeFs.symlink('somewhere', at);
  }
}

async function check(before: Tree, changes: readonly Change[], overwrite: 'always' | 'if-changed'): Promise<void> {
  const bench: Bench = setUp(before);
  try {
    await bench.backUp();
    const original = snapshot(bench.store);
    changes.forEach((one, serial) => apply(bench.store, one, serial));
    const live = snapshot(bench.store);

    const out = join(bench.context.folder, 'out');
    const elsewhere = await bench.restore({ target: { kind: 'folder', path: out } });
    expect(elsewhere.job.status).toBe('done');
    expect(snapshot(out)).toEqual(original);
    expect(elsewhere.result).toMatchObject({ created: elsewhere.plan.created, bytes: elsewhere.plan.bytesToWrite });

    const { plan, job, result } = await bench.restore({ overwrite, deleteExtra: true });
    expect(job.status).toBe('done');
    expect(snapshot(bench.store)).toEqual(original);
    const { created, overwritten, metadata, deleted, unchanged, kept } = plan;
    expect(result).toMatchObject({
      created,
      overwritten,
      metadata,
      deleted,
      unchanged,
      kept,
      bytes: plan.bytesToWrite,
    });

    const settled = snapshot(bench.store, { inodes: true });
    const again = await bench.restore({ overwrite, deleteExtra: true });
    expect(again.result).toMatchObject({ created: 0, overwritten: 0, metadata: 0, deleted: 0 });
    expect(snapshot(bench.store, { inodes: true })).toEqual(settled);

    const { restores } = await bench.capability().handlers.list({}, { signal: new AbortController().signal });
    const undoable = restores.find((restore) => restore.id === result.id);
    if (undoable?.undoUntilMs !== undefined) {
      expect((await bench.undo(result.id)).status).toBe('done');
      expect(snapshot(bench.store)).toEqual(live);
    } else expect(live).toEqual(original);
  } finally {
    await bench.context.close();
  }
}

it('any tree, whatever was done to it, comes back, and undo takes it away again', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.array(change, { maxLength: 10 }),
      fc.constantFrom('always' as const, 'if-changed' as const),
      check,
    ),
    { numRuns: 60 },
  );
});
