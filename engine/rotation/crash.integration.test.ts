import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { backupMigrations } from '../backup/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { call, contentsOf, contentsOnDisk, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

let here: TestDestination | undefined;
afterEach(() => here?.context.close());

/** Steps that change the disk or make a change last. */
const steps = new Set<PropertyKey>([
  'write',
  'writeAsync',
  'truncate',
  'fsync',
  'fsyncAsync',
  'fsyncDirectory',
  'makeDirectory',
  'removeDirectory',
  'rename',
  'unlink',
  'link',
]);

type End = 'killed' | 'EIO' | 'ENOSPC';

interface Fragile {
  readonly fs: FileSystem;
  /** Steps taken since the last {@link Fragile.arm}, by what they did. */
  readonly taken: string[];
  /** Before step number `step` the process dies, or that one step fails. */
  arm(step: number, end: End): void;
}

/** A file system that fails at a given step: once, or for good as it looks to a process that was killed there. */
function fragile(): Fragile {
  let at = Infinity;
  let how: End = 'killed';
  const taken: string[] = [];
  const fileSystem = new Proxy(nodeFs, {
    get(target, name) {
      const act = target[name as keyof FileSystem] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const creates = name === 'open' && args[1] !== 'r';
        const isStep = steps.has(name) || creates;
        const number = taken.length;
        if (isStep) taken.push([name, ...args.filter((arg) => typeof arg === 'string')].join(' '));
        const dead = how === 'killed' && taken.length > at;
        // Handles are freed by the system when a process dies; nothing else happens any more.
        if (dead && name !== 'close') throw Object.assign(new Error('EIO'), { code: 'EIO' });
        if (isStep && number === at && how !== 'killed') throw Object.assign(new Error(how), { code: how });
        return act(...args);
      };
    },
  });
  return {
    fs: fileSystem,
    taken,
    arm(step, end) {
      at = step;
      how = end;
      taken.length = 0;
    },
  };
}

interface History {
  readonly life: Fragile;
  readonly here: TestDestination;
  /** To be removed. */
  readonly gone: readonly Backup[];
  readonly kept: ReadonlyMap<string, Map<string, string>>;
  /** Brings the destination back to what it was before the removal. */
  reset(): void;
}

/** Three backups of which the later two need a small part of the first: some files of a group, some pieces. */
async function makeHistory(): Promise<History> {
  const life = fragile();
  const made = createDestination({ fs: life.fs, pool: createInlinePool(life.fs), migrations: backupMigrations });
  here = made;
  const format = 'gz';
  made.put('a', noise(100_000, 1));
  made.put('database', noise(4_300_000, 2));
  made.put('gone', noise(5_000_000, 3));
  const first = await made.backUp({ format });
  made.remove('gone');
  const kept = new Map<string, Map<string, string>>();
  const second = await made.backUp({ format });
  kept.set(second.id, contentsOnDisk(made.root));
  made.put('b', noise(10_000, 5));
  const third = await made.backUp({ format });
  kept.set(third.id, contentsOnDisk(made.root));
  return historyOf(life, made, [first], kept);
}

/** Backups that each leave a little that the last two need. */
async function makeSmallOnes(): Promise<History> {
  const life = fragile();
  const made = createDestination({ fs: life.fs, pool: createInlinePool(life.fs), migrations: backupMigrations });
  here = made;
  const gone: Backup[] = [];
  for (let index = 0; index < 8; index += 1) {
    made.put(`file ${index}`, noise(3_000, index));
    gone.push(await made.backUp());
  }
  const kept = new Map<string, Map<string, string>>();
  for (const name of ['a', 'b']) {
    made.put(name, noise(3_000, name.charCodeAt(0)));
    kept.set((await made.backUp()).id, contentsOnDisk(made.root));
  }
  return historyOf(life, made, gone, kept);
}

function historyOf(life: Fragile, made: TestDestination, gone: readonly Backup[], kept: History['kept']): History {
  const template = join(made.context.folder, 'template');
  fs.cpSync(made.destination, template, { recursive: true, preserveTimestamps: true });
  return {
    life,
    here: made,
    gone,
    kept,
    reset() {
      fs.rmSync(made.destination, { recursive: true });
      fs.cpSync(join(template, '.larder'), join(made.destination, '.larder'), { recursive: true });
      // Files there are replaced and removed, never written to, so another name for them will do.
      for (const { name } of fs.readdirSync(template, { withFileTypes: true }).filter((entry) => entry.isFile())) {
        fs.linkSync(join(template, name), join(made.destination, name));
      }
    },
  };
}

