import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encryption, ParsedInput } from '../../shared/contract/index.ts';
import { detectIn } from '../layouts/index.ts';
import { createStores } from '../stores/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createSecrets } from './capability.ts';
import { createTestVault } from './test-vault.ts';
import type { TestVault } from './test-vault.ts';

const call = { signal: new AbortController().signal };
const passphrase = 'lusab-babad gutih-tugad';
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';

let context: TestContext;
let vault: TestVault;
let store: string;
afterEach(() => context.close());

function begin(options: TestContextOptions = {}): void {
  context = createTestContext(options);
  mkdirSync(join(context.folder, 'store'));
  store = context.stores.add({ path: join(context.folder, 'store') }).id;
}

const secrets = () => createSecrets(context, context.secrets).handlers;
const keep = (text = passphrase) => secrets().setPassphrase({ store, passphrase: text }, call);
const rules = () => context.stores.get(store).rules.encryption;
const files = () => readdirSync(join(context.home, 'secrets')).map((name) => join(context.home, 'secrets', name));
const passphrases = async () => (await context.secrets.all('/elsewhere')).keys.passphrases;
const write = (name: string, text: string): string => {
  const path = join(context.folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
};
const change = (encryption: Encryption | null) => {
  const { fs, stores, layouts, emit } = context;
  const { handlers } = createStores({
    fs,
    registry: stores,
    layouts,
    secrets: context.secrets,
    detect: (path) => detectIn(context, path),
    emit,
    countBackups: async () => 0,
  });
  return handlers.update({ store, rules: { encryption } }, call);
};

describe('where the shell has a keychain', () => {
  beforeEach(() => {
    vault = createTestVault();
    begin({ vault });
  });

  it('a passphrase is sealed by it, and opened at each use', async () => {
    const answer = await keep();
    expect(answer.keeping).toEqual({ keptIn: 'keychain', where: 'the test keychain' });
    expect(JSON.stringify([answer, await secrets().list({}, call), context.events])).not.toContain('lusab');
    for (const file of files()) {
      expect(readFileSync(file, 'utf8')).not.toContain('lusab');
      expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from(passphrase).toString('base64').slice(0, 12));
    }
    const encryption = rules();
    expect(encryption).toEqual({ kind: 'passphrase', kept: expect.any(String) as string });
    if (encryption === undefined) return;
    const before = vault.opened;
    expect(await context.secrets.recipientsOf(encryption)).toEqual({ kind: 'passphrase', passphrase });
    expect(await context.secrets.keysOf(encryption)).toEqual({ passphrases: [passphrase], identities: [] });
    expect(vault.opened).toBe(before + 2);
  });

  it('the one before is kept and tried when it changes', async () => {
    await keep('the first one');
    await keep('the second one');
    expect(await passphrases()).toEqual(['the second one', 'the first one']);
    const listed = (await secrets().list({}, call)).secrets;
    expect(listed.map(({ inUse, keptIn }) => [inUse, keptIn])).toEqual(
      expect.arrayContaining([
        [true, 'keychain'],
        [false, 'keychain'],
      ]),
    );
    // The same one again is the same secret.
    await keep('the first one');
    expect((await secrets().list({}, call)).secrets).toHaveLength(2);
  });

  it('that is locked, a passphrase is neither kept nor lost, and the reason is told', async () => {
    await keep();
    vault.locked = true;
    await expect(keep('another')).rejects.toMatchObject({ code: 'PERMISSION', message: /keychain is locked/ });
    const encryption = rules();
    if (encryption === undefined) throw new Error('Nothing was kept.');
    await expect(context.secrets.recipientsOf(encryption)).rejects.toMatchObject({ code: 'PERMISSION' });
    const { keys, problems } = await context.secrets.all('/elsewhere');
    expect(keys.passphrases).toEqual([]);
    expect(problems[0]).toContain('keychain is locked');
    vault.locked = false;
    expect(await passphrases()).toEqual([passphrase]);
  });

  it('what is in use is not forgotten, and the rest is when asked', async () => {
    await keep('the first one');
    await keep('the second one');
    const { secrets: listed } = await secrets().list({}, call);
    const [used, unused] = [listed.find(({ inUse }) => inUse), listed.find(({ inUse }) => !inUse)];
    await expect(async () => secrets().forget({ secret: used?.id ?? '' }, call)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await secrets().forget({ secret: unused?.id ?? '' }, call);
    expect(await passphrases()).toEqual(['the second one']);
    for (const secret of ['gone', '../larder', '..']) {
      await expect(async () => secrets().forget({ secret }, call), secret).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(existsSync(join(context.home, 'larder.db'))).toBe(true);
  });

  it('a run without it says what to do, and takes the one named for that run', async () => {
    await keep();
    const encryption = rules();
    if (encryption === undefined) throw new Error('Nothing was kept.');
    const { Secrets } = await import('./secrets.ts');
    const { fs, home, clock, stores } = context;
    const bare = new Secrets({ fs, home, clock, stores });
    await expect(bare.recipientsOf(encryption)).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('only the desktop app') as string,
      hint: expect.stringContaining('LARDER_PASSPHRASE_FILE') as string,
    });
    const passphraseFile = write('cron', 'from cron\n');
    const named = new Secrets({ fs, home, clock, stores, keyFiles: { passphraseFile } });
    expect(await named.recipientsOf(encryption)).toMatchObject({ passphrase: 'from cron' });
    expect((await named.all('/x')).keys.passphrases).toEqual(['from cron']);
  });
});

