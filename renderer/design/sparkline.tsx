import type { ReactNode } from 'react';
import { sparkPoints, type SparkPoint } from './spark-points.ts';
import css from './sparkline.module.css';

/** A line of a table cell that shows how a figure went; the words say the same. */
export function Sparkline({
  points,
  from,
  to,
  label,
}: {
  points: readonly SparkPoint[];
  /** Times at its left and right end, ms. */
  from: number;
  to: number;
  label: string;
}): ReactNode {
  return (
    <svg role="img" aria-label={label} viewBox="0 0 72 18" className={css.spark}>
      <title>{label}</title>
      <polyline points={sparkPoints(points, { from, to, width: 72, height: 18 })} />
    </svg>
  );
}
