import { expect, it } from 'vitest';
import { isTradingDay } from './days.ts';
import { dailyBars, dailyCsv, featureNames, features, minuteBars, symbols } from './prices.ts';
import { createRandom } from './random.ts';

const profile = symbols[0]!;
const from = Date.UTC(2024, 0, 1);
/** A Wednesday, while the exchange is open. */
const now = Date.UTC(2024, 5, 12, 18);
const bars = dailyBars(profile, createRandom(1, 'bars'), from, now);

it('has a bar for each trading day that has closed', () => {
  expect(bars.every((bar) => isTradingDay(bar.startMs))).toBe(true);
  expect(bars[0]?.startMs).toBe(Date.UTC(2024, 0, 2));
  expect(bars.at(-1)?.startMs).toBe(Date.UTC(2024, 5, 11));
  expect(bars).toHaveLength(116);
});

it('keeps open and close between low and high, and ends at the price given', () => {
  for (const { open, high, low, close } of bars) {
    expect(low).toBeLessThanOrEqual(Math.min(open, close));
    expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
  }
  expect(bars.at(-1)?.close).toBe(profile.price);
});

it('divides a day into minutes that lead from its open to its close', () => {
  const day = bars.at(-1)!;
  const minutes = minuteBars(day, createRandom(1, 'minutes'));
  expect(minutes).toHaveLength(390);
  expect(minutes[0]?.open).toBe(day.open);
  expect(minutes.at(-1)?.close).toBe(day.close);
  for (const { open, high, low, close } of minutes) {
    expect(low).toBeGreaterThanOrEqual(day.low);
    expect(high).toBeLessThanOrEqual(day.high);
    expect(low).toBeLessThanOrEqual(Math.min(open, close));
    expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
  }
});

it('writes rows of a date and five numbers', () => {
  const lines = dailyCsv(bars).split('\n');
  expect(lines[0]).toBe('Date,Open,High,Low,Close,Volume');
  expect(lines[1]).toMatch(/^2024-01-02(,\d+\.\d\d){4},\d+$/);
  expect(lines).toHaveLength(bars.length + 2);
});

it('computes a finite row of features for each bar', () => {
  const values = features(bars);
  expect(values).toHaveLength(bars.length * featureNames.length);
  expect(values.every(Number.isFinite)).toBe(true);
});
