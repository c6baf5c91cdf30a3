import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../scan-testing/index.ts';
import { forecastFull, medianSlope, withoutJumps } from './forecast.ts';
import type { DiskFill } from './index.ts';

const dayMs = 24 * 3_600_000;
const nowMs = Date.UTC(2026, 10, 20);
const gib = 2 ** 30;

/** One sample a day; the last is of now. */
function daily(values: readonly number[]): DiskFill[] {
  return values.map((used, index) => ({ atMs: nowMs - (values.length - 1 - index) * dayMs, used }));
}
function curve(moves: readonly number[]): DiskFill[] {
  const values = [100 * gib];
  for (const move of moves) values.push((values.at(-1) ?? 0) + move);
  return daily(values);
}
const inDays = (ms: number | undefined): number => ((ms ?? NaN) - nowMs) / dayMs;

describe('the forecast of a disk', () => {
  it('says nothing before there are three days of history', () => {
    expect(forecastFull([], gib, nowMs)).toEqual({ state: 'unknown', reason: '0 days of history; 3 are needed.' });
    expect(forecastFull(curve([gib, gib]), gib, nowMs)).toEqual({
      state: 'unknown',
      reason: '2 days of history; 3 are needed.',
    });
    expect(forecastFull(curve([gib, gib, gib]), gib, nowMs).state).toBe('growing');
  });

  it('carries even growth on to the day', () => {
    const { state, bytesPerDay, fullAtMs, earliestMs, latestMs, reason } = forecastFull(
      curve(Array<number>(28).fill(2 * gib)),
      60 * gib,
      nowMs,
    );
    expect({ state, bytesPerDay, reason }).toEqual({
      state: 'growing',
      bytesPerDay: 2 * gib,
      reason: '28 days of history.',
    });
    expect(inDays(fullAtMs)).toBeCloseTo(30, 6);
    expect(inDays(earliestMs)).toBeCloseTo(30, 6);
    expect(inDays(latestMs)).toBeCloseTo(30, 6);
  });

  it('is not moved by a single jump', () => {
    const even = Array<number>(28).fill(gib);
    const expected = forecastFull(curve(even), 100 * gib, nowMs);
    for (const [at, jump] of [
      [3, 500 * gib],
      [14, 500 * gib],
      [27, 500 * gib],
      [14, -60 * gib],
    ] as const) {
      const jumped = forecastFull(curve(even.with(at, jump)), 100 * gib, nowMs);
      expect(inDays(jumped.fullAtMs)).toBeCloseTo(inDays(expected.fullAtMs), 6);
    }
    // A dataset copied once to a disk on which nothing else happens.
    const quiet = Array<number>(28).fill(0);
    expect(forecastFull(curve(quiet.with(14, 500 * gib)), 10 * gib, nowMs)).toMatchObject({ state: 'steady' });
    expect(forecastFull(curve(quiet), 10 * gib, nowMs)).toEqual({
      state: 'steady',
      reason: '28 days of history.',
      bytesPerDay: 0,
    });
  });

  it('counts what comes every week', () => {
    const weekly = Array.from({ length: 35 }, (_, day) => (day % 7 === 6 ? 70 * gib : 0));
    const { state, bytesPerDay = 0, fullAtMs, earliestMs, latestMs } = forecastFull(curve(weekly), 700 * gib, nowMs);
    expect(state).toBe('growing');
    expect(bytesPerDay / gib).toBeGreaterThan(8);
    expect(bytesPerDay / gib).toBeLessThan(12);
    expect(inDays(earliestMs)).toBeLessThanOrEqual(inDays(fullAtMs));
    expect(inDays(latestMs)).toBeGreaterThan(inDays(earliestMs));
  });

  it('leaves the end open where it may never come', () => {
    const moves = Array.from({ length: 30 }, (_, day) => (day % 2 === 0 ? 10 * gib : -9.6 * gib));
    const { state, latestMs, earliestMs } = forecastFull(curve(moves), 100 * gib, nowMs);
    if (state === 'growing') {
      expect(earliestMs).toBeGreaterThan(nowMs);
      expect(latestMs ?? Infinity).toBeGreaterThan(earliestMs ?? 0);
    }
    expect(forecastFull(curve(Array<number>(30).fill(-gib)), gib, nowMs)).toMatchObject({
      state: 'steady',
      bytesPerDay: -gib,
    });
    // A thousand years are as good as never.
    expect(forecastFull(curve(Array<number>(30).fill(1_000)), 400_000_000, nowMs)).toMatchObject({ state: 'steady' });
  });

  it('is full now when nothing is free', () => {
    expect(forecastFull(curve(Array<number>(10).fill(gib)), 0, nowMs)).toMatchObject({
      state: 'growing',
      fullAtMs: nowMs,
      earliestMs: nowMs,
    });
  });

  it('holds the true day in its range about four times out of five', () => {
    let held = 0;
    const trials = 60;
    for (let trial = 0; trial < trials; trial++) {
      // Exponential days: busy and idle ones, 1 GiB in the mean.
      const random = seededRandom(trial);
      const next = (): number => -Math.log((random(1e6) + 1) / 1e6) * gib;
      const { earliestMs, latestMs } = forecastFull(curve(Array.from({ length: 42 }, next)), 50 * gib, nowMs);
      let days = 0;
      for (let left = 50 * gib; left > 0; days++) left -= next();
      if (days >= inDays(earliestMs) - 1 && days <= inDays(latestMs ?? Infinity) + 1) held++;
    }
    expect(held / trials).toBeGreaterThan(0.65);
  });

  it('is in order, whatever the history, and the same each time', () => {
    const history = fc.array(
      fc.record({ gapMs: fc.integer({ min: 1, max: 9 * dayMs }), used: fc.integer({ min: 0, max: 1e13 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 1e13 }), (gaps, free) => {
        let atMs = nowMs;
        const points = gaps.map(({ gapMs, used }) => ({ atMs: (atMs -= gapMs), used })).reverse();
        const forecast = forecastFull(points, free, nowMs);
        expect(forecastFull(points, free, nowMs)).toEqual(forecast);
        for (const value of Object.values(forecast)) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
        expect(forecast.fullAtMs !== undefined).toBe(forecast.state === 'growing');
        if (forecast.state !== 'growing') return;
        expect(forecast.earliestMs).toBeGreaterThanOrEqual(nowMs);
        expect(forecast.earliestMs).toBeLessThanOrEqual(forecast.fullAtMs ?? 0);
        expect(forecast.fullAtMs).toBeLessThanOrEqual(forecast.latestMs ?? Infinity);
        expect(forecast.bytesPerDay).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('its parts', () => {
  it('take a jump over two days as one', () => {
    const moves = [1, 1, 1, 900, 900, 1, 1, 1, 900, 1];
    expect(withoutJumps(moves)).toEqual(Array<number>(10).fill(1));
    expect(withoutJumps([...moves, 1, 900])).toEqual([...moves, 1, 900]);
  });

  it('find the slope of a line, and of one with outliers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 3, max: 40 }), (pace, count) => {
        expect(medianSlope(Array<number>(count).fill(pace))).toBe(pace);
      }),
    );
    expect(medianSlope([1, 1, 1, 1, 1, 51, -49, 1, 1, 1, 1])).toBe(1);
  });
});
