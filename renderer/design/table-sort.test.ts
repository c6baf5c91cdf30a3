import { describe, expect, it } from 'vitest';
import { nextSort, sortRows } from './table-sort.ts';

const columns = [
  { id: 'name', compare: (a: Row, b: Row) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) },
  { id: 'size', compare: (a: Row, b: Row) => a.size - b.size, firstDirection: 'down' as const },
  { id: 'note' },
];
interface Row {
  name: string;
  size: number;
}
const rows: readonly Row[] = [
  { name: 'b', size: 2 },
  { name: 'a', size: 2 },
  { name: 'c', size: 1 },
];

describe('sorting a table', () => {
  it('begins each column in its own direction and turns it on the next press', () => {
    const first = nextSort(undefined, columns[1]!);
    expect(first).toEqual({ column: 'size', direction: 'down' });
    expect(nextSort(first, columns[1]!)).toEqual({ column: 'size', direction: 'up' });
    expect(nextSort(first, columns[0]!)).toEqual({ column: 'name', direction: 'up' });
  });

  it('keeps the order of equal rows in both directions', () => {
    expect(sortRows(rows, columns, { column: 'size', direction: 'up' }).map((row) => row.name)).toEqual([
      'c',
      'b',
      'a',
    ]);
    expect(sortRows(rows, columns, { column: 'size', direction: 'down' }).map((row) => row.name)).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  it('leaves rows as they came without an order, or for a column that does not sort', () => {
    expect(sortRows(rows, columns, undefined)).toBe(rows);
    expect(sortRows(rows, columns, { column: 'note', direction: 'up' })).toBe(rows);
    expect(sortRows(rows, columns, { column: 'gone', direction: 'up' })).toBe(rows);
  });
});
