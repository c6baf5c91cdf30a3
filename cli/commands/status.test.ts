import { describe, expect, it } from 'vitest';
import type { Backup, Disk, Forecast, HealthReport, Store, UsageSummary } from '../../shared/contract/index.ts';
import { makeJob, nowMs, runCommand, store } from '../testing/world.ts';
import { alertsOf } from './alerts.ts';
import { forecastText } from './status.ts';

const dayMs = 24 * 3_600_000;
const figures = { bytes: 3_000, allocated: 8_192, files: 3, dirs: 2, newest: nowMs - 60_000 };
const summary: UsageSummary = {
  store: 'store-1',
  path: '/data/project',
  ...figures,
  atLeast: false,
  unreadable: [],
  areas: [{ id: 'models', path: 'models', role: 'model', ...figures }],
  loose: { bytes: 0, allocated: 0, files: 0 },
  oldest: 0,
  hardLinks: { names: 2, bytes: 2_048 },
  sparse: { files: 1, bytes: 4_096 },
  mounts: ['other'],
  live: { state: 'off' },
};
const disk: Disk = {
  device: '/dev/sda1',
  mountPoint: '/data',
  type: 'ext4',
  capacity: 100 * 2 ** 30,
  free: 38 * 2 ** 30,
  network: false,
  stores: ['store-1'],
  backupsShare: ['store-1'],
};
const forecast: Forecast = {
  mountPoint: '/data',
  state: 'growing',
  reason: '28 days of history.',
  bytesPerDay: 2 ** 30,
  fullAtMs: nowMs + 38 * dayMs,
  earliestMs: nowMs + 30 * dayMs,
  latestMs: nowMs + 60 * dayMs,
};
const backup = {
  id: 'b1',
  storeName: 'project',
  finishedAtMs: nowMs - 5 * 3_600_000,
  status: 'done',
  skipped: [],
  verified: { mode: 'deep', atMs: nowMs - 3_600_000, ok: true },
} as unknown as Backup;
/** A history of ten days. */
const series = ({ sinceMs }: { sinceMs: number }) => {
  const beginMs = Math.max(sinceMs, nowMs - 10 * dayMs);
  return {
    series: [
      { path: '', points: [{ atMs: beginMs, allocated: 4_096 }] },
      {
        path: 'models',
        points: [
          { atMs: nowMs - 1_001, allocated: 0 },
          { atMs: nowMs - 1_000, allocated: 8_192 },
        ],
      },
    ],
  };
};
const healthy: HealthReport = {
  store: 'store-1',
  atMs: nowMs,
  tookMs: 5,
  ok: true,
  score: 97,
  counts: { pass: 40, warn: 1, fail: 0, skip: 2, muted: 0 },
  checks: [],
};
const answers = {
  'health.run': () => healthy,
  'usage.get': () => summary,
  'usage.series': series,
  'usage.disks': () => ({ disks: [disk] }),
  'usage.forecast': () => ({ forecasts: [forecast] }),
  'backups.list': () => ({ backups: [backup], problems: [], held: [] }),
  'jobs.list': () => ({ jobs: [], more: false }),
};

