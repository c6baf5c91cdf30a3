import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createTestStore } from './test-store.ts';
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

/** Calls `act` once, when a file whose path ends so is first opened; it may be set after the store is made. */
function whenOpened(ending: string): { readonly files: FileSystem; act: () => void } {
  const hook = {
    act: (): void => {},
    files: {
      ...nodeFs,
      open(path: string, flags: string | number, mode?: number) {
        if (path.endsWith(ending)) {
          const { act } = hook;
          hook.act = () => {};
          act();
        }
        return nodeFs.open(path, flags, mode);
      },
    },
  };
  return hook;
}

function empty(directory: string): void {
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { recursive: true });
}

describe('a store that is lost while it is backed up gives no backup', () => {
  test('when most of its files vanish under the reading', async () => {
    const hook = whenOpened('/f100');
    const { backUp, put, root, store, backups } = testStore({ fs: hook.files });
    for (let index = 100; index < 160; index += 1) put(`many/f${index}`, String(index));
    hook.act = () => fs.rmSync(join(root, 'many'), { recursive: true });
    const job = await backUp();
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'CHANGED_ON_DISK', details: { path: root, vanished: 60, files: 64 } },
    });
    expect(job.error?.message).toBe(`60 of the 64 files of ${root} vanished while it was being backed up.`);
    expect(job.error?.hint).toBeDefined();
    expect(fs.existsSync(store.destination)).toBe(false);
    await expect(backups.resolve('latest')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('when they vanish under the listing', async () => {
    let root = '';
    const vanishing: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path.endsWith('/many/f100')) fs.rmSync(join(root, 'many'), { recursive: true, force: true });
        return nodeFs.lstat(path);
      },
    };
    const { backUp, put, store, root: path } = testStore({ fs: vanishing });
    root = path;
    for (let index = 100; index < 160; index += 1) put(`many/f${index}`, String(index));
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when nothing of a small one is left', async () => {
    const hook = whenOpened('/app.log');
    const { backUp, root, store } = testStore({ fs: hook.files });
    hook.act = () => empty(root);
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('when another folder took its place', async () => {
    const hook = whenOpened('/app.log');
    const { backUp, root, store } = testStore({ fs: hook.files });
    hook.act = () => {
      fs.renameSync(root, `${root}-old`);
      fs.cpSync(`${root}-old`, root, { recursive: true });
    };
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK', details: { path: root } } });
    expect(job.error?.message).toContain('another folder took its place');
    expect(job.error?.hint).toBeDefined();
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('but clearing a cache meanwhile leaves it partial, with all that is gone', async () => {
    const hook = whenOpened('/f100');
    const { backUp, backups, put, root } = testStore({ fs: hook.files });
    for (let index = 100; index < 180; index += 1) put(`many/f${index}`, String(index));
    hook.act = () => {
      for (let index = 100; index < 140; index += 1) fs.rmSync(join(root, `many/f${index}`));
    };
    expect(await backUp()).toMatchObject({ status: 'partial', warningCount: 40, result: { files: 44 } });
    const { status, skipped } = await backups.resolve('latest');
    expect(status).toBe('partial');
    expect(skipped).toHaveLength(40);
  });

  test('but a few files that come and go leave it partial', async () => {
    const hook = whenOpened('/f100');
    const { backUp, put, root } = testStore({ fs: hook.files });
    for (let index = 100; index < 160; index += 1) put(`many/f${index}`, String(index));
    hook.act = () => {
      for (let index = 100; index < 120; index += 1) fs.rmSync(join(root, `many/f${index}`));
    };
    expect(await backUp()).toMatchObject({ status: 'partial', warningCount: 20, result: { files: 44 } });
  });
});

describe('a store that is empty now', () => {
  test('and held files in the last backup is not backed up over it', async () => {
    const { backUp, backups, root, store, context } = testStore();
    await backUp();
    empty(root);
    const before = fs.readdirSync(store.destination);
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK', details: { path: root } } });
    expect(job.error?.message).toBe(`${root} is empty, but the last backup holds 4 files. Is its disk connected?`);
    expect(job.error?.hint).toContain('--dest');
    expect(fs.readdirSync(store.destination)).toEqual(before);
    expect(await backups.resolve('latest')).toMatchObject({ files: 4 });
    const elsewhere = join(context.folder, 'elsewhere');
    expect(await backUp({ destination: elsewhere })).toMatchObject({ status: 'done', result: { files: 0 } });
    expect(await backUp({ destination: elsewhere })).toMatchObject({ status: 'done', result: { files: 0 } });
  });

  test('and held its backups too', async () => {
    const { backUp, root, store, context } = testStore();
    context.stores.update(store.id, { destination: join(root, 'backups') });
    await backUp();
    empty(root);
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(fs.readdirSync(root)).toEqual([]);
  });
});
