import { useMemo, useState } from 'react';
import { useCall } from '../../data/index.ts';
import type { Growth } from './growth-words.ts';

const spanMs = 30 * 86_400_000;
/** A shorter history draws no line worth looking at. */
const leastMs = 600_000;

/** How the directories of a store grew in 30 days, where that is remembered; undefined while it is being asked for. */
export function useGrowth(store: string): { of: (path: string) => Growth | undefined } | undefined {
  const [to] = useState(Date.now);
  const { data, dataUpdatedAt } = useCall('usage.series', { store, sinceMs: to - spanMs });
  return useMemo(() => {
    if (data === undefined) return undefined;
    const end = Math.max(to, dataUpdatedAt);
    const byPath = new Map<string, Growth>();
    for (const { path, points } of data.series) {
      const from = Math.max(end - spanMs, points[0]?.atMs ?? end);
      if (points.length < 2 || end - from < leastMs) continue;
      byPath.set(path, {
        points: points.map((point) => ({ atMs: point.atMs, value: point.allocated })),
        from,
        to: end,
      });
    }
    return { of: (path) => byPath.get(path) };
  }, [data, dataUpdatedAt, to]);
}
