import { describe, expect, it } from 'vitest';
import type { Backup, Retention } from '../../../shared/contract/index.ts';
import { rulesInWords } from '../../features/backups/index.ts';
import { inAYear, reachWords, rotationNow, sameRules } from './rotation-model.ts';

const day = 86_400_000;
const nowMs = Date.UTC(2026, 10, 20, 12);
const moment = { nowMs, timeZone: 'UTC' };
const none: Retention = { keepLast: 0, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };
const backup = (daysAgo: number, changes: Partial<Backup> = {}): Backup => ({
  id: `b${daysAgo}`,
  storeName: 'data',
  archive: `/b/${daysAgo}.tar.zst`,
  manifest: `/b/${daysAgo}.manifest.zst`,
  format: 'zst',
  kind: 'full',
  startedAtMs: nowMs - daysAgo * day,
  finishedAtMs: nowMs - daysAgo * day + 1,
  files: 1,
  dirs: 1,
  bytes: 100,
  storedBytes: 10,
  reusedBytes: 0,
  pinned: false,
  encrypted: false,
  neededBy: 0,
  status: 'done',
  skipped: [],
  verified: { mode: 'quick', atMs: nowMs, ok: true },
  ...changes,
});

describe('the rotation simulator', () => {
  const backups = [0, 1, 2, 3, 4].map((daysAgo) => backup(daysAgo));

  it('counts what goes and stays', () => {
    const now = rotationNow([...backups, backup(9, { pinned: true })], { ...none, keepLast: 2 }, moment);
    expect(now).toMatchObject({ kept: 3, removed: 3, removedBytes: 30 });
    expect(now.decided.find(({ backup: { id } }) => id === 'b9')?.reasons).toEqual(['pinned']);
  });

  it('tells what a year of daily backups leaves', () => {
    const week = { ...none, keepDaily: 7 };
    const year = inAYear(rotationNow(backups, week, moment), week, { ...moment, everyHours: 24, verified: true });
    expect(year).toEqual({ count: 7, atMost: false, reachMs: 6 * day });
    const all = inAYear(rotationNow(backups, none, moment), none, { ...moment, everyHours: 24, verified: true });
    expect(all).toEqual({ count: 365 + 5, atMost: false, reachMs: 369 * day });
  });

  it('gives a bound where there would be too many to go through', () => {
    const hourly = { ...moment, everyHours: 1, verified: true };
    const many = { ...none, keepLast: 5_000 };
    expect(inAYear(rotationNow(backups, many, moment), many, hourly)).toEqual({ count: 5_002, atMost: true });
    const within = { ...none, keepWithinDays: 100_000 };
    expect(inAYear(rotationNow(backups, within, moment), within, hourly)).toEqual({ count: 8_765, atMost: true });
  });
});

describe('rules in words', () => {
  it('are a sentence', () => {
    expect(rulesInWords(none)).toBe('everything, for ever');
    expect(rulesInWords({ ...none, keepLast: 3 })).toBe('the last 3');
    expect(rulesInWords({ ...none, keepLast: 3, keepDaily: 7, keepWithinDays: 30 })).toBe(
      'the last 3, 7 daily and everything of 30 days',
    );
  });

  it('say how far back', () => {
    expect([day, 59 * day, 213 * day, 1_000 * day].map(reachWords)).toEqual([
      '1 day',
      '59 days',
      '7 months',
      '2 years',
    ]);
  });

  it('are compared by value', () => {
    expect(sameRules(none, { ...none })).toBe(true);
    expect(sameRules(none, { ...none, keepYearly: 1 })).toBe(false);
    expect(sameRules(none, { ...none, keepWithinDays: 1 })).toBe(false);
  });
});
