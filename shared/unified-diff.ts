/** Unchanged lines shown around a change. */
const around = 3;
/** Cells of the table of common lines; beyond it the differing middle is shown as replaced whole. */
const mostCells = 4_000_000;

type Line = readonly [kind: ' ' | '-' | '+', text: string];

/** What stands for a missing newline at the end of a file, as `diff` writes it. */
const noNewline = '\\ No newline at end of file';

/** Lines with their ends, so that a missing last newline is a difference. */
function linesOf(text: string): string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

/**
 * The difference between two texts as a unified diff that `patch` and `git apply` take; `''` when they are the same. A
 * name is left out with `undefined`: the file is made, or goes.
 */
export function unifiedDiff(
  before: string,
  after: string,
  names: { readonly before: string | undefined; readonly after: string | undefined },
): string {
  if (before === after) return '';
  const name = (side: string, path: string | undefined): string =>
    path === undefined ? '/dev/null' : `${side}/${path}`;
  const head = `--- ${name('a', names.before)}\n+++ ${name('b', names.after)}\n`;
  return head + hunks(compare(linesOf(before), linesOf(after)));
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore -= 1;
    endAfter -= 1;
  }
  const same = (lines: readonly string[]): Line[] => lines.map((text) => [' ', text]);
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, endBefore), after.slice(start, endAfter)),
    ...same(before.slice(endBefore)),
  ];
}

/** By the longest common subsequence of lines. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  if ((before.length + 1) * width > mostCells) {
    return [...before.map((text): Line => ['-', text]), ...after.map((text): Line => ['+', text])];
  }
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        before[i] === after[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push([' ', old]);
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (fresh === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push(['-', old]);
      i += 1;
    } else {
      lines.push(['+', fresh ?? '']);
      j += 1;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string {
  let text = '';
  let [before, after] = [0, 0];
  for (let at = 0; at < lines.length;) {
    const from = Math.max(at, nextChange(lines, at) - around);
    if (from >= lines.length) break;
    before += from - at;
    after += from - at;
    let to = nextChange(lines, from) + 1;
    // Changes closer together than what is shown around them share a hunk.
    for (let next = nextChange(lines, to); next - to < 2 * around; next = nextChange(lines, to)) to = next + 1;
    to = Math.min(lines.length, to + around);
    const hunk = lines.slice(from, to);
    const [old, fresh] = [count(hunk, '+'), count(hunk, '-')];
    text += `@@ -${range(before, old)} +${range(after, fresh)} @@\n`;
    for (const [kind, line] of hunk) text += line.endsWith('\n') ? kind + line : `${kind}${line}\n${noNewline}\n`;
    before += old;
    after += fresh;
    at = to;
  }
  return text;
}

function nextChange(lines: readonly Line[], from: number): number {
  for (let at = from; at < lines.length; at += 1) if (lines[at]?.[0] !== ' ') return at;
  return Infinity;
}

/** Lines of a hunk that are not only on the other side. */
function count(hunk: readonly Line[], without: '+' | '-'): number {
  return hunk.filter(([kind]) => kind !== without).length;
}

function range(start: number, length: number): string {
  // An empty side is told by the line before it.
  return length === 1 ? String(start + 1) : `${length === 0 ? start : start + 1},${length}`;
}
