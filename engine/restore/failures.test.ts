import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import type { TestContextOptions } from '../testing/index.ts';
import { contentsTask } from './contents.ts';
import { backUp, hastyFs, parsed, setUp, signal, snapshot, writeFile, writeTree } from './test-tree.ts';
import type { Bench, Tree } from './test-tree.ts';

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

describe('a failure of one of several batches', () => {
  /** Ends the second batch of contents with an error while the first is still under way. */
  function secondFailsFirst(fail: () => LarderError): Pool {
    const inner = createInlinePool(hastyFs, 2);
    let batches = 0;
    let failed: () => void = () => {};
    const hasFailed = new Promise<void>((resolve) => (failed = resolve));
    return {
      ...inner,
      async run(task, input, options) {
        if (task.name !== contentsTask.name) return inner.run(task, input, options);
        batches += 1;
        if (batches === 2) {
          failed();
          throw fail();
        }
        if (batches === 1) {
          await hasFailed;
          // A turn of the event loop: by then a rejection that nobody looks at counts as unhandled.
          await new Promise((resolve) => setImmediate(resolve));
        }
        return inner.run(task, input, options);
      },
    };
  }

  it.each(['cancelled', 'failed'] as const)('ends the job as %s, and nothing of it stays', async (status) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      let cancel: () => void = () => {};
      const pool = secondFailsFirst(() => {
        if (status === 'failed') return new LarderError('CORRUPT', 'The archive is damaged.');
        cancel();
        return new LarderError('CANCELLED', 'Cancelled.');
      });
      const tree: Tree = {};
      for (let n = 0; n < 4; n++) tree[`file-${n}`] = { content: Buffer.alloc(7 * 1024 * 1024, `larder ${n}`) };
      const bench = start(tree, { fs: hastyFs, pool });
      await bench.backUp();
      const before = snapshot(bench.context.folder);
      const { handlers } = bench.capability();
      const out = join(bench.context.folder, 'out');
      const plan = await handlers.plan(parsed({ target: { kind: 'folder', path: out } }), { signal });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      cancel = () => bench.context.jobs.cancel(job);
      expect((await bench.context.job(job)).status).toBe(status);
      expect(existsSync(out)).toBe(false);
      expect({ ...snapshot(bench.context.folder), '': '' }).toEqual({ ...before, '': '' });
    } finally {
      process.off('unhandledRejection', listen);
    }
    expect(unhandled).toEqual([]);
  });
});

describe('a store whose folder cannot be entered', () => {
  it.each(['EACCES', 'EIO', 'ENOTCONN', 'ESTALE'])("stands in nobody's way (%s)", async (code) => {
    const broken = new Set<string>();
    const refuse = (path: string): void => {
      if ([...broken].some((folder) => path === folder || path.startsWith(`${folder}/`))) {
        throw Object.assign(new Error(`${code}: ${path}`), { code, path });
      }
    };
    const fs: FileSystem = {
      ...hastyFs,
      lstat: (path) => (refuse(path), hastyFs.lstat(path)),
      readDirectory: (path) => (refuse(path), hastyFs.readDirectory(path)),
      open: (path, flags, mode) => (refuse(path), hastyFs.open(path, flags, mode)),
    };
    const bench = start({ a: { content: 'a' } }, { fs });
    await bench.backUp();
    const other = join(bench.context.folder, 'other');
    writeTree(other, { b: { content: 'b' } });
    const inOther = bench.context.stores.add({ path: other, destination: join(bench.context.folder, 'backups') });
    bench.backups.set(
      'b2',
      await backUp(other, join(bench.context.folder, 'backups'), { store: inOther.id, id: 'b2' }),
    );
    writeFile(join(bench.store, 'a'), 'live');
    writeFile(join(other, 'b'), 'live');
    const first = (await bench.restore()).result;
    const second = (await bench.restore({ backup: 'b2' })).result;

    broken.add(other);
    const warned: unknown[] = [];
    const log = { ...bench.context.log, warn: (about: unknown) => void warned.push(about) };
    const capability = bench.capability({}, { ...bench.context, log });
    await capability.start?.();
    expect(warned).toContainEqual(expect.objectContaining({ target: other }));
    const { restores } = await capability.handlers.list({}, { signal });
    const undoable = new Map(restores.map(({ id, undoUntilMs }) => [id, undoUntilMs !== undefined]));
    expect(undoable).toEqual(
      new Map([
        [first.id, true],
        [second.id, false],
      ]),
    );
    // Also when only the disk knows of them.
    bench.context.db.sqlite.exec('DELETE FROM restores');
    const found = await capability.handlers.list({}, { signal });
    expect(found.restores.map(({ id }) => id)).toEqual([first.id]);
    expect((await bench.undo(first.id)).status).toBe('done');
  });
});

