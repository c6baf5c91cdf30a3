import { describe, expect, it } from 'vitest';
import type { HealthCheck, HealthFixPlan, HealthReport } from '../../shared/contract/index.ts';
import { nowMs, runCommand, store } from '../testing/world.ts';

const dayMs = 24 * 3_600_000;

function result(id: string, status: HealthCheck['status'], rest: Partial<HealthCheck> = {}): HealthCheck {
  const group = id.split('.')[0] as HealthCheck['group'];
  return { id, group, status, title: `Title of ${id}`, evidence: `Evidence of ${id}.`, why: 'This is why.', ...rest };
}
const checks = [
  result('structure.root', 'pass'),
  result('structure.required', 'fail', {
    area: 'models',
    paths: { first: ['a', 'b', '', 'c', 'd', 'e'], more: 4 },
    fix: { title: 'Create models', safe: true },
    command: 'mkdir -p /data/project/models',
  }),
  result('disk.fill', 'warn', { muted: { reason: 'new disk ordered', sinceMs: nowMs, untilMs: nowMs + 30 * dayMs } }),
  result('disk.forecast', 'skip'),
];
const report: HealthReport = {
  store: 'store-1',
  atMs: nowMs,
  tookMs: 12,
  ok: false,
  score: 62,
  counts: { pass: 1, warn: 0, fail: 1, skip: 1, muted: 1 },
  checks,
};
const well: HealthReport = {
  ...report,
  ok: true,
  score: 100,
  counts: { pass: 1, warn: 0, fail: 0, skip: 0, muted: 0 },
  checks: checks.slice(0, 1),
};
const plan: HealthFixPlan = {
  plan: 'plan-1',
  store: 'store-1',
  changes: [
    { check: 'structure.required', area: 'models', kind: 'create', path: 'models', from: 'nothing', to: 'folder, 755' },
    { check: 'permissions.modes', kind: 'mode', path: '', from: '777', to: '755' },
    { check: 'permissions.owner', kind: 'owner', path: 'a', from: '0:0', to: '1:1' },
    { check: 'environment.missing', kind: 'append', path: 'x.env', from: 'without A', to: 'A=1' },
  ],
  more: false,
  cannot: [{ check: 'disk.fill', title: 'Room on the disk', reason: 'It is full.', command: 'larder usage' }],
};
const applied = { done: plan.changes, skipped: [], report: well };
const answers = {
  'health.run': () => report,
  'health.get': () => ({ report: well, running: false }),
  'health.fixPlan': () => plan,
  'health.fixApply': () => applied,
};

