import type { ReactNode } from 'react';
import {
  bytesParts,
  formatCount,
  formatDateTime,
  formatExactBytes,
  formatRelativeTime,
  type ByteUnit,
} from '../../shared/format.ts';
import { useNow } from './use-now.ts';
import css from './figures.module.css';

/** A size in binary units, its unit quieter than the figure; the exact count on hover. */
export function Bytes({
  value,
  unit,
  atLeast = false,
}: {
  value: number;
  unit?: ByteUnit;
  atLeast?: boolean;
}): ReactNode {
  const parts = bytesParts(value, unit);
  return (
    <span className={css.figure} title={`${atLeast ? 'at least ' : ''}${formatExactBytes(value)}`}>
      {atLeast ? '≥ ' : ''}
      {parts.value}
      <span className={css.unit}> {parts.unit}</span>
    </span>
  );
}

/** A whole number with thousands separated. */
export function Count({ value }: { value: number }): ReactNode {
  return <span className={css.figure}>{formatCount(value)}</span>;
}

/** A time against now; the exact one on hover. It moves on by itself. */
export function RelativeTime({ atMs }: { atMs: number }): ReactNode {
  const now = useNow();
  return (
    <time className={css.figure} dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
      {formatRelativeTime(atMs, now)}
    </time>
  );
}

/** A number that answers a question: large, with a quiet label. */
export function Figure({ label, children, note }: { label: string; children: ReactNode; note?: ReactNode }): ReactNode {
  return (
    <div className={css.block}>
      <dt className={css.label}>{label}</dt>
      <dd className={css.big}>
        {children}
        {note === undefined ? null : <span className={css.note}>{note}</span>}
      </dd>
    </div>
  );
}

/** A row of {@link Figure}s. */
export function Figures({ children }: { children: ReactNode }): ReactNode {
  return <dl className={css.figures}>{children}</dl>;
}
