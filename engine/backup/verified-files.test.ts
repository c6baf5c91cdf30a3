import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { createTestContext } from '../testing/index.ts';
import { backupMigrations, createBackups } from './index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function testStore(): TestStore {
  let now = Date.now() + 60_000;
  const test = createTestStore({ clock: () => (now += 60_000) });
  open.push(test.context);
  test.put('file', 'content');
  return test;
}

/** What a Larder that knows nothing of the folder sees. */
async function seenElsewhere(destination: string) {
  const context = createTestContext({ migrations: backupMigrations });
  open.push(context);
  return createBackups(context).handlers.list({ destination }, call);
}

async function verify(test: TestStore, mode: 'quick' | 'sample' | 'deep'): Promise<string> {
  const { job } = await test.backups.handlers.verify({ backup: 'latest', mode, percent: 30 }, call);
  return (await test.context.job(job)).status;
}

const latest = async (test: TestStore): Promise<Backup> =>
  (await test.backups.handlers.list({}, call)).backups[0] ?? expect.fail('no backup');

function fileOf({ manifest }: Pick<Backup, 'manifest'>): string {
  return join(dirname(manifest), '.larder/verified', `${basename(manifest).replace(/\.manifest.*/, '')}.json`);
}

test('another Larder sees when and how a backup was verified, and goes on with samples', async () => {
  const test = testStore();
  await test.backUp();
  expect(await verify(test, 'deep')).toBe('done');
  expect(await verify(test, 'sample')).toBe('done');
  const { verified, sampled, manifest } = await latest(test);
  expect(verified).toMatchObject({ mode: 'deep', ok: true });
  expect(sampled).toBeGreaterThan(0);
  const { backups, problems } = await seenElsewhere(dirname(manifest));
  expect(backups).toMatchObject([{ verified, sampled }]);
  expect(problems).toEqual([]);
});

test('damage found here keeps another Larder from building upon the archive', async () => {
  const test = testStore();
  await test.backUp();
  const { archive, manifest } = await latest(test);
  const whole = fs.readFileSync(archive);
  whole[40] = (whole[40] ?? 0) ^ 1;
  fs.writeFileSync(archive, whole);
  expect(await verify(test, 'quick')).toBe('failed');
  const context = createTestContext({ migrations: backupMigrations });
  open.push(context);
  const backups = createBackups(context);
  const store = context.stores.add({ path: test.root, destination: dirname(manifest) });
  expect(await backups.handlers.plan({ store: store.id }, call)).toMatchObject({
    kind: 'full',
    fullBecause: 'the earlier ones were found damaged',
  });
});

test('where it cannot be noted beside the backup, the database has it, and the next adds it', async () => {
  const test = testStore();
  await test.backUp();
  const { manifest } = await latest(test);
  const folder = dirname(fileOf({ manifest }));
  fs.rmSync(folder, { recursive: true });
  fs.writeFileSync(folder, 'in the way');
  expect(await verify(test, 'deep')).toBe('done');
  expect((await latest(test)).verified).toMatchObject({ mode: 'deep', ok: true });
  expect((await seenElsewhere(dirname(manifest))).backups[0]).not.toHaveProperty('verified');
  fs.rmSync(folder);
  expect(await verify(test, 'quick')).toBe('done');
  expect((await seenElsewhere(dirname(manifest))).backups[0]?.verified).toMatchObject({ mode: 'deep' });
});

test('a damaged file is a problem of the folder until the next verification', async () => {
  const test = testStore();
  await test.backUp();
  const backup = await latest(test);
  fs.writeFileSync(fileOf(backup), '{"version":1');
  const { backups, problems } = await test.backups.handlers.list({}, call);
  expect(backups[0]?.verified).toEqual(backup.verified);
  expect(problems).toMatchObject([{ path: fileOf(backup) }]);
  expect(problems[0]?.message).toContain('Verify it again.');
  await verify(test, 'quick');
  expect((await test.backups.handlers.list({}, call)).problems).toEqual([]);
});

test('it goes with the backup, and says nothing of another one of that name', async () => {
  const test = testStore();
  await test.backUp();
  const one = await latest(test);
  await test.backUp({ full: true });
  const two = await latest(test);
  fs.copyFileSync(fileOf(one), fileOf(two));
  expect((await seenElsewhere(dirname(two.manifest))).backups[0]).not.toHaveProperty('verified');

  const plan = await test.backups.handlers.planRemoval({ store: test.store.id, backups: [one.id] }, call);
  const { job } = await test.backups.handlers.remove({ plan: plan.plan }, call);
  expect(await test.context.job(job)).toMatchObject({ status: 'done' });
  expect(fs.existsSync(one.manifest)).toBe(false);
  expect(fs.readdirSync(dirname(fileOf(one)))).toEqual([basename(fileOf(two))]);
});
