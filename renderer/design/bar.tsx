import type { ReactNode } from 'react';
import { formatBytes, formatExactBytes, type ByteUnit } from '../../shared/format.ts';
import { drawnParts, type BarPart } from './bar-parts.ts';
import { cx } from './cx.ts';
import { useVars } from './use-vars.ts';
import css from './bar.module.css';

export type { BarPart } from './bar-parts.ts';

/** One stacked bar with its legend. The whole is the sum of its parts. */
export function Bar({
  label,
  parts,
  unit,
  legend = true,
  slim = false,
}: {
  label: string;
  parts: readonly BarPart[];
  unit?: ByteUnit;
  legend?: boolean;
  slim?: boolean;
}): ReactNode {
  const shown = parts.filter((part) => part.bytes > 0);
  const words = shown.map((part) => `${part.label} ${part.shown ?? formatBytes(part.bytes, unit)}`).join(', ');
  return (
    <div>
      <div
        role="img"
        aria-label={`${label}: ${words === '' ? 'nothing' : words}`}
        className={cx(css.bar, slim && css.slim)}
      >
        {drawnParts(parts).map((part) => (
          <Segment key={part.id} part={part} />
        ))}
      </div>
      {legend ? (
        <ul className={css.legend} aria-hidden="true">
          {shown.map((part) => (
            <li key={part.id} className={cx(part.color === undefined && css.free)} title={formatExactBytes(part.bytes)}>
              {part.color === undefined ? null : <Swatch color={part.color} />}
              {part.label} <Shown text={part.shown ?? formatBytes(part.bytes, unit)} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Shown({ text }: { text: string }): ReactNode {
  const [value = '', unit = ''] = text.split(' ');
  return (
    <>
      <b className={css.value}>{value}</b> <span className={css.unit}>{unit}</span>
    </>
  );
}

function Segment({ part }: { part: BarPart }): ReactNode {
  const ref = useVars<HTMLSpanElement>({
    '--n': String(part.bytes),
    '--color': part.color === undefined ? 'transparent' : `var(${part.color})`,
  });
  return <span ref={ref} className={css.segment} title={`${part.label} ${part.shown ?? formatBytes(part.bytes)}`} />;
}

/** The small square of a role's colour beside its name. */
export function Swatch({ color }: { color: `--${string}` }): ReactNode {
  const ref = useVars<HTMLSpanElement>({ '--color': `var(${color})` });
  return <span ref={ref} aria-hidden="true" className={css.swatch} />;
}

/** A thin bar in a table cell: the share of a whole. The figure beside it says the same. */
export function ShareBar({ share, color = '--text-3' }: { share: number; color?: `--${string}` }): ReactNode {
  const ref = useVars<HTMLSpanElement>({
    '--share': String(Math.max(0, Math.min(1, share))),
    '--color': `var(${color})`,
  });
  return (
    <span aria-hidden="true" className={css.share}>
      <span ref={ref} className={css.shareFill} />
    </span>
  );
}
