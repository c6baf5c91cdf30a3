import fs from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { openBackup } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const open: TestStore[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.context.close();
});

/** A store whose backup has some frames of one size each. */
async function backedUp(): Promise<{ test: TestStore; archive: string; manifest: string }> {
  let now = Date.now() + 60_000;
  const test = createTestStore({ clock: () => (now += 60_000) });
  open.push(test);
  for (let index = 0; index < 6; index++) test.put(`f${index}`, Buffer.alloc(3 * 1024 * 1024, index));
  const { result } = await test.backUp({ format: 'tar' });
  return { test, archive: String(result?.['archive']), manifest: String(result?.['manifest']) };
}

async function verify(
  test: TestStore,
  mode: 'quick' | 'sample' | 'deep',
  percent = 10,
  backup = 'latest',
): Promise<Job> {
  const { job } = await test.backups.handlers.verify({ backup, mode, percent }, call);
  return test.context.job(job);
}

const listed = async (test: TestStore) => test.backups.handlers.list({}, call);
const remembered = async (test: TestStore) => (await listed(test)).backups[0]?.verified;

async function flipLast(archive: string, manifest: string): Promise<() => void> {
  const whole = fs.readFileSync(archive);
  const at = openBackup(nodeFs, manifest).frames.at(-1)?.offset ?? 0;
  const damaged = Buffer.from(whole);
  damaged[at + 2_000] = (damaged[at + 2_000] ?? 0) ^ 1;
  fs.writeFileSync(archive, damaged);
  return () => fs.writeFileSync(archive, whole);
}

test('samples go on where the last one ended, whatever was verified between, and then begin anew', async () => {
  const { test, manifest } = await backedUp();
  const frames = openBackup(nodeFs, manifest).frames.length;
  expect(frames).toBeGreaterThan(4);
  const covered: number[] = [];
  let files = 0;
  while (covered.at(-1) !== 1) {
    const job = await verify(test, 'sample', 30);
    expect(job).toMatchObject({ status: 'done', result: { ok: true } });
    expect(job.result).not.toHaveProperty('sampled');
    covered.push(Number(job.result?.['covered']));
    files += Number(job.result?.['checkedFiles']);
    // A part of it proves less than a quick look at every byte, all of it more.
    const strongest =
      covered.at(-1) === 1 ? { mode: 'sample', covered: 1 } : { mode: covered.length === 1 ? 'sample' : 'quick' };
    expect(await remembered(test)).toMatchObject({ ...strongest, ok: true });
    expect((await listed(test)).backups[0]?.sampled).toBe(covered.at(-1));
    await verify(test, 'quick');
    expect(await remembered(test)).toMatchObject(covered.at(-1) === 1 ? strongest : { mode: 'quick', ok: true });
  }
  expect(covered.length).toBeLessThanOrEqual(4);
  expect([...covered].sort((a, b) => a - b)).toEqual(covered);
  expect(files).toBe(openBackup(nodeFs, manifest).counts.files);
  expect(Number((await verify(test, 'sample', 30)).result?.['covered'])).toBe(covered[0]);
});

test('a sample finds damage in its part, and what it found stands until all is looked at as hard', async () => {
  const { test, archive, manifest } = await backedUp();
  const repair = await flipLast(archive, manifest);
  expect((await verify(test, 'sample', 40)).status).toBe('done');
  let job = await verify(test, 'sample', 40);
  if (job.status === 'done') job = await verify(test, 'sample', 40);
  expect(job).toMatchObject({ status: 'failed', error: { code: 'CORRUPT' } });
  expect(await remembered(test)).toMatchObject({ mode: 'sample', ok: false });
  repair();
  expect((await verify(test, 'sample', 40)).status).toBe('done');
  expect(await remembered(test)).toMatchObject({ mode: 'sample', ok: false });
  expect((await verify(test, 'quick')).status).toBe('done');
  expect(await remembered(test)).toMatchObject({ ok: false });
  expect((await verify(test, 'deep')).status).toBe('done');
  expect(await remembered(test)).toMatchObject({ mode: 'deep', ok: true });
});

test('damage found by a quick verification is over when the next finds none', async () => {
  const { test, archive, manifest } = await backedUp();
  const repair = await flipLast(archive, manifest);
  expect((await verify(test, 'quick')).status).toBe('failed');
  repair();
  expect((await verify(test, 'quick')).status).toBe('done');
  expect(await remembered(test)).toMatchObject({ mode: 'quick', ok: true });
});

test('what was found damaged is not built upon, by no backup that draws on the same archive, until it is whole again', async () => {
  const { test, archive, manifest } = await backedUp();
  const kindOfNext = async (): Promise<string | undefined> => {
    expect(await test.backUp({ format: 'tar' })).toMatchObject({ status: 'done' });
    return (await test.backups.handlers.list({}, call)).backups[0]?.kind;
  };
  test.put('more', 'one');
  const second = await test.backUp({ format: 'tar' });
  const repair = await flipLast(archive, manifest);
  // Nobody knows yet.
  expect(await kindOfNext()).toBe('incremental');
  const id = String(second.result?.['id']);
  expect(await verify(test, 'quick', 10, id)).toMatchObject({ status: 'failed', error: { code: 'CORRUPT' } });
  const plan = await test.backups.handlers.plan({ store: test.store.id }, call);
  expect(plan).toMatchObject({ kind: 'full' });
  expect(await kindOfNext()).toBe('full');
  // What is whole is built upon again, beside damage that is still there.
  expect(await kindOfNext()).toBe('incremental');
  expect(await verify(test, 'deep')).toMatchObject({ result: { ok: true } });
  repair();
  await verify(test, 'quick', 10, id);
  expect(await kindOfNext()).toBe('incremental');
});
