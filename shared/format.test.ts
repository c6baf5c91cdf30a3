import { describe, expect, it } from 'vitest';
import {
  byteUnitFor,
  bytesParts,
  formatBytes,
  formatCount,
  formatDate,
  formatDateTime,
  formatDuration,
  formatExactBytes,
  formatPercent,
  formatQuantity,
  formatRate,
  formatRelativeTime,
  formatRemaining,
  formatTimeOfDay,
} from './format.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [2_150, '2.1 KiB'],
    [99.96 * 1024, '100 KiB'],
    [1023.4 * 1024, '1023 KiB'],
    [1023.7 * 1024, '1.0 MiB'],
    [450 * 1024 ** 2, '450 MiB'],
    [486.2 * 1024 ** 3, '486 GiB'],
    [2 ** 53, '8.0 PiB'],
    [5_000 * 1024 ** 5, '5000 PiB'],
  ])('%d bytes is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('keeps a unit that was asked for', () => {
    expect(formatBytes(512 * 1024 ** 2, 'GiB')).toBe('0.5 GiB');
    expect(bytesParts(1024 ** 3, 'MiB')).toEqual({ value: '1024', unit: 'MiB' });
  });

  it('names the unit a size is shown in', () => {
    expect(byteUnitFor(0)).toBe('B');
    expect(byteUnitFor(1024 ** 4)).toBe('TiB');
  });

  it('gives exact counts and rates', () => {
    expect(formatExactBytes(1)).toBe('1 byte');
    expect(formatExactBytes(1_234_567)).toBe('1,234,567 bytes');
    expect(formatRate(84.2 * 1024 ** 2)).toBe('84.2 MiB/s');
  });
});

describe('counts', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [312_408, '312,408'],
    [9_007_199_254_740_991, '9,007,199,254,740,991'],
  ])('%d is %s', (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it('agrees in number', () => {
    expect(formatQuantity(1, 'file')).toBe('1 file');
    expect(formatQuantity(0, 'file')).toBe('0 files');
    expect(formatQuantity(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('never rounds to nothing or to all', () => {
    expect(formatPercent(0, 10)).toBe('0 %');
    expect(formatPercent(1, 1_000)).toBe('< 1 %');
    expect(formatPercent(999, 1_000)).toBe('99 %');
    expect(formatPercent(10, 10)).toBe('100 %');
    expect(formatPercent(3, 0)).toBe('0 %');
  });
});

describe('spans of time', () => {
  it.each([
    [-5, '0.0 s'],
    [420, '0.4 s'],
    [42 * second, '42 s'],
    [59.6 * second, '1 min'],
    [3 * minute + 5 * second, '3 min 5 s'],
    [59 * minute + 59.7 * second, '1 h'],
    [2 * hour + 10 * minute, '2 h 10 min'],
    [4 * day + 3 * hour, '4 d 3 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [2 * second, 'a few seconds'],
    [41 * second, 'about 45 s'],
    [12.2 * minute, 'about 12 min'],
    [90 * minute, 'about 1 h 30 min'],
  ])('%d ms left is %s', (ms, text) => {
    expect(formatRemaining(ms)).toBe(text);
  });
});

describe('times', () => {
  const now = Date.UTC(2026, 10, 20, 11, 0, 0);
  it.each([
    [0, 'just now'],
    [44 * second, 'just now'],
    [50 * second, '1 min ago'],
    [5 * minute, '5 min ago'],
    [55 * minute, '1 h ago'],
    [9 * hour, '9 h ago'],
    [24 * hour, 'yesterday'],
    [12 * day, '12 d ago'],
    [90 * day, '3 months ago'],
    [1_100 * day, '3 years ago'],
    [-3 * hour, 'in 3 h'],
    [-24 * hour, 'tomorrow'],
  ])('%d ms before now is %s', (distance, text) => {
    expect(formatRelativeTime(now - distance, now)).toBe(text);
  });

  it('gives the exact time in a zone', () => {
    expect(formatDateTime(now, { timeZone: 'UTC' })).toBe('20 Nov 2026, 11:00:00');
    expect(formatDate(now, { timeZone: 'UTC' })).toBe('20 Nov 2026');
    expect(formatTimeOfDay(now, { timeZone: 'UTC' })).toBe('11:00');
  });
});
