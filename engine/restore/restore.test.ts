import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { hastyFs, setTime, setUp, signal, snapshot, writeFile, writeTree, parsed } from './test-tree.ts';
import type { Bench, Tree } from './test-tree.ts';
import { createThreadPool } from '../pool/index.ts';
import type { TestContextOptions } from '../testing/index.ts';

// In memory where the machine has that: the disk is not what is tested.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.context.close();
});

function start(tree: Tree, options: TestContextOptions = { fs: hastyFs }): Bench {
  const bench = setUp(tree, options);
  benches.push(bench);
  return bench;
}

const big = Buffer.alloc(9 * 1024 * 1024, 'larder');

function sampleTree(): Tree {
  return {
    'a.txt': { content: 'first' },
    empty: { content: '' },
    'models/weights.bin': { content: big, mode: 0o600 },
    'models/config.json': { content: '{}', mtimeNs: -86_400_000_123_000n },
    'models/later': { content: 'x', mtimeNs: 4_102_444_800_987_654_321n },
    'models/deep/er/file': { content: 'deep', mode: 0o4755 },
    'nothing here': { dir: true, mode: 0o700 },
    'closed/inner': { content: 'i', mode: 0o400 },
    closed: { dir: true, mode: 0o555 },
    dangling: { link: 'nowhere/at all' },
    absolute: { link: '/etc/hostname' },
    'models/linked': { hard: 'a.txt' },
    'näme\nwith \u{1F980}': { content: 'odd' },
    'raw-\udcff\udc80': { content: 'bytes' },
    sparse: { content: Buffer.concat([Buffer.alloc(1_000_000), Buffer.from('end'), Buffer.alloc(500_000)]) },
    zeros: { content: Buffer.alloc(64 * 1024) },
  };
}

describe('restore into a folder', () => {
  it.each(['zst', 'gz', 'tar'] as const)('gives an equal tree and nothing else (%s)', async (format) => {
    const bench = start(sampleTree());
    await bench.backUp('b1', format);
    const out = join(bench.context.folder, 'new', 'out');
    const { plan, job, result } = await bench.restore({ target: { kind: 'folder', path: out } });
    expect(job.error).toBeUndefined();
    expect(job.status).toBe('done');
    expect(snapshot(out)).toEqual(snapshot(bench.store));
    expect(existsSync(join(out, '.larder-undo'))).toBe(false);
    expect(result.created).toBe(plan.created);
    expect(result.bytes).toBe(plan.bytesToWrite);
    expect(result.created).toBe(Object.keys(snapshot(out)).length);
    expect(result).toMatchObject({ overwritten: 0, deleted: 0, unchanged: 0, skipped: [], status: 'done' });
    expect(bench.context.events.some((event) => event.name === 'restore.changed')).toBe(true);
  });

  it('writes zeros as holes', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const out = join(bench.context.folder, 'out');
    await bench.restore({ target: { kind: 'folder', path: out }, paths: ['sparse', 'zeros'] });
    expect(nodeFs.lstat(join(out, 'sparse')).blocks).toBeLessThan(64n);
    expect(nodeFs.lstat(join(out, 'zeros')).blocks).toBe(0n);
    expect(Object.keys(snapshot(out))).toEqual(['', 'sparse', 'zeros']);
  });

  it('restores chosen paths with the folders they lie in', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const out = join(bench.context.folder, 'out');
    const { result } = await bench.restore({
      target: { kind: 'folder', path: out },
      paths: ['models/deep', 'closed/inner', 'models/linked'],
    });
    const all = snapshot(bench.store);
    const some = snapshot(out);
    expect(Object.keys(some).sort()).toEqual(
      [
        '',
        'closed',
        'closed/inner',
        'models',
        'models/deep',
        'models/deep/er',
        'models/deep/er/file',
        'models/linked',
      ].sort(),
    );
    for (const path of Object.keys(some)) {
      if (path !== 'models/linked') expect(some[path]).toBe(all[path]);
    }
    expect(nodeFs.readFile(join(out, 'models/linked')).toString()).toBe('first');
    expect(result.status).toBe('done');
  });

  it('names chosen paths that the backup does not hold', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    await expect(bench.plan({ paths: ['a.txt', 'no/such', 'models/none'] })).rejects.toSatisfy(
      (error) => isLarderError(error, 'NOT_FOUND') && /no\/such, models\/none/.test(error.message),
    );
  });

  it('is undone to nothing, the folders made for it included', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const out = join(bench.context.folder, 'new', 'out');
    const { result } = await bench.restore({ target: { kind: 'folder', path: out } });
    const job = await bench.undo(result.id);
    expect(job).toMatchObject({ status: 'done', result: { removed: result.created - 1, putBack: 0 } });
    expect(existsSync(join(bench.context.folder, 'new'))).toBe(false);
  });

  it('refuses a target that is a file', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const path = join(bench.store, 'a.txt', 'below');
    await expect(bench.plan({ target: { kind: 'folder', path } })).rejects.toSatisfy((error) =>
      isLarderError(error, 'INVALID_INPUT'),
    );
  });
});

