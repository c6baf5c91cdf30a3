import { useEffect, useLayoutEffect, useRef, type HTMLAttributes, type KeyboardEvent, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { cx } from './cx.ts';
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
  rowKey?: (index: number) => string;
  /** Attributes of a row's element: `aria-level`, `aria-expanded`, `aria-selected`, `className`, `onClick` … */
  rowProps?: (index: number) => HTMLAttributes<HTMLDivElement>;
  /** The row the keyboard stands on; give -1 for none. The list is one tab stop. */
  active: number;
  onActiveChange: (index: number) => void;
  /** Keys the list does not use itself (arrows up and down, Home, End, PageUp, PageDown). */
  onRowKeyDown?: (event: KeyboardEvent<HTMLDivElement>, index: number) => void;
  /** Told which rows exist now, first and last, as the list is scrolled. */
  onRange?: (first: number, last: number) => void;
}

/** A list of any length of which only the rows in sight exist. */
export function VirtualList({
  label,
  role = 'list',
  rowRole = 'listitem',
  count,
  rowHeight = 30,
  renderRow,
  rowKey,
  rowProps,
  active,
  onActiveChange,
  onRowKeyDown,
  onRange,
  className,
  ...rest
}: VirtualListProps): ReactNode {
  const scrollRef = useRef<HTMLDivElement>(null);
  const sizerRef = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the React Compiler is not used here
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    ...(rowKey === undefined ? {} : { getItemKey: rowKey }),
  });
  const total = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    if (sizerRef.current !== null)
      setVars(sizerRef.current, { '--total': `${total}px`, '--row-height': `${rowHeight}px` });
  }, [total, rowHeight]);
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);
  const activeShown = shown.some((item) => item.index === active);
  useEffect(() => {
    if (active >= 0 && active < count) virtualizer.scrollToIndex(active);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- scrolling follows the keyboard only, not each new row
  }, [active]);

  return (
    <div
      {...rest}
      ref={scrollRef}
      role={role}
      aria-label={label}
      {...(role === 'list' ? {} : { 'aria-activedescendant': activeShown ? rowId(label, active) : undefined })}
      tabIndex={0}
      className={cx(css.scroll, className)}
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
        {shown.map((item) => {
          const own = rowProps?.(item.index) ?? {};
          return (
            <div
              aria-setsize={count}
              aria-posinset={item.index + 1}
              {...own}
              key={item.key}
              id={rowId(label, item.index)}
              role={rowRole}
              ref={(element) => {
                if (element !== null) setVars(element, { '--y': `${item.start}px` });
              }}
              className={cx(css.row, item.index === active && css.active, own.className)}
            >
              {renderRow(item.index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rowId(label: string, index: number): string {
  return `${label.replace(/\W+/g, '-').toLowerCase()}-row-${index}`;
}
