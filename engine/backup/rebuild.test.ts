import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const open: TestStore[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.context.close();
});

function testStore(options: Parameters<typeof createTestStore>[0] = {}): TestStore {
  let now = Date.UTC(2025, 7, 1, 12);
  const made = createTestStore({ clock: () => (now += 60_000), ...options });
  open.push(made);
  return made;
}

async function rebuild(test: TestStore, archive: string) {
  const { job } = await test.backups.handlers.rebuild({ archive }, call);
  return test.context.job(job);
}

/** Bytes that do not compress. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

const list = (test: TestStore) => test.backups.handlers.list({}, call);

function resultOf(job: { result?: Record<string, unknown> | undefined }): { archive: string; manifest: string } {
  return { archive: String(job.result?.['archive']), manifest: String(job.result?.['manifest']) };
}

describe.each(['zst', 'gz', 'tar'] as const)('a lost manifest of a .%s archive', (format) => {
  test('is told of, and made again as it was', async () => {
    const test = testStore();
    const { archive, manifest } = resultOf(await test.backUp({ format }));
    const before = fs.readFileSync(manifest);
    const [known] = (await list(test)).backups;
    fs.rmSync(manifest);
    const { backups, problems } = await list(test);
    expect(backups).toEqual([]);
    expect(problems).toMatchObject([{ path: archive, fix: 'rebuild' }]);
    expect(await rebuild(test, archive)).toMatchObject({ status: 'done', result: { ok: true, manifest } });
    expect(fs.readFileSync(manifest)).toEqual(before);
    const again = await list(test);
    expect(again.problems).toEqual([]);
    expect(again.backups).toMatchObject([{ id: known?.id, verified: { mode: 'written', ok: true } }]);
    expect(fs.readdirSync(join(dirname(archive), '.larder/tmp'))).toEqual([]);
  });
});

test('an incremental backup’s is made again too, and still draws on the older archive', async () => {
  const test = testStore();
  const first = resultOf(await test.backUp());
  test.put('new.txt', 'new');
  const { archive, manifest } = resultOf(await test.backUp());
  const before = fs.readFileSync(manifest);
  fs.rmSync(manifest);
  expect(await rebuild(test, archive)).toMatchObject({ status: 'done', result: { ok: true } });
  expect(fs.readFileSync(manifest)).toEqual(before);

  fs.rmSync(manifest);
  fs.renameSync(first.archive, `${first.archive}.away`);
  const job = await rebuild(test, archive);
  expect(job).toMatchObject({ status: 'partial', result: { ok: false } });
  expect(job.result?.['problems']).toHaveLength(5);
  const rebuilt = (await list(test)).backups.find((backup) => backup.manifest === manifest);
  expect(rebuilt?.problem).toContain('is missing');
});

test('one that later backups draw on is told of, and made again as well', async () => {
  const test = testStore();
  const { archive, manifest } = resultOf(await test.backUp());
  test.put('new.txt', 'new');
  await test.backUp();
  fs.rmSync(manifest);
  const listing = await list(test);
  expect(listing.problems).toMatchObject([{ path: archive, fix: 'rebuild' }]);
  expect(listing.held).toMatchObject([{ archive }]);
  expect(await rebuild(test, archive)).toMatchObject({ status: 'done' });
  expect(await list(test)).toMatchObject({ problems: [], held: [], backups: [{}, { neededBy: 1 }] });
});

test('content of an archive that is gone is found in another that holds the same frames', async () => {
  const test = testStore();
  const first = resultOf(await test.backUp());
  test.put('new.txt', 'new');
  const { archive, manifest } = resultOf(await test.backUp());
  fs.rmSync(manifest);
  const moved = join(dirname(archive), 'moved.tar.zst');
  fs.renameSync(first.archive, moved);
  expect(await rebuild(test, archive)).toMatchObject({
    status: 'done',
    result: { ok: true, found: [basename(first.archive)] },
  });
  const deep = await test.verify(manifest, true);
  expect(deep.status).toBe('done');
});

describe('is refused', () => {
  test('where a manifest is there', async () => {
    const test = testStore();
    const { archive } = resultOf(await test.backUp());
    await expect(rebuild(test, archive)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('for what is not there or not an archive', async () => {
    const test = testStore();
    const { archive } = resultOf(await test.backUp());
    await expect(rebuild(test, join(dirname(archive), 'x.tar.zst'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rebuild(test, join(test.root, 'notes.txt'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('when the copy in the archive is damaged, leaving nothing', async () => {
    const test = testStore();
    const { archive, manifest } = resultOf(await test.backUp());
    fs.rmSync(manifest);
    const bytes = fs.readFileSync(archive);
    const damaged = Buffer.from(bytes);
    const at = damaged.length - 500;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    fs.writeFileSync(archive, damaged);
    expect(await rebuild(test, archive)).toMatchObject({ status: 'failed', error: { code: 'CORRUPT' } });
    expect(fs.readdirSync(dirname(archive)).sort()).toEqual(['.larder', basename(archive)]);
    expect(fs.readdirSync(join(dirname(archive), '.larder/tmp'))).toEqual([]);
    fs.truncateSync(archive, bytes.length - 3);
    expect(await rebuild(test, archive)).toMatchObject({ status: 'failed', error: { code: 'CORRUPT' } });
    expect((await list(test)).problems).toMatchObject([{ path: archive }]);
    expect((await list(test)).problems[0]).not.toHaveProperty('fix');
  });

  test('when the disk is full, leaving nothing', async () => {
    let full = false;
    const faulty: FileSystem = {
      ...nodeFs,
      async writeAsync(fd, data, position) {
        if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        return nodeFs.writeAsync(fd, data, position);
      },
      rename(from, to) {
        if (full && to.includes('.manifest')) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        nodeFs.rename(from, to);
      },
    };
    const test = testStore({ fs: faulty });
    const { archive, manifest } = resultOf(await test.backUp());
    fs.rmSync(manifest);
    full = true;
    const job = await rebuild(test, archive);
    expect(job.status).toBe('failed');
    full = false;
    expect(fs.existsSync(manifest)).toBe(false);
    expect(fs.readFileSync(archive).length).toBeGreaterThan(0);
    expect(await rebuild(test, archive)).toMatchObject({ status: 'done' });
  });
});

test('content of an archive that was written anew, when its backup was removed, is found there', async () => {
  const test = testStore();
  for (let index = 0; index < 10; index++) test.put(`f${index}`, noise(1_500_000, index));
  const first = await test.backUp();
  for (let index = 0; index < 9; index++) test.put(`f${index}`, noise(1_000, index + 100));
  const { archive, manifest } = resultOf(await test.backUp());
  const asked = { store: test.store.id, backups: [String(first.result?.['id'])] };
  const plan = await test.backups.handlers.planRemoval(asked, call);
  expect(plan.compacts).toHaveLength(1);
  const before = fs.readFileSync(manifest);
  const { job } = await test.backups.handlers.remove({ plan: plan.plan }, call);
  expect((await test.context.job(job)).error).toBeUndefined();
  expect(fs.existsSync(resultOf(first).archive)).toBe(false);
  // The manifest beside the archive is another one now than that inside it, and says the same.
  expect(fs.readFileSync(manifest).equals(before)).toBe(false);
  expect((await test.verify(manifest, true)).status).toBe('done');
  const rewritten = fs.readFileSync(manifest);

  fs.rmSync(manifest);
  expect(await rebuild(test, archive)).toMatchObject({
    status: 'done',
    result: { ok: true, found: [basename(resultOf(first).archive)] },
  });
  expect(fs.readFileSync(manifest).equals(rewritten)).toBe(true);
  expect((await test.verify(manifest, true)).status).toBe('done');
});
