import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { backupPlanSchema } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
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

const noon = new Date(2025, 7, 1, 12, 0, 0).getTime();

describe('the plan', () => {
  test('says what is in, what is left out, and where it goes', async () => {
    const { backups, store, put, root } = testStore();
    put('backups/old.tar', '12345');
    put('ml_models/x.incomplete', '123');
    fs.mkdirSync(join(root, 'redis'));
    const plan = await backups.handlers.plan({ store: store.id }, call);
    expect(plan).toMatchObject({
      store: store.id,
      destination: store.destination,
      format: 'zst',
      files: 4,
      dirs: 5,
      bytes: 5_024,
      destinationOnSameDisk: true,
      included: [
        { path: '', role: 'other', files: 1, bytes: 7 },
        { path: 'empty', role: 'other', files: 0, bytes: 0 },
        { path: 'logs', role: 'log', files: 1, bytes: 8 },
        { path: 'ml_models', role: 'model', files: 2, bytes: 5_009 },
        { path: 'redis', role: 'database', files: 0, bytes: 0 },
      ],
      excluded: [
        { path: 'backups', reason: reasons.backupArea, kind: 'backups', files: 1, bytes: 5 },
        { path: 'ml_models/x.incomplete', reason: reasons.partialDownload, kind: 'partial', files: 1, bytes: 3 },
      ],
    });
    expect(plan.free).toBeGreaterThan(0);
    expect(plan.needed).toBeGreaterThan(plan.bytes);
    expect(plan.estimatedMs).toBeUndefined();
    expect(fs.existsSync(store.destination)).toBe(false);
  });

  test('says what could not be read', async () => {
    const faulty: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        if (path.endsWith('/persistent_data/logs')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return nodeFs.readDirectory(path);
      },
    };
    const { backups, store } = testStore({ fs: faulty });
    const plan = await backups.handlers.plan({ store: store.id }, call);
    expect(plan.skipped).toEqual([{ path: 'logs', reason: 'may not be accessed by this user' }]);
    expect(backupPlanSchema.parse(plan)).toEqual(plan);
  });

  test('estimates the time from earlier backups', async () => {
    let now = noon;
    const { backups, store, put, backUp } = testStore({ clock: () => (now += 1_000) });
    put('big', Buffer.alloc(2 * 1024 * 1024, 1));
    await backUp();
    const { estimatedMs } = await backups.handlers.plan({ store: store.id }, call);
    expect(estimatedMs).toBeGreaterThan(0);
  });

  test('of a store that is gone is NOT_FOUND', async () => {
    const { backups, store, root } = testStore();
    fs.rmSync(root, { recursive: true });
    await expect(backups.handlers.plan({ store: store.id }, call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('compared with the last backup: what is unchanged is neither read nor needs room', async () => {
    // Files count as unchanged when they were left alone for a while before the last backup.
    const { backups, store, put, backUp } = testStore({ clock: () => Date.now() + 60_000 });
    put('ml_models/large.bin', Buffer.alloc(3_000_000, 1));
    const first = await backups.handlers.plan({ store: store.id }, call);
    expect(first).toMatchObject({ kind: 'full', fullBecause: 'it is the first of this store in this folder' });
    expect(first).toMatchObject({ encrypted: false, unchanged: { files: 0, bytes: 0 } });
    expect(first.parent).toBeUndefined();
    const { result } = await backUp();
    put('logs/app.log', 'something else');
    put('logs/new.log', '12345');
    const plan = await backups.handlers.plan({ store: store.id }, call);
    expect(plan).toMatchObject({
      kind: 'incremental',
      parent: (result as { id: string }).id,
      files: 6,
      bytes: 3_000_000 + 5_000 + 9 + 7 + 14 + 5,
      unchanged: { files: 4, bytes: 3_000_000 + 5_000 + 9 + 7 },
    });
    expect(plan.needed).toBeLessThan(100_000);
    expect(first.needed).toBeGreaterThan(3_000_000);
    expect(backupPlanSchema.parse(plan)).toEqual(plan);
    const full = await backups.handlers.plan({ store: store.id, full: true }, call);
    expect(full).toMatchObject({ kind: 'full', fullBecause: 'it was asked for', unchanged: { files: 0, bytes: 0 } });
    expect(full.needed).toBeGreaterThan(3_000_000);
    fs.writeFileSync((result as { manifest: string }).manifest, 'no manifest at all');
    const damaged = await backups.handlers.plan({ store: store.id }, call);
    expect(damaged.fullBecause).toMatch(/cannot be read here|first of this store/);
  });

  test("follows the store's rules, and supposes that databases in use are copied", async () => {
    const { backups, context, store, put } = testStore();
    put('cache/a', '1234');
    put('x.tmp', '12');
    put('db/a.db', 'x'.repeat(512));
    put('db/a.db-wal', 'x'.repeat(100));
    context.stores.update(store.id, { rules: { exclude: ['*.tmp', 'a//b'], areas: { cache: 'never' } } });
    const plan = await backups.handlers.plan({ store: store.id }, call);
    expect(plan.excluded).toEqual([
      { path: 'cache', reason: reasons.never, kind: 'never', files: 1, bytes: 4, from: 'yours' },
      { path: 'x.tmp', reason: reasons.glob('*.tmp'), kind: 'glob', glob: '*.tmp', files: 1, bytes: 2 },
      { path: 'db/a.db-wal', reason: reasons.inCopy, kind: 'copy', files: 1, bytes: 100 },
    ]);
    expect(plan.remarks).toMatchObject([{ glob: 'a//b', kind: 'segment' }]);
    expect(plan.included.find(({ path }) => path === 'db')).toMatchObject({ files: 1, bytes: 512 });
  });

  test("goes by the layout's rules, and says whose each is", async () => {
    const { backups, context, store, root, put } = testStore();
    put(
      'larder.yaml',
      'version: 1\nareas:\n  logs: {role: log, backup: never}\n  cache: {role: cache, backup: never}\n',
    );
    put('cache/a', '1234');
    context.stores.update(store.id, { rules: { areas: { cache: 'always' } } });
    const plan = backupPlanSchema.parse(await backups.handlers.plan({ store: store.id }, call));
    expect(plan.excluded).toEqual([
      { path: 'logs', reason: reasons.never, kind: 'never', files: 1, bytes: 8, from: 'layout' },
    ]);
    expect(plan.areaRules).toEqual([
      { path: 'logs', role: 'log', rule: 'never', from: 'layout' },
      { path: 'cache', role: 'cache', rule: 'always', from: 'yours' },
      { path: 'empty', role: 'other', rule: 'always', from: 'default' },
      { path: 'ml_models', role: 'model', rule: 'always', from: 'default' },
    ]);
    // A broken one does not stand in the way: guesses hold.
    fs.writeFileSync(join(root, 'larder.yaml'), 'version: 1\nareas: [\n');
    const without = await backups.handlers.plan({ store: store.id }, call);
    expect(without.excluded).toEqual([]);
  });
});