describe('larder health', () => {
  it('shows the checklist by group with evidence, reason and remedy', async () => {
    const { out, code } = await runCommand(['health', 'project'], { answers });
    expect(code).toBe(8);
    expect(out).toBe(`project  /data/project
score 62 of 100: 1 failure, 1 passed, 1 cannot be told, 1 muted

Structure
  pass  Title of structure.root      Evidence of structure.root.
  FAIL  Title of structure.required  Evidence of structure.required. [models]
          - a
          - b
          - the root folder
          - c
          - d
          - and 5 more
          This is why. structure.required
          Larder can mend it: Create models (--fix)
          $ mkdir -p /data/project/models

Disk
  muted Title of disk.fill           Evidence of disk.fill.
          Muted until 20 Dec 2026: new disk ordered
          This is why. disk.fill
  ?     Title of disk.forecast       Evidence of disk.forecast.
`);
  });

  it('prints the JSON that scripts rely on: of one store its own, of several a list', async () => {
    const one = await runCommand(['health', 'project', '--json'], { answers });
    expect(one.json()).toMatchObject({ ok: false, score: 62, store: 'store-1', checks });
    const two = await runCommand(['health', '--json'], {
      answers: { ...answers, 'stores.list': () => ({ stores: [store, { ...store, id: 'store-2', name: 'other' }] }) },
    });
    expect(two.json()).toMatchObject({ stores: [{ store: 'store-1' }, { storeName: 'other' }] });
    expect((await runCommand(['health'], { answers: { ...answers, 'health.run': () => well } })).code).toBe(0);
    const none = await runCommand(['health'], { answers: { 'stores.list': () => ({ stores: [] }) } });
    expect(none.code).toBe(0);
    expect(none.out).toContain('No store is registered yet');
  });

  it('runs only the checks named', async () => {
    const { engine } = await runCommand(['health', 'project', '--only', 'disk.fill', 'disk.inodes'], { answers });
    expect(engine.asked.find(({ name }) => name === 'health.run')?.input).toEqual({
      store: 'store-1',
      only: ['disk.fill', 'disk.inodes'],
    });
  });

  it('plans, asks, mends, and tells how it is then', async () => {
    const asked = await runCommand(['health', 'project', '--fix'], { answers });
    expect(asked.code).toBe(2);
    expect(asked.err).toContain('Add --yes');
    expect(asked.engine.asked.some(({ name }) => name === 'health.fixApply')).toBe(false);

    const { out, code } = await runCommand(['health', 'project', '--fix', '--yes'], { answers });
    expect(code).toBe(0);
    expect(out).toBe(`  create  models  (folder, 755)
  mode    the root folder  777 to 755
  owner   a  0:0 to 1:1
  add to  x.env  A=1

Not to be mended here:
  Room on the disk: It is full.
      $ larder usage
4 changes made.
`);
    const json = await runCommand(['health', 'project', '--fix', '--yes', '--json'], { answers });
    expect(json.json()).toMatchObject({ ok: true, score: 100, changes: plan.changes, done: plan.changes, skipped: [] });
  });

  it('says what would change, and changes nothing, with --dry-run', async () => {
    const { engine, code, out } = await runCommand(['health', 'project', '--fix', '--dry-run'], { answers });
    expect(code).toBe(0);
    expect(out).toContain('create  models');
    expect(engine.asked.some(({ name }) => name === 'health.fixApply')).toBe(false);
  });

  it('tells by its exit code what is left', async () => {
    const skipped = { ...applied, skipped: [{ path: 'a', reason: 'may not be changed by this user' }] };
    const partly = await runCommand(['health', 'project', '--fix', '--yes'], {
      answers: { ...answers, 'health.fixApply': () => skipped },
    });
    expect(partly.code).toBe(3);
    expect(partly.out).toContain('  a: may not be changed by this user\n');
    const nothing = { ...answers, 'health.fixPlan': () => ({ ...plan, changes: [] }) };
    expect((await runCommand(['health', 'project', '--fix'], { answers: nothing })).code).toBe(0);
    const failing = { ...nothing, 'health.get': () => ({ report, running: false }) };
    const left = await runCommand(['health', 'project', '--fix', '--json'], { answers: failing });
    expect(left.code).toBe(8);
    expect(left.json()).toMatchObject({ ok: false, changes: [] });
  });

  it('mutes with a reason, for a while, and takes it back', async () => {
    const muting = { 'health.mute': () => ({ ok: true }) as const, 'health.unmute': () => ({ ok: true }) as const };
    const ran = await runCommand(
      ['health', 'project', '--mute', 'disk.fill', '--area', 'a', '--reason', 'new disk', '--for', '30d'],
      { answers: muting },
    );
    expect(ran).toMatchObject({ code: 0, out: 'disk.fill is muted until 20 Dec 2026.\n' });
    expect(ran.engine.asked.at(-1)?.input).toEqual({
      store: 'store-1',
      check: 'disk.fill',
      area: 'a',
      reason: 'new disk',
      untilMs: nowMs + 30 * dayMs,
    });
    const back = await runCommand(['health', 'project', '--unmute', 'disk.fill', '--json'], { answers: muting });
    expect(back.json()).toEqual({ store: 'store-1', check: 'disk.fill' });
  });

  it('shows the score over time', async () => {
    const sample = { atMs: nowMs - 2 * dayMs, score: 90, pass: 30, warn: 2, fail: 1 };
    const ran = await runCommand(['health', 'project', '--history'], {
      answers: { 'health.history': () => ({ samples: [sample] }) },
    });
    expect(ran.out).toMatch(/^18 Nov 2026, \S+ +2 d ago +90 +1 +2 +30$/m);
    const json = await runCommand(['health', 'project', '--history', '--json'], {
      answers: { 'health.history': () => ({ samples: [sample] }) },
    });
    expect(json.json()).toMatchObject({ samples: [{ at: '2026-11-18T12:00:00.000Z', score: 90, fail: 1 }] });
    const none = await runCommand(['health', 'project', '--history'], {
      answers: { 'health.history': () => ({ samples: [] }) },
    });
    expect(none.out).toContain('never looked at');
  });

  it.each([
    [['--dry-run'], '--dry-run goes with --fix.'],
    [['--mute', 'disk.fill'], '--mute needs --reason.'],
    [['--reason', 'x'], '--reason and --for go with --mute.'],
    [['--area', 'x'], '--area goes with --mute and --unmute.'],
    [['--history', '--fix'], 'These options do not go together.'],
  ])('refuses %j', async (options, message) => {
    const ran = await runCommand(['health', 'project', ...options], { answers });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(message);
  });

  it('wants a store to mute a check of', async () => {
    const ran = await runCommand(['health', '--mute', 'disk.fill', '--reason', 'x'], { answers });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('Which store?');
  });
});
