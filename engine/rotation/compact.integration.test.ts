import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { backupMigrations } from '../backup/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { openBackup, openEmbedded } from '../archive/index.ts';
import { call, contentsOf, contentsOnDisk, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

const MiB = 1024 * 1024;

let here: TestDestination;
beforeEach(() => {
  here = createDestination();
});
afterEach(() => here.context.close());

async function deepVerify(backup: Backup): Promise<void> {
  const { job } = await here.backups.handlers.verify({ backup: backup.id, mode: 'deep', percent: 10 }, call);
  expect(await here.context.job(job)).toMatchObject({ status: 'done' });
}

const bytesOf = (...paths: string[]): number => paths.reduce((sum, path) => sum + fs.statSync(path).size, 0);
const free = (): number => bytesOf(...here.files().map((name) => join(here.destination, name)));

describe.each(['zst', 'gz', 'tar'] as const)('compacting a .%s archive', (format) => {
  /** A first backup of which the second and third need a small part: a group of files and some pieces. */
  async function makeHistory(): Promise<{ first: Backup; later: Backup[]; kept: Map<string, string>[] }> {
    here.put('small/a', noise(30_000, 1));
    here.put('small/b', 'text '.repeat(2_000));
    here.put('database', noise(9 * MiB, 2));
    here.put('gone', noise(13 * MiB, 3));
    const first = await here.backUp({ format });
    here.remove('gone');
    const changed = noise(9 * MiB, 2);
    changed.write('a page', 5 * MiB);
    here.put('database', changed);
    fs.renameSync(join(here.root, 'small/b'), join(here.root, 'small/c'));
    const second = await here.backUp({ format });
    const afterSecond = contentsOnDisk(here.root);
    here.remove('small/a');
    const third = await here.backUp({ format });
    return { first, later: [second, third], kept: [afterSecond, contentsOnDisk(here.root)] };
  }

  test('what is needed moves to a new archive, byte for byte, and every backup is as it was', async () => {
    const { first, later, kept } = await makeHistory();
    const plan = await here.planned({ backups: [first.id] });
    expect(plan.held).toEqual([]);
    expect(plan.compacts).toHaveLength(1);
    const [compact] = plan.compacts;
    expect(compact).toMatchObject({ archive: first.archive, bytes: bytesOf(first.archive) });
    expect(compact!.needed * 2).toBeLessThan(compact!.bytes);
    const before = free();
    expect(await here.applied(plan)).toMatchObject({
      status: 'done',
      result: { removed: [first.id], held: [], compacted: [basename(first.archive)] },
    });
    expect(fs.existsSync(first.archive)).toBe(false);
    // What the new archive costs besides: headers, its own manifest.
    expect(Math.abs(before - free() - plan.frees)).toBeLessThan(16 * 1024);

    const listing = await here.list();
    expect(listing.problems).toEqual([]);
    expect(listing.held).toHaveLength(1);
    expect(listing.backups.map(({ problem }) => problem)).toEqual([undefined, undefined]);
    for (const [index, backup] of later.entries()) {
      expect(contentsOf(backup)).toEqual(kept[index]);
      await deepVerify(backup);
    }
    expect(fs.readdirSync(join(here.destination, '.larder/tmp'))).toEqual([]);

    const [held] = listing.held;
    const names = execFileSync('tar', ['-tf', held!.archive], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(names).toEqual(expect.arrayContaining(['small/a', '.larder/manifest']));
    expect(names.filter((name) => name.startsWith('.larder/pieces/')).length).toBeGreaterThan(0);
    expect(names).not.toContain('gone');
    const inner = openEmbedded(nodeFs, { path: held!.archive, format }, held!.archive);
    const needed = new Set(
      later.flatMap(({ manifest }) => {
        const reader = openBackup(nodeFs, manifest);
        const number = reader.archives.findIndex(({ file }) => file === basename(held!.archive));
        return reader.frames.filter(({ archive }) => archive === number).map(({ offset }) => offset);
      }),
    );
    expect(new Set(inner.frames.map(({ offset }) => offset))).toEqual(needed);
  });

  test('it is done once, and again when less is needed; the last backup takes it along', async () => {
    const { first, later, kept } = await makeHistory();
    await here.removeBackups(first);
    const again = await here.planned({ retention: rules({ keepLast: 5 }) });
    expect(again).toMatchObject({ frees: 0, compacts: [] });
    const files = here.files();
    await here.applied(again);
    expect(here.files()).toEqual(files);

    // The third backup does without the database, too.
    here.remove('database');
    const fourth = await here.backUp({ format });
    const last = contentsOnDisk(here.root);
    const [second, third] = later;
    const plan = await here.planned({ backups: [second!.id, third!.id] });
    expect(plan.compacts).toHaveLength(1);
    await here.applied(plan);
    expect(contentsOf(fourth)).toEqual(last);
    expect(kept).toHaveLength(2);
    await deepVerify(fourth);
    await here.removeBackups(fourth);
    expect(here.files()).toEqual([]);
  });

  test('two archives at once', async () => {
    here.put('a', noise(2 * MiB, 1));
    here.put('gone a', noise(5 * MiB, 2));
    const first = await here.backUp({ format });
    here.put('b', noise(2 * MiB, 3));
    here.put('gone b', noise(5 * MiB, 4));
    const second = await here.backUp({ format });
    here.remove('gone a');
    here.remove('gone b');
    const third = await here.backUp({ format });
    expect(await here.removeBackups(first, second)).toMatchObject({
      status: 'done',
      result: { held: [], compacted: [basename(first.archive), basename(second.archive)] },
    });
    expect(contentsOf(third)).toEqual(contentsOnDisk(here.root));
    await deepVerify(third);
  });

  test('a backup that lost its manifest before or after can be made again', async () => {
    const { first, later, kept } = await makeHistory();
    await here.removeBackups(first);
    const [second] = later;
    fs.rmSync(second!.manifest);
    const { job } = await here.backups.handlers.rebuild({ archive: second!.archive }, call);
    expect(await here.context.job(job)).toMatchObject({ status: 'done' });
    expect(contentsOf(second!)).toEqual(kept[0]);
    await deepVerify(second!);
  });

  test('a damaged frame stays where it is, and the job says so', async () => {
    const { first, later, kept } = await makeHistory();
    const reader = openBackup(nodeFs, later[1]!.manifest);
    const number = reader.archives.findIndex(({ file }) => file === basename(first.archive));
    const frame = reader.frames.find(({ archive }) => archive === number);
    const bytes = fs.readFileSync(first.archive);
    bytes[frame!.offset + 20]! ^= 1;
    fs.writeFileSync(first.archive, bytes);
    expect(await here.removeBackups(first)).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(fs.existsSync(first.archive)).toBe(true);
    expect(fs.readdirSync(join(here.destination, '.larder/tmp'))).toEqual([]);
    bytes[frame!.offset + 20]! ^= 1;
    fs.writeFileSync(first.archive, bytes);
    expect(contentsOf(later[1]!)).toEqual(kept[1]);
  });
});

test('however many archives are written anew, each manifest is so once, and what is held is told once', async () => {
  await here.context.close();
  const renamed: string[] = [];
  const counting = {
    ...nodeFs,
    rename(from: string, to: string) {
      renamed.push(basename(to));
      nodeFs.rename(from, to);
    },
  };
  here = createDestination({ fs: counting, pool: createInlinePool(counting), migrations: backupMigrations });
  const gone: Backup[] = [];
  here.put('stays', noise(200_000, 99));
  gone.push(await here.backUp());
  for (let index = 0; index < 5; index++) {
    here.put(`a little ${index}`, noise(10_000, index));
    here.put('replaced', noise(5 * MiB, 10 + index));
    gone.push(await here.backUp());
  }
  here.remove('replaced');
  const kept = [await here.backUp(), await here.backUp()];
  renamed.length = 0;
  const { result } = await here.removeBackups(...gone);
  expect(result).toMatchObject({ held: [basename(gone[0]!.archive)] });
  expect(result?.['compacted']).toHaveLength(5);
  const manifests = kept.map(({ manifest }) => basename(manifest));
  expect(renamed.filter((name) => name.includes('.manifest.')).sort()).toEqual(manifests.sort());
  for (const backup of kept) {
    expect(contentsOf(backup)).toEqual(contentsOnDisk(here.root));
    await deepVerify(backup);
  }
});

describe('small archives that only later backups need', () => {
  /** Backups of which each adds a little that stays. */
  async function gather(count: number, seed = 0): Promise<Backup[]> {
    const made: Backup[] = [];
    for (let index = 0; index < count; index += 1) {
      here.put(`file ${seed + index}`, noise(5_000, seed + index));
      made.push(await here.backUp());
    }
    return made;
  }

  test('become one when eight have gathered: the plan says so, and every backup is as it was', async () => {
    const gone = await gather(7);
    await here.removeBackups(...gone.slice(0, 6));
    expect((await here.list()).held).toHaveLength(6);
    gone.push(...(await gather(1, 50)));
    const kept = [...(await gather(1, 70)), ...(await gather(1, 71))];
    expect(await here.removeBackups(gone[6]!)).toMatchObject({ result: { compacted: [] } });

    const plan = await here.planned({ backups: [gone[7]!.id] });
    expect(plan.held).toEqual([]);
    expect(plan.compacts.map(({ archive, why }) => [archive, why])).toEqual(
      gone.map(({ archive }) => [archive, 'small']),
    );
    const before = free();
    expect(await here.applied(plan)).toMatchObject({ status: 'done', result: { held: [] } });
    expect(Math.abs(before - free() - plan.frees)).toBeLessThan(16 * 1024);
    const listing = await here.list();
    expect(listing.held).toHaveLength(1);
    expect(listing.held[0]?.neededBy).toHaveLength(2);
    expect(listing.problems).toEqual([]);
    expect(contentsOf(kept[1]!)).toEqual(contentsOnDisk(here.root));
    for (const backup of kept) await deepVerify(backup);
    const names = execFileSync('tar', ['-tf', listing.held[0]!.archive], { encoding: 'utf8' }).split('\n');
    expect(names).toEqual(expect.arrayContaining(['file 0', 'file 6', 'file 50', '.larder/manifest']));

    const again = await here.planned({ retention: rules({ keepLast: 9 }) });
    expect(again).toMatchObject({ frees: 0, compacts: [] });
  });

  test('stay few for a store that rotates after each backup', async () => {
    here.context.stores.update(here.store.id, { rules: { retention: rules({ keepLast: 2 }), rotate: true } });
    const held: number[] = [];
    for (let run = 0; run < 30; run += 1) {
      const [backup] = await gather(1, run);
      held.push((await here.list()).held.length);
      expect(contentsOf(backup!)).toEqual(contentsOnDisk(here.root));
    }
    expect(Math.max(...held)).toBeLessThan(8);
    const { backups, problems } = await here.list();
    expect(problems).toEqual([]);
    for (const backup of backups) await deepVerify(backup);
  });

  test('one that is damaged stays alone, and the job says which', async () => {
    const gone = await gather(9);
    const kept = await gather(1, 70);
    const reader = openBackup(nodeFs, kept[0]!.manifest);
    const number = reader.archives.findIndex(({ file }) => file === basename(gone[4]!.archive));
    const frame = reader.frames.find(({ archive }) => archive === number);
    const bytes = fs.readFileSync(gone[4]!.archive);
    bytes[frame!.offset + 20]! ^= 1;
    fs.writeFileSync(gone[4]!.archive, bytes);
    const job = await here.removeBackups(...gone);
    expect(job).toMatchObject({ status: 'partial', warningCount: 1, result: { held: [basename(gone[4]!.archive)] } });
    const { held } = await here.list();
    expect(held).toHaveLength(2);
    bytes[frame!.offset + 20]! ^= 1;
    fs.writeFileSync(gone[4]!.archive, bytes);
    expect(contentsOf(kept[0]!)).toEqual(contentsOnDisk(here.root));
  });
});
