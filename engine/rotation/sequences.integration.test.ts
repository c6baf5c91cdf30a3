import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ArchiveFormat, Backup } from '../../shared/contract/index.ts';
import { backupMigrations } from '../backup/index.ts';
import { createRestore, restoreMigrations } from '../restore/index.ts';
import { call, contentsOf, contentsOnDisk, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

/**
 * Random histories of a store: it changes, is backed up, backups are removed, archives compacted, manifests lost and made
 * again. After each step every backup there is must hold exactly what the store held when it was made.
 *
 * `LARDER_SEQUENCES` says how many are tried, `LARDER_SEED` which.
 */
const sequences = Number(process.env['LARDER_SEQUENCES'] ?? 60);
const seed = Number(process.env['LARDER_SEED'] ?? 4);

const KiB = 1024;

type Change =
  | { readonly do: 'put'; readonly name: number; readonly size: number; readonly seed: number }
  | { readonly do: 'append' | 'page'; readonly name: number; readonly seed: number }
  | { readonly do: 'remove' | 'rename' | 'copy' | 'link' | 'mode'; readonly name: number; readonly to: number };

type Step =
  | { readonly do: 'changes'; readonly changes: readonly Change[] }
  /** All files but one get new content. */
  | { readonly do: 'renew'; readonly except: number; readonly seed: number }
  | { readonly do: 'backup'; readonly format: ArchiveFormat; readonly full: boolean; readonly verify: boolean }
  | { readonly do: 'rotate'; readonly keep: number }
  | { readonly do: 'delete'; readonly which: readonly number[] }
  | { readonly do: 'pin' | 'rebuild'; readonly which: number };

const name = fc.nat(7);
// Small ones, such as fill a group of a .gz with one or two, and now and then one that is cut in pieces.
const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 9, arbitrary: fc.integer({ min: 300 * KiB, max: 700 * KiB }) },
  { weight: 1, arbitrary: fc.integer({ min: 4_100 * KiB, max: 5_000 * KiB }) },
);
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('put'), name, size, seed: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('append', 'page'), name, seed: fc.nat(255) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('remove', 'rename', 'copy', 'link', 'mode'), name, to: name }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('changes'),
      changes: fc.array(change, { minLength: 1, maxLength: 12, size: 'max' }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('renew'), except: fc.nat(5), seed: fc.nat(30) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('backup'),
      format: fc.constantFrom<ArchiveFormat>('gz', 'gz', 'gz', 'gz', 'gz', 'gz', 'zst', 'tar'),
      full: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      verify: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rotate'), keep: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('delete'), which: fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pin', 'rebuild'), which: fc.nat(20) }) },
);

/** What came about, so that it is seen that the interesting things do. */
const seen = { backups: 0, incremental: 0, removed: 0, held: 0, compacted: 0, rebuilt: 0 };

class Sequence {
  readonly here: TestDestination;
  readonly made = new Map<string, Map<string, string>>();

  constructor(here: TestDestination) {
    this.here = here;
  }

  path(number: number): string {
    return `${['', 'models/', 'logs/deep/'][number % 3] ?? ''}file ${number}`;
  }

  async run(what: Step): Promise<void> {
    const { here } = this;
    switch (what.do) {
      case 'changes':
        for (const change of what.changes) this.change(change);
        return;
      case 'renew':
        for (let number = 0; number < 6; number += 1) {
          if (number !== what.except) here.put(this.path(number), noise(400 * KiB + number, what.seed + 40 * number));
        }
        return;
      case 'backup':
        await this.backUp(what);
        return;
      case 'rotate':
        await this.removeBy({ retention: rules({ keepLast: what.keep }) });
        return;
      case 'delete': {
        const chosen = new Set(what.which.flatMap((index) => this.pick(index) ?? []));
        if (chosen.size > 0) await this.removeBy({ backups: [...chosen] });
        return;
      }
      case 'pin': {
        const id = this.pick(what.which);
        if (id !== undefined) await here.backups.handlers.mark({ backup: id, pinned: what.which % 2 === 0 }, call);
        return;
      }
      case 'rebuild': {
        const id = this.pick(what.which);
        if (id !== undefined) await this.rebuild(await here.backups.resolve(id));
        return;
      }
    }
  }

  pick(index: number): string | undefined {
    return [...this.made.keys()][index % Math.max(1, this.made.size)];
  }

