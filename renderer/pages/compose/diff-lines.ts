export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new' | 'gap';
  /** Without its sign; of a gap, where the part begins. */
  readonly text: string;
  /** Number of the line before and after, where it is on that side. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

export interface FileDiff {
  /** Path after `a/` or `b/`. */
  readonly name: string;
  readonly lines: readonly DiffLine[];
}

/** The lines of a unified diff as they are drawn, by file. */
export function parsePatch(patch: string): readonly FileDiff[] {
  const files: { name: string; lines: DiffLine[] }[] = [];
  let [before, after, left, right] = [0, 0, 0, 0];
  for (const line of patch.split('\n')) {
    const file = files.at(-1);
    const inPart = left > 0 || right > 0;
    const part = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!inPart && line.startsWith('--- ')) files.push({ name: nameOf(line), lines: [] });
    else if (!inPart && line.startsWith('+++ ') && file !== undefined) {
      if (file.name === '') file.name = nameOf(line);
    } else if (!inPart && part !== null) {
      [left, right] = [Number(part[2] ?? 1), Number(part[4] ?? 1)];
      // A side without lines is told by the line before it.
      before = Number(part[1]) + (left === 0 ? 1 : 0);
      after = Number(part[3]) + (right === 0 ? 1 : 0);
      file?.lines.push({ kind: 'gap', text: `Line ${part[1] ?? ''}`, before: undefined, after: undefined });
    } else if (inPart && file !== undefined) {
      const text = line.slice(1).replace(/\r$/, '');
      if (line.startsWith('-')) {
        file.lines.push({ kind: 'gone', text, before: before++, after: undefined });
        left -= 1;
      } else if (line.startsWith('+')) {
        file.lines.push({ kind: 'new', text, before: undefined, after: after++ });
        right -= 1;
      } else if (!line.startsWith('\\')) {
        file.lines.push({ kind: 'same', text, before: before++, after: after++ });
        left -= 1;
        right -= 1;
      }
    }
  }
  return files;
}

function nameOf(head: string): string {
  const name = head.slice(4).replace(/\t.*$/, '');
  return name === '/dev/null' ? '' : name.replace(/^[ab]\//, '');
}

/** Numbers of the lines of a file that a patch takes away or writes anew; a line only added marks none. */
export function changedLines(diff: FileDiff | undefined): ReadonlySet<number> {
  return new Set(diff?.lines.flatMap(({ kind, before }) => (kind === 'gone' && before !== undefined ? [before] : [])));
}
