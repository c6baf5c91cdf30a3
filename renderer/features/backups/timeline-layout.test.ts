import { describe, expect, it } from 'vitest';
import { dotAt, placeDots, timelineRange, timeTicks } from './timeline-layout.ts';

const day = 86_400_000;
const range = { fromMs: 0, toMs: 100 * day, width: 1_018 };

describe('dots on a line of time', () => {
  it('stand at their time, as large as what they added', () => {
    const { dots: placed } = placeDots(
      [
        { key: 'new', atMs: 100 * day, weight: 0 },
        { key: 'old', atMs: 0, weight: 100 },
        { key: 'mid', atMs: 50 * day, weight: 25 },
      ],
      range,
    );
    expect(placed).toEqual([
      { key: 'old', x: 9, y: 0, r: 9 },
      { key: 'mid', x: 509, y: 0, r: 6.25 },
      { key: 'new', x: 1_009, y: 0, r: 3.5 },
    ]);
  });

  it('make room for each other, and only overlap when there is none left', () => {
    const same = Array.from({ length: 6 }, (_, index) => ({ key: String(index), atMs: day, weight: 1 }));
    const five = placeDots(same.slice(0, 5), range);
    expect(five.dots.map(({ y }) => y)).toEqual([0, -13, 13, -26, 26]);
    expect(five.dense).toBe(false);
    // A sixth fits when all are drawn smaller.
    const six = placeDots(same, range);
    expect(six.dots.map(({ y }) => y)).toEqual([0, -9, 9, -18, 18, -27]);
    expect(six.dense).toBe(true);
    const many = Array.from({ length: 30 }, (_, index) => ({ key: String(index), atMs: day, weight: 1 }));
    expect(new Set(placeDots(many, range).dots.map(({ y }) => y)).size).toBe(11);
  });

  it('leave out what is not in sight', () => {
    expect(placeDots([{ key: 'a', atMs: -1, weight: 1 }], range).dots).toEqual([]);
  });

  it('are found by pointing near them', () => {
    const { dots: placed } = placeDots([{ key: 'a', atMs: 50 * day, weight: 1 }], range);
    expect(dotAt(placed, 514, 4)?.key).toBe('a');
    expect(dotAt(placed, 560, 0)).toBeUndefined();
  });

  it('thousands of them take no noticeable time', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      key: String(index),
      atMs: (index / 20) * day,
      weight: index % 7,
    }));
    expect(placeDots(many, range).dots).toHaveLength(2_000);
  });
});

describe('ticks', () => {
  const at = (text: string): number => new Date(text).getTime();

  it('are round and few, from minutes to decades', () => {
    const spans = [3_600_000, 6 * 3_600_000, 3 * day, 20 * day, 200 * day, 900 * day, 9_000 * day];
    for (const span of spans) {
      const from = at('2026-03-28T10:20:00');
      const ticks = timeTicks(from, from + span, 8);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(ticks.every(({ atMs }) => atMs >= from && atMs <= from + span)).toBe(true);
    }
  });

  it('say what they mean', () => {
    const days = timeTicks(at('2026-11-01T12:00:00'), at('2026-11-05T12:00:00'), 5);
    expect(days.map(({ label }) => label)).toEqual(['2 Nov', '3 Nov', '4 Nov', '5 Nov']);
    const months = timeTicks(at('2026-01-15T00:00:00'), at('2026-04-15T00:00:00'), 6);
    expect(months.map(({ label }) => label)).toEqual(['Feb 2026', 'Mar 2026', 'Apr 2026']);
    const years = timeTicks(at('2022-05-01T00:00:00'), at('2026-05-01T00:00:00'), 6);
    expect(years.map(({ label }) => label)).toEqual(['2023', '2024', '2025', '2026']);
  });
});

describe('what a line of time shows', () => {
  it('reaches from the oldest to now, never less than an hour', () => {
    expect(timelineRange([], 'all', 1_000 * day)).toEqual({
      fromMs: 1_000 * day - 3_600_000 * 1.03,
      toMs: 1_000 * day + 36_000,
    });
    const { fromMs, toMs } = timelineRange([0, 10 * day], 'all', 100 * day);
    expect(fromMs).toBeLessThan(0);
    expect(toMs).toBeGreaterThan(100 * day);
  });

  it('can be the last month only, and takes in a backup of the future', () => {
    const { fromMs, toMs } = timelineRange([0, 130 * day], 'month', 100 * day);
    expect(fromMs).toBeGreaterThan(98 * day);
    expect(toMs).toBeGreaterThan(130 * day);
  });

  it('goes up to the newest where there would be nothing up to now', () => {
    const { fromMs, toMs } = timelineRange([0, 100 * day], 'month', 400 * day);
    expect(fromMs).toBeLessThan(100 * day);
    expect(toMs).toBeGreaterThan(100 * day);
    expect(toMs).toBeLessThan(101 * day);
  });
});
