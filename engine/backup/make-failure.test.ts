import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
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

test('a destination that used to be on another disk is not made on this one', async () => {
  let otherDisk = true;
  const disks: FileSystem = {
    ...nodeFs,
    stat(path) {
      const stats = nodeFs.stat(path);
      if (otherDisk && path.includes('/usb')) stats.dev += 1n;
      return stats;
    },
  };
  const { backUp, context } = testStore({ fs: disks });
  const destination = join(context.folder, 'usb/backups');
  fs.mkdirSync(join(context.folder, 'usb'));
  expect(await backUp({ destination })).toMatchObject({ status: 'done' });
  fs.rmSync(destination, { recursive: true });
  otherDisk = false;
  const job = await backUp({ destination });
  expect(job).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
  expect(fs.existsSync(destination)).toBe(false);
  fs.mkdirSync(destination);
  expect(await backUp({ destination })).toMatchObject({ status: 'done' });
});

describe('fails clearly and leaves nothing', () => {
  test('when cancelled in the middle', async () => {
    let cancel = (): void => {};
    const slow: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith('/nvda.h5')) cancel();
        return nodeFs.open(path, flags, mode);
      },
    };
    const { backups, store, context } = testStore({ fs: slow });
    const { job } = await backups.handlers.start({ store: store.id }, call);
    cancel = () => context.jobs.cancel(job);
    expect(await context.job(job)).toMatchObject({ status: 'cancelled' });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when cancelled, but what was in the destination stays', async () => {
    let cancel = (): void => {};
    const slow: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith('/nvda.h5')) cancel();
        return nodeFs.open(path, flags, mode);
      },
    };
    const { backups, store, context, backUp } = testStore({ fs: slow });
    await backUp();
    const before = content(store.destination);
    const { job } = await backups.handlers.start({ store: store.id }, call);
    cancel = () => context.jobs.cancel(job);
    expect(await context.job(job)).toMatchObject({ status: 'cancelled' });
    expect(content(store.destination)).toEqual(before);
    cancel = () => {};
    expect(await backUp()).toMatchObject({ status: 'done' });
  });

  test('when there is no room, before anything is written', async () => {
    const full: FileSystem = { ...nodeFs, statfs: (path) => Object.assign(nodeFs.statfs(path), { bavail: 1 }) };
    const { backUp, store } = testStore({ fs: full });
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' } });
    expect(job.error?.message).toContain(store.destination);
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when the disk fills up in the middle', async () => {
    const full: FileSystem = {
      ...nodeFs,
      async writeAsync(fd, data, position) {
        if (data.length > 2_048) throw fault('ENOSPC');
        return nodeFs.writeAsync(fd, data, position);
      },
    };
    const { backUp, store, put } = testStore({ fs: full });
    for (let index = 0; index < 400; index += 1) put(`f${index}`, Buffer.from(String(Math.sin(index)).repeat(20)));
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' } });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test.each(['EACCES', 'EROFS'])('when the destination cannot be made (%s)', async (errno) => {
    const refusing: FileSystem = {
      ...nodeFs,
      makeDirectory(path, options) {
        if (path.includes('-backups')) throw fault(errno);
        nodeFs.makeDirectory(path, options);
      },
    };
    const { backUp, store } = testStore({ fs: refusing });
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'PERMISSION' } });
    expect(job.error?.message).toContain(store.destination);
  });

  test('when the destination is a file', async () => {
    const { backUp, context } = testStore();
    const file = join(context.folder, 'file');
    fs.writeFileSync(file, 'x');
    expect(await backUp({ destination: file })).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } });
    expect(await backUp({ destination: join(file, 'below') })).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_FOUND' },
    });
  });

  test('when the store is gone, without making a destination', async () => {
    const { backUp, root, store } = testStore();
    fs.rmSync(root, { recursive: true });
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
    expect(job.error?.message).toContain(root);
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when the store goes away while it is read', async () => {
    const vanishing: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith('/app.log')) fs.rmSync(join(path, '../..'), { recursive: true, force: true });
        return nodeFs.open(path, flags, mode);
      },
    };
    const { backUp, store } = testStore({ fs: vanishing });
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when the manifest cannot be put in place', async () => {
    const refusing: FileSystem = {
      ...nodeFs,
      rename(from, to) {
        if (to.includes('.manifest.')) throw fault('EIO');
        nodeFs.rename(from, to);
      },
    };
    const { backUp, store } = testStore({ fs: refusing });
    expect((await backUp()).status).toBe('failed');
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when another process holds the destination, naming it', async () => {
    const { backUp, store } = testStore();
    fs.mkdirSync(store.destination);
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { acquireLock } from ${url('lock.ts')};
         import { thisMachine } from ${url('lock-file.ts')};
         import { nodeFs } from ${url('../fs/index.ts')};
         acquireLock(nodeFs, ${JSON.stringify(store.destination)}, 'making a backup', thisMachine);
         process.stdout.write('held\\n');
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
      const job = await backUp();
      expect(job).toMatchObject({ status: 'failed', error: { code: 'BUSY', details: { pid: child.pid } } });
    } finally {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exit;
    }
    expect(await backUp()).toMatchObject({ status: 'done' });
  });

  test('when its lock was taken over, before the commit', async () => {
    const stealing: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith('/nvda.h5'))
          fs.writeFileSync(join(path, '../../../persistent_data-backups/.larder/lock'), '{}');
        return nodeFs.open(path, flags, mode);
      },
    };
    const { backUp, store } = testStore({ fs: stealing });
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'BUSY' } });
    expect(content(store.destination)).toEqual(['.larder', '.larder/lock']);
  });

  test('when the store or the format is not known, at once', async () => {
    const { backups } = testStore();
    expect(() => backups.handlers.start({ store: 'nope' }, call)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });
});