describe('restore in place', () => {
  it('writes nothing over an unchanged store', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    for (const overwrite of ['always', 'if-changed', 'if-newer', 'never'] as const) {
      const before = snapshot(bench.store, { inodes: true });
      const { plan, result } = await bench.restore({ overwrite, deleteExtra: true });
      expect(plan).toMatchObject({ created: 0, overwritten: 0, metadata: 0, kept: 0, deleted: 0, bytesToWrite: 0 });
      expect(result).toMatchObject({ created: 0, overwritten: 0, status: 'done', unchanged: plan.unchanged });
      expect(snapshot(bench.store, { inodes: true })).toEqual(before);
      expect(existsSync(join(bench.store, '.larder-undo'))).toBe(false);
    }
  });

  function disturb(store: string): void {
    writeFile(join(store, 'a.txt'), 'FIRST');
    writeFile(join(store, 'models/config.json'), '{"longer": true}');
    nodeFs.unlink(join(store, 'models/deep/er/file'));
    writeFile(join(store, 'models/extra'), 'extra');
    writeTree(join(store, 'more'), { 'x/y': { content: 'y' }, z: { link: 'x' } });
    nodeFs.chmod(join(store, 'models/weights.bin'), 0o644);
    nodeFs.unlink(join(store, 'dangling'));
    nodeFs.makeDirectory(join(store, 'dangling'));
    writeFile(join(store, 'dangling/inside'), 'was a link');
    nodeFs.removeDirectory(join(store, 'nothing here'));
    writeFile(join(store, 'nothing here'), 'was a folder');
    nodeFs.unlink(join(store, 'empty'));
    nodeFs.symlink('../store-neighbour', join(store, 'empty'));
    setTime(join(store, 'sparse'), 1_600_000_000_000_000_000n);
  }

  it('brings everything back, does as planned, is idempotent and is undone exactly', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const original = snapshot(bench.store);
    disturb(bench.store);
    const disturbed = snapshot(bench.store);
    const { plan, job, result } = await bench.restore({ deleteExtra: true });
    expect(job.status).toBe('done');
    expect(snapshot(bench.store)).toEqual(original);
    expect(result).toMatchObject({
      created: plan.created,
      overwritten: plan.overwritten,
      metadata: plan.metadata,
      unchanged: plan.unchanged,
      deleted: plan.deleted,
      bytes: plan.bytesToWrite,
    });
    expect(plan.created).toBe(1);
    expect(plan.deleted).toBe(1 + 4 + 1);

    const after = snapshot(bench.store, { inodes: true });
    const again = await bench.restore({ deleteExtra: true });
    expect(again.result).toMatchObject({ created: 0, overwritten: 0, deleted: 0, metadata: 0 });
    expect(snapshot(bench.store, { inodes: true })).toEqual(after);

    const undone = await bench.undo(result.id);
    expect(undone.status).toBe('done');
    expect(undone.result).toMatchObject({ changedSince: [], removed: 1 });
    expect(snapshot(bench.store)).toEqual(disturbed);
    expect(existsSync(join(bench.store, '.larder-undo'))).toBe(false);
  });

  it('keeps what the rule says', async () => {
    const bench = start({
      older: { content: 'a' },
      newer: { content: 'a', mtimeNs: 1_900_000_000_000_000_000n },
      gone: { content: 'g' },
      same: { content: 's' },
    });
    await bench.backUp();
    const change = (): void => {
      writeFile(join(bench.store, 'older'), 'changed', 1_800_000_000_000_000_000n);
      writeFile(join(bench.store, 'newer'), 'changed', 1_800_000_000_000_000_000n);
      if (existsSync(join(bench.store, 'gone'))) nodeFs.unlink(join(bench.store, 'gone'));
    };
    const text = (name: string): string => nodeFs.readFile(join(bench.store, name)).toString();
    change();
    const never = await bench.restore({ overwrite: 'never' });
    expect([text('older'), text('newer'), text('gone')]).toEqual(['changed', 'changed', 'g']);
    expect(never.result).toMatchObject({ created: 1, overwritten: 0 });
    change();
    const newer = await bench.restore({ overwrite: 'if-newer' });
    expect(newer.job.error).toBeUndefined();
    expect([text('older'), text('newer'), text('gone')]).toEqual(['changed', 'a', 'g']);
    expect(newer.result).toMatchObject({ created: 1, overwritten: 1 });
    change();
    const changed = await bench.restore({ overwrite: 'if-changed' });
    expect([text('older'), text('newer'), text('gone')]).toEqual(['a', 'a', 'g']);
    expect(changed.result).toMatchObject({ created: 1, overwritten: 2 });
  });

  it('finds damage that left size and time alone under `always` only', async () => {
    const bench = start({ file: { content: 'sound', mtimeNs: 5_000_000_000n } });
    await bench.backUp();
    writeFile(join(bench.store, 'file'), 'roten', 5_000_000_000n);
    expect((await bench.plan()).overwritten).toBe(0);
    await bench.restore({ overwrite: 'always' });
    expect(nodeFs.readFile(join(bench.store, 'file')).toString()).toBe('sound');
  });

  it('only puts times right where the content is', async () => {
    const bench = start({ file: { content: 'same' }, 'dir/other': { content: 'o' } });
    await bench.backUp();
    const { ino } = nodeFs.lstat(join(bench.store, 'file'));
    setTime(join(bench.store, 'file'), 7_000_000_000n);
    nodeFs.chmod(join(bench.store, 'dir'), 0o700);
    const { plan, result } = await bench.restore();
    expect(plan).toMatchObject({ metadata: 2, overwritten: 0, bytesToWrite: 0 });
    expect(result.metadata).toBe(2);
    expect(nodeFs.lstat(join(bench.store, 'file')).ino).toBe(ino);
    expect(nodeFs.lstat(join(bench.store, 'file')).mtimeNs / 1000n).toBe(1_700_000_000_123_456n);
    await bench.undo(result.id);
    expect(nodeFs.lstat(join(bench.store, 'file')).mtimeNs).toBe(7_000_000_000n);
    expect(statSync(join(bench.store, 'dir')).mode & 0o777).toBe(0o700);
  });

  it('never changes a file through a hard link from outside', async () => {
    const bench = start({ file: { content: 'same' } });
    await bench.backUp();
    const outside = join(bench.context.folder, 'outside');
    nodeFs.link(join(bench.store, 'file'), outside);
    nodeFs.chmod(outside, 0o600);
    const before = nodeFs.lstat(outside);
    await bench.restore();
    expect(nodeFs.lstat(join(bench.store, 'file')).mode & 0o777n).toBe(0o644n);
    expect(nodeFs.lstat(outside).mode).toBe(before.mode);
    expect(nodeFs.readFile(outside).toString()).toBe('same');
  });

  it('deletes only inside what was chosen, and never what it must not touch', async () => {
    const bench = start({ 'in/a': { content: 'a' }, 'out/b': { content: 'b' } });
    await bench.backUp();
    const { store, context } = bench;
    writeFile(join(store, 'in/extra'), 'e');
    writeFile(join(store, 'out/extra'), 'e');
    writeTree(join(store, 'in/holds'), { 'backups/keep': { content: 'k' }, goes: { content: 'g' } });
    context.stores.update(bench.storeId, { destination: join(context.folder, 'backups') });
    nodeFs.makeDirectory(join(store, 'in/.larder-undo'));
    const backup = bench.backups.get('b1')!;
    bench.backups.set('b1', { ...backup, archive: join(store, 'in/holds/backups/x.tar.zst') });
    const { plan, result } = await bench.restore({ paths: ['in'], deleteExtra: true });
    expect(plan.items.filter((item) => item.action === 'delete').map((item) => item.path)).toEqual([
      'in/.larder-undo',
      'in/extra',
      'in/holds/goes',
    ]);
    expect(result.deleted).toBe(3);
    expect(existsSync(join(store, 'out/extra'))).toBe(true);
    expect(existsSync(join(store, 'in/holds/backups/keep'))).toBe(true);
  });

  it('does not take for surplus what the backup left out on purpose', async () => {
    const bench = start({ a: { content: 'a' } });
    const backup = await bench.backUp();
    const reader = await bench.catalog.open(backup);
    const excluded = [{ path: 'cache', reason: 'a cache', files: 1, bytes: 1 }];
    bench.readers.set('b1', { ...reader, header: { ...reader.header, excluded } });
    writeTree(join(bench.store, 'cache'), { c: { content: 'c' } });
    writeFile(join(bench.store, 'b'), 'b');
    expect((await bench.restore({ deleteExtra: true })).result.deleted).toBe(1);
    expect(existsSync(join(bench.store, 'cache/c'))).toBe(true);
  });
});

