/** Names of one folder that are chosen, and where a range would begin. */
export interface Marks {
  readonly names: ReadonlySet<string>;
  /** Row of the last single choice. */
  readonly anchor: number;
}

export const noMarks: Marks = { names: new Set(), anchor: 0 };

/** The engine is asked about at most so many at once. */
export const mostMarked = 100_000;

export function toggleMark(marks: Marks, name: string, row: number): Marks {
  const names = new Set(marks.names);
  if (!names.delete(name)) names.add(name);
  return { names, anchor: row };
}

/** All rows from the anchor to `row`; `nameAt` is undefined for a row that is not known yet. */
export function markRange(marks: Marks, row: number, nameAt: (row: number) => string | undefined): Marks {
  const names = new Set<string>();
  const last = Math.min(Math.max(marks.anchor, row), Math.min(marks.anchor, row) + mostMarked - 1);
  for (let at = Math.min(marks.anchor, row); at <= last; at += 1) {
    const name = nameAt(at);
    if (name !== undefined) names.add(name);
  }
  return { names, anchor: marks.anchor };
}