describe('where there is no keychain', () => {
  beforeEach(() => {
    vault = createTestVault();
    vault.ready = false;
    begin({ vault });
  });

  it('a passphrase goes to a file that only this user can read, and that is said', async () => {
    const { keeping } = await keep();
    expect(keeping).toEqual({
      keptIn: 'file',
      where: join(context.home, 'secrets'),
      reason: 'This test has no keychain.',
    });
    expect(await passphrases()).toEqual([passphrase]);
    if (process.platform === 'win32') return;
    expect(statSync(join(context.home, 'secrets')).mode & 0o777).toBe(0o700);
    for (const file of files()) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('a damaged file is told, and the others are used', async () => {
    await keep('the first one');
    await keep('the second one');
    for (const file of files()) if (readFileSync(file, 'utf8').includes('first')) writeFileSync(file, '{"version":1');
    const { keys, problems } = await context.secrets.all('/elsewhere');
    expect(keys.passphrases).toEqual(['the second one']);
    expect(problems[0]).toContain('damaged');
  });
});

describe('keys in files', () => {
  beforeEach(() => begin());

  it('that rules named before still open the backups made then', async () => {
    await change({ kind: 'passphrase', passphraseFile: write('old', 'the old one\n') });
    await keep('the new one');
    expect(await passphrases()).toEqual(['the new one', 'the old one']);
    await change(null);
    expect((await passphrases()).toSorted()).toEqual(['the new one', 'the old one']);
    expect((await secrets().list({}, call)).secrets).toContainEqual(
      expect.objectContaining({ keptIn: 'named', file: join(context.folder, 'old'), kind: 'passphrase' }) as object,
    );
  });

  it('are refused where backups are made of them, and beside the backups they open', async () => {
    mkdirSync(context.stores.get(store).destination);
    for (const [name, words] of [
      ['store/secret', 'the store'],
      ['store-backups/secret', 'the backup folder'],
    ] as const) {
      await expect(change({ kind: 'passphrase', passphraseFile: write(name, 'x\n') })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(words) as string,
      });
      const file = join(context.folder, `${name}-identity`);
      await expect(async () => secrets().createIdentity({ file }, call)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      expect(existsSync(file)).toBe(false);
    }
  });

  it('a new identity opens what is encrypted for its recipient, and overwrites nothing', async () => {
    const file = join(context.folder, 'identity.txt');
    const { recipient } = await secrets().createIdentity({ file }, call);
    expect(await change({ kind: 'recipients', recipients: [recipient], identityFile: file })).toMatchObject({
      rules: { encryption: { identityFile: file } },
    });
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    await expect(async () => secrets().createIdentity({ file }, call)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(readFileSync(file, 'utf8')).toBe(text);
    await expect(async () =>
      secrets().createIdentity({ file: join(context.folder, 'no', 'folder') }, call),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('named for this run are tried first', async () => {
    await context.close();
    begin({ keyFiles: { passphrase: 'typed', passphraseFile: '/gone', identityFile: undefined } });
    await keep();
    const { keys, problems } = await context.secrets.all('/elsewhere');
    expect(keys.passphrases).toEqual(['typed', passphrase]);
    expect(problems[0]).toContain('/gone');
  });
});

describe('a key that is given for a backup', () => {
  beforeEach(() => begin());
  const unlock = (input: Partial<ParsedInput<'secrets.unlock'>>) =>
    secrets().unlock({ file: join(context.folder, 'a.age'), remember: false, ...input }, call);

  it('is one key, of a file that is there', async () => {
    await expect(unlock({})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(unlock({ passphrase, identityFile: write('id', identity) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(unlock({ passphrase })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(unlock({ file: 'a.age', passphrase })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await passphrases()).toEqual([]);
  });
});
