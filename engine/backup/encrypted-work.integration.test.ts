import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encryption } from '../../shared/contract/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

/** Rebuilding, exporting, comparing and sampling encrypted backups. */

/** Those of the specification's example. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

let test: TestStore;
let clock: number;
beforeEach(() => {
  clock = Date.now() + 60_000;
  test = createTestStore({ clock: () => (clock += 60_000) });
});
afterEach(() => test.context.close());

function secret(name: string, content: string): string {
  const path = join(test.context.folder, name);
  fs.writeFileSync(path, `${content}\n`);
  fs.chmodSync(path, 0o600);
  return path;
}

const byIdentity = (): Encryption => ({
  kind: 'recipients',
  recipients: [recipient],
  identityFile: secret('identity', identity),
});
const byPassphrase = (): Encryption => ({ kind: 'passphrase', passphraseFile: secret('passphrase', 'so long a word') });

const encrypt = (encryption: Encryption | null): void => {
  test.context.stores.update(test.store.id, { rules: { encryption } });
};

async function backUp() {
  const job = await test.backUp();
  expect(job.error).toBeUndefined();
  return {
    id: String(job.result?.['id']),
    archive: String(job.result?.['archive']),
    manifest: String(job.result?.['manifest']),
  };
}

describe.each([
  ['an identity', byIdentity],
  ['a passphrase', byPassphrase],
])('backups opened by %s', (_, rules) => {
  it('have a lost manifest made again, encrypted', async () => {
    encrypt(rules());
    await backUp();
    test.put('notes.txt', 'changed');
    const { id, archive, manifest } = await backUp();
    fs.rmSync(manifest);
    const { problems } = await test.backups.handlers.list({}, call);
    // What is still drawn on is no stray; this one nothing draws on.
    expect(problems).toMatchObject([{ path: archive, fix: 'rebuild' }]);
    const { job } = await test.backups.handlers.rebuild({ archive }, call);
    expect(await test.context.job(job)).toMatchObject({ status: 'done', result: { id, manifest, ok: true } });
    expect(fs.readFileSync(manifest).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(await test.verify(id, true)).toMatchObject({ status: 'done' });
  }, 60_000);

  it('are exported as plain archives, compared and sampled', async () => {
    encrypt(rules());
    const first = await backUp();
    test.put('notes.txt', 'changed');
    const second = await backUp();
    const file = join(test.context.folder, 'plain.tar.gz');
    const { job } = await test.backups.handlers.export({ backup: second.id, file }, call);
    expect(await test.context.job(job)).toMatchObject({ status: 'done' });
    if (spawnSync('tar', ['--version']).status === 0) {
      expect(execFileSync('tar', ['-xOzf', file, 'notes.txt']).toString()).toBe('changed');
    }
    const ask = { path: '', offset: 0, limit: 10 };
    const wanted = { modified: 1, added: 0, removed: 0, entries: [{ path: 'notes.txt' }] };
    const { diff } = test.backups.handlers;
    expect(await diff({ backup: first.id, other: second.id, ...ask }, call)).toMatchObject(wanted);
    expect(await diff({ backup: first.id, ...ask }, call)).toMatchObject(wanted);
    const sample = await test.backups.handlers.verify({ backup: second.id, mode: 'sample', percent: 60 }, call);
    expect(await test.context.job(sample.job)).toMatchObject({ status: 'done', result: { ok: true } });
  }, 60_000);
});

it('an encrypted archive without a manifest and without a key is told to be locked', async () => {
  encrypt({ kind: 'recipients', recipients: [recipient] });
  const { archive, manifest } = await backUp();
  const other = createTestStore();
  try {
    other.context.stores.update(other.store.id, { destination: dirname(archive) });
    fs.rmSync(manifest);
    const { problems } = await other.backups.handlers.list({}, call);
    expect(problems).toMatchObject([{ path: archive, fix: 'unlock' }]);
    const { job } = await other.backups.handlers.rebuild({ archive }, call);
    expect(await other.context.job(job)).toMatchObject({ status: 'failed', error: { code: 'PERMISSION' } });
    expect(fs.existsSync(manifest)).toBe(false);
  } finally {
    await other.context.close();
  }
});
