import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { HealthChange, HealthFixPlan, HealthReport, Skipped } from '../../shared/contract/index.ts';

const child = fileURLToPath(new URL('./test-child.ts', import.meta.url));
const isRoot = process.geteuid?.() === 0;

interface Mended {
  readonly changes: readonly HealthChange[];
  readonly cannot: HealthFixPlan['cannot'];
  readonly done: readonly HealthChange[];
  readonly skipped: readonly Skipped[];
  readonly report: HealthReport;
}
interface Came {
  readonly euid: number;
  readonly tested: string;
  readonly fresh: HealthReport;
  readonly nothing: Mended;
  readonly spoiled: HealthReport;
  readonly first: Mended;
  readonly second: Mended;
}

async function run(layout: string, user?: number): Promise<Came> {
  const args = [child, layout, ...(user === undefined ? [] : [String(user)])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Came;
}

const users: [string, number | undefined][] = isRoot
  ? [
      ['root', undefined],
      ['an ordinary user', 65_534],
    ]
  : [['an ordinary user', undefined]];

/** What warns or fails, but for how full this machine's disk is, which no layout can help. */
function wrong({ checks }: HealthReport): string[] {
  return checks
    .filter(({ status, group }) => (status === 'warn' || status === 'fail') && group !== 'disk')
    .map(({ id, area, evidence }) => `${id} ${area ?? ''} ${evidence}`);
}

describe.runIf(process.platform !== 'win32')('setup, then the storage test, then health', () => {
  for (const [who, user] of users) {
    it.each(['stock-prediction-3.1', 'stock-prediction-3.4', 'aura'])(
      `is all green as ${who}, and mended twice changes nothing the second time: %s`,
      async (layout) => {
        const came = await run(layout, user);
        expect(came.euid === 0).toBe(isRoot && user === undefined);
        expect(came.tested).toBe('done');
        expect(wrong(came.fresh)).toEqual([]);
        expect(came.nothing.changes).toEqual([]);
        expect(wrong(came.nothing.report)).toEqual([]);

        expect(came.spoiled.ok).toBe(false);
        const ids = came.spoiled.checks.filter(({ fix }) => fix !== undefined).map(({ id }) => id);
        expect([...new Set(ids)]).toEqual(['structure.required', 'permissions.modes', 'environment.missing']);

        expect(came.first.skipped).toEqual([]);
        expect(came.first.done).toEqual(came.first.changes);
        expect([...new Set(came.first.done.map(({ kind }) => kind))]).toEqual(['create', 'append', 'mode']);
        expect(wrong(came.first.report)).toEqual([]);
        expect(came.second.changes).toEqual([]);
        expect(came.second.done).toEqual([]);
        expect(came.second.report.score).toBe(came.first.report.score);
      },
    );
  }
});
