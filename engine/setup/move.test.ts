import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input, Job, SetupPlan } from '../../shared/contract/index.ts';
import { setup as contract } from '../../shared/contract/setup.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createSetup, setupMigrations } from './index.ts';
import { journalIds } from './move-journal.ts';

const call = { signal: new AbortController().signal };
const posix = process.platform !== 'win32';

/** A file system that a test can stop: from the given change on every call fails, as if the process were gone. */
class Mortal {
  changes = 0;
  dieAt = Infinity;
  /** Called before each change. */
  before: (name: string, path: unknown) => void = () => {};
  readonly fs: FileSystem;

  constructor() {
    const changing = new Set<string>(
      'open write truncate fsync makeDirectory removeDirectory rename unlink link symlink chmod lchown lutimes'.split(
        ' ',
      ),
    );
    this.fs = new Proxy(nodeFs, {
      get: (target, name: keyof FileSystem) => {
        const own = target[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (changing.has(name) && !(name === 'open' && !/[wa+]/.test(String(args[1])))) {
            this.before(name, args[0]);
            this.changes += 1;
          }
          if (this.changes > this.dieAt && name !== 'close') throw new Error('The process is gone.');
          return own(...args);
        };
      },
    });
  }
}

let mortal: Mortal;
let context: TestContext;
let project: string;
let root: string;
let setup: ReturnType<typeof createSetup>;

const options = {
  addStore: () => Promise.reject(new Error('not asked for')),
  removeStore: () => {},
};

beforeEach(async () => {
  mortal = new Mortal();
  context = createTestContext({
    migrations: setupMigrations,
    fs: mortal.fs,
    clock: () => Date.UTC(2026, 10, 20),
    pool: createInlinePool(mortal.fs),
  });
  project = fs.realpathSync(context.folder);
  root = join(project, 'data');
  setup = createSetup(context, options);
  await apply(await plan({ parts: ['folders', 'larder.yaml'] }));
});
afterEach(() => context.close());

async function plan(input: Partial<Input<'setup.plan'>> = {}): Promise<SetupPlan> {
  const full = contract.plan.input.parse({ path: root, layout: 'aura', parts: ['folders'], ...input });
  return contract.plan.output.parse(await setup.handlers.plan(full, call));
}

async function apply({ plan: id }: SetupPlan): Promise<Job> {
  const { job } = await setup.handlers.apply({ plan: id, register: false }, call);
  return context.job(job);
}

async function undo(job: Job): Promise<Job> {
  const { job: id } = await setup.handlers.undo({ setup: String(job.result?.['setup']) }, call);
  return context.job(id);
}

/** A new engine over the same state, which settles what the old one left. */
async function startAgain(): Promise<void> {
  mortal.dieAt = Infinity;
  setup = createSetup({ ...context }, options);
  await setup.start?.();
}

const old = (path = ''): string => join(project, 'saved_models', path);
const moved = (path = ''): string => join(root, 'conversational_ai', 'models', path);

/** Everything below a folder: types, modes, sizes, times and contents. */
function describeTree(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const at = join(folder, path);
      const stats = fs.lstatSync(at, { bigint: true });
      const mode = stats.mode.toString(8);
      if (stats.isSymbolicLink()) return `${path} -> ${fs.readlinkSync(at)}`;
      if (stats.isDirectory()) return `${path}/ ${mode}`;
      return `${path} ${mode} ${stats.size} ${stats.mtimeNs / 1_000_000n} ${stats.nlink} ${fs.readFileSync(at, 'base64')}`;
    });
}

function writeOld(): void {
  fs.mkdirSync(old('deep/er'), { recursive: true });
  fs.mkdirSync(old('empty'));
  fs.writeFileSync(old('model.bin'), Buffer.alloc(3_000, 7));
  fs.writeFileSync(old('deep/er/weights'), 'weights');
  fs.linkSync(old('deep/er/weights'), old('deep/same'));
  fs.utimesSync(old('model.bin'), 1_500_000_000.25, 1_400_000_000.5);
  if (posix) {
    fs.symlinkSync('deep/er/weights', old('latest'));
    fs.chmodSync(old('model.bin'), 0o640);
    fs.chmodSync(old('deep'), 0o750);
  }
}

