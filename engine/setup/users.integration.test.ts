import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { setupPlanSchema, storageTestSchema } from '../../shared/contract/index.ts';
import type { SetupPlan, StorageTest } from '../../shared/contract/index.ts';

// Whole processes.
vi.setConfig({ testTimeout: 120_000 });

const child = fileURLToPath(new URL('./test-child.ts', import.meta.url));
const isRoot = process.geteuid?.() === 0;

interface Came {
  readonly euid: number;
  readonly first: SetupPlan;
  readonly applied: { readonly status: string };
  readonly second: SetupPlan;
  readonly test: StorageTest | undefined;
  readonly entries: readonly string[];
  readonly owners: readonly number[];
  readonly stores: readonly { readonly layout?: string }[];
}

async function run(layout: string, user?: number): Promise<Came> {
  const args = [child, layout, ...(user === undefined ? [] : [String(user)])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Came;
}

const users: [string, number | undefined][] = isRoot
  ? [
      ['root', undefined],
      ['an ordinary user', 65_534],
    ]
  : [['an ordinary user', undefined]];

describe.runIf(process.platform !== 'win32')('setup, then the storage test', () => {
  for (const [who, user] of users) {
    it.each(['stock-prediction-3.1', 'stock-prediction-3.4', 'aura'])(`is all green as ${who}: %s`, async (layout) => {
      const came = await run(layout, user);
      const asRoot = isRoot && user === undefined;
      expect(came.euid === 0).toBe(asRoot);
      expect(came.applied.status).toBe('done');
      expect(came.stores).toEqual([expect.objectContaining({ layout })]);

      // What it says of owners it cannot give, it says with a command; everything else is as it should be.
      const cannot = setupPlanSchema.parse(came.second).steps.filter(({ state }) => state === 'cannot');
      expect(came.second.todo).toBe(0);
      expect(cannot.filter(({ kind }) => kind !== 'set-owner')).toEqual([]);
      const hasOwner = layout !== 'aura';
      expect(cannot.length > 0).toBe(hasOwner && !asRoot);
      expect(came.second.commands.length).toBe(hasOwner && !asRoot ? 1 : 0);
      if (asRoot && hasOwner) expect(came.owners).toEqual([1001]);

      const test = storageTestSchema.parse(came.test);
      expect(test.ok).toBe(true);
      // What this machine's disk is, no layout can help: in memory, in a container, nearly full.
      const ofMachine = new Set(['mount', 'space', 'inodes', 'speed']);
      expect(test.checks.filter(({ status, id }) => status !== 'pass' && !ofMachine.has(id))).toEqual([]);
      expect(test.checks.filter(({ id }) => id.startsWith('write')).length).toBeGreaterThan(8);
      expect(came.entries.filter((path) => path.includes('.larder'))).toEqual([]);
    });

    it(`has nothing to make for a database as ${who}`, async () => {
      const came = await run('ted', user);
      expect(came.first.steps).toEqual([]);
      expect(came.entries).toEqual([]);
    });
  }
});