describe('between plan and apply', () => {
  async function planThen(bench: Bench, change: () => void, input = {}): Promise<string | undefined> {
    const { handlers } = bench.capability();
    const plan = await handlers.plan(parsed(input), { signal });
    change();
    const { job } = await handlers.apply({ plan: plan.id }, { signal });
    return (await bench.context.job(job)).error?.code;
  }

  it('refuses when a path moved, and changes nothing', async () => {
    const bench = start(sampleTree());
    await bench.backUp();
    const moves: (() => void)[] = [
      () => writeFile(join(bench.store, 'a.txt'), 'other'),
      () => nodeFs.unlink(join(bench.store, 'empty')),
      () => nodeFs.chmod(join(bench.store, 'models'), 0o711),
      () => writeFile(join(bench.store, 'appeared'), 'new'),
    ];
    writeFile(join(bench.store, 'models/config.json'), 'changed');
    for (const move of moves) {
      let between: Record<string, string> = {};
      const code = await planThen(
        bench,
        () => {
          move();
          between = snapshot(bench.store, { inodes: true });
        },
        { deleteExtra: true },
      );
      expect(code).toBe('CHANGED_ON_DISK');
      expect(snapshot(bench.store, { inodes: true })).toEqual(between);
    }
  });

  it('applies a plan once', async () => {
    const bench = start({ a: { content: 'a' } });
    await bench.backUp();
    const { handlers } = bench.capability();
    const plan = await handlers.plan(parsed({}), { signal });
    await handlers.apply({ plan: plan.id }, { signal });
    expect(() => handlers.apply({ plan: plan.id }, { signal })).toThrow(/not there any more/);
  });

  it('refuses when the content would not fit', async () => {
    const bench = start({ a: { content: 'a' } });
    await bench.backUp();
    writeFile(join(bench.store, 'a'), 'longer');
    const full = {
      ...bench.context,
      fs: { ...nodeFs, statfs: (path: string) => Object.assign(nodeFs.statfs(path), { bavail: 0 }) },
    };
    const { handlers } = bench.capability({}, full);
    const plan = await handlers.plan(parsed({}), { signal });
    expect(plan).toMatchObject({ enoughSpace: false, free: 0 });
    const { job } = await handlers.apply({ plan: plan.id }, { signal });
    expect((await bench.context.job(job)).error?.code).toBe('NO_SPACE');
    expect(existsSync(join(bench.store, '.larder-undo'))).toBe(false);
  });
});

