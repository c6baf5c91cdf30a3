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
