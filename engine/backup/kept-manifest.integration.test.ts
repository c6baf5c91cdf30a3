import { createCipheriv, createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Encryption } from '../../shared/contract/index.ts';
import { openBackup } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import { forgetManifests } from './kept-manifest.ts';
import { createBackups } from './index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

/** Those of the specification's example. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const sealed: Encryption = { kind: 'recipients', recipients: [recipient] };

/** Bytes that do not shrink, the same for the same seed. */
function noise(length: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

const sha256 = (path: string): string => createHash('sha256').update(fs.readFileSync(path)).digest('hex');

let here: TestStore;
beforeEach(() => {
  let now = Date.now() + 3_600_000;
  here = createTestStore({ clock: () => (now += 60_000) });
  here.context.stores.update(here.store.id, { rules: { encryption: sealed } });
  here.put('model', noise(9_000_000, 1));
  here.put('text', noise(200_000, 2));
});
afterEach(() => here.context.close());

/** Larder as it is after it was started again: it knows its home, and no key of what it wrote. */
const restarted = () => createBackups(here.context);
type Backups = ReturnType<typeof restarted>;

const kept = (): string[] => {
  const folder = join(here.context.home, 'parents');
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
};
const planBy = (backups: Backups) => backups.handlers.plan({ store: here.store.id }, call);

async function backUpBy(backups: Backups) {
  const { job } = await backups.handlers.start({ store: here.store.id }, call);
  const done = await here.context.job(job);
  expect(done.error).toBeUndefined();
  expect(done).toMatchObject({ status: 'done', warningCount: 0 });
  return backups.resolve(String(done.result?.['id']));
}

function changeBoth(): void {
  const model = noise(9_000_000, 1);
  model.write('changed', 5_000_000);
  here.put('model', model);
  const text = noise(200_000, 2);
  text.write('changed', 100_000);
  here.put('text', text);
}

describe('backups for recipients, without an identity here', () => {
  test('are built upon after a restart; what changed is stored whole, and whoever has the identity gets it all', async () => {
    const first = await backUpBy(here.backups);
    expect(kept()).toHaveLength(1);
    changeBoth();
    const backups = restarted();
    expect(await planBy(backups)).toMatchObject({ kind: 'incremental', parent: first.id, sealed: true });
    const second = await backUpBy(backups);
    expect(second.kind).toBe('incremental');
    // The pieces of the model that did not change are known by their digests; the text is stored whole.
    expect(second.storedBytes).toBeGreaterThan(4_000_000);
    expect(second.storedBytes).toBeLessThan(5_000_000);
    expect(await planBy(backups)).not.toHaveProperty('sealed');
    expect(kept()).toHaveLength(1);
    const third = await backUpBy(restarted());
    expect(third.kind).toBe('incremental');

    const identityFile = join(here.context.folder, 'identity');
    fs.writeFileSync(identityFile, `${identity}\n`, { mode: 0o600 });
    here.context.stores.update(here.store.id, { rules: { encryption: { ...sealed, identityFile } } });
    expect(kept()).toEqual([]);
    const opening = restarted();
    for (const entry of (await opening.open(third)).entries()) {
      if (entry.type === 'file') expect(entry.sha256, entry.path).toBe(sha256(join(here.root, entry.path)));
    }
    const { job } = await opening.handlers.verify({ backup: third.id, mode: 'deep', percent: 10 }, call);
    expect(await here.context.job(job)).toMatchObject({ status: 'done' });
  });

  test('keep no key in the copy, which only its owner can read', async () => {
    await backUpBy(here.backups);
    const [name = ''] = kept();
    const path = join(here.context.home, 'parents', name);
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    const { archives } = openBackup(nodeFs, path);
    expect(archives).toHaveLength(1);
    expect(archives[0]).not.toHaveProperty('fileKey');
  });

  test('are full when the copy is gone, damaged, or of another manifest than lies there', async () => {
    const first = await backUpBy(here.backups);
    const [name = ''] = kept();
    const path = join(here.context.home, 'parents', name);
    const whole = fs.readFileSync(path);
    const full = { kind: 'full', fullBecause: expect.stringContaining('cannot be read here') as string };

    fs.writeFileSync(path, whole.subarray(0, 200));
    expect(await planBy(restarted())).toMatchObject(full);
    fs.rmSync(path);
    expect(await planBy(restarted())).toMatchObject(full);
    fs.writeFileSync(path, whole, { mode: 0o600 });
    expect(await planBy(restarted())).toMatchObject({ kind: 'incremental' });
    fs.renameSync(
      path,
      path.replace(/[0-9a-f](?=\.manifest)/, (digit) => (digit === '0' ? '1' : '0')),
    );
    expect(await planBy(restarted())).toMatchObject(full);
    expect((await restarted().resolve('latest')).id).toBe(first.id);
  });

  test('are built upon when their archives were written anew before the restart', async () => {
    const made = [await backUpBy(here.backups)];
    for (let index = 0; index < 8; index += 1) {
      here.put(`more ${index}`, noise(2_000, index));
      made.push(await backUpBy(here.backups));
    }
    here.put('last', 'one');
    const last = await backUpBy(here.backups);
    const plan = await here.backups.handlers.planRemoval(
      { store: here.store.id, backups: made.map(({ id }) => id) },
      call,
    );
    expect(plan.compacts.length).toBeGreaterThanOrEqual(8);
    const { job } = await here.backups.handlers.remove({ plan: plan.plan }, call);
    expect(await here.context.job(job)).toMatchObject({ status: 'done' });
    expect(await planBy(restarted())).toMatchObject({ kind: 'incremental', parent: last.id, sealed: true });
  });

  test('leave nothing when the store goes', async () => {
    await backUpBy(here.backups);
    expect(kept()).toHaveLength(1);
    fs.writeFileSync(join(here.context.home, 'parents', 'killed.tmp'), 'half');
    forgetManifests(here.context);
    expect(kept()).toHaveLength(1);
    here.context.stores.remove(here.store.id);
    expect(kept()).toEqual([]);
  });
});
