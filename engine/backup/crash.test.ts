import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { decodeHolder, encodeHolder } from './lock-file.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

let here: TestStore | undefined;
afterEach(() => here?.context.close());

/** Steps that change the disk or make a change last. */
const steps = new Set<PropertyKey>([
  'write',
  'writeAsync',
  'truncate',
  'fsync',
  'fsyncAsync',
  'fsyncDirectory',
  'makeDirectory',
  'removeDirectory',
  'rename',
  'unlink',
  'link',
]);

/** A file system that stops for good right before a given step, as it looks to a process that was killed there. */
function mortal(): { fs: FileSystem; dieAt(step: number): void; revive(): number } {
  let taken = 0;
  let last = Infinity;
  const dead = (): boolean => taken > last;
  const fileSystem = new Proxy(nodeFs, {
    get(target, name) {
      const act = target[name as keyof FileSystem] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const creates = name === 'open' && args[1] !== 'r';
        if (steps.has(name) || creates) taken += 1;
        if (!dead()) return act(...args);
        // Handles are freed by the system when a process dies; nothing else happens any more.
        if (name === 'close') return act(...args);
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      };
    },
  });
  return {
    fs: fileSystem,
    dieAt(step) {
      taken = 0;
      last = step;
    },
    revive() {
      const count = taken;
      last = Infinity;
      return count;
    },
  };
}

test('killed before any step of a backup, the old ones are whole, only whole ones are listed, and the next run clears up', async () => {
  let now = new Date(2025, 7, 1, 12).getTime();
  const life = mortal();
  here = createTestStore({ fs: life.fs, pool: createInlinePool(life.fs), clock: () => (now += 1_000) });
  const { backUp, verify, backups, context, store } = here;
  context.set({ verifyAfterBackup: false });
  const first = await backUp();
  expect(first.status).toBe('done');
  const live = fs.readdirSync(here.root, { recursive: true });

  life.dieAt(Infinity);
  await backUp();
  const total = life.revive();
  expect(total).toBeGreaterThan(15);

  for (let step = 0; step < total; step += 1) {
    const before = (await backups.handlers.list({}, call)).backups.map(({ id }) => id);
    life.dieAt(step);
    await backUp();
    life.revive();
    bury(join(store.destination, '.larder/lock'));

    const { backups: listed } = await backups.handlers.list({}, call);
    expect(listed.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(before));
    // What was committed before the kill is a backup like any other.
    for (const { id } of listed) if (!before.includes(id)) expect((await verify(id, true)).status).toBe('done');

    expect(await backUp()).toMatchObject({ status: 'done' });
    expect((await backups.handlers.list({}, call)).problems).toEqual([]);
    const larder = fs.readdirSync(join(store.destination, '.larder'), { encoding: 'utf8', recursive: true });
    expect(larder.filter((name) => !name.startsWith('verified'))).toEqual(['spare', 'tmp']);
    for (const name of larder.filter((each) => each.endsWith('.json'))) {
      const manifest = `${basename(name, '.json')}.manifest.zst`;
      expect(fs.existsSync(join(store.destination, manifest))).toBe(true);
    }
    expect(fs.readdirSync(here.root, { recursive: true })).toEqual(live);
    // Few are kept, so that this does not grow with the square of the steps.
    for (const { id, archive, manifest } of listed) {
      if (id === first.result?.['id']) continue;
      fs.rmSync(manifest);
      fs.rmSync(archive);
    }
  }
  expect((await verify(String(first.result?.['id']), true)).status).toBe('done');
});

/** The lock's process is this one, which lives; a killed one would not. */
function bury(path: string): void {
  if (!fs.existsSync(path)) return;
  const holder = decodeHolder(fs.readFileSync(path));
  if (holder !== undefined) fs.writeFileSync(path, encodeHolder({ ...holder, pid: 2 ** 22 + 1 }));
  else fs.utimesSync(path, 0, 0);
}
