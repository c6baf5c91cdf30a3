import { useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon, VisuallyHidden } from './icon.tsx';
import { nextSort, sortRows, type Sort, type SortableColumn } from './table-sort.ts';
import css from './table.module.css';

export interface Column<Row> extends SortableColumn<Row> {
  header: string;
  /** The header is only for those who hear the page. */
  headerHidden?: boolean;
  cell: (row: Row) => ReactNode;
  align?: 'start' | 'end';
  /** Sets the column's width. */
  className?: string | undefined;
}

export interface TableProps<Row> {
  /** What the table holds, said to those who hear the page. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initialSort?: Sort;
  /** A click anywhere in a row. The row's first link or button ({@link rowFocus}) does the same by keyboard. */
  onActivate?: (row: Row) => void;
  rowClass?: (row: Row) => string | undefined;
  /** Rows that stay below the others, for example "12 more". */
  foot?: ReactNode;
  /** Column widths are shared out evenly by the style sheet, text is cut. */
  fixed?: boolean;
}

/** Spread on the link or button that stands for a row: the arrow keys move between them. */
export const rowFocus = { 'data-row-focus': '' } as const;

/** A table whose columns sort, whose head stays in sight, and whose rows are walked with the arrow keys. */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  initialSort,
  onActivate,
  rowClass,
  foot,
  fixed = false,
}: TableProps<Row>): ReactNode {
  const [sort, setSort] = useState(initialSort);
  const sorted = sortRows(rows, columns, sort);
  return (
    <table className={cx(css.table, fixed && css.fixed)} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={sort} onSort={() => setSort(nextSort(sort, column))} />
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={moveByKey}>
        {sorted.map((row) => (
          <tr
            key={rowKey(row)}
            className={cx(onActivate !== undefined && css.active, rowClass?.(row))}
            onClick={
              onActivate === undefined ? undefined : (event) => (isOwnControl(event) ? undefined : onActivate(row))
            }
          >
            {columns.map((column) => (
              <td key={column.id} className={cx(column.align === 'end' && css.end, column.className)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        {foot}
      </tbody>
    </table>
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
  if (column.headerHidden === true) {
    return (
      <th scope="col" className={className}>
        <VisuallyHidden>{column.header}</VisuallyHidden>
      </th>
    );
  }
  if (column.compare === undefined) {
    return (
      <th scope="col" className={className}>
        {column.header}
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
  return event.target instanceof Element && event.target.closest('a, button, input, [role="menuitem"]') !== null;
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-focus]')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  if (at < 0) return;
  const target =
    event.key === 'ArrowDown'
      ? stops[at + 1]
      : event.key === 'ArrowUp'
        ? stops[at - 1]
        : event.key === 'Home'
          ? stops[0]
          : event.key === 'End'
            ? stops.at(-1)
            : undefined;
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
