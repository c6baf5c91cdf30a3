import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encryption, Output } from '../../shared/contract/index.ts';
import { backupMigrations, createBackups } from '../backup/index.ts';
import type { Backups } from '../backup/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createRestore, restoreMigrations } from './index.ts';
import { signal, snapshot, writeTree } from './test-tree.ts';

/** Those of age's specification. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

let context: TestContext;
let backups: Backups;
let store: string;
let storeId: string;
beforeEach(() => {
  context = createTestContext({ migrations: [...backupMigrations, ...restoreMigrations] });
  store = join(context.folder, 'store');
  writeTree(store, {
    'a.txt': { content: 'first' },
    'models/weights.bin': { content: Buffer.alloc(9_000_000, 'larder') },
    'models/config.json': { content: '{}' },
  });
  storeId = context.stores.add({ path: store }).id;
  const identityFile = join(context.folder, 'identity');
  writeFileSync(identityFile, identity);
  chmodSync(identityFile, 0o600);
  const encryption: Encryption = { kind: 'recipients', recipients: [recipient], identityFile };
  context.stores.update(storeId, { rules: { encryption } });
  backups = createBackups(context);
});
afterEach(() => context.close());

async function backUp(): Promise<Output<'backups.list'>['backups'][number]> {
  const { job } = await backups.handlers.start({ store: storeId }, { signal });
  expect(await context.job(job)).toMatchObject({ status: 'done' });
  return backups.handlers.get({ backup: 'latest' }, { signal });
}

async function restoreTo(path: string, backup: string) {
  const { handlers } = createRestore(context, backups);
  const target = { kind: 'folder', path } as const;
  const plan = await handlers.plan(
    { backup, paths: [], target, overwrite: 'if-changed', deleteExtra: false },
    { signal },
  );
  const { job } = await handlers.apply({ plan: plan.id }, { signal });
  return context.job(job);
}

describe('an encrypted backup', () => {
  it('is restored as it was, the newest and the one it builds upon', async () => {
    const before = snapshot(store);
    const first = await backUp();
    writeTree(store, { 'models/new': { content: 'new' } });
    const second = await backUp();
    expect(second.kind).toBe('incremental');
    const [here, there] = [join(context.folder, 'one'), join(context.folder, 'two')];
    expect(await restoreTo(here, second.id)).toMatchObject({ status: 'done' });
    expect(snapshot(here)).toEqual(snapshot(store));
    expect(await restoreTo(there, first.id)).toMatchObject({ status: 'done' });
    expect(Object.keys(snapshot(there))).toEqual(Object.keys(before));
  });

  it('that is damaged gives back what is not hit', async () => {
    writeTree(store, { 'models/zzz.bin': { content: randomBytes(9_000_000) } });
    const { archive, id } = await backUp();
    const bytes = readFileSync(archive);
    writeFileSync(archive, bytes.subarray(0, bytes.length - 2_000_000));
    const out = join(context.folder, 'out');
    const job = await restoreTo(out, id);
    expect(job.status).not.toBe('done');
    expect(readFileSync(join(out, 'a.txt'), 'utf8')).toBe('first');
    expect(readFileSync(join(out, 'models/weights.bin')).equals(readFileSync(join(store, 'models/weights.bin')))).toBe(
      true,
    );
    expect(Object.keys(snapshot(out))).not.toContain('models/zzz.bin');
  });

  it('that is locked is not restored, and says why', async () => {
    const { id } = await backUp();
    writeFileSync(join(context.folder, 'identity'), 'AGE-SECRET-KEY-1');
    backups = createBackups(context);
    const out = join(context.folder, 'out');
    await expect(restoreTo(out, id)).rejects.toMatchObject({ code: 'PERMISSION' });
  });
});