  change(what: Change): void {
    const { here } = this;
    const path = this.path(what.name);
    if (what.do === 'put') {
      here.put(path, noise(what.size, what.seed));
      return;
    }
    const at = join(here.root, path);
    if (!fs.existsSync(at)) return;
    const other = 'to' in what ? this.path(what.to) : path;
    const target = join(here.root, other);
    switch (what.do) {
      case 'append':
        here.put(path, Buffer.concat([fs.readFileSync(at), noise(3_000, what.seed)]));
        return;
      case 'page': {
        const content = fs.readFileSync(at);
        const third = Math.floor(content.length / 3);
        content.set(noise(4096, what.seed).subarray(0, content.length - third), third);
        here.put(path, content);
        return;
      }
      case 'remove':
        here.remove(path);
        return;
      case 'mode':
        fs.chmodSync(at, what.to % 2 === 0 ? 0o600 : 0o755);
        return;
      case 'rename':
      case 'copy':
      case 'link':
        if (other === path) return;
        fs.mkdirSync(join(target, '..'), { recursive: true });
        fs.rmSync(target, { force: true });
        if (what.do === 'rename') fs.renameSync(at, target);
        else if (what.do === 'link') fs.linkSync(at, target);
        else fs.copyFileSync(at, target);
        return;
    }
  }

  async backUp({ format, full, verify }: Extract<Step, { do: 'backup' }>): Promise<void> {
    this.here.context.set({ verifyAfterBackup: verify });
    // A store that lost everything is not backed up.
    if (!fs.readdirSync(this.here.root).some((entry) => entry.startsWith('file') || entry === 'models')) {
      this.here.put('file 0', 'something');
    }
    const backup = await this.here.backUp({ format, full });
    const contents = contentsOnDisk(this.here.root);
    expect(contentsOf(backup)).toEqual(contents);
    this.made.set(backup.id, contents);
    seen.backups += 1;
    if (backup.kind === 'incremental') seen.incremental += 1;
  }

  async removeBy(input: Record<string, unknown>): Promise<void> {
    const { here } = this;
    const plan = await here.planned(input);
    const { status, error, result } = await here.applied(plan);
    expect([status, error?.message]).toEqual(['done', undefined]);
    const going = plan.backups.filter(({ keep }) => !keep).map(({ backup }) => backup);
    expect(new Set(result?.['removed'] as string[])).toEqual(new Set(going));
    for (const id of going) this.made.delete(id);
    seen.removed += going.length;
    seen.held += plan.held.length;
    seen.compacted += plan.compacts.length;
  }

  async rebuild(backup: Backup): Promise<void> {
    fs.rmSync(backup.manifest);
    const { job } = await this.here.backups.handlers.rebuild({ archive: backup.archive }, call);
    const { status, error } = await this.here.context.job(job);
    expect([status, error?.message]).toEqual(['done', undefined]);
    seen.rebuilt += 1;
  }

  async expectAllWhole(): Promise<void> {
    const { backups, problems, held } = await this.here.list();
    expect(problems).toEqual([]);
    expect(new Set(backups.map(({ id }) => id))).toEqual(new Set(this.made.keys()));
    for (const backup of backups) {
      expect(backup.problem).toBeUndefined();
      expect(contentsOf(backup)).toEqual(this.made.get(backup.id));
    }
    // Nothing lies about that nobody needs.
    for (const { neededBy } of held) expect(neededBy.length).toBeGreaterThan(0);
    expect(this.here.files()).toHaveLength(2 * backups.length + held.length);
  }

  async expectRestores(): Promise<void> {
    const { here } = this;
    const restore = createRestore(here.context, here.backups, { flushAll: () => Promise.resolve(false) });
    for (const [index, [id, contents]] of [...this.made].entries()) {
      if (index % 2 === 1) {
        const { job } = await here.backups.handlers.verify({ backup: id, mode: 'deep', percent: 10 }, call);
        expect((await here.context.job(job)).status).toBe('done');
        continue;
      }
      const path = join(here.context.folder, `restored ${id}`);
      const plan = await restore.handlers.plan(
        { backup: id, paths: [], target: { kind: 'folder', path }, overwrite: 'if-changed', deleteExtra: false },
        call,
      );
      const applied = await restore.handlers.apply({ plan: plan.id }, call);
      expect((await here.context.job(applied.job)).status).toBe('done');
      expect(contentsOnDisk(path)).toEqual(contents);
    }
    for (const { archive } of (await here.list()).held) execFileSync('tar', ['-tf', archive], { stdio: 'pipe' });
  }
}

test(
  `${sequences} random histories: every backup that is kept holds what it held`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24, size: 'max' }), async (what) => {
        const here = createDestination({ migrations: [...backupMigrations, ...restoreMigrations] });
        try {
          const sequence = new Sequence(here);
          fs.mkdirSync(here.destination);
          for (let number = 0; number < 6; number += 1) here.put(sequence.path(number), noise(600 * KiB, 100 + number));
          await sequence.backUp({ do: 'backup', format: 'gz', full: true, verify: false });
          for (const one of what) {
            await sequence.run(one);
            if (one.do === 'rotate' || one.do === 'delete' || one.do === 'rebuild') await sequence.expectAllWhole();
          }
          await sequence.expectAllWhole();
          await sequence.expectRestores();
        } finally {
          await here.context.close();
        }
      }),
      { numRuns: sequences, seed, endOnFailure: true },
    );
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    if (sequences >= 50) for (const number of Object.values(seen)) expect(number).toBeGreaterThan(0);
  },
  60_000 + sequences * 20_000,
);