const move = { move: 'all' as const };

describe('data at an old place', () => {
  it('is offered, and stays where it is until it is asked to move', async () => {
    writeOld();
    const planned = await plan();
    expect(planned.moves).toEqual([
      {
        from: old().replace(/\/$/, ''),
        to: moved().replace(/\/$/, ''),
        files: posix ? 4 : 3,
        bytes: 3_007,
        chosen: false,
      },
    ]);
    expect(planned).toMatchObject({ todo: 0, bytesToCopy: 0 });
    await expect(plan({ move: [join(project, 'other')] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['renamed', 'link'] as const)('moves whole, its place is then %s, and comes back whole', async (leave) => {
    writeOld();
    const before = describeTree(old());
    const planned = await plan({ ...move, leave });
    expect(planned).toMatchObject({ todo: 1, changes: 1, moves: [{ chosen: true }] });
    const job = await apply(planned);
    const kept = `${join(project, 'saved_models')}.moved-20261120`;
    expect(job).toMatchObject({ status: 'done', result: { done: 1, moved: [{ kept }] } });
    expect(describeTree(moved())).toEqual(before);
    expect(describeTree(kept)).toEqual(before);
    if (leave === 'renamed') expect(fs.existsSync(old())).toBe(false);
    else expect(fs.readlinkSync(join(project, 'saved_models'))).toBe(join('data', 'conversational_ai', 'models'));
    expect(fs.readdirSync(root)).not.toContain('.larder-undo');
    expect((await plan(move)).moves).toEqual([]);

    expect((await undo(job)).status).toBe('done');
    expect(describeTree(old())).toEqual(before);
    expect(describeTree(moved())).toEqual([]);
    expect(fs.existsSync(kept)).toBe(false);
    expect(journalIds(nodeFs, context.home)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('keeps its holes', async () => {
    fs.mkdirSync(old());
    fs.writeFileSync(old('sparse'), 'x');
    fs.truncateSync(old('sparse'), 50_000_000);
    const planned = await plan(move);
    expect(planned.bytesToCopy).toBeLessThan(1_000_000);
    await apply(planned);
    const { size, blocks } = fs.statSync(moved('sparse'));
    expect(size).toBe(50_000_000);
    expect(blocks * 512).toBeLessThan(1_000_000);
    expect(fs.readFileSync(moved('sparse')).equals(Buffer.concat([Buffer.from('x'), Buffer.alloc(49_999_999)]))).toBe(
      true,
    );
  });

  it('stays in the store when it was worked with there before the undo', async () => {
    writeOld();
    const before = describeTree(old());
    const job = await apply(await plan(move));
    fs.writeFileSync(moved('deep/new'), 'trained meanwhile');
    const undone = await undo(job);
    expect(undone.status).toBe('partial');
    expect(describeTree(old())).toEqual(before);
    expect(fs.readFileSync(moved('deep/new'), 'utf8')).toBe('trained meanwhile');
    expect(fs.existsSync(moved('model.bin'))).toBe(true);
  });

  it('stays where it is when something else has its old name by the time of the undo', async () => {
    writeOld();
    const job = await apply(await plan(move));
    fs.mkdirSync(old());
    const undone = await undo(job);
    expect(undone).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(fs.readdirSync(old())).toEqual([]);
    expect(fs.existsSync(moved('model.bin'))).toBe(true);
  });

  it.each<[string, () => void, RegExp]>([
    ['it is part of the code', () => fs.writeFileSync(old('train.py'), ''), /program code \(train\.py\)/],
    ['a name is taken', () => fs.writeFileSync(moved('model.bin'), ''), /has model\.bin already/],
  ])('cannot be moved when %s', async (_title, prepare, refusal) => {
    writeOld();
    prepare();
    const planned = await plan(move);
    expect(planned.moves[0]).toMatchObject({ chosen: false, refusal: expect.stringMatching(refusal) as string });
    expect(planned.steps.find(({ kind }) => kind === 'move')?.state).toBe('cannot');
    expect(planned.todo).toBe(0);
  });

  it('goes nowhere when two old places have one name', async () => {
    writeOld();
    fs.mkdirSync(join(project, 'conversational_ai', 'saved_models'), { recursive: true });
    fs.writeFileSync(join(project, 'conversational_ai', 'saved_models', 'model.bin'), 'another');
    const planned = await plan(move);
    expect(planned.moves.map(({ chosen }) => chosen)).toEqual([true, false]);
    expect((await apply(planned)).status).toBe('done');
    expect(fs.existsSync(join(project, 'conversational_ai', 'saved_models', 'model.bin'))).toBe(true);
  });

  it('is refused when it changed since the plan', async () => {
    writeOld();
    const planned = await plan(move);
    fs.appendFileSync(old('model.bin'), 'more');
    expect(await apply(planned)).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(describeTree(moved())).toEqual([]);
  });

  it('stays as it is when something writes to it while it is copied', async () => {
    writeOld();
    const planned = await plan(move);
    mortal.before = (name, path) => {
      if (name === 'symlink' || String(path).endsWith('model.bin')) fs.writeFileSync(old('late'), 'late');
    };
    const job = await apply(planned);
    expect(job).toMatchObject({ status: 'partial', warningCount: 1, result: { moved: [] } });
    expect(describeTree(moved())).toEqual([]);
    expect(fs.readFileSync(old('late'), 'utf8')).toBe('late');
    expect(fs.readdirSync(root)).not.toContain('.larder-undo');
  });

  it('stays as it is when the copy does not read as it was written', async () => {
    writeOld();
    const before = describeTree(old());
    const planned = await plan(move);
    const { read } = mortal.fs;
    const damaged = new Proxy(mortal.fs, {
      get: (target, name: keyof FileSystem) =>
        name === 'read'
          ? (...args: Parameters<FileSystem['read']>) => {
              const got = read(...args);
              // Verifying reads on from where it was.
              if (args[4] === null && got > 0) args[1][0] = (args[1][0] ?? 0) ^ 1;
              return got;
            }
          : target[name],
    });
    setup = createSetup({ ...context, pool: createInlinePool(damaged) }, options);
    const again = await plan(move);
    expect(again.fingerprint).toBe(planned.fingerprint);
    const job = await apply(again);
    expect(job).toMatchObject({ status: 'partial', result: { moved: [] } });
    expect(describeTree(old())).toEqual(before);
    expect(describeTree(moved())).toEqual([]);
  });

  it('stays as it is when the move is cancelled', async () => {
    writeOld();
    const before = describeTree(old());
    const planned = await plan(move);
    const { job } = await setup.handlers.apply({ plan: planned.plan, register: false }, call);
    mortal.before = (name, path) => {
      if (name === 'open' && String(path).endsWith('/model.bin')) context.jobs.cancel(job);
    };
    expect((await context.job(job)).status).toBe('cancelled');
    expect(describeTree(old())).toEqual(before);
    expect(describeTree(moved())).toEqual([]);
    expect(fs.readdirSync(root)).not.toContain('.larder-undo');
    expect(journalIds(nodeFs, context.home)).toEqual([]);
  });

  it('is not begun without the space for it', async () => {
    writeOld();
    const planned = await plan(move);
    const full = new Proxy(mortal.fs, {
      get: (target, name: keyof FileSystem) =>
        name === 'statfs' ? (path: string) => Object.assign(target.statfs(path), { bavail: 1 }) : target[name],
    });
    setup = createSetup({ ...context, pool: createInlinePool(full) }, options);
    const again = await plan(move);
    expect(again.free).toBeLessThan(planned.free);
    const job = await apply(again);
    expect(job).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(context.jobs.get(job.id).warnings[0]?.reason).toContain('free');
    expect(describeTree(moved())).toEqual([]);
  });
});

describe('a crash at any moment of a move', () => {
  it.each(['renamed', 'link'] as const)(
    'leaves the old or the new place whole (%s)',
    { timeout: 120_000 },
    async (leave) => {
      writeOld();
      const clean = (): void => {
        for (const path of fs.readdirSync(project)) {
          if (path !== 'data') fs.rmSync(join(project, path), { recursive: true });
        }
        for (const path of fs.readdirSync(moved())) fs.rmSync(moved(path), { recursive: true });
      };
      const ends = new Set<string>();
      for (let at = 0; ; at += 1) {
        const before = describeTree(old());
        const planned = await plan({ ...move, leave });
        mortal.changes = 0;
        mortal.dieAt = at;
        const job = await apply(planned);
        const finished = mortal.changes <= at;
        // As the crash left it: one of the two is whole before anything is settled.
        const kept = `${join(project, 'saved_models')}.moved-20261120`;
        const isWhole = (folder: string): boolean => JSON.stringify(describeTree(folder)) === JSON.stringify(before);
        expect(isWhole(old()) || isWhole(kept), `old place whole after change ${at}`).toBe(true);
        await startAgain();
        const isOld = fs.existsSync(join(project, 'saved_models')) && !fs.existsSync(kept);
        if (isOld) {
          expect(describeTree(old()), `after change ${at}`).toEqual(before);
          expect(describeTree(moved()), `after change ${at}`).toEqual([]);
        } else {
          expect(describeTree(moved()), `after change ${at}`).toEqual(before);
          expect(describeTree(kept)).toEqual(before);
          expect(fs.existsSync(join(project, 'saved_models'))).toBe(leave === 'link');
        }
        expect(fs.readdirSync(root)).not.toContain('.larder-undo');
        ends.add(isOld ? 'old' : 'new');
        if (finished) {
          expect(job.status).toBe('done');
          break;
        }
        clean();
        writeOld();
      }
      expect([...ends].sort()).toEqual(['new', 'old']);
    },
  );

  it('during its undo is finished at the next start', { timeout: 120_000 }, async () => {
    writeOld();
    const before = describeTree(old());
    for (let at = 0; ; at += 1) {
      const job = await apply(await plan({ ...move, leave: 'link' }));
      expect(job.status).toBe('done');
      mortal.changes = 0;
      mortal.dieAt = at;
      await undo(job);
      const finished = mortal.changes <= at;
      await startAgain();
      if (fs.lstatSync(join(project, 'saved_models')).isSymbolicLink()) {
        // It had not begun.
        expect(describeTree(moved())).toEqual(before);
        expect((await undo(job)).status).toBe('done');
      }
      expect(describeTree(old()), `after change ${at}`).toEqual(before);
      expect(describeTree(moved()), `after change ${at}`).toEqual([]);
      expect(fs.readdirSync(root)).not.toContain('.larder-undo');
      if (finished) break;
    }
  });

  it('leaves what was written to the copies since', async () => {
    writeOld();
    const planned = await plan(move);
    // It dies before the switch: the copies are in place, and so is the original.
    mortal.before = (name, path) => {
      if (name === 'rename' && path === join(project, 'saved_models')) mortal.dieAt = 0;
    };
    await apply(planned);
    mortal.before = () => {};
    expect(fs.existsSync(moved('model.bin'))).toBe(true);
    fs.writeFileSync(moved('written-since'), randomUUID());
    fs.writeFileSync(moved('model.bin'), 'changed');
    await startAgain();
    expect(fs.readFileSync(moved('model.bin'), 'utf8')).toBe('changed');
    expect(fs.existsSync(old('model.bin'))).toBe(true);
    expect(journalIds(nodeFs, context.home)).toEqual([]);
  });
});
