import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { followedDirectories, History, historyMigrations, thin } from './index.ts';
import type { DirectoryFigures, NotedUsage } from './index.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let context: TestContext;
let now = 0;
let history: History;

beforeEach(() => {
  now = Date.UTC(2026, 5, 1);
  context = createTestContext({ migrations: historyMigrations, clock: () => now });
  history = new History(context.db, () => now);
});
afterEach(async () => {
  history.stop();
  await context.close();
});

function noted(bytes: number, directories: DirectoryFigures[] = []): NotedUsage {
  const figures = { bytes, allocated: bytes, files: 2, dirs: 1, newest: 0 };
  return {
    summary: {
      ...figures,
      areas: [
        { id: 'models', path: 'models', role: 'model', ...figures, bytes: bytes - 1 },
        // A name that is not UTF-8.
        { id: 'x\udcff', path: 'x\udcff', role: 'model', ...figures, bytes: 0 },
      ],
      loose: { bytes: 1, allocated: 1, files: 1 },
    },
    directories: () => ({
      largest: directories,
      total: directories.length,
      allocated: (path) => directories.find((directory) => directory.path === path)?.allocated,
    }),
  };
}

describe('history', () => {
  it('keeps a sample when something changed, by role', () => {
    history.note('s', () => noted(10));
    now += 2 * minute;
    history.note('s', () => noted(10));
    history.note('s', () => noted(30));
    expect(history.samples(0)).toEqual([
      { atMs: now - 2 * minute, store: 's', bytes: 10, files: 2, byRole: { model: 20, other: 1 } },
      { atMs: now, store: 's', bytes: 30, files: 2, byRole: { model: 60, other: 1 } },
    ]);
    expect(history.samples(now)).toHaveLength(1);
    expect(history.samples(0, 'another')).toEqual([]);
  });

  it('divides what is taken on disk, so that a sparse file counts as little as it takes', () => {
    const area = { bytes: 1_000_000, allocated: 4_096, files: 1, dirs: 0, newest: 0 };
    const summary = {
      ...area,
      allocated: 12_288,
      areas: [{ id: 'models', path: 'models', role: 'model' as const, ...area }],
      loose: { bytes: 0, allocated: 4_096, files: 0 },
    };
    history.note('s', () => ({ ...noted(0), summary }));
    // The blocks of the root itself belong to no area.
    expect(history.samples(0)).toMatchObject([{ bytes: 1_000_000, byRole: { model: 4_096, other: 8_192 } }]);
  });

  it('keeps at most one a minute, the last state not forgotten', () => {
    history.note('s', () => noted(10));
    now += 10_000;
    history.note('s', () => noted(20));
    history.note('s', () => noted(30));
    expect(history.samples(0)).toHaveLength(1);
    history.stop();
    now += minute;
    history.note('s', () => noted(30));
    expect(history.samples(0).map(({ bytes }) => bytes)).toEqual([10, 30]);
  });

  it('remembers across restarts what the last sample was', () => {
    history.note('s', () => noted(10));
    now += hour;
    const again = new History(context.db, () => now);
    again.note('s', () => noted(10));
    expect(again.samples(0)).toHaveLength(1);
  });

  it('goes on when the clock was set back', () => {
    history.note('s', () => noted(10));
    now -= day;
    history.note('s', () => noted(20));
    expect(history.samples(0).map(({ bytes }) => bytes)).toEqual([20, 10]);
  });
});