describe('a backup that could not read everything', () => {
  async function partial(skipped: string[], change: (store: string) => void): Promise<Bench> {
    const bench = start({ a: { content: 'a' }, locked: { dir: true, mode: 0o750 }, 'open/b': { content: 'b' } });
    const backup = await bench.backUp();
    const reader = await bench.catalog.open(backup);
    const why = skipped.map((path) => ({ path, reason: 'may not be accessed by this user' }));
    bench.readers.set('b1', { ...reader, header: { ...reader.header, skipped: why } });
    bench.backups.set('b1', { ...backup, status: 'partial', skipped: why });
    change(bench.store);
    return bench;
  }

  it('takes nothing away at or below what it skipped', async () => {
    const bench = await partial(['locked', 'open/unread'], (store) => {
      writeTree(join(store, 'locked'), { mine: { content: 'm' }, 'deep/er': { content: 'd' } });
      writeTree(join(store, 'open/unread'), { mine: { content: 'm' } });
      writeFile(join(store, 'open/surplus'), 's');
    });
    const { plan, job, result } = await bench.restore({ deleteExtra: true });
    expect(plan.items.filter(({ action }) => action === 'delete').map(({ path }) => path)).toEqual(['open/surplus']);
    expect(job.status).toBe('done');
    expect(result.deleted).toBe(1);
    expect(Object.keys(snapshot(bench.store))).toEqual(
      expect.arrayContaining(['locked/deep/er', 'locked/mine', 'open/unread/mine']),
    );
    // What the backup knows of the folder itself comes back.
    expect(Number(hastyFs.lstat(join(bench.store, 'locked')).mode) & 0o777).toBe(0o750);
  });

  it('says so in the plan and in the result, and is done', async () => {
    const bench = await partial(['locked', 'open/unread'], (store) => {
      writeFile(join(store, 'a'), 'live');
    });
    const { plan, job, result } = await bench.restore({ overwrite: 'never' });
    expect(plan.warnings).toEqual([{ message: 'The backup is partial: 2 paths were skipped when it was made.' }]);
    expect(job.status).toBe('done');
    expect(result).toMatchObject({ status: 'done', kept: 1, backupSkipped: 2 });
    expect(result.skipped).toEqual([]);
  });

  it('takes nothing away when it could not read the store itself', async () => {
    const bench = await partial([''], (store) => writeFile(join(store, 'mine'), 'm'));
    expect((await bench.restore({ deleteExtra: true })).result.deleted).toBe(0);
    expect(existsSync(join(bench.store, 'mine'))).toBe(true);
  });
});

describe('a disk that fills up, or fails, while a restore writes', () => {
  it.each([
    ['ENOSPC', 'NO_SPACE', 'has no space left on its disk.'],
    ['EDQUOT', 'NO_SPACE', 'is over the disk quota.'],
    ['EIO', 'CORRUPT', 'could not be read: the disk reported an error.'],
  ])('is named by the target, and everything goes back (%s)', async (errno, code, says) => {
    let full = false;
    const fs: FileSystem = {
      ...hastyFs,
      write(fd, bytes, position) {
        // As the operating system has it: a write knows no path.
        if (full && bytes.length > 100_000) throw Object.assign(new Error(`${errno}: write`), { code: errno });
        hastyFs.write(fd, bytes, position);
      },
    };
    const bench = start({ big: { content: Buffer.alloc(200_000, 'x') } }, { fs });
    await bench.backUp();
    const out = join(bench.context.folder, 'out');
    full = true;
    const { job } = await bench.restore({ target: { kind: 'folder', path: out } });
    expect(job.status).toBe('failed');
    expect(job.error).toMatchObject({ code, message: `${out} ${says}` });
    expect(existsSync(out)).toBe(false);
  });
});

describe('a folder of the target that cannot be read', () => {
  it.each(['EACCES', 'EIO'])('stays with a warning, and the rest is restored (%s)', async (code) => {
    const closed = new Set<string>();
    const fs: FileSystem = {
      ...hastyFs,
      readDirectory(path) {
        if (closed.has(path)) throw Object.assign(new Error(`${code}: scandir`), { code, path });
        return hastyFs.readDirectory(path);
      },
    };
    const bench = start({ 'known/a': { content: 'a' }, b: { content: 'b' } }, { fs });
    await bench.backUp();
    const { store } = bench;
    writeFile(join(store, 'known/surplus'), 's');
    writeTree(join(store, 'extra'), { 'closed/mine': { content: 'm' }, goes: { content: 'g' } });
    writeFile(join(store, 'b'), 'live');
    closed.add(join(store, 'known')).add(join(store, 'extra/closed'));
    const { plan, job } = await bench.restore({ deleteExtra: true });
    const changes = plan.items.filter(({ action }) => action !== 'metadata');
    expect(changes.map(({ path, action }) => `${action} ${path}`)).toEqual(['overwrite b', 'delete extra/goes']);
    expect(plan.warnings.map(({ path }) => path)).toEqual(['extra/closed', 'known']);
    expect(plan.warnings[0]?.message).toMatch(/^It .+, so nothing in it is removed\.$/);
    expect(job.status).toBe('done');
    for (const path of ['known/surplus', 'extra/closed/mine']) expect(existsSync(join(store, path))).toBe(true);
  });
});
