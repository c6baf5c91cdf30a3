import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { History, historyMigrations, thin } from './index.ts';
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
    directories: {
      largest: directories,
      total: directories.length,
      allocated: (path) => directories.find((directory) => directory.path === path)?.allocated,
    },
  };
}

describe('history', () => {
  it('keeps a sample when something changed, by role', () => {
    history.note('s', () => noted(10));
    now += 2 * minute;
    history.note('s', () => noted(10));
    history.note('s', () => noted(30));
    expect(history.samples(0)).toEqual([
      { atMs: now - 2 * minute, store: 's', bytes: 10, files: 2, byRole: { model: 9, other: 1 } },
      { atMs: now, store: 's', bytes: 30, files: 2, byRole: { model: 29, other: 1 } },
    ]);
    expect(history.samples(now)).toHaveLength(1);
    expect(history.samples(0, 'another')).toEqual([]);
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
