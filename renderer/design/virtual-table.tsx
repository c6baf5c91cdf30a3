import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon, VisuallyHidden } from './icon.tsx';
import type { MenuPlace } from './menu.tsx';
import type { Column } from './table.tsx';
import { nextSort, sortRows, type Sort } from './table-sort.ts';
import { setVars } from './use-vars.ts';
import { nextRow } from './virtual-list-keys.ts';
import css from './virtual-table.module.css';

export interface VirtualTableProps<Row> {
  /** What the table holds, said to those who hear the page. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Height of every row, in CSS pixels. */
  rowHeight: number;
  initialSort?: Sort;
  /** Enter, or a click anywhere in a row. */
  onActivate: (row: Row) => void;
  /** The menu key, Shift F10 or the right button: where the row's menu is to open. */
  onMenu?: (row: Row, place: MenuPlace) => void;
  /** Space. With Shift and an arrow the row walked to is chosen, too. */
  onToggle?: (row: Row, how: 'toggle' | 'add') => void;
  isSelected?: (row: Row) => boolean;
  /** Keys the table does not use itself. */
  onRowKeyDown?: (event: KeyboardEvent<HTMLElement>, row: Row) => void;
  rowClass?: (row: Row) => string | undefined;
  /** Key of a row that was chosen elsewhere and is to be in sight. */
  revealed?: string | undefined;
  className?: string | undefined;
}

const headHeight = 30;

/**
 * A table of any length of which only the rows in sight exist: its columns sort, its head stays in sight. It is one tab
 * stop; arrows walk the rows, which have the keyboard as a whole.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, columns, rows, rowKey, rowHeight, onActivate, onMenu, onToggle, isSelected, className } = props;
  const [sort, setSort] = useState(props.initialSort);
  const [active, setActive] = useState<string>();
  const scrollRef = useRef<HTMLDivElement>(null);
  /** The row that is to have the keyboard as soon as it exists. */
  const wantedRef = useRef<string>(undefined);
  const sorted = sortRows(rows, columns, sort);
  // eslint-disable-next-line react-hooks/incompatible-library -- the React Compiler is not used here
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: headHeight,
  });
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = Math.max(0, virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0));
  const found = sorted.findIndex((row) => rowKey(row) === active);
  const activeAt = found < 0 ? 0 : found;

  useEffect(() => {
    const wanted = wantedRef.current;
    if (wanted === undefined) return;
    const row = [...(scrollRef.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find(
      (element) => element.dataset['key'] === wanted,
    );
    if (row === undefined) return;
    wantedRef.current = undefined;
    row.focus({ preventScroll: true });
  });
  useLayoutEffect(() => {
    if (scrollRef.current !== null) setVars(scrollRef.current, { '--row-height': `${rowHeight}px` });
  }, [rowHeight]);

  const { revealed } = props;
  const revealedAt = revealed === undefined ? -1 : sorted.findIndex((row) => rowKey(row) === revealed);
  useEffect(() => {
    if (revealedAt >= 0) virtualizer.scrollToIndex(revealedAt);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when another one is chosen, not when rows are added
  }, [revealed]);

  const goTo = (index: number): void => {
    const row = sorted[index];
    if (row === undefined) return;
    wantedRef.current = rowKey(row);
    setActive(rowKey(row));
    virtualizer.scrollToIndex(index);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, row: Row, index: number): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = nextRow(event.key, index, sorted.length, page);
    if (next !== undefined) {
      event.preventDefault();
      const target = sorted[next];
      if (event.shiftKey && target !== undefined && onToggle !== undefined) {
        onToggle(row, 'add');
        onToggle(target, 'add');
      }
      goTo(next);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      onActivate(row);
    } else if (event.key === ' ') {
      event.preventDefault();
      onToggle?.(row, 'toggle');
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault();
      onMenu?.(row, event.currentTarget);
    } else props.onRowKeyDown?.(event, row);
  };

  return (
    <div ref={scrollRef} className={cx(css.scroll, className)}>
      <table
        role="grid"
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        aria-multiselectable={onToggle === undefined ? undefined : true}
        className={css.table}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={() => setSort(nextSort(sort, column))} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={before} />
          {items.map(({ index }) => {
            const row = sorted[index];
            if (row === undefined) return null;
            const key = rowKey(row);
            const selected = isSelected?.(row) ?? false;
            return (
              <tr
                key={key}
                data-key={key}
                aria-rowindex={index + 2}
                aria-selected={isSelected === undefined ? undefined : selected}
                tabIndex={index === activeAt ? 0 : -1}
                className={cx(css.row, selected && css.selected, props.rowClass?.(row))}
                onClick={(event) => {
                  if (isOwnControl(event)) return;
                  setActive(key);
                  if ((event.ctrlKey || event.metaKey) && onToggle !== undefined) onToggle(row, 'toggle');
                  else onActivate(row);
                }}
                onContextMenu={(event) => {
                  if (onMenu === undefined) return;
                  event.preventDefault();
                  setActive(key);
                  onMenu(row, { x: event.clientX, y: event.clientY });
                }}
                onKeyDown={(event) => onKeyDown(event, row, index)}
                onFocus={() => setActive(key)}
              >
                {columns.map((column) => (
                  <td key={column.id} className={cx(column.align === 'end' && css.end, column.className)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={after} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows that do not exist. */
function Gap({ height }: { height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr
      aria-hidden="true"
      className={css.gap}
      ref={(element) => {
        if (element !== null) setVars(element, { '--gap': `${height}px` });
      }}
    >
      {/* Not across all columns: some may be hidden, and the cell would make room for them again. */}
      <td />
    </tr>
  );
}

function Head<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: () => void;
}): ReactNode {
  const direction = sort?.column === column.id ? sort.direction : undefined;
  const className = cx(column.align === 'end' && css.end, column.className);
  if (column.compare === undefined) {
    return (
      <th scope="col" className={className}>
        {column.headerHidden === true ? <VisuallyHidden>{column.header}</VisuallyHidden> : column.header}
      </th>
    );
  }
  return (
    <th
      scope="col"
      className={className}
      aria-sort={direction === undefined ? 'none' : direction === 'up' ? 'ascending' : 'descending'}
    >
      <button type="button" className={css.sort} onClick={onSort}>
        {column.header}
        {direction === undefined ? null : <Icon icon={direction === 'up' ? ArrowUp : ArrowDown} size={12} />}
      </button>
    </th>
  );
}

function isOwnControl(event: MouseEvent<HTMLElement>): boolean {
  return event.target instanceof Element && event.target.closest('a, button, input, [role="checkbox"]') !== null;
}
