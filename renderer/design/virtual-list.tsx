import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { cx } from './cx.ts';
import { drawnHeight, isStuck, movedTo, placeAt, scrolledTo, type TallExtent, type TallPlace } from './tall-scroll.ts';
import { setVars } from './use-vars.ts';
import { nextRow } from './virtual-list-keys.ts';
import css from './virtual-list.module.css';

export interface VirtualListProps extends Omit<HTMLAttributes<HTMLDivElement>, 'onKeyDown' | 'children' | 'role'> {
  /** Its accessible name. */
  label: string;
  /** `list`, `listbox`, `tree`, `treegrid` … with the fitting role for each row. */
  role?: string;
  rowRole?: string;
  count: number;
  /** Height of every row, in CSS pixels. */
  rowHeight?: number;
  renderRow: (index: number) => ReactNode;
  /** Attributes of a row's element: `aria-level`, `aria-expanded`, `aria-selected`, `className`, `onClick` … */
  rowProps?: (index: number) => HTMLAttributes<HTMLDivElement>;
  /** The row the keyboard stands on; give -1 for none. The list is one tab stop. */
  active: number;
  onActiveChange: (index: number) => void;
  /** Says what stands at `active`: the list then scrolls after it when this changes, not whenever its number does. */
  activeKey?: string | undefined;
  /**
   * Where rows are whose numbers change while they are looked at: what stands in a row (undefined: nothing known yet)
   * and where that stands now (-1: nowhere). The first row in sight then stays where it is on the screen.
   */
  anchor?: { keyAt: (index: number) => string | undefined; indexOf: (key: string) => number } | undefined;
  /** Keys the list does not use itself (arrows up and down, Home, End, PageUp, PageDown). */
  onRowKeyDown?: (event: KeyboardEvent<HTMLDivElement>, index: number) => void;
  /** Told which rows exist now, first and last, as the list is scrolled. */
  onRange?: (first: number, last: number) => void;
}

/** Rows beyond those in sight, on either side. */
const overscan = 6;
/** Rows the window moves by at least, so that not every pixel draws anew. */
const stride = 4;

interface Shown {
  readonly first: number;
  readonly last: number;
  /** From a pixel of all rows to a pixel of the scrolled element. */
  readonly shift: number;
  /** Rows that can exist at once; a row's element serves the row so many further on. */
  readonly slots: number;
}

