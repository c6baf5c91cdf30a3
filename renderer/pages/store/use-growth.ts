import { useMemo, useState } from 'react';
import { useCall } from '../../data/index.ts';
import type { Growth } from './growth-words.ts';

const spanMs = 30 * 86_400_000;

/** How the directories of a store grew in 30 days, where that is remembered; undefined while it is being asked for. */
export function useGrowth(store: string): { of: (path: string) => Growth | undefined } | undefined {
  const [to] = useState(Date.now);
  const { data, dataUpdatedAt } = useCall('usage.series', { store, sinceMs: to - spanMs });
  return useMemo(() => {
    if (data === undefined) return undefined;
    const byPath = new Map(data.series.map((each) => [each.path, each.points]));
    const end = Math.max(to, dataUpdatedAt);
    return {
      of: (path) => {
        const points = byPath.get(path);
        if (points === undefined || points.length < 2) return undefined;
        return {
          points: points.map((point) => ({ atMs: point.atMs, value: point.allocated })),
          from: end - spanMs,
          to: end,
        };
      },
    };
  }, [data, dataUpdatedAt, to]);
}
