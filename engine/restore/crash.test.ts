import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineContext } from '../context.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { faultyFs, hastyFs, parsed, setTime, setUp, signal, snapshot, writeFile, writeTree } from './test-tree.ts';
import type { Bench, Tree } from './test-tree.ts';

// In memory where the machine has that: the disk is not what is tested, and thousands of restores would wait for it.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.context.close();
});

const tree: Tree = {
  same: { content: 'same' },
  replaced: { content: 'from the backup' },
  gone: { content: 'gone' },
  'lost/a/one': { content: '1' },
  'lost/a/two': { content: '2', mode: 0o600 },
  'lost/link': { link: 'a/one' },
  'lost/hard': { hard: 'replaced' },
  touched: { content: 'touched' },
  'kind/was-file': { content: 'file' },
  'kind/was-dir/inner': { content: 'inner' },
  'kind/was-link': { link: 'target' },
  'data/app.db': { content: 'backed up'.padEnd(1_024) },
};

function disturb(store: string): void {
  writeFile(join(store, 'replaced'), 'live content', 1_710_000_000_000_000_000n);
  nodeFs.unlink(join(store, 'gone'));
  for (const path of ['lost/a/one', 'lost/a/two', 'lost/link', 'lost/hard']) nodeFs.unlink(join(store, path));
  nodeFs.removeDirectory(join(store, 'lost/a'));
  nodeFs.removeDirectory(join(store, 'lost'));
  setTime(join(store, 'touched'), 9_000_000_000n);
  nodeFs.unlink(join(store, 'kind/was-file'));
  writeTree(join(store, 'kind/was-file'), { 'now/a': { content: 'folder' } });
  nodeFs.unlink(join(store, 'kind/was-dir/inner'));
  nodeFs.removeDirectory(join(store, 'kind/was-dir'));
  writeFile(join(store, 'kind/was-dir'), 'now a file', 1_710_000_000_000_000_000n);
  nodeFs.unlink(join(store, 'kind/was-link'));
  writeFile(join(store, 'kind/was-link'), 'now a file', 1_710_000_000_000_000_000n);
  writeFile(join(store, 'data/app.db'), 'live'.padEnd(512), 1_710_000_000_000_000_000n);
  writeFile(join(store, 'data/app.db-wal'), Buffer.from('377f0682002de218', 'hex'), 1_710_000_000_000_000_000n);
  writeFile(join(store, 'data/app.db-shm'), 'index', 1_710_000_000_000_000_000n);
  writeTree(join(store, 'extra'), { 'x/y': { content: 'y' } });
  for (const folder of ['kind', 'data', '']) setTime(join(store, folder), 1_720_000_000_000_000_000n);
}

/** The engine over a broken disk, and a later one over the same data. */
function over(bench: Bench, fs: EngineContext['fs']): EngineContext {
  return { ...bench.context, fs, pool: createInlinePool(fs, 1) };
}

async function prepared(): Promise<{ bench: Bench; original: Record<string, string>; live: Record<string, string> }> {
  const bench = setUp(tree, { fs: hastyFs });
  benches.push(bench);
  await bench.backUp();
  const original = snapshot(bench.store);
  disturb(bench.store);
  return { bench, original, live: snapshot(bench.store) };
}

/** Brings the store back to the disturbed state, byte for byte, time for time. */
function reset(bench: Bench): void {
  const remove = (path: string): void => {
    if (nodeFs.lstat(path).isDirectory()) {
      for (const { name } of nodeFs.readDirectory(path)) remove(join(path, name));
      nodeFs.removeDirectory(path);
    } else nodeFs.unlink(path);
  };
  remove(bench.store);
  writeTree(bench.store, tree);
  disturb(bench.store);
  bench.context.db.sqlite.exec('DELETE FROM restores');
}

function killedAt(n: number): ReturnType<typeof faultyFs> {
  return faultyFs((call, name, path) => {
    // After its death a process makes no further call either.
    if (call >= n) throw new Error(`killed before call ${call}: ${name} ${String(path)}`);
  });
}

async function restoreWith(bench: Bench, context: EngineContext): Promise<{ status: string; id: string | undefined }> {
  const { handlers } = bench.capability({ flushAll: async () => false }, context);
  const plan = await handlers.plan(parsed({ deleteExtra: true }), { signal });
  const { job } = await handlers.apply({ plan: plan.id }, { signal });
  const done = await bench.context.job(job);
  return { status: done.status, id: done.result?.['id'] as string | undefined };
}

