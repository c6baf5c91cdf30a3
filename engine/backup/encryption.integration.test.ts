import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encryption, Store } from '../../shared/contract/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

/** Those of the specification's example. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const otherRecipient = 'age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw';
const passphrase = 'a long passphrase that is nowhere else';

let here: TestStore;
beforeEach(() => {
  here = createTestStore();
});
afterEach(() => here.context.close());

function secret(name: string, content: string): string {
  const path = join(here.context.folder, name);
  fs.writeFileSync(path, `${content}\n`);
  fs.chmodSync(path, 0o600);
  return path;
}

const encrypt = (encryption: Encryption | null): Store =>
  here.context.stores.update(here.store.id, { rules: { encryption } });
const byIdentity = (): Encryption => ({
  kind: 'recipients',
  recipients: [recipient],
  identityFile: secret('identity', identity),
});
const byPassphrase = (text = passphrase): Encryption => ({
  kind: 'passphrase',
  passphraseFile: secret('passphrase', text),
});
const list = () => here.backups.handlers.list({}, call);

/** Another Larder that finds the same backups and knows no more than this store's rules. */
async function elsewhere<T>(
  encryption: Encryption | null,
  act: (other: TestStore) => Promise<T>,
  pool: Pool = createInlinePool(),
): Promise<T> {
  const other = createTestStore({ pool });
  try {
    const { destination } = here.context.stores.get(here.store.id);
    other.context.stores.update(other.store.id, { destination, rules: { encryption } });
    return await act(other);
  } finally {
    await other.context.close();
  }
}

async function made(input: Record<string, unknown> = {}) {
  const job = await here.backUp(input);
  expect(job.error).toBeUndefined();
  expect(job.status).toBe('done');
  const [newest] = (await list()).backups;
  if (newest === undefined) throw new Error('There is no backup.');
  return newest;
}

describe.each([
  ['an identity', byIdentity],
  ['a passphrase', byPassphrase],
])('backups opened by %s', (_, rules) => {
  it('are made, listed, browsed, verified and built upon', async () => {
    encrypt(rules());
    const first = await made();
    expect(first).toMatchObject({ encrypted: true, kind: 'full', verified: { mode: 'written', ok: true } });
    here.put('notes.txt', 'changed');
    expect(await here.backups.handlers.plan({ store: here.store.id }, call)).toMatchObject({
      encrypted: true,
      kind: 'incremental',
      parent: first.id,
    });
    const second = await made();
    expect(second).toMatchObject({ encrypted: true, kind: 'incremental' });
    await elsewhere(rules(), async ({ backups, verify }) => {
      const listed = await backups.handlers.list({}, call);
      expect(listed.problems).toEqual([]);
      expect(listed.backups.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await verify(second.id, true)).toMatchObject({ status: 'done' });
      const { entries } = await backups.handlers.ls(
        { backup: second.id, path: '', recursive: false, live: false, offset: 0, limit: 10 },
        call,
      );
      expect(entries.map(({ name }) => name)).toContain('notes.txt');
      const preview = (backup: string) => backups.handlers.preview({ backup, path: 'notes.txt', maxBytes: 100 }, call);
      expect([await preview(second.id), await preview(first.id)]).toMatchObject([
        { text: 'changed' },
        { text: 'grüße' },
      ]);
    });
  }, 60_000);

  it('are locked without it, and say so', async () => {
    encrypt(rules());
    const backup = await made();
    await elsewhere(null, async ({ backups }) => {
      const listed = await backups.handlers.list({}, call);
      expect(listed.backups).toEqual([]);
      expect(listed.problems).toMatchObject([{ path: backup.manifest, fix: 'unlock' }]);
      expect(listed.problems[0]?.message).toContain('encrypted');
    });
  }, 60_000);

  it('leave no secret in the database, the jobs or the folder', async () => {
    encrypt(rules());
    const backup = await made();
    await here.verify(backup.id, true);
    const [archive] = (await here.backups.open(backup)).archives;
    const fileKey = archive?.fileKey ?? '';
    expect(fileKey).toHaveLength(32);
    here.context.db.sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const { destination } = here.context.stores.get(here.store.id);
    for (const directory of [here.context.home, destination]) {
      for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const bytes = fs.readFileSync(join(entry.parentPath, entry.name));
        for (const text of [identity, passphrase, fileKey]) expect(bytes.includes(text), entry.name).toBe(false);
      }
    }
    expect(JSON.stringify(here.context.events)).not.toContain(passphrase);
    expect(JSON.stringify(here.context.events)).not.toContain(identity);
  }, 60_000);
});

