import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { faultyFs, parsed, setUp, signal, snapshot, writeFile } from './test-tree.ts';
import type { Bench } from './test-tree.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.context.close();
});

function disturb(store: string): void {
  writeFile(join(store, 'a'), 'live', 1_710_000_000_000_000_000n);
  nodeFs.unlink(join(store, 'd/b'));
  nodeFs.unlink(join(store, 'e/f/g'));
  nodeFs.removeDirectory(join(store, 'e/f'));
  nodeFs.removeDirectory(join(store, 'e'));
  writeFile(join(store, 'extra'), 'extra', 1_710_000_000_000_000_000n);
}

async function prepared(): Promise<{ bench: Bench; original: Record<string, string>; live: Record<string, string> }> {
  const bench = setUp({ a: { content: 'backed up' }, 'd/b': { content: 'b' }, 'e/f/g': { content: 'g' } });
  benches.push(bench);
  await bench.backUp();
  const original = snapshot(bench.store);
  disturb(bench.store);
  return { bench, original, live: snapshot(bench.store) };
}

/** Changing calls of the whole restore, counted on a twin. */
async function countCalls(): Promise<number> {
  const { bench } = await prepared();
  const counting = faultyFs(() => {});
  const context = { ...bench.context, fs: counting.fs, pool: createInlinePool(counting.fs, 1) };
  const { handlers } = bench.capability({ flushAll: async () => false }, context);
  const plan = await handlers.plan(parsed({ deleteExtra: true }), { signal });
  const { job } = await handlers.apply({ plan: plan.id }, { signal });
  expect((await bench.context.job(job)).status).toBe('done');
  return counting.calls();
}

it('a killed process is settled by the next one', { timeout: 180_000 }, async () => {
  const total = await countCalls();
  const outcomes = new Set<string>();
  for (const part of [0.15, 0.4, 0.6, 0.75, 0.85, 0.95, 1]) {
    const killAt = Math.round(total * part);
    const { bench, original, live } = await prepared();
    const input = JSON.stringify({ home: bench.context.home, backup: bench.backups.get('b1'), killAt });
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'test-child.ts'), input], {
      encoding: 'utf8',
    });
    expect(child.signal, child.stderr).toBe('SIGKILL');
    await bench.capability().start?.();
    const now = snapshot(bench.store);
    const isNew = JSON.stringify(now) === JSON.stringify(original);
    if (!isNew) expect(now, `killed at call ${killAt} of ${total}`).toEqual(live);
    outcomes.add(isNew ? 'new' : 'old');
    const { restores } = await bench.capability().handlers.list({}, { signal });
    expect(restores.map((restore) => restore.status)).toEqual([isNew ? 'done' : 'interrupted']);
    expect(existsSync(join(bench.store, '.larder-undo'))).toBe(isNew);
  }
  expect([...outcomes].sort()).toEqual(['new', 'old']);
});

it('a restore of a process that is alive is left alone, and another one is refused', async () => {
  const { bench, live } = await prepared();
  const { handlers } = bench.capability();
  const plan = await handlers.plan(parsed({}), { signal });
  const folder = join(bench.store, '.larder-undo');
  nodeFs.makeDirectory(folder);
  const { currentProcess } = await import('../process/index.ts');
  const owner = { ...currentProcess(), pid: process.ppid, startTicks: '', instance: 'other' };
  const id = 'r-20260101-000000-abcdef';
  const header = { t: 'restore', version: 1, id, backup: 'b', target: bench.store, atMs: 1, owner, madeFolders: [] };
  writeFile(join(folder, `${id}.ndjson`), `${JSON.stringify({ ...header, root: null, owners: true, modes: true })}\n`);
  await bench.capability().start?.();
  expect(existsSync(join(folder, `${id}.ndjson`))).toBe(true);
  const { job } = await handlers.apply({ plan: plan.id }, { signal });
  expect((await bench.context.job(job)).error?.code).toBe('BUSY');
  const now = snapshot(bench.store);
  expect({ ...now, '': '' }).toEqual({ ...live, '': '' });
});
