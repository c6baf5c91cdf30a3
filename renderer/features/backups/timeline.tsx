import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { cx, SegmentedControl, useNow, type Choice } from '../../design/index.ts';
import {
  dotAt,
  placeDots,
  placeTime,
  timelineRange,
  timeTicks,
  type PlacedDot,
  type TimelineDot,
  type TimelineSpan,
} from './timeline-layout.ts';
import css from './timeline.module.css';

/** How a dot is drawn. Shape says it as well as colour. */
export type DotLook = 'full' | 'incremental' | 'bad' | 'partial' | 'kept' | 'removed';

export interface LookedDot extends TimelineDot {
  look: DotLook;
  /** All there is to say about it, in a line. */
  words: string;
}

export interface TimelineProps {
  label: string;
  /** In any order. */
  dots: readonly LookedDot[];
  /** The chosen one. */
  chosen: string | undefined;
  /** Arrows or a click went to this one. */
  onChoose: (key: string) => void;
  /** What the looks mean, in the order shown. */
  legend: readonly { look: DotLook; label: string }[];
}

const bandHeight = 76;
const axisHeight = 20;
const spans: readonly Choice<TimelineSpan>[] = [
  { value: 'month', label: 'Month' },
  { value: 'year', label: 'Year' },
  { value: 'all', label: 'All' },
];
const monthMs = 30 * 86_400_000;

/**
 * Backups on a line of time, a dot each. For the keyboard it is one control whose value is the chosen backup; a table
 * beside it must tell the same.
 */