/** A list of any length of which only the rows in sight exist. */
export function VirtualList({
  label,
  role = 'list',
  rowRole = 'listitem',
  count,
  rowHeight = 30,
  renderRow,
  rowProps,
  active,
  onActiveChange,
  activeKey,
  anchor,
  onRowKeyDown,
  onRange,
  className,
  ...rest
}: VirtualListProps): ReactNode {
  const scrollRef = useRef<HTMLDivElement>(null);
  const sizerRef = useRef<HTMLDivElement>(null);
  const placeRef = useRef<TallPlace>({ top: 0, at: 0, shift: 0 });
  const anchorRef = useRef<string>(undefined);
  const [shown, setShown] = useState<Shown>({ first: 0, last: -1, shift: 0, slots: 1 });
  const full = count * rowHeight;
  const extent = useCallback((): TallExtent => ({ full, window: scrollRef.current?.clientHeight ?? 0 }), [full]);

  /** Takes a place over; `move`: the bar must be put there. */
  const settle = useCallback(
    (place: TallPlace, move: boolean): void => {
      const element = scrollRef.current;
      if (element === null) return;
      placeRef.current = place;
      if (move && element.scrollTop !== place.at) {
        element.scrollTop = place.at;
        // Browsers round; where the bar really is counts, so that it is not taken for a step of the person's.
        placeRef.current = movedTo(element.scrollTop, place);
      }
      const inSight = Math.ceil(element.clientHeight / rowHeight);
      const from = Math.floor(Math.floor(place.top / rowHeight) / stride) * stride;
      const first = Math.max(0, Math.min(from, count) - overscan);
      const last = Math.min(count - 1, from + inSight + stride + overscan);
      const { shift } = placeRef.current;
      const slots = inSight + stride + 2 * overscan + 1;
      setShown((before) =>
        before.first === first && before.last === last && before.shift === shift && before.slots === slots
          ? before
          : { first, last, shift, slots },
      );
    },
    [count, rowHeight],
  );

  useLayoutEffect(() => {
    if (sizerRef.current !== null)
      setVars(sizerRef.current, { '--total': `${drawnHeight(full)}px`, '--row-height': `${rowHeight}px` });
  }, [full, rowHeight]);
  useLayoutEffect(() => {
    const { top } = placeRef.current;
    const kept = anchorRef.current === undefined || top === 0 ? -1 : (anchor?.indexOf(anchorRef.current) ?? -1);
    // A place keeps its pixel within the row.
    settle(placeAt(kept < 0 ? top : kept * rowHeight + (top % rowHeight), extent()), true);
  }, [rowHeight, anchor, extent, settle]);
  useEffect(() => {
    // The first row in sight of which it is known what it is.
    const from = Math.floor(placeRef.current.top / rowHeight);
    anchorRef.current = anchor?.keyAt(from);
  });
  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => settle(placeAt(placeRef.current.top, extent()), true));
    observer.observe(element);
    return () => observer.disconnect();
  }, [extent, settle]);

  const { first, last } = shown;
  useEffect(() => {
    if (last >= first) onRange?.(first, last);
  }, [onRange, first, last]);
  const follow = activeKey ?? active;
  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (element === null || active < 0 || active >= count) return;
    const start = active * rowHeight;
    const { top } = placeRef.current;
    const lowest = start + rowHeight - element.clientHeight;
    if (start < top) settle(placeAt(start, extent()), true);
    else if (lowest > top) settle(placeAt(lowest, extent()), true);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- scrolling follows the keyboard only, not each new row
  }, [follow]);

  const onScroll = (): void => {
    const element = scrollRef.current;
    if (element === null || element.scrollTop === placeRef.current.at) return;
    const next = scrolledTo(element.scrollTop, placeRef.current, extent());
    if (isStuck(next, extent())) settle(placeAt(next.top, extent()), true);
    else settle(next, false);
    anchorRef.current = anchor?.keyAt(Math.floor(next.top / rowHeight));
  };

  const rows: ReactNode[] = [];
  for (let index = first; index <= Math.min(last, count - 1); index += 1) {
    const own = rowProps?.(index) ?? {};
    rows.push(
      <Row
        aria-setsize={count}
        aria-posinset={index + 1}
        {...own}
        key={index % shown.slots}
        id={rowId(label, index)}
        role={rowRole}
        top={index * rowHeight + shown.shift}
        className={cx(css.row, index === active && css.active, own.className)}
      >
        {renderRow(index)}
      </Row>,
    );
  }
  return (
    <div
      {...rest}
      ref={scrollRef}
      role={role}
      aria-label={label}
      {...(role === 'list'
        ? {}
        : { 'aria-activedescendant': active >= first && active <= last ? rowId(label, active) : undefined })}
      tabIndex={0}
      className={cx(css.scroll, className)}
      onScroll={onScroll}
      onScrollEnd={() => {
        // Small steps leave the bar behind where the list is taller than it is drawn. All rows move with it, so that it
        // is put right only where one could see it.
        const right = placeAt(placeRef.current.top, extent());
        if (Math.abs(right.at - placeRef.current.at) > drawnHeight(full) / 200) settle(right, true);
      }}
      onKeyDown={(event) => {
        const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 1);
        const next = nextRow(event.key, active, count, page);
        if (next === undefined) {
          if (active >= 0) onRowKeyDown?.(event, active);
          return;
        }
        event.preventDefault();
        onActiveChange(next);
      }}
    >
      <div ref={sizerRef} className={css.sizer} role="presentation">
        {rows}
      </div>
    </div>
  );
}

/** A row's element; it serves one row after the other, which is cheaper than a new one for each that comes in sight. */
function Row({ top, ...rest }: HTMLAttributes<HTMLDivElement> & { top: number }): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (ref.current !== null) setVars(ref.current, { '--row-top': `${top}px` });
  }, [top]);
  return <div {...rest} ref={ref} />;
}

function rowId(label: string, index: number): string {
  return `${label.replace(/\W+/g, '-').toLowerCase()}-row-${index}`;
}
