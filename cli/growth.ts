import type { Client } from '../shared/client/index.ts';
import type { Output } from '../shared/contract/index.ts';
import { formatBytes } from '../shared/format.ts';

const dayMs = 24 * 3_600_000;

/** The spans growth is told for. */
export const growthSpans = [
  { key: 'day', title: '24 H', ms: dayMs },
  { key: 'week', title: '7 D', ms: 7 * dayMs },
  { key: 'month', title: '30 D', ms: 30 * dayMs },
  { key: 'year', title: '1 Y', ms: 365 * dayMs },
] as const;
export type GrowthSpan = (typeof growthSpans)[number]['key'];

/** Blocks on disk, in bytes, gained over each span; null where the history does not reach back so far. */
export type Growth = Record<GrowthSpan, number | null>;

type Series = Output<'usage.series'>['series'];

/** Blocks a path took when a span began. Undefined when nobody knows. */
function atStart(series: Series, path: string, sinceMs: number): number | undefined {
  const first = series.find((each) => each.path === path)?.points[0];
  const covered = (series.find((each) => each.path === '')?.points[0]?.atMs ?? Infinity) <= sinceMs;
  if (first === undefined || !covered) return undefined;
  if (first.atMs <= sinceMs) return first.allocated;
  // A path that begins later begins with 0 if it was not there, and with its size if it was only not followed.
  return first.allocated === 0 ? 0 : undefined;
}

/** Looks up how much the paths of a store have grown. `''` is the store. */
export async function growthOf(
  client: Client,
  store: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<(path: string, allocatedNow: number) => Growth> {
  const spans = await Promise.all(
    growthSpans.map(async ({ key, ms }) => {
      const sinceMs = Math.floor(nowMs - ms);
      const { series } = await client.call('usage.series', { store, sinceMs }, { signal });
      return { key, sinceMs, series };
    }),
  );
  return (path, allocatedNow) => {
    const growth: Growth = { day: null, week: null, month: null, year: null };
    for (const { key, sinceMs, series } of spans) {
      const before = atStart(series, path, sinceMs);
      if (before !== undefined) growth[key] = allocatedNow - before;
    }
    return growth;
  };
}

/** "+1.2 GiB", "-3.0 KiB", "0", or "-" where it is not known. */
export function growthText(bytes: number | null): string {
  if (bytes === null) return '-';
  if (bytes === 0) return '0';
  return `${bytes > 0 ? '+' : '-'}${formatBytes(Math.abs(bytes))}`;
}
