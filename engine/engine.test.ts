import { chmodSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../shared/client/index.ts';
import type { Client } from '../shared/client/index.ts';
import type { Job } from '../shared/contract/index.ts';
import { createEngine } from './index.ts';
import type { Engine } from './index.ts';
import { temporaryFolder } from './testing/index.ts';

/** The whole engine, real workers and all, as a command would use it. */
describe('engine', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engine: Engine;
  let client: Client;
  const start = async (): Promise<void> => {
    engine = await createEngine({
      home: join(folder.path, 'home'),
      version: '0.0.0',
      live: false,
      poolWorkerUrl: new URL('./pool-worker.ts', import.meta.url),
      validateOutput: true,
    });
    client = createClient(engine.connect({ paths: 'any' }));
  };
  const stop = async (): Promise<void> => {
    client.close();
    await engine.stop();
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    mkdirSync(join(folder.path, 'data/models'), { recursive: true });
    writeFileSync(join(folder.path, 'data/models/a.bin'), 'weights');
    await start();
  });
  afterEach(async () => {
    await stop();
    folder.remove();
  });

  function ended(id: string): Promise<Job> {
    return new Promise((resolve, reject) => {
      const stopListening = client.on('jobs.changed', ({ job }) => {
        if (job.id !== id || job.status === 'running') return;
        stopListening();
        resolve(job);
      });
      client.call('jobs.get', { job: id }).then(({ job }) => {
        if (job.status !== 'running') resolve(job);
      }, reject);
    });
  }

  it('takes a folder from registered to backed up, verified, lost and restored', async () => {
    const path = join(folder.path, 'data');
    expect(await client.call('stores.probe', { path })).toMatchObject({ suggestedName: 'data', backupsFound: 0 });
    const store = await client.call('stores.add', { path });
    expect(await client.call('usage.get', { store: store.id })).toMatchObject({ files: 1, bytes: 7 });
    expect(await ended((await client.call('backups.start', { store: store.id })).job)).toMatchObject({
      status: 'done',
    });
    const { backups } = await client.call('backups.list', {});
    expect(backups).toHaveLength(1);
    expect(backups[0]?.verified).toMatchObject({ mode: 'written', ok: true });

    rmSync(join(path, 'models'), { recursive: true });
    const plan = await client.call('restore.plan', { backup: 'latest', target: { kind: 'inPlace' } });
    expect(plan).toMatchObject({ created: 2, overwritten: 0, deleted: 0, bytesToWrite: 7 });
    const restored = await ended((await client.call('restore.apply', { plan: plan.id })).job);
    expect(restored).toMatchObject({ status: 'done', result: { created: 2 } });
    expect(readFileSync(join(path, 'models/a.bin'), 'utf8')).toBe('weights');

    await stop();
    await start();
    expect((await client.call('stores.list', {})).stores).toHaveLength(1);
    expect((await client.call('jobs.list', {})).jobs.map((job) => job.kind)).toContain('restore');
    expect(await client.call('stores.probe', { path: `${path}-elsewhere` })).toMatchObject({
      refusal: { message: `${path}-elsewhere is not there.` },
    });
  });

  it('finds backups again from their folder alone', async () => {
    const path = join(folder.path, 'data');
    const store = await client.call('stores.add', { path });
    await ended((await client.call('backups.start', { store: store.id })).job);
    await stop();
    rmSync(join(folder.path, 'home'), { recursive: true });
    await start();
    expect(await client.call('stores.probe', { path })).toMatchObject({ backupsFound: 1 });
    await client.call('stores.add', { path });
    expect((await client.call('backups.list', {})).backups).toHaveLength(1);
  });

  it('refuses a home that cannot be used, naming it', async () => {
    const home = join(folder.path, 'file');
    writeFileSync(home, '');
    chmodSync(home, 0o600);
    const options = { version: '0', live: false, poolWorkerUrl: new URL('./pool-worker.ts', import.meta.url) };
    await expect(createEngine({ home, ...options })).rejects.toThrow(/settings folder cannot be used/);
  });

  it('starts, and answers for the others, when the folder of a store cannot be entered', async () => {
    const lost = join(folder.path, 'lost');
    mkdirSync(lost);
    await client.call('stores.add', { path: lost });
    await client.call('stores.add', { path: join(folder.path, 'data') });
    await stop();
    rmdirSync(lost);
    // A link to itself: every look below it fails, for root as well, and not because nothing is there.
    symlinkSync(lost, lost);
    await start();
    expect((await client.call('stores.list', {})).stores.map((store) => store.path)).toContain(lost);
    expect(await client.call('restore.list', {})).toEqual({ restores: [] });
  });
});
