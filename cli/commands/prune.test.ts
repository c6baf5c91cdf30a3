import { describe, expect, it } from 'vitest';
import type { RemovalPlan } from '../../shared/contract/index.ts';
import { endedJob, makeJob, runCommand } from '../testing/world.ts';
import { days } from './prune.ts';

const plan: RemovalPlan = {
  plan: 'plan-1',
  backups: [
    { backup: 'new', keep: true, reasons: ['last 1: 1st', 'pinned'], kinds: ['last', 'pinned'] },
    { backup: 'old', keep: false, reasons: ['no rule keeps it'], kinds: ['unkept'] },
  ],
  frees: 2048,
  held: [{ archive: '/b/old.tar.zst', bytes: 10, neededBy: ['new'] }],
  compacts: [
    { archive: '/b/older.tar.zst', bytes: 2048, needed: 1024, why: 'unneeded' },
    { archive: '/b/small.tar.zst', bytes: 2048, needed: 2000, why: 'small' },
  ],
};
const answers = {
  'backups.planRemoval': () => plan,
  'backups.remove': () => ({ job: 'job-1' }),
  ...endedJob(makeJob({ kind: 'prune' })),
};

describe('larder prune', () => {
  it('shows why each is kept or goes, and removes nothing, with --dry-run', async () => {
    const ran = await runCommand(['prune', 'project', '--keep-last', '1', '--keep-within', '4w', '--dry-run'], {
      answers,
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toBe(
      'BACKUP        WHY\n' +
        'new     kept  last 1: 1st; pinned\n' +
        'old     goes  no rule keeps it\n' +
        '/b/old.tar.zst stays for 1 later backup.\n' +
        '/b/older.tar.zst is written anew with what is needed of it: 1.0 KiB of 2.0 KiB.\n' +
        '/b/small.tar.zst, 2.0 KiB, is made one with other small ones.\n' +
        'Would remove 1 backup of project, which frees 2.0 KiB.\n',
    );
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('backups.remove');
    expect(ran.engine.asked.find(({ name }) => name === 'backups.planRemoval')?.input).toMatchObject({
      retention: { keepLast: 1, keepDaily: 0, keepWithinDays: 28 },
    });
  });

  it('says of an archive that nobody seems to need, and that stays, why', async () => {
    const held = [{ archive: '/b/old.tar.zst', bytes: 10, neededBy: [] }];
    const ran = await runCommand(['prune', 'project', '--dry-run'], {
      answers: { ...answers, 'backups.planRemoval': () => ({ ...plan, held }) },
    });
    expect(ran.out).toContain('/b/old.tar.zst stays, as nobody can tell whether it is needed.\n');
  });

  it("goes by the store's own rules when none are given, and removes with --yes", async () => {
    const ran = await runCommand(['prune', 'project', '--yes'], { answers });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Removed 1 backup of project, which frees 2.0 KiB.');
    expect(ran.engine.asked.find(({ name }) => name === 'backups.planRemoval')?.input).toEqual({ store: 'store-1' });
    expect(ran.engine.asked.find(({ name }) => name === 'backups.remove')?.input).toEqual({ plan: 'plan-1' });
  });

  it('refuses without a terminal and without --yes', async () => {
    const ran = await runCommand(['prune', 'project'], { answers });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('--yes');
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('backups.remove');
  });

  it('removes just the backups named, which rules do not mix with', async () => {
    const ran = await runCommand(['prune', 'project', '--backup', 'old', '--yes'], { answers });
    expect(ran.engine.asked.find(({ name }) => name === 'backups.planRemoval')?.input).toMatchObject({
      backups: ['old'],
    });
    expect((await runCommand(['prune', 'project', '--backup', 'old', '--keep-last', '1'], { answers })).code).toBe(2);
  });

  it('says when there is nothing to remove', async () => {
    const none = { ...plan, backups: plan.backups.slice(0, 1), held: [], compacts: [], frees: 0 };
    const ran = await runCommand(['prune', 'project'], { answers: { ...answers, 'backups.planRemoval': () => none } });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Nothing is to be removed.');
  });

  it('reads ages', () => {
    expect([days('30d'), days('2w'), days('6m'), days('1y')]).toEqual([30, 14, 180, 365]);
    for (const wrong of ['30', '0d', 'd', '-1d', '1h']) expect(() => days(wrong)).toThrow(/30d/);
  });
});
