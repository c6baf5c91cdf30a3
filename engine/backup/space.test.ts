import { expect, test } from 'vitest';
import { archiveBound, estimateMs, expectedSize } from './space.ts';

const MiB = 1024 * 1024;
const past = (bytes: number, storedBytes: number, ms: number, format = 'zst') => ({
  bytes,
  storedBytes,
  reusedBytes: 0,
  startedAtMs: 1_000,
  finishedAtMs: 1_000 + ms,
  format,
});

test('the bound covers content, headers and the manifest twice', () => {
  expect(archiveBound('a', 0)).toBeGreaterThan(2_048);
  expect(archiveBound('a', 100 * MiB)).toBeGreaterThan(100 * MiB);
  expect(archiveBound('a', 100 * MiB)).toBeLessThan(101 * MiB);
});

test('without a telling past the bound is expected', () => {
  expect(expectedSize(1_000, [], 'zst')).toBe(1_000);
  expect(expectedSize(1_000, [past(10, 1, 5)], 'zst')).toBe(1_000);
  expect(expectedSize(1_000, [past(10 * MiB, MiB, 5, 'gz')], 'zst')).toBe(1_000);
});

test('the past lowers it, with a margin, and never raises it', () => {
  expect(expectedSize(1_000, [past(10 * MiB, 2 * MiB, 5)], 'zst')).toBe(250);
  expect(expectedSize(1_000, [past(10 * MiB, 2 * MiB, 5), past(10 * MiB, 4 * MiB, 5)], 'zst')).toBe(500);
  expect(expectedSize(1_000, [past(10 * MiB, 11 * MiB, 5)], 'zst')).toBe(1_000);
});

test('time from the rate of the last backups', () => {
  expect(estimateMs(20 * MiB, [past(10 * MiB, MiB, 500)])).toBe(1_000);
  expect(estimateMs(20 * MiB, [])).toBeUndefined();
  // A clock set back makes a negative duration, which tells nothing.
  expect(estimateMs(20 * MiB, [past(10 * MiB, MiB, -500)])).toBeUndefined();
});