describe('undo', () => {
  it('leaves alone and lists what changed since, and keeps what that had replaced', async () => {
    const bench = start({ a: { content: 'a' }, b: { content: 'b' }, 'new/c': { content: 'c' } });
    await bench.backUp();
    writeFile(join(bench.store, 'a'), 'live a');
    writeFile(join(bench.store, 'b'), 'live b');
    nodeFs.unlink(join(bench.store, 'new/c'));
    nodeFs.removeDirectory(join(bench.store, 'new'));
    const { result } = await bench.restore();
    writeFile(join(bench.store, 'a'), 'mine now');
    writeFile(join(bench.store, 'new/mine'), 'too');
    const job = await bench.undo(result.id);
    expect(job.status).toBe('partial');
    expect(job.result).toMatchObject({ changedSince: ['a', 'new/mine'], removed: 1 });
    const text = (name: string): string => nodeFs.readFile(join(bench.store, name)).toString();
    expect([text('a'), text('b'), text('new/mine')]).toEqual(['mine now', 'live b', 'too']);
    expect(existsSync(join(bench.store, 'new/c'))).toBe(false);
    expect(nodeFs.readFile(join(bench.store, '.larder-undo', result.id, 'a')).toString()).toBe('live a');
    await expect(bench.undo(result.id)).rejects.toSatisfy((error) => isLarderError(error, 'NOT_FOUND'));
  });

  it('is listed while possible, found on disk without the database, and forgotten when its time is over', async () => {
    let now = 1_000_000_000_000;
    const bench = setUp({ a: { content: 'a' } }, { clock: () => now });
    benches.push(bench);
    await bench.backUp();
    writeFile(join(bench.store, 'a'), 'live');
    const { result } = await bench.restore();
    const { handlers } = bench.capability();
    const list = async () => (await handlers.list({}, { signal })).restores;
    expect(await list()).toMatchObject([
      { id: result.id, status: 'done', overwritten: 1, undoUntilMs: now + 7 * 86_400_000, store: bench.storeId },
    ]);
    bench.context.db.sqlite.exec('DELETE FROM restores');
    expect(await list()).toMatchObject([{ id: result.id, status: 'done', undoUntilMs: now + 7 * 86_400_000 }]);
    now += 8 * 86_400_000;
    const before = snapshot(bench.store, { inodes: true });
    await bench.capability().start?.();
    expect(existsSync(join(bench.store, '.larder-undo'))).toBe(false);
    const after = snapshot(bench.store, { inodes: true });
    expect({ ...after, '': '' }).toEqual({ ...before, '': '' });
    expect(snapshot(bench.store)['']).toBe(before['']!.replace(/ inode.*/, ''));
    expect(await list()).toEqual([]);
  });
});