describe('a curve', () => {
  it('begins with what was known when its time begins', () => {
    history.note('s', () => noted(10));
    now += 2 * hour;
    history.note('s', () => noted(30));
    expect(history.samples(now - hour).map(({ atMs, bytes }) => [atMs, bytes])).toEqual([
      [now - hour, 10],
      [now, 30],
    ]);
    expect(history.samples(now)).toHaveLength(1);
    expect(history.samples(now + hour)).toMatchObject([{ atMs: now + hour, bytes: 30 }]);
  });

  it('has no more points than a chart can show, the last of each span', () => {
    for (let sample = 1; sample <= 2_500; sample++) {
      history.note('s', () => noted(sample));
      now += minute;
    }
    const samples = history.samples(0, 's');
    expect(samples.length).toBeLessThan(550);
    expect(samples.length).toBeGreaterThan(400);
    expect(samples.at(-1)).toMatchObject({ bytes: 2_500, atMs: now - minute });
    expect(samples.map(({ atMs }) => atMs)).toEqual(samples.map(({ atMs }) => atMs).sort((a, b) => a - b));
  });

  it('is kept of the store, its areas and the directories in them', () => {
    const start = now;
    history.note('s', () => noted(100, [{ path: 'models/a', allocated: 60 }]));
    now += hour;
    const more = [
      { path: 'models/a', allocated: 60 },
      { path: 'models/b\udcfe', allocated: 40 },
    ];
    history.note('s', () => noted(140, more));
    now += hour;
    history.note('s', () => noted(80, more.slice(1)));
    const series = Object.fromEntries(
      history
        .series('s', start)
        .map(({ path, points }) => [path, points.map(({ atMs, allocated }) => [(atMs - start) / hour, allocated])]),
    );
    expect(series).toEqual({
      '': [
        [0, 100],
        [1, 140],
        [2, 80],
      ],
      models: [
        [0, 100],
        [1, 140],
        [2, 80],
      ],
      'x\udcff': [
        [0, 100],
        [1, 140],
        [2, 80],
      ],
      'models/a': [
        [0, 60],
        [2, 0],
      ],
      'models/b\udcfe': [
        [(hour - 1) / hour, 0],
        [1, 40],
      ],
    });
    // From half-way on, each begins with what it was.
    const half = history.series('s', start + 1.5 * hour);
    expect(half.find(({ path }) => path === 'models/b\udcfe')?.points).toEqual([
      { atMs: start + 1.5 * hour, allocated: 40 },
    ]);
    expect(history.series('another', 0)).toEqual([]);
  });
});

describe('changes', () => {
  it('name a directory rather than its area where it explains the change', () => {
    history.note('s', () => noted(1_000, [{ path: 'models/a', allocated: 600 }]));
    const start = now;
    now += hour;
    history.note('s', () =>
      noted(5_000, [
        { path: 'models/a', allocated: 500 },
        { path: 'models/new', allocated: 3_900 },
      ]),
    );
    expect(history.changes('s', start, 10)).toEqual([
      { path: 'x\udcff', role: 'model', before: 1_000, after: 5_000 },
      { path: 'models/new', role: 'model', before: 0, after: 3_900 },
      { path: 'models/a', role: 'model', before: 600, after: 500 },
    ]);
    expect(history.changes('s', start, 1)).toHaveLength(1);
    const before = now;
    now += hour;
    const grown = noted(5_000);
    history.note('s', () => ({ ...grown, summary: { ...grown.summary, loose: { bytes: 9, allocated: 9, files: 2 } } }));
    // Files directly in the root lie in no folder.
    expect(history.changes('s', before, 10)).toContainEqual({ path: '', role: 'other', before: 1, after: 9 });
    expect(history.changes('s', now, 10)).toEqual([]);
    expect(history.changes('another', 0, 10)).toEqual([]);
  });

  it('count from the beginning of the history, not from nothing', () => {
    history.note('s', () => noted(1_000, [{ path: 'models/a', allocated: 600 }]));
    expect(history.changes('s', now - day, 10)).toEqual([]);
    now += hour;
    history.note('s', () => noted(1_010, [{ path: 'models/a', allocated: 610 }]));
    expect(history.changes('s', now - day, 10)).toContainEqual({
      path: 'models/a',
      role: 'model',
      before: 600,
      after: 610,
    });
  });

  it('follow on after a restart, and tell new directories from small ones', () => {
    history.note('s', () => noted(1_000));
    now += hour;
    const again = new History(context.db, () => now);
    again.note('s', () => noted(1_500, [{ path: 'models/late', allocated: 500 }]));
    expect(again.changes('s', now - day, 10)).toContainEqual({
      path: 'models/late',
      role: 'model',
      before: 0,
      after: 500,
    });
    // More than can be followed: one that comes into view may have been there for long.
    const many = Array.from({ length: followedDirectories + 5 }, (_, index) => ({
      path: `models/${index}`,
      allocated: 10_000 - index,
    }));
    const crowded = (list: DirectoryFigures[], bytes: number): NotedUsage => {
      const usage = noted(bytes, list.slice(0, followedDirectories));
      return { ...usage, directories: () => ({ ...usage.directories(), total: list.length }) };
    };
    now += hour;
    again.note('s', () => crowded(many, 2_000));
    now += hour;
    again.note('s', () => crowded([{ path: 'models/seen', allocated: 99_999 }, ...many.slice(5)], 3_000));
    const { points } = again.series('s', 0).find(({ path }) => path === 'models/seen') ?? { points: [] };
    expect(points).toEqual([{ atMs: now, allocated: 99_999 }]);
  });
});

