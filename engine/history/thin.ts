const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Every sample is kept for a week, one an hour for 90 days, one a day for ever. */
const tiers = [
  { fromMs: 7 * dayMs, toMs: 90 * dayMs, bucketMs: hourMs },
  { fromMs: 90 * dayMs, toMs: Infinity, bucketMs: dayMs },
] as const;

/** Which of these times (ascending) are to be forgotten at `nowMs`: all but the last of each bucket of their tier. */
export function thin(timesMs: readonly number[], nowMs: number): number[] {
  return timesMs.filter((time, index) => {
    const age = nowMs - time;
    const tier = tiers.find(({ fromMs, toMs }) => age > fromMs && age <= toMs);
    if (tier === undefined) return false;
    const next = timesMs[index + 1];
    return next !== undefined && Math.floor(next / tier.bucketMs) === Math.floor(time / tier.bucketMs);
  });
}
