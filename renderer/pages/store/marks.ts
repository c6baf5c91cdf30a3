/** Paths that are chosen, and where a range would begin. */
export interface Marks {
  readonly paths: ReadonlySet<string>;
  /** Row of the last single choice. */
  readonly anchor: number;
}

export const noMarks: Marks = { paths: new Set(), anchor: 0 };

/** The engine is asked about at most so many at once. */
export const mostMarked = 100_000;

export function toggleMark(marks: Marks, path: string, row: number): Marks {
  const paths = new Set(marks.paths);
  if (!paths.delete(path)) paths.add(path);
  return { paths, anchor: row };
}

/** All rows from the anchor to `row`; `pathAt` is undefined for a row that is not known yet. */
export function markRange(marks: Marks, row: number, pathAt: (row: number) => string | undefined): Marks {
  const paths = new Set<string>();
  const last = Math.min(Math.max(marks.anchor, row), Math.min(marks.anchor, row) + mostMarked - 1);
  for (let at = Math.min(marks.anchor, row); at <= last; at += 1) {
    const path = pathAt(at);
    if (path !== undefined) paths.add(path);
  }
  return { paths, anchor: marks.anchor };
}
