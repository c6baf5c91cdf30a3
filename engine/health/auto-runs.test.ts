import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Store } from '../../shared/contract/index.ts';
import { AutoRuns } from './auto-runs.ts';
import { makeBase } from './test-facts.ts';

const hourMs = 3_600_000;
const { store } = makeBase();
let ran: { store: string; atMs: number }[];
let auto: AutoRuns;
let everyMs: number | undefined;
let last: number | undefined;
let tookMs: number;
let again: boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  ran = [];
  everyMs = undefined;
  last = undefined;
  tookMs = 10;
  again = false;
  auto = new AutoRuns({
    timing: { quietMs: 10_000, longestMs: 900_000, leastGapMs: 60_000, lookMs: 60_000 },
    clock: Date.now,
    stores: () => [store],
    everyMs: () => everyMs,
    lastReportMs: () => last,
    run(found: Store) {
      ran.push({ store: found.id, atMs: Date.now() });
      last = Date.now();
      return Promise.resolve({ tookMs, again });
    },
  });
  auto.start();
});
afterEach(async () => {
  await auto.stop();
  vi.useRealTimers();
});

const times = (): number[] => ran.map(({ atMs }) => atMs);

it('runs once when it is quiet after changes', async () => {
  for (let index = 0; index < 5; index++) {
    auto.changed(store.id);
    await vi.advanceTimersByTimeAsync(4_000);
  }
  expect(ran).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(times()).toEqual([26_000]);
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(ran).toHaveLength(1);
});

it('runs now and then when it is never quiet, and spends no more than a fiftieth of the time on it', async () => {
  tookMs = 30_000;
  for (let second = 0; second < 4_000; second += 5) {
    auto.changed(store.id);
    await vi.advanceTimersByTimeAsync(5_000);
  }
  // Half a minute of looking is followed by 25 minutes without.
  expect(times()).toEqual([900_000, 2_400_000, 3_900_000]);
});

it('runs on schedule once it is switched on, once for all that a sleeping machine missed', async () => {
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(ran).toEqual([]);
  everyMs = 6 * hourMs;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ran).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(5 * hourMs);
  expect(ran).toHaveLength(1);
  vi.setSystemTime(Date.now() + 48 * hourMs);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(ran).toHaveLength(2);
});

it('looks again in a minute at what was half written', async () => {
  again = true;
  auto.changed(store.id);
  await vi.advanceTimersByTimeAsync(69_000);
  again = false;
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(times()).toEqual([10_000, 70_000]);
});

it('runs no more after it was stopped', async () => {
  auto.changed(store.id);
  await auto.stop();
  await vi.advanceTimersByTimeAsync(hourMs);
  auto.changed(store.id);
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(ran).toEqual([]);
});
