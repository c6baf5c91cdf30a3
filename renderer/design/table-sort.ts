export interface SortableColumn<Row> {
  id: string;
  /** Order of two rows by this column, upwards. Without it the column does not sort. */
  compare?: (a: Row, b: Row) => number;
  /** Direction of the first press; figures begin with the largest. */
  firstDirection?: 'up' | 'down';
}

export interface Sort {
  column: string;
  direction: 'up' | 'down';
}

/** The order after a press on a column's head. */
export function nextSort<Row>(sort: Sort | undefined, column: SortableColumn<Row>): Sort {
  if (sort?.column !== column.id) return { column: column.id, direction: column.firstDirection ?? 'up' };
  return { column: column.id, direction: sort.direction === 'up' ? 'down' : 'up' };
}

/** Rows in the wanted order; equal rows keep the order they came in, in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly SortableColumn<Row>[],
  sort: Sort | undefined,
): readonly Row[] {
  const compare = columns.find((column) => column.id === sort?.column)?.compare;
  if (sort === undefined || compare === undefined) return rows;
  return rows.toSorted(sort.direction === 'up' ? compare : (a, b) => compare(b, a));
}