describe('disks', () => {
  it('are noted every ten minutes, and thinned', () => {
    const start = now;
    const disk = { mountPoint: '/mnt/\udcff', capacity: 1_000, free: 400 };
    history.disks.note(now, disk);
    now += 9 * minute;
    history.disks.note(now, { ...disk, free: 300 });
    now += 2 * minute;
    history.disks.note(now, { ...disk, free: 200 });
    expect(history.disks.fill(disk.mountPoint, 0)).toEqual([
      { atMs: start, used: 600 },
      { atMs: now, used: 800 },
    ]);
    expect(history.disks.fill('/mnt', 0)).toEqual([]);
    now = start + 30 * day;
    history.thin();
    expect(history.disks.fill(disk.mountPoint, 0)).toEqual([{ atMs: start + 11 * minute, used: 800 }]);
  });
});

describe('thinning', () => {
  it('keeps all for 7 days, the last of each hour for 90, the last of each day for ever', () => {
    const end = Date.UTC(2026, 5, 1);
    const times: number[] = [];
    for (let time = end - 200 * day; time <= end; time += 20 * minute) times.push(time);
    const gone = new Set(thin(times, end));
    const kept = times.filter((time) => !gone.has(time));
    const ages = (from: number, to: number): number =>
      kept.filter((time) => end - time > from && end - time <= to).length;
    expect(ages(-1, 7 * day)).toBe(7 * 72 + 1);
    expect(ages(7 * day, 90 * day)).toBeGreaterThanOrEqual(83 * 24);
    expect(ages(7 * day, 90 * day)).toBeLessThanOrEqual(83 * 24 + 1);
    expect(ages(90 * day, 200 * day)).toBeGreaterThanOrEqual(110);
    expect(ages(90 * day, 200 * day)).toBeLessThanOrEqual(112);
    // Nothing more goes the second time.
    expect(thin(kept, end)).toEqual([]);
  });

  it('is applied to the database', () => {
    const start = now;
    for (let sample = 0; sample < 12; sample++) {
      history.note('s', () => noted(100 + sample));
      now += 5 * minute;
    }
    now = start + 30 * day;
    history.thin();
    expect(history.samples(0).map(({ bytes }) => bytes)).toEqual([111]);
  });
});

describe('areas within areas', () => {
  const sample = (areas: Record<string, number>): NotedUsage => {
    const figures = { bytes: 0, files: 1, dirs: 0, newest: 0 };
    const allocated = Object.values(areas).reduce((sum, each) => sum + each, 0);
    return {
      summary: {
        ...figures,
        allocated,
        areas: Object.entries(areas).map(([path, each]) => ({
          id: path,
          path,
          role: path.includes('/') ? ('cache' as const) : ('dataset' as const),
          ...figures,
          allocated: each,
        })),
        loose: { bytes: 0, allocated: 0, files: 0 },
      },
      directories: () => ({ largest: [], total: 0, allocated: () => undefined }),
    };
  };

  it('are part of the curve of what they lie in, and no change is told twice', () => {
    history.note('s', () => sample({ data: 10, 'data/cache': 5 }));
    const began = now;
    now += hour;
    history.note('s', () => sample({ data: 10, 'data/cache': 25 }));
    const series = history.series('s', 0);
    expect(series.find(({ path }) => path === 'data')?.points.map(({ allocated }) => allocated)).toEqual([15, 35]);
    expect(series.find(({ path }) => path === 'data/cache')?.points.map(({ allocated }) => allocated)).toEqual([5, 25]);
    expect(history.changes('s', began, 10)).toEqual([{ path: 'data/cache', before: 5, after: 25, role: 'cache' }]);
  });

  it('that a new layout tells apart, or no longer, are no growth', () => {
    history.note('s', () => sample({ data: 15, logs: 1 }));
    const began = now;
    now += hour;
    history.note('s', () => sample({ data: 10, 'data/cache': 6, logs: 1 }));
    expect(history.changes('s', began, 10)).toEqual([{ path: 'data', before: 15, after: 16, role: 'dataset' }]);
    const curve = (path: string) => history.series('s', 0).find((each) => each.path === path)?.points;
    expect(curve('data/cache')).toEqual([{ atMs: now, allocated: 6 }]);
    now += hour;
    history.note('s', () => sample({ data: 20, logs: 1 }));
    expect(history.changes('s', now - hour, 10)).toEqual([{ path: 'data', before: 16, after: 20, role: 'dataset' }]);
    expect(curve('data/cache')).toHaveLength(1);
    expect(curve('data')?.map(({ allocated }) => allocated)).toEqual([15, 16, 20]);
  });
});
