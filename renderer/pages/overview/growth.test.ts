import { describe, expect, it } from 'vitest';
import { byteStep, growth, timeTicks } from './growth.ts';

const hour = 3_600_000;
const now = 1_000 * hour;
const sample = (store: string, hoursAgo: number, model: number, bytes = model) => ({
  atMs: now - hoursAgo * hour,
  store,
  byRole: { model },
  bytes,
  files: 1,
});

describe('growth', () => {
  it('is not drawn before there are two moments', () => {
    expect(growth([], '24h', now)).toBeUndefined();
    expect(growth([sample('a', 3, 10)], '24h', now)).toBeUndefined();
    expect(growth([sample('a', 3, 10), sample('b', 3, 5)], '24h', now)).toBeUndefined();
  });

  it('carries each store on until its next sample', () => {
    const result = growth([sample('b', 4, 5), sample('a', 6, 10), sample('a', 2, 30)], '24h', now);
    expect(result?.series).toEqual([{ id: 'model', label: 'Models', color: '--role-model', values: [10, 15, 35, 35] }]);
    expect(result?.times).toEqual([now - 6 * hour, now - 4 * hour, now - 2 * hour, now]);
    expect(result?.change).toBe(25);
  });

  it('draws what is taken on disk, whatever the size of files', () => {
    const result = growth([sample('a', 6, 10, 12), sample('a', 2, 10, 15)], '24h', now);
    expect(result?.series.map((each) => [each.id, each.values])).toEqual([['model', [10, 10, 10]]]);
    expect(result?.change).toBe(0);
  });

  it('says when it begins later than was asked for', () => {
    expect(growth([sample('a', 6, 1), sample('a', 1, 2)], '24h', now)?.shorterThanAsked).toBe(true);
    expect(growth([sample('a', 23, 1), sample('a', 1, 2)], '24h', now)?.shorterThanAsked).toBe(false);
  });

  it('names moments by time or by day', () => {
    expect(timeTicks(0, 4 * hour, 3).map((tick) => tick.atMs)).toEqual([0, 2 * hour, 4 * hour]);
    expect(timeTicks(0, 4 * hour, 3)[0]?.label).toMatch(/^\d\d:\d\d$/);
    expect(timeTicks(0, 240 * hour, 3)[1]?.label).toMatch(/^\d+ \w+$/);
    // Two minutes have three names.
    expect(timeTicks(0, 120_000, 5)).toHaveLength(3);
  });

  it('steps the axis evenly in binary units', () => {
    expect(byteStep(480 * 1024 ** 3)).toBe(200 * 1024 ** 3);
    expect(byteStep(60 * 1024 ** 2)).toBe(20 * 1024 ** 2);
    expect(byteStep(1024 ** 3 * 1.5)).toBe(0.5 * 1024 ** 3);
    expect(byteStep(0)).toBe(1);
  });
});