export function Timeline({ label, dots, chosen, onChoose, legend }: TimelineProps): ReactNode {
  const now = useNow();
  const frameRef = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [span, setSpan] = useState<TimelineSpan>('all');
  const [pointed, setPointed] = useState<string>();
  useEffect(() => {
    const frame = frameRef.current;
    if (frame === null) return;
    const observer = new ResizeObserver(() => setWidth(frame.clientWidth));
    observer.observe(frame);
    return () => observer.disconnect();
  }, []);

  const ordered = useMemo(() => dots.toSorted((a, b) => a.atMs - b.atMs), [dots]);
  const byKey = useMemo(() => new Map(dots.map((dot) => [dot.key, dot])), [dots]);
  const oldest = ordered[0]?.atMs ?? now;
  const { fromMs, toMs } = useMemo(
    () =>
      timelineRange(
        ordered.map(({ atMs }) => atMs),
        span,
        now,
      ),
    [ordered, span, now],
  );
  const { dots: placed, dense } = useMemo(
    () => (width === 0 ? { dots: [], dense: false } : placeDots(ordered, { fromMs, toMs, width })),
    [ordered, fromMs, toMs, width],
  );
  const ticks = timeTicks(fromMs, toMs, Math.max(1, Math.floor(width / 110)));
  const at = ordered.findIndex(({ key }) => key === chosen);
  const shown = byKey.get(pointed ?? chosen ?? '');
  const chosenDot = placed.find(({ key }) => key === chosen);
  const pointedDot = placed.find(({ key }) => key === pointed);

  const onKeyDown = (event: KeyboardEvent): void => {
    const last = ordered.length - 1;
    const from = at < 0 ? last : at;
    const next =
      event.key === 'ArrowRight' || event.key === 'ArrowUp'
        ? Math.min(last, from + 1)
        : event.key === 'ArrowLeft' || event.key === 'ArrowDown'
          ? Math.max(0, at < 0 ? last : from - 1)
          : event.key === 'PageUp'
            ? Math.min(last, from + 10)
            : event.key === 'PageDown'
              ? Math.max(0, from - 10)
              : event.key === 'Home'
                ? 0
                : event.key === 'End'
                  ? last
                  : undefined;
    const target = next === undefined ? undefined : ordered[next];
    if (target === undefined) return;
    event.preventDefault();
    setPointed(undefined);
    if (target.atMs < fromMs) setSpan('all');
    onChoose(target.key);
  };
  const find = (event: PointerEvent): string | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    return dotAt(placed, event.clientX - box.left, event.clientY - box.top - bandHeight / 2)?.key;
  };

  return (
    <div className={css.timeline}>
      <div className={css.head}>
        <p className={css.words}>{shown === undefined ? wordsOfAll(ordered.length) : shown.words}</p>
        {now - oldest > 1.5 * monthMs ? (
          <SegmentedControl
            label="Shown on the timeline"
            size="small"
            value={span}
            choices={spans}
            onChange={setSpan}
          />
        ) : null}
      </div>
      <div
        ref={frameRef}
        role="slider"
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, ordered.length)}
        aria-valuenow={at < 0 ? ordered.length : at + 1}
        aria-valuetext={at < 0 ? 'none chosen' : (ordered[at]?.words ?? '')}
        tabIndex={0}
        className={css.frame}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setPointed(find(event))}
        onPointerLeave={() => setPointed(undefined)}
        onPointerUp={(event) => {
          const key = find(event);
          if (key !== undefined) onChoose(key);
        }}
      >
        {width === 0 ? null : (
          <svg
            aria-hidden="true"
            width={width}
            height={bandHeight + axisHeight}
            className={cx(css.svg, dense && css.dense, pointed !== undefined && css.pointing)}
          >
            <line className={css.axis} x1={0} x2={width} y1={bandHeight / 2} y2={bandHeight / 2} />
            {ticks.map((tick) => {
              const x = placeTime(tick.atMs, { fromMs, toMs, width });
              return (
                <g key={tick.atMs}>
                  <line className={css.tick} x1={x} x2={x} y1={4} y2={bandHeight - 2} />
                  {x < 26 || x > width - 26 ? null : (
                    <text className={css.tickLabel} x={x} y={bandHeight + 13}>
                      {tick.label}
                    </text>
                  )}
                </g>
              );
            })}
            <Dots placed={placed} byKey={byKey} />
            {[chosenDot, pointedDot].map((dot, index) =>
              dot === undefined ? null : (
                <circle
                  key={index}
                  className={index === 0 ? css.chosen : css.pointed}
                  cx={dot.x}
                  cy={bandHeight / 2 + dot.y}
                  r={dot.r + 3}
                />
              ),
            )}
          </svg>
        )}
      </div>
      <ul className={cx(css.legend, dense && css.dense)} aria-hidden="true">
        {legend
          .filter(({ look }) => dots.some((dot) => dot.look === look))
          .map(({ look, label: word }) => (
            <li key={look}>
              <svg width={12} height={12} className={css.sample}>
                <circle className={css[look]} cx={6} cy={6} r={4} />
              </svg>
              {word}
            </li>
          ))}
        <li className={css.scale}>larger: it added more</li>
      </ul>
    </div>
  );
}

/** Apart, so that pointing at one does not draw thousands again. */
const Dots = memo(function Dots({
  placed,
  byKey,
}: {
  placed: readonly PlacedDot[];
  byKey: ReadonlyMap<string, LookedDot>;
}): ReactNode {
  const looked = placed.map((dot) => ({ ...dot, look: byKey.get(dot.key)?.look ?? 'full' }));
  // Where they overlap, what matters more lies above, and small ones above large ones.
  looked.sort((a, b) => layers.indexOf(a.look) - layers.indexOf(b.look) || b.r - a.r);
  return looked.map(({ key, look, x, y, r }) => (
    <circle key={key} className={css[look]} cx={x} cy={bandHeight / 2 + y} r={r} />
  ));
});

const layers: readonly DotLook[] = ['removed', 'incremental', 'full', 'kept', 'partial', 'bad'];

function wordsOfAll(count: number): string {
  return count === 0 ? 'No backups' : 'Point at a dot, or walk with the arrow keys.';
}
