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

function empty(directory: string): void {
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { recursive: true });
}

describe('a destination that held backups', () => {
  test('and is a bare folder now is taken as not mounted, until it is named anew', async () => {
    const { backUp, store } = testStore();
    await backUp();
    empty(store.destination);
    const job = await backUp();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND', details: { path: store.destination } } });
    expect(job.error?.message).toContain(`The backup folder ${store.destination} seems not to be mounted`);
    expect(job.error?.hint).toContain(`larder backup ${store.id} --dest ${store.destination}`);
    expect(fs.readdirSync(store.destination)).toEqual([]);
    expect(await backUp({ destination: store.destination })).toMatchObject({ status: 'done' });
    expect(await backUp()).toMatchObject({ status: 'done' });
  });

  test.each(['.larder', 'manifests'])('and still has its %s is written to', async (kept) => {
    const { backUp, store } = testStore();
    await backUp();
    for (const name of fs.readdirSync(store.destination)) {
      if ((name === '.larder') !== (kept === '.larder')) fs.rmSync(join(store.destination, name), { recursive: true });
    }
    expect(await backUp()).toMatchObject({ status: 'done' });
  });

  test('on another disk is not made on a third one', async () => {
    let device = 1n;
    const disks: FileSystem = {
      ...nodeFs,
      stat(path) {
        const stats = nodeFs.stat(path);
        if (path.includes('/usb')) stats.dev += device;
        return stats;
      },
    };
    const { backUp, context, store } = testStore({ fs: disks });
    fs.mkdirSync(join(context.folder, 'usb'));
    context.stores.update(store.id, { destination: join(context.folder, 'usb/backups') });
    expect(await backUp()).toMatchObject({ status: 'done' });
    empty(join(context.folder, 'usb'));
    device = 2n;
    expect(await backUp()).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
    expect(fs.readdirSync(join(context.folder, 'usb'))).toEqual([]);
  });
});

describe('a destination that goes away while the backup is written', () => {
  function lostAt(ending: string, lose: (destination: string) => void) {
    let destination = '';
    const losing: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.endsWith(ending)) lose(destination);
        return nodeFs.open(path, flags, mode);
      },
    };
    const made = testStore({ fs: losing });
    destination = made.store.destination;
    return made;
  }

  test.each(['/app.log', '/nvda.h5', '.archive', '.manifest'])('(at %s) is named, with what to do', async (ending) => {
    const { backUp, store } = lostAt(ending, (path) => fs.rmSync(path, { recursive: true, force: true }));
    const job = await backUp();
    expect(job).toMatchObject({
      status: 'failed',
      error: {
        code: 'NOT_FOUND',
        message: `The backup folder ${store.destination} went away while the backup was written.`,
        hint: 'Check that it is there and its disk is connected, then try again.',
        details: { path: store.destination },
      },
    });
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('so that another folder shows in its place', async () => {
    const { backUp, store } = lostAt('/app.log', (path) => {
      fs.renameSync(path, `${path}-away`);
      fs.mkdirSync(path);
    });
    expect(await backUp()).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_FOUND', details: { path: store.destination } },
    });
  });

  test('or only what is in it', async () => {
    const { backUp, store } = lostAt('/app.log', empty);
    const job = await backUp();
    expect(job).toMatchObject({
      status: 'failed',
      error: {
        code: 'CHANGED_ON_DISK',
        message: `Files in the backup folder ${store.destination} were removed while the backup was written.`,
        details: { path: store.destination },
      },
    });
    expect(job.error?.hint).toBeDefined();
  });
});