describe('encryption of a store', () => {
  it('without an identity here still verifies what it wrote, and makes every backup self-contained', async () => {
    encrypt({ kind: 'recipients', recipients: [recipient] });
    const job = await here.backUp();
    expect(job).toMatchObject({ status: 'done' });
    expect((await list()).backups).toMatchObject([{ kind: 'full', verified: { mode: 'written', ok: true } }]);
    await elsewhere({ kind: 'recipients', recipients: [recipient] }, async ({ backups, backUp, store }) => {
      expect(await backups.handlers.plan({ store: store.id }, call)).toMatchObject({ kind: 'full', encrypted: true });
      expect(await backUp()).toMatchObject({ status: 'done' });
      const listed = await backups.handlers.list({}, call);
      expect(listed.backups.map(({ kind }) => kind)).toEqual(['full']);
      expect(listed.problems).toMatchObject([{ fix: 'unlock' }]);
    });
  });

  it('starts anew when it is switched on or off, or is for others', async () => {
    expect(await made()).toMatchObject({ kind: 'full', encrypted: false });
    encrypt(byIdentity());
    expect(await made()).toMatchObject({ kind: 'full', encrypted: true });
    expect(await made()).toMatchObject({ kind: 'incremental', encrypted: true });
    encrypt({ ...(byIdentity() as Encryption & { kind: 'recipients' }), recipients: [otherRecipient, recipient] });
    expect(await made()).toMatchObject({ kind: 'full', encrypted: true });
    encrypt(null);
    expect(await made()).toMatchObject({ kind: 'full', encrypted: false });
  });

  it('with another passphrase starts anew, though the old one is still known', async () => {
    encrypt(byPassphrase());
    expect(await made()).toMatchObject({ kind: 'full' });
    encrypt(byPassphrase('another'));
    expect(await made()).toMatchObject({ kind: 'full' });
    expect(await made()).toMatchObject({ kind: 'incremental' });
  }, 60_000);

  it('that cannot be done makes nothing, and says why', async () => {
    const { passphraseFile } = byPassphrase() as { passphraseFile: string };
    fs.chmodSync(passphraseFile, 0o644);
    encrypt({ kind: 'passphrase', passphraseFile });
    const job = await here.backUp();
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'PERMISSION', message: expect.stringContaining(passphraseFile) as string },
    });
    encrypt({ kind: 'recipients', recipients: [recipient, 'age1wrong'] });
    await expect(here.backups.handlers.plan({ store: here.store.id }, call)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Recipient 2 of 2') as string,
    });
    const { destination } = here.context.stores.get(here.store.id);
    expect(fs.existsSync(destination) ? fs.readdirSync(destination) : []).toEqual([]);
  });

  it('costs one key a backup, however many archives that draws on', async () => {
    encrypt(byIdentity());
    for (const content of ['one', 'two', 'three']) {
      here.put('notes.txt', content);
      await made();
    }
    const pool = createInlinePool();
    const opened: string[] = [];
    const watched: Pool = {
      ...pool,
      run(task, input, options) {
        if (task.name === 'age.unlock') opened.push(String((input as { path?: unknown }).path));
        return pool.run(task, input, options);
      },
    };
    await elsewhere(
      byIdentity(),
      async ({ backups, verify }) => {
        const [newest] = (await backups.handlers.list({}, call)).backups;
        expect(await verify(newest?.id ?? '', true)).toMatchObject({ status: 'done' });
      },
      watched,
    );
    expect(opened.length).toBe(3);
    expect(opened.every((path) => path.includes('.manifest.'))).toBe(true);
  });

  it('does not keep rotation from removing what is not needed', async () => {
    encrypt(byIdentity());
    const first = await made({ full: true });
    await made({ full: true });
    const third = await made();
    await elsewhere(byIdentity(), async ({ backups, context, store }) => {
      const plan = await backups.handlers.planRemoval({ store: store.id, backups: [first.id, third.id] }, call);
      expect(plan.held).toEqual([]);
      const { job } = await backups.handlers.remove({ plan: plan.plan }, call);
      expect(await context.job(job)).toMatchObject({ status: 'done' });
      expect(fs.existsSync(first.archive)).toBe(false);
      expect((await backups.handlers.list({}, call)).backups).toHaveLength(1);
    });
  });

  it('names a damaged archive, and what cannot be had of it', async () => {
    encrypt(byIdentity());
    here.put('big.bin', Buffer.alloc(3_000_000, 'abcdefg'));
    const { archive, id } = await made({ format: 'tar' });
    const bytes = fs.readFileSync(archive);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 16;
    fs.writeFileSync(archive, bytes);
    const job = await here.verify(id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CORRUPT' } });
    fs.writeFileSync(archive, bytes.subarray(0, at));
    const [listed] = (await list()).backups;
    expect(listed?.problem).toContain('cut off');
  });
});
