import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { backups as contract } from '../../shared/contract/backups.ts';
import type { Backup, Job } from '../../shared/contract/index.ts';
import { readHeader } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import { backupMigrations, createBackups } from './index.ts';
import { noteRun } from './leftovers.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
});

function testStore(...options: Parameters<typeof createTestStore>): TestStore {
  const made = createTestStore(...options);
  open.push(made.context);
  return made;
}

async function list({ backups }: TestStore, input: { store?: string; destination?: string } = {}) {
  return contract.list.output.parse(await backups.handlers.list(input, call));
}

function archiveOf(job: Job): string {
  return String(job.result?.['archive']);
}

/** Changes one byte in the middle of a file. */
function damage(path: string, at = Math.floor(fs.statSync(path).size / 2)): void {
  const content = fs.readFileSync(path);
  content[at] = (content[at] ?? 0) ^ 0xff;
  fs.writeFileSync(path, content);
}

/** A clock that moves on a minute at each look. */
function ticking(): () => number {
  let now = new Date(2025, 7, 1, 12).getTime();
  return () => (now += 60_000);
}

describe('the list', () => {
  test('is empty before the first backup, with no destination to look into', async () => {
    const test = testStore();
    expect(await list(test)).toEqual({ backups: [], problems: [], held: [] });
    expect(await list(test, { store: test.store.id })).toEqual({ backups: [], problems: [], held: [] });
    await expect(list(test, { destination: '/no/such/folder' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(list(test, { store: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a folder is counted before it is a destination, and before it is there', async () => {
    const { backups, backUp, store } = testStore();
    expect(await backups.count(store.destination)).toBe(0);
    const job = await backUp();
    expect(await backups.count(store.destination)).toBe(1);
    fs.rmSync(archiveOf(job));
    expect(await backups.count(store.destination)).toBe(0);
  });

  test('is newest first, over all destinations ever used', async () => {
    const test = testStore({ clock: ticking() });
    const { backUp, context } = test;
    const jobs = [await backUp(), await backUp({ destination: join(context.folder, 'other') }), await backUp()];
    const { backups } = await list(test);
    expect(backups.map(({ archive }) => archive)).toEqual(jobs.map(archiveOf).reverse());
    expect((await list(test, { destination: join(context.folder, 'other') })).backups).toHaveLength(1);
  });

  test('tells manifests apart that were swapped, though size and time are the same', async () => {
    const test = testStore({ clock: ticking() });
    const bySize = new Map<number, string>();
    let pair: [string, string] | undefined;
    // Their sizes differ by what is random in them, which is a few bytes.
    for (let made = 0; pair === undefined && made < 60; made++) {
      const manifest = String((await test.backUp({ full: true })).result?.['manifest']);
      const other = bySize.get(fs.statSync(manifest).size);
      if (other !== undefined) pair = [other, manifest];
      bySize.set(fs.statSync(manifest).size, manifest);
    }
    const [one, two] = pair ?? expect.fail('no two manifests of one size');
    for (const path of [one, two]) fs.utimesSync(path, 1_000, 1_000);
    await list(test);
    fs.renameSync(one, `${one}.aside`);
    fs.renameSync(two, one);
    fs.renameSync(`${one}.aside`, two);
    const { backups } = await list(test);
    for (const path of [one, two]) {
      const id = readHeader(nodeFs, path).header.id;
      expect(backups.find(({ manifest }) => manifest === path)?.id).toBe(id);
    }
  });

  test('opens a manifest once, then again only when it changed', async () => {
    const inner = createInlinePool();
    const ran: string[] = [];
    const pool: Pool = {
      ...inner,
      run(task, input, options) {
        ran.push(task.name);
        return inner.run(task, input, options);
      },
    };
    const test = testStore({ pool });
    const job = await test.backUp();
    await list(test);
    ran.length = 0;
    const before = await list(test);
    expect(ran).toEqual([]);
    const manifest = String(job.result?.['manifest']);
    fs.utimesSync(manifest, 1, 1);
    expect(await list(test)).toEqual(before);
    expect(ran).toEqual(['backup.summaries']);
  });

  test('is found again from the destination alone', async () => {
    const first = testStore();
    const job = await first.backUp({ note: 'kept' });
    const context = createTestContext({ migrations: backupMigrations });
    open.push(context);
    const backups = createBackups(context);
    const destination = first.store.destination;
    const unknown = await backups.handlers.list({ destination }, call);
    expect(unknown.backups).toMatchObject([{ id: job.result?.['id'], storeName: 'persistent_data', note: 'kept' }]);
    expect(unknown.backups[0]).not.toHaveProperty('store');
    const store = context.stores.add({ path: first.root });
    const known = await backups.handlers.list({ store: store.id }, call);
    expect(known.backups).toMatchObject([{ id: job.result?.['id'], store: store.id }]);
  });

  test("holds a store's own backups, and of a shared folder not another store's", async () => {
    const test = testStore();
    const { context, backups, store, backUp } = test;
    fs.mkdirSync(join(context.folder, 'second'));
    const second = context.stores.add({ path: join(context.folder, 'second'), destination: store.destination });
    await backUp();
    const { job } = await backups.handlers.start({ store: second.id }, call);
    await context.job(job);
    expect((await list(test)).backups).toHaveLength(2);
    expect((await list(test, { store: store.id })).backups.map((backup) => backup.store)).toEqual([store.id]);
    expect((await list(test, { store: second.id })).backups.map((backup) => backup.store)).toEqual([second.id]);
  });

  test('of 500 backups comes from memory', async () => {
    const test = testStore();
    const { archive, manifest } = (await test.backUp()).result as { archive: string; manifest: string };
    for (let index = 0; index < 499; index += 1) {
      fs.linkSync(archive, archive.replace('_backup_', `_${index}_backup_`));
      fs.linkSync(manifest, manifest.replace('_backup_', `_${index}_backup_`));
    }
    expect((await list(test)).backups).toHaveLength(500);
    expect((await list(test)).backups).toHaveLength(500);
  });
});

describe('what is not whole', () => {
  test.each([
    ['missing', (archive: string) => fs.rmSync(archive), /is missing/],
    ['cut off', (archive: string) => fs.truncateSync(archive, 100), /is cut off: 100 of \d+ bytes/],
    ['longer', (archive: string) => fs.appendFileSync(archive, 'x'), /has grown/],
    [
      'a folder',
      (archive: string) => {
        fs.rmSync(archive);
        fs.mkdirSync(archive);
      },
      /is not a file/,
    ],
  ])('an archive that is %s is told with its backup', async (_name, harm, message) => {
    const test = testStore();
    harm(archiveOf(await test.backUp()));
    const { backups, problems } = await list(test);
    expect(backups).toHaveLength(1);
    expect(backups[0]?.problem).toMatch(message);
    expect(problems).toEqual([]);
  });

  test('a manifest damaged later is still known as its backup', async () => {
    const test = testStore();
    const job = await test.backUp();
    await list(test);
    const manifest = String(job.result?.['manifest']);
    fs.truncateSync(manifest, 50);
    const { backups } = await list(test);
    expect(backups).toMatchObject([{ id: job.result?.['id'] }]);
    expect(backups[0]?.problem).toContain(basename(manifest));
  });

  test('a manifest never seen whole is a problem of the folder, and CORRUPT by its name', async () => {
    const test = testStore();
    test.context.set({ verifyAfterBackup: false });
    const job = await test.backUp();
    const manifest = String(job.result?.['manifest']);
    fs.renameSync(manifest, manifest.replace('_backup_', '_x_backup_'));
    const lost = manifest.replace('_backup_', '_x_backup_');
    fs.truncateSync(lost, 50);
    const { backups, problems } = await list(test);
    expect(backups).toEqual([]);
    expect(problems.map(({ path }) => path).sort()).toEqual([archiveOf(job), lost].sort());
    await expect(test.backups.resolve(basename(lost))).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(test.backups.resolve(lost)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('an archive without a manifest is a problem, and is left alone by the next backup', async () => {
    const test = testStore({ clock: ticking() });
    const job = await test.backUp();
    fs.rmSync(String(job.result?.['manifest']));
    const message = expect.stringContaining('manifest is missing') as string;
    const expected = [{ path: archiveOf(job), message, fix: 'rebuild' }];
    expect(await list(test)).toEqual({ backups: [], problems: expected, held: [] });
    await test.backUp();
    expect((await list(test)).problems).toEqual(expected);
  });

  test('what a killed run left is told, and cleared by the next backup', async () => {
    const test = testStore({ clock: ticking() });
    const job = await test.backUp();
    const { destination } = test.store;
    const left = 'persistent_data_backup_20200101_000000';
    noteRun(nodeFs, destination, 'killed', left);
    fs.writeFileSync(join(destination, `${left}.tar.zst`), 'half');
    fs.writeFileSync(join(destination, '.larder/tmp/x.archive'), 'half');
    expect((await list(test)).problems).toMatchObject([{ message: expect.stringContaining('interrupted') as string }]);
    await test.backUp();
    const listing = await list(test);
    expect(listing.problems).toEqual([]);
    expect(listing.backups.map(({ archive }) => archive)).toContain(archiveOf(job));
    expect(fs.readdirSync(join(destination, '.larder/tmp'))).toEqual([]);
    expect(fs.existsSync(join(destination, `${left}.tar.zst`))).toBe(false);
  });

  test('other archives in the folder are neither backups nor problems', async () => {
    const test = testStore();
    await test.backUp();
    fs.writeFileSync(join(test.store.destination, 'aura-data-backup-20250801.tar.gz'), '');
    fs.writeFileSync(join(test.store.destination, 'notes.txt'), '');
    expect((await list(test)).problems).toEqual([]);
  });

  test('a destination that cannot be read is a problem', async () => {
    const closed: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        if (shut && path.endsWith('-backups')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return nodeFs.readDirectory(path);
      },
    };
    let shut = false;
    const test = testStore({ fs: closed });
    await test.backUp();
    shut = true;
    expect(await list(test)).toEqual({
      backups: [],
      problems: [
        {
          path: test.store.destination,
          message: 'The folder may not be accessed by this user. Backups were made to it.',
          fix: 'reach',
        },
      ],
      held: [],
    });
  });
});

describe('references', () => {
  test('latest, latest of a store by name or id, an id, a file, a path', async () => {
    const test = testStore({ clock: ticking() });
    const { backups, store, backUp, context } = test;
    await backUp();
    const job = await backUp();
    const id = String(job.result?.['id']);
    const archive = archiveOf(job);
    const refs = [
      'latest',
      `latest:${store.name}`,
      `latest:${store.id}`,
      id,
      id.slice(0, 12),
      basename(archive),
      archive,
    ];
    for (const ref of refs) expect((await backups.resolve(ref)).id).toBe(id);
    await expect(backups.resolve('latest:nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(backups.resolve('latest', join(context.folder))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a store without backups is called by its name', async () => {
    const { backups, store } = testStore();
    await expect(backups.resolve(`latest:${store.id}`)).rejects.toThrow(`There is no backup of ${store.name} yet.`);
  });

  test('latest of a store not registered here, by its name at the time', async () => {
    const first = testStore();
    const job = await first.backUp();
    const context = createTestContext({ migrations: backupMigrations });
    open.push(context);
    const backups = createBackups(context);
    const found = await backups.resolve('latest:persistent_data', first.store.destination);
    expect(found.id).toBe(job.result?.['id']);
    expect((await backups.resolve(archiveOf(job))).id).toBe(job.result?.['id']);
  });
});

describe('verify', () => {
  test('ends with the JSON of the command and is remembered', async () => {
    const test = testStore({ clock: ticking() });
    test.context.set({ verifyAfterBackup: false });
    await test.backUp();
    const job = await test.verify('latest', true);
    expect(job).toMatchObject({ status: 'done', kind: 'verify', store: test.store.id });
    expect(job.result).toEqual({
      ok: true,
      checkedBytes: expect.any(Number) as number,
      checkedFiles: 4,
      problems: [],
    });
    const { verified } = await test.backups.resolve('latest');
    expect(verified).toMatchObject({ mode: 'deep', ok: true });
    const changed = test.context.events.filter(({ name }) => name === 'backups.changed');
    expect(changed).toHaveLength(2);
  });

  test('of a damaged archive fails with CORRUPT, the problems in its details, and is remembered', async () => {
    const test = testStore();
    test.put('big.bin', Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index * 31) >> 3)));
    damage(archiveOf(await test.backUp()));
    const job = await test.verify('latest');
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CORRUPT', details: { ok: false } } });
    expect(job.error?.details?.['problems']).not.toEqual([]);
    expect((await test.backups.resolve('latest')).verified).toMatchObject({ mode: 'quick', ok: false });
  });

  test('of a damaged manifest, an archive gone, and a manifest gone', async () => {
    const test = testStore({ clock: ticking() });
    const jobs = [await test.backUp(), await test.backUp()];
    const [first, second] = jobs.map((job) => job.result as unknown as Backup);
    const { mtime, atime } = fs.statSync(first!.manifest);
    damage(first!.manifest);
    fs.utimesSync(first!.manifest, atime, mtime);
    expect((await test.verify(first!.id)).error).toMatchObject({
      code: 'CORRUPT',
      details: { problems: [{ kind: 'manifest', archive: first!.archive }] },
    });
    await expect(test.backups.open(await test.backups.resolve(first!.id))).rejects.toMatchObject({
      code: 'CORRUPT',
      hint: expect.stringContaining('Its archive carries a copy') as string,
    });
    fs.rmSync(second!.archive);
    expect((await test.verify(second!.id)).error).toMatchObject({
      code: 'CORRUPT',
      details: { problems: [{ kind: 'missing' }] },
    });
  });

  test('a folder that is gone with its backups is told; one that was never made is not', async () => {
    const test = testStore();
    expect((await test.backups.handlers.list({}, call)).problems).toEqual([]);
    const { destination } = test.context.stores.get(test.store.id);
    await test.backUp();
    await test.backups.handlers.list({}, call);
    fs.renameSync(destination, `${destination}-unplugged`);
    const { backups, problems } = await test.backups.handlers.list({}, call);
    expect(backups).toEqual([]);
    expect(problems).toEqual([
      { path: destination, message: expect.stringContaining('1 backup was in it') as string, fix: 'reach' },
    ]);
    fs.renameSync(`${destination}-unplugged`, destination);
    expect((await test.backups.handlers.list({}, call)).backups).toHaveLength(1);
  });

  test('a folder that is bare where backups were, as a mount point without its disk, is told', async () => {
    const test = testStore();
    const { destination } = test.context.stores.get(test.store.id);
    await test.backUp();
    await test.backups.handlers.list({}, call);
    fs.renameSync(destination, `${destination}-unplugged`);
    fs.mkdirSync(destination);
    // Twice: to look does not forget what was there.
    for (let looks = 0; looks < 2; looks += 1) {
      const { backups, problems } = await test.backups.handlers.list({}, call);
      expect(backups).toEqual([]);
      expect(problems).toEqual([
        {
          path: destination,
          message: 'There is no trace of backups in it. 1 backup was in it when it was last read.',
          fix: 'reach',
        },
      ]);
    }
    await expect(test.backups.resolve('latest')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`${destination} cannot be reached`) as string,
    });
    fs.rmdirSync(destination);
    fs.renameSync(`${destination}-unplugged`, destination);
    expect((await test.backups.handlers.list({}, call)).backups).toHaveLength(1);
  });

  test('archives that lost all manifests can be made backups again, whatever else is gone', async () => {
    const test = testStore();
    const { destination } = test.context.stores.get(test.store.id);
    await test.backUp();
    await test.backups.handlers.list({}, call);
    fs.rmSync(join(destination, '.larder'), { recursive: true });
    for (const name of fs.readdirSync(destination)) if (name.includes('.manifest.')) fs.rmSync(join(destination, name));
    expect((await test.backups.handlers.list({}, call)).problems).toMatchObject([{ fix: 'rebuild' }]);
  });

  test('cancelled is not remembered', async () => {
    const test = testStore();
    test.context.set({ verifyAfterBackup: false });
    await test.backUp();
    const { job } = await test.backups.handlers.verify({ backup: 'latest', mode: 'deep', percent: 10 }, call);
    test.context.jobs.cancel(job);
    expect(await test.context.job(job)).toMatchObject({ status: 'cancelled' });
    expect((await test.backups.resolve('latest')).verified).toBeUndefined();
  });
});
