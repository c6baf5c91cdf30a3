import { displayWidth, padEnd, padStart, shorten } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Its texts may be shortened where the table is too wide. */
  readonly gives?: boolean;
}

/** A column that gives stays as wide as this, or as its longest text. */
const leastCells = 20;

/**
 * Rows under their titles, aligned, two spaces apart, without trailing spaces. Cells must be printable. Columns that give
 * do so, as far as they can, until the table is no wider than `maxWidth` cells; the widest gives first.
 */
export function table(columns: readonly Column[], uncut: readonly (readonly string[])[], maxWidth = Infinity): string {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...uncut.map((row) => displayWidth(row[index] ?? ''))),
  );
  let over = widths.reduce((sum, width) => sum + width + 2, -2) - maxWidth;
  const giving = [...columns.keys()].filter((index) => columns[index]?.gives === true);
  for (const index of giving.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))) {
    const width = widths[index] ?? 0;
    const given = Math.min(Math.max(0, over), Math.max(0, width - leastCells));
    widths[index] = width - given;
    over -= given;
  }
  const rows = uncut.map((row) => row.map((cell, index) => shorten(cell, widths[index] ?? 0)));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const pad = column.align === 'right' ? padStart : padEnd;
        return pad(cells[index] ?? '', widths[index] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

/** Names and values under each other, indented. Values must be printable; undefined ones are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  return shown.map(([name, value]) => `  ${padEnd(name, width)}  ${value}\n`).join('');
}
