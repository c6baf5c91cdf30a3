import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openBackup } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool, createThreadPool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { reasons } from './selection.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

let made: TestStore | undefined;
afterEach(async () => {
  await made?.context.close();
  made = undefined;
});

function testStore(...options: Parameters<typeof createTestStore>): TestStore {
  made = createTestStore(...options);
  return made;
}

function fault(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function content(directory: string): string[] {
  return (fs.readdirSync(directory, { recursive: true }) as string[]).sort();
}

function pathsIn(manifest: string): string[] {
  return Array.from(openBackup(nodeFs, manifest).entries(), (entry) => entry.path);
}

const noon = new Date(2025, 7, 1, 12, 0, 0).getTime();

describe('a backup', () => {
  test('ends with the JSON of the command, on disk and announced', async () => {
    const { backUp, store, context } = testStore({ clock: () => noon });
    const job = await backUp({ note: 'before the update' });
    expect(job).toMatchObject({ status: 'done', warningCount: 0, kind: 'backup', title: 'Back up persistent_data' });
    const base = join(store.destination, 'persistent_data_backup_20250801_120000');
    expect(job.result).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      store: store.id,
      archive: `${base}.tar.zst`,
      manifest: `${base}.manifest.zst`,
      startedAt: new Date(noon).toISOString(),
      finishedAt: new Date(noon).toISOString(),
      files: 4,
      bytes: 5_024,
      storedBytes: fs.statSync(`${base}.tar.zst`).size + fs.statSync(`${base}.manifest.zst`).size,
      reusedBytes: 0,
      skipped: [],
      status: 'done',
    });
    expect(pathsIn(`${base}.manifest.zst`)).toEqual([
      '',
      'empty',
      'latest',
      'logs',
      'logs/app.log',
      'ml_models',
      'ml_models/config.json',
      'ml_models/nvda.h5',
      'notes.txt',
    ]);
    expect(content(store.destination)).toEqual([
      '.larder',
      '.larder/spare',
      '.larder/tmp',
      '.larder/verified',
      '.larder/verified/persistent_data_backup_20250801_120000.json',
      'persistent_data_backup_20250801_120000.manifest.zst',
      'persistent_data_backup_20250801_120000.tar.zst',
    ]);
    expect(fs.statSync(store.destination).mode & 0o777).toBe(0o700);
    expect(context.events).toContainEqual({ name: 'backups.changed', data: { store: store.id } });
  });

  test('goes through honest phases', async () => {
    const { backUp, context } = testStore();
    await backUp();
    const phases = context.events.flatMap(({ name, data }) =>
      name === 'jobs.changed' ? [(data as { job: { phase: string } }).job.phase] : [],
    );
    expect(phases.at(-1)).toBe('Verifying');
    const { verified } = await made!.backups.resolve('latest');
    expect(verified).toMatchObject({ mode: 'written', ok: true });
  });

  test('does not count what was read as if it were still to be verified', async () => {
    const inner = createInlinePool();
    const seen: unknown[] = [];
    const pool: Pool = {
      ...inner,
      run(task, input, options) {
        const [job] = task.name === 'archive.check' ? context.jobs.running() : [];
        if (job !== undefined) seen.push([job.phase, job.filesDone, job.filesTotal]);
        return inner.run(task, input, options);
      },
    };
    const { context, backUp, verify } = testStore({ pool });
    const job = await backUp();
    expect(job).toMatchObject({ filesDone: 4, filesTotal: 4, bytesDone: 5_024, bytesTotal: 5_024 });
    expect(seen).toEqual([['Verifying', 0, undefined]]);
    expect(await verify('latest', true)).toMatchObject({ filesDone: 4, filesTotal: 4 });
  });

  test('is not verified when the setting is off', async () => {
    const { backUp, context, backups } = testStore();
    context.set({ verifyAfterBackup: false });
    await backUp();
    expect((await backups.resolve('latest')).verified).toBeUndefined();
  });

  test('that is made stays when Larder stops while verifying it', async () => {
    const inner = createInlinePool();
    const pool: Pool = {
      ...inner,
      run(task, input, options) {
        if (task.name === 'archive.check') stopping ??= context.jobs.stop();
        return inner.run(task, input, options);
      },
    };
    let stopping: Promise<void> | undefined;
    const { context, backUp, backups } = testStore({ pool });
    expect(await backUp()).toMatchObject({ status: 'done' });
    await stopping;
    expect(stopping).toBeDefined();
    expect((await backups.resolve('latest')).verified).toBeUndefined();
  });

  test.each([
    ['gz', '.tar.gz', '.manifest.gz'],
    ['tar', '.tar', '.manifest.'],
  ] as const)('in format %s', async (format, ending, manifestEnding) => {
    const { backUp, backups } = testStore();
    const job = await backUp({ format });
    expect(job.result?.['archive']).toContain(ending);
    expect(job.result?.['manifest']).toContain(manifestEnding);
    expect(await backups.resolve('latest')).toMatchObject({ format, files: 4 });
  });

  test('of an empty store is a backup of no files', async () => {
    const { root, backUp, backups } = testStore();
    for (const name of fs.readdirSync(root)) fs.rmSync(join(root, name), { recursive: true });
    expect(await backUp()).toMatchObject({ status: 'done', result: { files: 0, bytes: 0 } });
    expect(await backups.resolve('latest')).toMatchObject({ files: 0, dirs: 1, bytes: 0 });
  });

  test('in the same second gets a number', async () => {
    const { backUp } = testStore({ clock: () => noon });
    const names = [];
    for (let round = 0; round < 3; round += 1) names.push(String((await backUp()).result?.['archive']).slice(-11));
    expect(names).toEqual(['000.tar.zst', '0-2.tar.zst', '0-3.tar.zst']);
  });

  test('holds odd names', async () => {
    const { root, backUp } = testStore();
    const odd = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0x0a, 0x80])]);
    fs.writeFileSync(odd, 'x');
    const job = await backUp();
    expect(job.status).toBe('done');
    expect(pathsIn(String(job.result?.['manifest']))).toContain('f\udcff\n\udc80');
  });

  test('runs in worker threads', async () => {
    const pool = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
    const { backUp, verify, backups, put } = testStore({ pool });
    for (let index = 0; index < 500; index += 1) put(`many/d${index % 7}/f${index}`, String(index));
    expect(await backUp()).toMatchObject({ status: 'done', result: { files: 504 } });
    expect(await verify('latest', true)).toMatchObject({ status: 'done' });
    const options = { path: 'many', recursive: false, live: true, offset: 0, limit: 10 };
    const { entries, total } = await backups.handlers.ls({ backup: 'latest', ...options }, call);
    expect(total).toBe(7);
    expect(entries.map(({ live }) => live)).toEqual(Array.from({ length: 7 }, () => 'same'));
    const preview = { backup: 'latest', path: 'many/d3/f3', maxBytes: 100 };
    expect(await backups.handlers.preview(preview, call)).toEqual({ bytes: 1, text: '3', truncated: false });
  });
});

