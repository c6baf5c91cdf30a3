import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readReleased } from './released.ts';
import { call, contentsOf, contentsOnDisk, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

let here: TestDestination;
beforeEach(() => {
  here = createDestination();
});
afterEach(() => here.context.close());

async function deepVerify(backup: Backup): Promise<void> {
  const { job } = await here.backups.handlers.verify({ backup: backup.id, mode: 'deep', percent: 10 }, call);
  expect(await here.context.job(job)).toMatchObject({ status: 'done' });
}

/** A disk that, once filled, takes no more bytes than what is removed from it frees. */
function fullDisk(): { readonly fs: FileSystem; fill(): void } {
  let room = Infinity;
  return {
    fill: () => (room = 0),
    fs: {
      ...nodeFs,
      write(fd, data, position) {
        if (data.byteLength > room) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        room -= data.byteLength;
        nodeFs.write(fd, data, position);
      },
      unlink(path) {
        const freed = fs.statSync(path).size;
        nodeFs.unlink(path);
        room += freed;
      },
    },
  };
}

const bytesOf = (...paths: string[]): number => paths.reduce((sum, path) => sum + fs.statSync(path).size, 0);
const free = (): number => bytesOf(...here.files().map((name) => join(here.destination, name)));

describe('removing', () => {
  test('by rules: the plan says what goes, why the rest stays and what it frees, and that is what happens', async () => {
    here.put('a', 'one');
    const made: Backup[] = [];
    for (let number = 0; number < 4; number += 1) made.push(await here.backUp({ full: true }));
    const [first, second, third, fourth] = made.map(({ id }) => id);
    const plan = await here.planned({ retention: rules({ keepLast: 2 }) });
    expect(plan.backups).toEqual([
      { backup: fourth, keep: true, reasons: ['last 2: 1st', 'the newest whole one'], kinds: ['last', 'whole'] },
      { backup: third, keep: true, reasons: ['last 2: 2nd'], kinds: ['last'] },
      { backup: second, keep: false, reasons: ['no rule keeps it'], kinds: ['unkept'] },
      { backup: first, keep: false, reasons: ['no rule keeps it'], kinds: ['unkept'] },
    ]);
    expect(here.files()).toHaveLength(8);
    const before = free();
    const job = await here.applied(plan);
    expect(job).toMatchObject({ status: 'done', kind: 'prune', title: 'Remove 2 backups of persistent_data' });
    expect(job.result).toMatchObject({ held: [], compacted: [] });
    expect(new Set(job.result?.['removed'] as string[])).toEqual(new Set([first, second]));
    expect(before - free()).toBe(plan.frees);
    expect(job.result?.['freed']).toBe(plan.frees);
    expect((await here.list()).backups.map(({ id }) => id)).toEqual([fourth, third]);
    expect(here.files()).toHaveLength(4);
    expect(readReleased(nodeFs, here.destination).size).toBe(0);
  });

  test('the rules of the store count when none are given, and ten are kept by default', async () => {
    here.put('a', 'one');
    for (let number = 0; number < 12; number += 1) await here.backUp();
    expect((await here.planned({})).backups.filter(({ keep }) => !keep)).toHaveLength(2);
  });

  test('an archive stays while later backups draw on it, and goes with the last of them', async () => {
    here.put('a', noise(50_000, 1));
    const first = await here.backUp();
    here.put('b', noise(50_000, 2));
    const second = await here.backUp();
    const kept = contentsOnDisk(here.root);
    expect((await here.list()).backups.find(({ id }) => id === first.id)?.neededBy).toBe(1);

    const plan = await here.planned({ backups: [first.id] });
    expect(plan.backups).toEqual([{ backup: first.id, keep: false, reasons: ['named'], kinds: ['named'] }]);
    expect(plan.held).toEqual([{ archive: first.archive, bytes: bytesOf(first.archive), neededBy: [second.id] }]);
    expect(plan.frees).toBe(bytesOf(first.manifest));
    expect(await here.applied(plan)).toMatchObject({ status: 'done', result: { held: [basename(first.archive)] } });
    const listing = await here.list();
    expect(listing.backups.map(({ id }) => id)).toEqual([second.id]);
    expect(listing.problems).toEqual([]);
    expect(listing.held).toEqual(plan.held);
    expect(contentsOf(second)).toEqual(kept);
    await deepVerify(second);

    const last = await here.planned({ backups: [second.id] });
    expect(last.backups[0]?.reasons).toEqual(['named', 'no whole one is left without it']);
    expect(last.frees).toBe(free());
    await here.applied(last);
    expect(here.files()).toEqual([]);
  });

  test('a pinned one is kept by rules and can still be named', async () => {
    here.put('a', 'one');
    const first = await here.backUp({ full: true });
    await here.backUp({ full: true });
    await here.backups.handlers.mark({ backup: first.id, pinned: true }, call);
    const byRules = await here.planned({ retention: rules({ keepLast: 1 }) });
    expect(byRules.backups.map(({ keep }) => keep)).toEqual([true, true]);
    const byName = await here.planned({ backups: [first.id] });
    expect(byName.backups[0]?.reasons).toEqual(['named', 'pinned']);
  });

  test('makes room on a disk that is full to the last byte, and keeps the room it needs for that', async () => {
    const disk = fullDisk();
    await here.context.close();
    here = createDestination({ fs: disk.fs });
    here.put('a', noise(200_000, 1));
    const first = await here.backUp({ full: true });
    await here.backUp({ full: true });
    const spare = join(here.destination, '.larder', 'spare');
    for (const gone of [first.id, 'latest']) {
      const plan = await here.planned({ backups: [gone] });
      disk.fill();
      expect(await here.applied(plan)).toMatchObject({ status: 'done' });
      expect(bytesOf(spare)).toBeGreaterThan(4_096);
    }
    expect(here.files()).toEqual([]);
    disk.fill();
    await expect(here.backups.lockDestination(here.destination, { purpose: 'making a backup' })).rejects.toMatchObject({
      code: 'NO_SPACE',
    });
    expect(fs.existsSync(spare)).toBe(true);
  });

  test('a plan is applied once', async () => {
    here.put('a', 'one');
    const plan = await here.planned({ backups: [(await here.backUp()).id] });
    await here.applied(plan);
    await expect(here.applied(plan)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('backups of another store are not named along, and stay', async () => {
    here.put('a', 'one');
    const own = await here.backUp();
    const root = join(here.context.folder, 'other');
    fs.mkdirSync(root);
    fs.writeFileSync(join(root, 'x'), 'y');
    const other = here.context.stores.add({ path: root });
    const { job } = await here.backups.handlers.start({ store: other.id, destination: here.destination }, call);
    const id = String((await here.context.job(job)).result?.['id']);
    await expect(here.planned({ backups: [id] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await here.removeBackups(own);
    expect((await here.backups.resolve(id)).problem).toBeUndefined();
    expect(here.files()).toHaveLength(2);
  });
});

describe('what moved since the plan', () => {
  async function expectRefused(act: (first: Backup, second: Backup) => unknown): Promise<void> {
    here.put('a', noise(1_000, 1));
    const first = await here.backUp({ full: true });
    const second = await here.backUp({ full: true });
    const plan = await here.planned({ retention: rules({ keepLast: 1 }) });
    await act(first, second);
    const before = here.files();
    const job = await here.applied(plan);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(here.files()).toEqual(before);
  }

  test('a new backup', () => expectRefused(() => here.backUp()));
  test('one of the backups gone', () => expectRefused((first) => fs.rmSync(first.manifest)));
  test('a manifest changed', () => expectRefused((_, second) => fs.utimesSync(second.manifest, 1, 1)));
  test('an archive gone', () => expectRefused((_, second) => fs.rmSync(second.archive)));
  test('pinned', () => expectRefused((first) => here.backups.handlers.mark({ backup: first.id, pinned: true }, call)));
});

describe('what is not known', () => {
  test('while a manifest cannot be read, no archive goes', async () => {
    here.put('a', noise(1_000, 1));
    const first = await here.backUp({ full: true });
    await here.backUp({ full: true });
    const foreign = join(here.destination, 'other_backup_20250801_120000.manifest.zst');
    fs.writeFileSync(foreign, 'locked');
    const plan = await here.planned({ backups: [first.id] });
    expect(plan.frees).toBe(bytesOf(first.manifest));
    expect(plan.held).toEqual([{ archive: first.archive, bytes: bytesOf(first.archive), neededBy: [] }]);
    const job = await here.applied(plan);
    expect(job).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(fs.existsSync(first.manifest)).toBe(false);
    expect(fs.existsSync(first.archive)).toBe(true);
    const listing = await here.list();
    expect(listing.problems.map(({ path }) => path)).toEqual([foreign]);
    expect(listing.held).toEqual(plan.held);

    fs.rmSync(foreign);
    const next = await here.planned({ retention: rules({ keepLast: 5 }) });
    expect(next.frees).toBe(bytesOf(first.archive));
    expect(await here.applied(next)).toMatchObject({ status: 'done' });
    expect(fs.existsSync(first.archive)).toBe(false);
  });

  test('what a backup needs whose manifest was lost stays, and the backup can be made again', async () => {
    here.put('a', noise(50_000, 1));
    const first = await here.backUp();
    here.put('b', noise(50_000, 2));
    const second = await here.backUp();
    const kept = contentsOf(second);
    fs.rmSync(second.manifest);
    expect(await here.removeBackups(first)).toMatchObject({ status: 'done' });
    expect(here.files()).toEqual([basename(first.archive), basename(second.archive)].sort());
    const { job } = await here.backups.handlers.rebuild({ archive: second.archive }, call);
    expect(await here.context.job(job)).toMatchObject({ status: 'done' });
    expect(contentsOf(second)).toEqual(kept);
  });

  test('an archive without a manifest that nobody removed on purpose is never touched', async () => {
    here.put('a', 'one');
    const first = await here.backUp({ full: true });
    const second = await here.backUp({ full: true });
    fs.rmSync(first.manifest);
    await here.removeBackups(second);
    expect(here.files()).toEqual([basename(first.archive)]);
  });

  test('with damaged marks rotation waits, because nobody knows what is pinned', async () => {
    here.put('a', 'one');
    const first = await here.backUp({ full: true });
    await here.backUp({ full: true });
    fs.writeFileSync(join(here.destination, '.larder/marks.json'), '{"version":1,');
    await expect(here.planned({ retention: rules({ keepLast: 1 }) })).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(await here.removeBackups(first)).toMatchObject({ status: 'done' });
  });

  test('while backups are being read nothing is removed', async () => {
    here.put('a', 'one');
    const plan = await here.planned({ backups: [(await here.backUp()).id] });
    let finish = (): void => undefined;
    const reading = new Promise<void>((resolve) => (finish = resolve));
    const title = 'Restore persistent_data';
    const reader = here.context.jobs.start({ kind: 'restore', title }, async () => {
      await reading;
      return {};
    });
    expect(await here.applied(plan)).toMatchObject({ status: 'failed', error: { code: 'BUSY' } });
    finish();
    await here.context.job(reader);
    expect(here.files()).toHaveLength(2);
  });
});