describe('fsync', () => {
  it('flushes the file system once for many files, and each where it cannot', async () => {
    const tree: Tree = {};
    for (let n = 0; n < 300; n++) tree[`d${n % 7}/f${n}`] = { content: `content ${n}` };
    const bench = start(tree, {});
    await bench.backUp();
    let asked = 0;
    for (const able of [true, false]) {
      const out = join(bench.context.folder, `out-${able}`);
      const { job } = await bench.restore(
        { target: { kind: 'folder', path: out } },
        {
          flushAll: async () => {
            asked += 1;
            return able;
          },
        },
      );
      expect(job.status).toBe('done');
      expect(snapshot(out)).toEqual(snapshot(bench.store));
    }
    expect(asked).toBe(4);
  });
});

describe('on worker threads', () => {
  it('plans, restores and undoes as on one thread', async () => {
    const pool = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
    const tree = sampleTree();
    for (let n = 0; n < 3000; n++) tree[`many/${n % 17}/${n}.json`] = { content: `{"n": ${n}}` };
    const bench = start(tree, { pool });
    await bench.backUp();
    const original = snapshot(bench.store);
    for (let n = 0; n < 3000; n += 3) writeFile(join(bench.store, `many/${n % 17}/${n}.json`), 'changed');
    for (let n = 1; n < 3000; n += 3) nodeFs.unlink(join(bench.store, `many/${n % 17}/${n}.json`));
    const live = snapshot(bench.store);
    const { job, result } = await bench.restore({ deleteExtra: true });
    expect(job.error).toBeUndefined();
    expect(result).toMatchObject({ created: 1000, overwritten: 1000, status: 'done' });
    expect(snapshot(bench.store)).toEqual(original);
    expect((await bench.undo(result.id)).status).toBe('done');
    expect(snapshot(bench.store)).toEqual(live);
  });
});