async function expectWhole({ here: made, kept }: History, deep: boolean): Promise<void> {
  const { backups, problems } = await made.list();
  expect(backups.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(problems).toEqual([]);
  expect(backups.map(({ id }) => id)).toEqual(expect.arrayContaining([...kept.keys()]));
  for (const backup of backups) {
    const contents = kept.get(backup.id);
    if (contents !== undefined) expect(contentsOf(backup)).toEqual(contents);
    if (!deep) continue;
    const { job } = await made.backups.handlers.verify({ backup: backup.id, mode: 'deep', percent: 10 }, call);
    expect(await made.context.job(job)).toMatchObject({ status: 'done' });
  }
}

const ends: readonly End[] = ['killed', 'EIO', 'ENOSPC'];
const histories = [
  ['mostly unneeded', makeHistory],
  ['many small ones', makeSmallOnes],
] as const;

test.each(histories.flatMap(([what, make]) => ends.map((end) => [what, end, make] as const)))(
  'removal and compaction of archives %s, %s at any step: every kept backup is whole, and the next run goes on to the end',
  async (_, end, make) => {
    const history = await make();
    const { here: made, life, gone, reset } = history;
    const remove = async (): Promise<void> => {
      const { backups } = await made.list();
      const left = gone.filter(({ id }) => backups.some((backup) => backup.id === id));
      await made.applied(await made.planned({ backups: left.map(({ id }) => id) }));
    };
    life.arm(Infinity, end);
    await remove();
    const total = life.taken.length;
    expect(total).toBeGreaterThan(30);
    const finished = made.files().length;
    for (const { archive } of gone) expect(made.files()).not.toContain(basename(archive));

    for (let step = 0; step < total; step += 1) {
      reset();
      const plan = await made.planned({ backups: gone.map(({ id }) => id) });
      life.arm(step, end);
      await made.applied(plan);
      life.arm(Infinity, end);
      // A killed process holds no lock for long; taking it over is tested where locks are.
      fs.rmSync(join(made.destination, '.larder/lock'), { force: true });
      await expectWhole(history, false);

      const left = (await made.list()).backups.some(({ id }) => gone.some((one) => one.id === id));
      if (left) await remove();
      else await made.applied(await made.planned({ retention: rules({ keepLast: 9 }) }));
      await expectWhole(history, true);
      expect(made.files()).toHaveLength(finished);
      for (const { archive } of gone) expect(made.files()).not.toContain(basename(archive));
      expect(fs.readdirSync(join(made.destination, '.larder/tmp'))).toEqual([]);
    }
  },
  300_000,
);

test('nothing is taken away before what replaces it has reached the disk', async () => {
  const { here: made, life, gone } = await makeHistory();
  const [first] = gone as [Backup];
  const plan = await made.planned({ backups: [first.id] });
  life.arm(Infinity, 'killed');
  await made.applied(plan);
  const inDestination = life.taken.filter((step) => step.includes(made.destination));
  const at = (step: string): number => {
    const index = inDestination.findIndex((each) => each.startsWith(step));
    expect(index, step).toBeGreaterThanOrEqual(0);
    return index;
  };
  const last = (step: RegExp): number => inDestination.findLastIndex((each) => step.test(each));
  const sync = `fsyncDirectory ${made.destination}`;
  const syncedBetween = (from: number, to: number): boolean => inDestination.slice(from + 1, to).includes(sync);

  const noted = inDestination.findIndex((each) => /^rename .*released\.json$/.test(each));
  const manifestGone = at(`unlink ${first.manifest}`);
  const archiveGone = at(`unlink ${first.archive}`);
  const moved = last(/^rename .*\.manifest\.gz$/);
  const newArchive = last(/^rename .*\.archive .*\.tar\.gz$/);
  expect(noted).toBeLessThan(manifestGone);
  expect(manifestGone).toBeLessThan(newArchive);
  expect(newArchive).toBeLessThan(moved);
  expect(moved).toBeLessThan(archiveGone);
  expect(syncedBetween(newArchive, moved)).toBe(true);
  expect(syncedBetween(moved, archiveGone)).toBe(true);
});