describe('larder status', () => {
  it('shows on one screen how a store is', async () => {
    const { out, code } = await runCommand(['status'], { answers });
    expect(code).toBe(0);
    expect(out).toContain('project  /data/project\n');
    expect(out).toMatch(/^ {2}size +2\.9 KiB, 8\.0 KiB on disk, 3 files$/m);
    expect(out).toMatch(/^ {2}growth +24 h: \+4\.0 KiB {3}7 d: \+4\.0 KiB$/m);
    expect(out).toMatch(/^ {2}disk +\/data, 62 % of 100 GiB used, 38\.0 GiB free; the backups lie on it, too$/m);
    expect(out).toMatch(/^ {2}forecast +full about 28 Dec 2026 \(20 Dec 2026 to 19 Jan 2027\), at 1\.0 GiB a day\./m);
    expect(out).toMatch(/^ {2}last backup +5 h ago, verified \(deep\) 1 h ago$/m);
    expect(out).toMatch(/^ {2}changes +not watched: no Larder is running for it$/m);
    expect(out).toMatch(/^ {2}health +97 of 100: nothing fails, 1 warning$/m);
    expect(out).not.toContain('alerts');
    expect(out).toMatch(/^models\/ +model +2\.9 KiB +8\.0 KiB +\+8\.0 KiB +\+8\.0 KiB$/m);
    expect(out.split('\n').length).toBeLessThan(24);
  });

  it('stays one screen where there are many areas', async () => {
    const [area] = summary.areas;
    if (area === undefined) throw new Error('There is an area.');
    const areas = Array.from({ length: 40 }, (_, index) => ({ ...area, id: `a${index}`, path: `a${index}` }));
    const { out } = await runCommand(['status'], {
      answers: { ...answers, 'usage.get': () => ({ ...summary, areas }) },
    });
    expect(out.split('\n').length).toBeLessThan(24);
    expect(out).toMatch(/^and 30 smaller ones; all of them: larder usage$/m);
  });

  it('prints the JSON that scripts rely on', async () => {
    const ran = await runCommand(['status', 'project', '--json'], { answers });
    expect(ran.json()).toMatchObject({
      store: 'store-1',
      live: { state: 'off' },
      usage: {
        bytes: 3_000,
        growth: { day: 4_096, week: 4_096, month: null, year: null },
        areas: [{ path: 'models', growth: { day: 8_192, month: null } }],
        hardLinks: { names: 2 },
        sparse: { files: 1 },
        mounts: ['other'],
      },
      disk: {
        free: disk.free,
        backupsShare: true,
        forecast: { state: 'growing', fullAt: '2026-12-28T12:00:00.000Z', latest: '2027-01-19T12:00:00.000Z' },
      },
      lastBackup: { id: 'b1', verified: { mode: 'deep', ok: true } },
      health: { ok: true, score: 97, counts: { pass: 40 }, failing: [] },
    });
  });

  it('says what is missing', async () => {
    const gone: Store = { ...store, state: 'missing', stateReason: '/data/project is not there.' };
    const ran = await runCommand(['status', 'project'], {
      answers: {
        'stores.list': () => ({ stores: [gone] }),
        'usage.series': () => ({ series: [] }),
        'usage.disks': () => ({ disks: [] }),
        'usage.forecast': () => ({ forecasts: [] }),
        'backups.list': () => ({ backups: [], problems: [], held: [] }),
        'jobs.list': () => ({ jobs: [], more: false }),
        'health.run': () => healthy,
      },
    });
    expect(ran.code).toBe(4);
    expect(ran.out).toMatch(/^ {2}size +\/data\/project is not there\.$/m);
    expect(ran.out).toMatch(/^ {2}last backup +none yet$/m);
    const none = await runCommand(['status'], { answers: { ...answers, 'stores.list': () => ({ stores: [] }) } });
    expect(none.out).toContain('No store is registered yet.');
    const unread = await runCommand(['status'], {
      answers: {
        ...answers,
        'usage.get': () => ({ ...summary, atLeast: true }),
        'usage.series': () => ({ series: [] }),
      },
    });
    expect(unread).toMatchObject({ code: 3 });
    expect(unread.out).toContain('no history yet');
    expect(unread.out).toContain('at least 2.9 KiB');
  });

  it('names what fails, a few of it', async () => {
    const check = { group: 'disk', status: 'fail', evidence: 'It is.', why: 'So.' } as const;
    const checks = ['a', 'b', 'c', 'd'].map((name) => ({ ...check, id: `disk.${name}`, title: `Check ${name}` }));
    const muted = { ...check, id: 'disk.e', title: 'Check e', muted: { reason: 'known', sinceMs: nowMs } };
    const report = {
      ...healthy,
      ok: false,
      score: 12,
      counts: { pass: 0, warn: 0, fail: 4, skip: 0, muted: 1 },
      checks: [...checks, muted],
    };
    const failing = { ...answers, 'health.run': () => report };
    const { out } = await runCommand(['status', 'project'], { answers: failing });
    expect(out).toMatch(/^ {2}health +12 of 100: 4 failures\n +! Check a: It is\.\n/m);
    expect(out).toContain('and 1 more; all of it: larder health\n');
    const ran = await runCommand(['status', 'project', '--json'], { answers: failing });
    const { health } = ran.json() as { health: { failing: { id: string }[] } };
    expect(health.failing.map(({ id }) => id)).toEqual(['disk.a', 'disk.b', 'disk.c', 'disk.d']);
  });

  it('says what is wrong, the most urgent first', async () => {
    const fullDisk = { ...disk, free: 5 * 2 ** 30, inodes: { total: 1_000, free: 12 } };
    const failed = makeJob({
      kind: 'backup',
      status: 'failed',
      startedAtMs: nowMs - 3_600_000,
      finishedAtMs: nowMs - 3_500_000,
      error: { code: 'NO_SPACE', message: 'No space left on /backups.', retryable: false },
    });
    const unreadable = [{ path: 'secret', reason: 'may not be accessed' }];
    const wrong = {
      ...answers,
      'usage.get': () => ({ ...summary, atLeast: true, unreadable }),
      'usage.disks': () => ({ disks: [fullDisk] }),
      'jobs.list': () => ({ jobs: [failed], more: false }),
    };
    const ran = await runCommand(['status', 'project'], { answers: wrong });
    expect(ran.out).toMatch(/^ {2}alerts +! The disk at \/data is 95 % full: 5\.0 GiB free\.$/m);
    expect(ran.out).toMatch(/^ +! The disk at \/data takes only 12 more files\.$/m);
    expect(ran.out).toMatch(/^ +! The last backup failed 1 h ago: No space left on \/backups\.$/m);
    expect(ran.out).toMatch(/^ +1 path could not be read, so its size is "at least"\./m);
    expect(ran.out.split('\n').length).toBeLessThan(24);
    const json = (await runCommand(['status', 'project', '--json'], { answers: wrong })).json() as {
      alerts: { kind: string; level: string }[];
    };
    expect(json.alerts.map(({ kind, level }) => [kind, level])).toEqual([
      ['disk', 'error'],
      ['inodes', 'error'],
      ['backup', 'error'],
      ['unreadable', 'warn'],
    ]);
  });

  it.each([
    [undefined, 'There is no backup yet.'],
    [{ status: 'partial', skipped: [{}, {}] }, 'The last backup is partial: 2 paths skipped.'],
    [{ finishedAtMs: nowMs - 2 * dayMs }, 'The last backup was made 2 d ago.'],
    [{ verified: { mode: 'quick', atMs: nowMs, ok: false } }, 'The last backup is damaged.'],
  ])('says what is wrong with the last backup: %j', (change, message) => {
    const lastBackup = change === undefined ? undefined : ({ ...backup, ...change } as Backup);
    const facts = { summary, disks: [], lastBackup, away: undefined, lastJob: undefined, nowMs };
    expect(alertsOf(facts)).toMatchObject([{ kind: 'backup', message }]);
  });

  it('tells a backup folder that cannot be reached from a store that has no backup', async () => {
    const message = 'There is no trace of backups in it. 3 backups were in it when it was last read.';
    const problems = [{ path: store.destination, message, fix: 'reach' as const }];
    const { out } = await runCommand(['status'], {
      answers: { ...answers, 'backups.list': () => ({ backups: [], problems, held: [] }) },
    });
    expect(out).toMatch(/^ {2}last backup +not known, as the backup folder is away$/m);
    expect(out).toMatch(/^ {2}alerts +The backup folder cannot be reached\. There is no trace of backups in it\./m);
  });

  it('warns of a disk from 80 % on, urgently from 90 %', () => {
    const levels = [0.79, 0.8, 0.9].map((used) => {
      const disks = [{ ...disk, capacity: 1_000, free: 1_000 * (1 - used) }];
      return alertsOf({ summary, disks, lastBackup: backup, away: undefined, lastJob: undefined, nowMs })[0]?.level;
    });
    expect(levels).toEqual([undefined, 'warn', 'error']);
  });

  it('tells what a running Larder watches, and each disk of a store that crosses mounts', async () => {
    const more = { ...disk, mountPoint: '/data/project/more', device: '/dev/sdb1' };
    const { out } = await runCommand(['status'], {
      answers: {
        ...answers,
        'usage.get': () => ({ ...summary, live: { state: 'partial' as const, reason: 'The limit is reached.' } }),
        'usage.disks': () => ({ disks: [more, disk] }),
      },
    });
    expect(out).toMatch(/^ {2}disk +\/data, .*\n +\/data\/project\/more, /m);
    expect(out).toMatch(/^ {2}forecast +full about/m);
    expect(out).toMatch(/^ {2}changes +partly watched by a running Larder: The limit is reached\.$/m);
  });

  it('does not claim to know the future', () => {
    expect(forecastText({ mountPoint: '/', state: 'unknown', reason: '1 day of history; 3 are needed.' })).toBe(
      'cannot be told yet: 1 day of history; 3 are needed.',
    );
    expect(forecastText({ mountPoint: '/', state: 'steady', reason: '9 days of history.' })).toBe(
      'not filling up. 9 days of history.',
    );
    const { latestMs: _, ...open } = forecast;
    expect(forecastText(open)).toContain('(20 Dec 2026 at the earliest)');
  });
});