describe('a crash during a restore', () => {
  it(
    'at any changing call leaves the tree as before or as after, settled at the next start',
    { timeout: 180_000 },
    async () => {
      const { bench, original, live } = await prepared();
      const outcomes = { before: 0, after: 0 };
      for (let n = 1; ; n++) {
        const faulty = killedAt(n);
        await restoreWith(bench, over(bench, faulty.fs));
        const survived = faulty.calls() < n;
        await bench.capability({}, over(bench, hastyFs)).start?.();
        const now = snapshot(bench.store);
        const isNew = JSON.stringify(now) === JSON.stringify(original);
        if (!isNew) expect(now, `killed at call ${n}`).toEqual(live);
        outcomes[isNew ? 'after' : 'before'] += 1;
        const { restores } = await bench.capability().handlers.list({}, { signal });
        expect(restores[0]?.status, `killed at call ${n}`).toBe(isNew ? 'done' : 'interrupted');
        if (isNew) {
          const undone = await bench.undo(restores[0]!.id);
          expect(undone.status, `undo after a crash at call ${n}`).toBe('done');
          expect(snapshot(bench.store)).toEqual(live);
        }
        expect(existsSync(join(bench.store, '.larder-undo')), `killed at call ${n}`).toBe(false);
        reset(bench);
        if (survived) break;
      }
      expect(outcomes.before).toBeGreaterThan(60);
      expect(outcomes.after).toBeGreaterThan(0);
    },
  );

  it('at any changing call of its undo is finished at the next start', { timeout: 180_000 }, async () => {
    const { bench, original, live } = await prepared();
    const outcomes = { before: 0, after: 0 };
    for (let n = 1; ; n++) {
      const { id } = await restoreWith(bench, over(bench, hastyFs));
      expect(snapshot(bench.store)).toEqual(original);
      const faulty = killedAt(n);
      const { handlers } = bench.capability({}, over(bench, faulty.fs));
      const plan = await handlers.planUndo({ restore: id! }, { signal });
      const { job } = await handlers.applyUndo({ plan: plan.id }, { signal });
      await bench.context.job(job);
      const survived = faulty.calls() < n;
      await bench.capability({}, over(bench, hastyFs)).start?.();
      const now = snapshot(bench.store);
      const isUndone = JSON.stringify(now) === JSON.stringify(live);
      if (!isUndone) expect(now, `killed at call ${n}`).toEqual(original);
      outcomes[isUndone ? 'after' : 'before'] += 1;
      if (isUndone) expect(existsSync(join(bench.store, '.larder-undo')), `killed at call ${n}`).toBe(false);
      const { restores } = await bench.capability().handlers.list({}, { signal });
      expect(restores[0]?.status, `killed at call ${n}`).toBe(isUndone ? 'undone' : 'done');
      reset(bench);
      if (survived) break;
    }
    expect(outcomes.after).toBeGreaterThan(20);
  });

  it('into a new folder leaves nothing of it, at any changing call', { timeout: 180_000 }, async () => {
    const { bench } = await prepared();
    reset(bench);
    const out = join(bench.context.folder, 'new', 'out');
    let last = '';
    for (let n = 1; last !== 'done'; n++) {
      const faulty = killedAt(n);
      const context = over(bench, faulty.fs);
      const { handlers } = bench.capability({ flushAll: async () => false }, context);
      const plan = await handlers.plan(parsed({ target: { kind: 'folder', path: out }, paths: ['lost', 'gone'] }), {
        signal,
      });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      await bench.context.job(job);
      await bench.capability({}, over(bench, hastyFs)).start?.();
      const { restores } = await bench.capability().handlers.list({}, { signal });
      // A failure that could be tidied up at once leaves no record.
      last = restores[0]?.status ?? 'failed';
      if (last === 'done') {
        expect(Object.keys(snapshot(out))).toContain('lost/a/two');
        expect(existsSync(join(out, '.larder-undo'))).toBe(false);
        expect((await bench.undo(restores[0]!.id)).status).toBe('done');
      }
      expect(existsSync(join(bench.context.folder, 'new')), `killed at call ${n}`).toBe(false);
      bench.context.db.sqlite.exec('DELETE FROM restores');
      expect(n).toBeLessThan(500);
    }
  });
});

describe('a failure during a restore', () => {
  it.each(['ENOSPC', 'EIO', 'EROFS'])(
    '%s at any changing call puts the tree back at once',
    { timeout: 180_000 },
    async (code) => {
      const { bench, original, live } = await prepared();
      let failed = 0;
      for (let n = 1; ; n++) {
        const hit = { yes: false };
        const faulty = faultyFs((call, name, path) => {
          if (call !== n) return;
          hit.yes = true;
          throw Object.assign(new Error(`${code}: ${name}`), { code, path, syscall: name });
        });
        const context = over(bench, faulty.fs);
        const { status } = await restoreWith(bench, context);
        const now = snapshot(bench.store);
        if (status === 'done') expect(now, `call ${n}`).toEqual(original);
        else {
          failed += 1;
          expect(status).toBe('failed');
          expect(now, `call ${n}`).toEqual(live);
          expect(existsSync(join(bench.store, '.larder-undo')), `call ${n}`).toBe(false);
        }
        reset(bench);
        if (!hit.yes) break;
      }
      expect(failed).toBeGreaterThan(50);
    },
  );

  it('cancelled while it writes, leaves the tree as it was', async () => {
    const { bench, live } = await prepared();
    let job = '';
    const faulty = faultyFs((call) => {
      if (call === 30) bench.context.jobs.cancel(job);
    });
    const { handlers } = bench.capability({}, over(bench, faulty.fs));
    const plan = await handlers.plan(parsed({ deleteExtra: true }), { signal });
    job = (await handlers.apply({ plan: plan.id }, { signal })).job;
    expect((await bench.context.job(job)).status).toBe('cancelled');
    expect(snapshot(bench.store)).toEqual(live);
    expect(existsSync(join(bench.store, '.larder-undo'))).toBe(false);
  });
});
