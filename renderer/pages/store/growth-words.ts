import { formatBytes, formatDuration } from '../../../shared/format.ts';
import type { SparkPoint } from '../../design/spark-points.ts';

/** How a folder's size on disk went in a span of time. */
export interface Growth {
  points: readonly SparkPoint[];
  from: number;
  to: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** "+1.2 GiB in 30 days" */
export function growthWords({ points, from, to }: Growth): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  const change = last.value - first.value;
  const known = to - Math.max(from, first.atMs);
  const days = Math.round(known / dayMs);
  const span =
    known < dayMs ? formatDuration(Math.round(known / minuteMs) * minuteMs) : days === 1 ? 'a day' : `${days} days`;
  if (change === 0) return `unchanged in ${span}`;
  return `${change < 0 ? '−' : '+'}${formatBytes(Math.abs(change))} in ${span}`;
}
