import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const names = { before: 'f', after: 'f' };

it('says nothing of the same text', () => {
  expect(unifiedDiff('a\n', 'a\n', names)).toBe('');
});

it('shows three lines around a change', () => {
  const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';
  expect(unifiedDiff(before, before.replace('5', 'five'), names)).toBe(
    '--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  );
});

it('makes and removes a file', () => {
  expect(unifiedDiff('', 'a\n', { before: undefined, after: 'f' })).toBe('--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n');
  expect(unifiedDiff('a\n', '', { before: 'f', after: undefined })).toBe('--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
});

it('tells a missing newline at the end', () => {
  expect(unifiedDiff('a\n', 'a', names)).toBe('--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n');
});

/** What a diff makes of a text: a reader of our own, which must not guess. */
function apply(before: string, diff: string): string {
  const old = before === '' ? [] : (before.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  const lines = diff.split('\n').slice(2, -1);
  const out: string[] = [];
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      out.push(...old.slice(at, start));
      at = start;
      continue;
    }
    if (line.startsWith('\\')) continue;
    const text = line.slice(1) + (lines[index + 1]?.startsWith('\\') === true ? '' : '\n');
    if (!line.startsWith('+')) {
      expect(old[at]).toBe(text);
      at += 1;
    }
    if (!line.startsWith('-')) out.push(text);
  }
  return [...out, ...old.slice(at)].join('');
}

const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', 'd d'), { maxLength: 40 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''));

it('leads from the one text to the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(apply(before, unifiedDiff(before, after, names))).toBe(after);
    }),
  );
});

it.skipIf(!hasGit())('is taken by git', () => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-diff-'));
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '');
        writeFileSync(join(folder, 'f'), before);
        const diff = unifiedDiff(before, after, names);
        execFileSync('git', ['apply', '--unidiff-zero', '-'], { cwd: folder, input: diff, stdio: 'pipe' });
        expect(readFileSync(join(folder, 'f'), 'utf8')).toBe(after);
      }),
      { numRuns: 20 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