test('a file of the far future is not read again', async () => {
  let now = Date.now() + 3_600_000;
  const { backUp, backups, root, store } = testStore({ clock: () => (now += 60_000) });
  // After what 64 bits of nanoseconds hold.
  fs.utimesSync(join(root, 'notes.txt'), 9_300_000_000, 9_300_000_000);
  await backUp();
  const plan = await backups.handlers.plan({ store: store.id }, call);
  expect(plan.unchanged.files).toBe(4);
});

describe('never archives its own destination', () => {
  test('inside the store, under any name', async () => {
    const { root, backUp, context, store } = testStore();
    context.stores.update(store.id, { destination: join(root, 'deep/keep') });
    await backUp();
    const job = await backUp();
    const manifest = String(job.result?.['manifest']);
    expect(pathsIn(manifest)).toContain('deep');
    expect(pathsIn(manifest).filter((path) => path.startsWith('deep/'))).toEqual([]);
    expect(openBackup(nodeFs, manifest).header.excluded).toMatchObject([
      { path: 'deep/keep', reason: reasons.destination, files: 5 },
    ]);
  });

  test('reached through a link', async () => {
    const { root, context, backUp } = testStore();
    fs.mkdirSync(join(root, 'real'));
    fs.symlinkSync(join(root, 'real'), join(context.folder, 'link'));
    const job = await backUp({ destination: join(context.folder, 'link') });
    expect(job.result?.['archive']).toContain(join(root, 'real'));
    expect(pathsIn(String(job.result?.['manifest']))).not.toContain('real');
  });

  test('nor one that was used once', async () => {
    const { root, backUp } = testStore();
    await backUp({ destination: join(root, 'once') });
    expect(pathsIn(String((await backUp()).result?.['manifest']))).not.toContain('once');
  });

  test('which cannot be the store itself', async () => {
    const { root, backUp, context } = testStore();
    expect(await backUp({ destination: root })).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } });
    fs.symlinkSync(root, join(context.folder, 'again'));
    const job = await backUp({ destination: join(context.folder, 'again') });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } });
    expect(fs.existsSync(join(root, '.larder'))).toBe(false);
  });
});

describe('is partial', () => {
  test('when a folder could not be read, which stands in the job and in the manifest', async () => {
    const faulty: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        if (path.endsWith('/persistent_data/logs')) throw fault('EACCES');
        return nodeFs.readDirectory(path);
      },
    };
    const { backUp, context, backups } = testStore({ fs: faulty });
    const job = await backUp();
    const skipped = [{ path: 'logs', reason: 'may not be accessed by this user' }];
    expect(job).toMatchObject({ status: 'partial', warningCount: 1, result: { status: 'partial', skipped, files: 3 } });
    expect(context.jobs.get(job.id).warnings).toEqual(skipped);
    expect(await backups.resolve('latest')).toMatchObject({ status: 'partial', skipped });
  });

  test('when a file could not be opened', async () => {
    const faulty: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith('/notes.txt')) throw fault('EACCES');
        return nodeFs.open(path, flags, mode);
      },
    };
    const { backUp } = testStore({ fs: faulty });
    const job = await backUp();
    expect(job).toMatchObject({ status: 'partial', warningCount: 1, result: { skipped: [{ path: 'notes.txt' }] } });
  });
});
