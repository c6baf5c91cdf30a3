import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../shared/client/index.ts';
import type { Client } from '../../shared/client/index.ts';
import type { Job } from '../../shared/contract/index.ts';
import { createEngine } from '../engine.ts';
import type { EngineOptions } from '../engine.ts';
import { temporaryFolder } from '../testing/index.ts';
import { createTestVault } from './test-vault.ts';

const passphrase = 'Lusab-babad "gutih" žluť';

/** The whole engine with its log, jobs and database, as a shell would use it. */
describe('a passphrase that was typed', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const closers: (() => Promise<void>)[] = [];
  const events: unknown[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    events.length = 0;
    fs.mkdirSync(join(folder.path, 'data/models'), { recursive: true });
    fs.writeFileSync(join(folder.path, 'data/models/a.bin'), 'weights');
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    folder.remove();
  });

  async function open(
    home: string,
    options: Partial<EngineOptions> = {},
  ): Promise<{ client: Client; stop(): Promise<void> }> {
    const engine = await createEngine({
      home: join(folder.path, home),
      version: '0.0.0',
      live: false,
      poolWorkerUrl: new URL('../pool-worker.ts', import.meta.url),
      validateOutput: true,
      ...options,
    });
    const client = createClient(engine.connect({ paths: 'any' }));
    for (const name of ['jobs.changed', 'stores.changed', 'backups.changed', 'secrets.changed'] as const) {
      client.on(name, (data) => void events.push(data));
    }
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      client.close();
      await engine.stop();
    };
    closers.push(stop);
    return { client, stop };
  }

  function ended(client: Client, id: string): Promise<Job> {
    return new Promise((resolve, reject) => {
      const off = client.on('jobs.changed', ({ job }) => {
        if (job.id !== id || job.status === 'running') return;
        off();
        resolve(job);
      });
      client.call('jobs.get', { job: id }).then(({ job }) => {
        if (job.status !== 'running') resolve(job);
      }, reject);
    });
  }

  /** Every byte of every file below, names included. */
  function everything(path: string): Buffer {
    return Buffer.concat(
      fs.readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
        const below = join(path, entry.name);
        return [Buffer.from(entry.name), entry.isDirectory() ? everything(below) : fs.readFileSync(below)];
      }),
    );
  }

  /** The passphrase as it would look in text, JSON and base64. */
  const forms = [passphrase, JSON.stringify(passphrase).slice(1, -1), Buffer.from(passphrase).toString('base64')].map(
    (text) => text.slice(0, 14),
  );
  const expectNowhere = (place: Buffer | string): void => {
    for (const form of forms) expect(place.includes(form), form).toBe(false);
  };

  it('stands nowhere in plain: not in the home, the log, jobs or events, nor in the backups', async () => {
    const vault = createTestVault();
    const { client, stop } = await open('home', { vault });
    const store = await client.call('stores.add', { path: join(folder.path, 'data') });
    await client.call('secrets.setPassphrase', { store: store.id, passphrase });
    const made = await ended(client, (await client.call('backups.start', { store: store.id })).job);
    expect(made).toMatchObject({ status: 'done' });
    const [backup] = (await client.call('backups.list', {})).backups;
    if (backup === undefined) throw new Error('There is no backup.');
    expect(backup).toMatchObject({ encrypted: true });
    expect(await ended(client, (await client.call('backups.verify', { backup: backup.id })).job)).toMatchObject({
      status: 'done',
    });
    // Failures speak, too.
    await expect(
      client.call('secrets.unlock', { file: backup.manifest, passphrase: `${passphrase} ` }),
    ).rejects.toThrow();
    await expect(client.call('secrets.unlock', { file: '/gone', passphrase })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      client.call('secrets.unlock', { file: backup.manifest, passphrase: `${passphrase}!` }),
    ).rejects.toMatchObject({ code: 'PERMISSION', message: expect.stringContaining('not the passphrase') as string });
    vault.locked = true;
    expect(await ended(client, (await client.call('backups.start', { store: store.id })).job)).toMatchObject({
      status: 'failed',
      error: { code: 'PERMISSION' },
    });
    expectNowhere(JSON.stringify([events, await client.call('jobs.list', {}), await client.call('secrets.list', {})]));
    await stop();
    expectNowhere(everything(join(folder.path, 'home')));
    expectNowhere(everything(backup.manifest.replace(/\/[^/]*$/, '')));
  }, 60_000);

  it('opens its backups on another machine when it is given, and is remembered when asked', async () => {
    const first = await open('home');
    const store = await first.client.call('stores.add', { path: join(folder.path, 'data') });
    await first.client.call('secrets.setPassphrase', { store: store.id, passphrase });
    await ended(first.client, (await first.client.call('backups.start', { store: store.id })).job);
    await first.stop();

    const vault = createTestVault();
    const other = await open('other', { vault });
    const { destination } = store;
    const locked = await other.client.call('backups.list', { destination });
    expect(locked.backups).toEqual([]);
    expect(locked.problems).toMatchObject([{ fix: 'unlock', needs: 'passphrase' }]);
    const file = locked.problems[0]?.path ?? '';
    expect(locked.problems[0]?.message).toContain('not known here');
    const identityFile = join(folder.path, 'identity');
    await other.client.call('secrets.createIdentity', { file: identityFile });
    await expect(other.client.call('secrets.unlock', { file, identityFile })).rejects.toMatchObject({
      message: expect.stringContaining('with a passphrase, not for public keys') as string,
    });

    await other.client.call('secrets.unlock', { file, passphrase });
    expect((await other.client.call('backups.list', { destination })).backups).toHaveLength(1);
    expect((await other.client.call('secrets.list', {})).secrets).toEqual([]);
    await other.client.call('secrets.unlock', { file, passphrase, remember: true });
    expect((await other.client.call('secrets.list', {})).secrets).toMatchObject([{ keptIn: 'keychain', inUse: false }]);
    const cut = join(destination, 'cut.manifest.zst.age');
    fs.writeFileSync(cut, fs.readFileSync(file).subarray(0, 60));
    await expect(other.client.call('secrets.unlock', { file: cut, passphrase })).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('cut off') as string,
    });
    await other.stop();

    const again = await open('other', { vault });
    const [backup] = (await again.client.call('backups.list', { destination })).backups;
    const { entries } = await again.client.call('backups.ls', { backup: backup?.id ?? '', destination });
    expect(entries.map(({ name }) => name)).toEqual(['models']);
  }, 60_000);

  it('may come from a file that the run names', async () => {
    const first = await open('home');
    const store = await first.client.call('stores.add', { path: join(folder.path, 'data') });
    await first.client.call('secrets.setPassphrase', { store: store.id, passphrase });
    await ended(first.client, (await first.client.call('backups.start', { store: store.id })).job);
    await first.stop();
    const passphraseFile = join(folder.path, 'passphrase');
    fs.writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    const other = await open('other', { keyFiles: { passphraseFile } });
    const { backups, problems } = await other.client.call('backups.list', { destination: store.destination });
    expect([backups.length, problems]).toEqual([1, []]);
  }, 60_000);
});
