import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../shared/unified-diff.ts';
import { changedLines, parsePatch } from './diff-lines.ts';

const names = { before: 'deploy/compose.yaml', after: 'deploy/compose.yaml' };

describe('lines of a patch', () => {
  it('numbers both sides', () => {
    const [diff, ...rest] = parsePatch(unifiedDiff('a\nb\nc\n', 'a\nB\nb2\nc\n', names));
    expect(rest).toEqual([]);
    expect(diff?.name).toBe('deploy/compose.yaml');
    expect(diff?.lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ['gap', 'Line 1', undefined, undefined],
      ['same', 'a', 1, 1],
      ['gone', 'b', 2, undefined],
      ['new', 'B', undefined, 2],
      ['new', 'b2', undefined, 3],
      ['same', 'c', 3, 4],
    ]);
    expect([...changedLines(diff)]).toEqual([2]);
  });

  it('tells content that looks like a head from a head', () => {
    const [diff] = parsePatch(unifiedDiff('-- a\nx\n', '++ b\nx\n', names));
    expect(diff?.lines.slice(1).map(({ kind, text }) => [kind, text])).toEqual([
      ['gone', '-- a'],
      ['new', '++ b'],
      ['same', 'x'],
    ]);
  });

  it('reads several files, made files, and ends without a newline', () => {
    const made = unifiedDiff('', 'new\n', { before: undefined, after: '.env' });
    const changed = unifiedDiff('a', 'b', names);
    const files = parsePatch(made + changed);
    expect(files.map(({ name }) => name)).toEqual(['.env', 'deploy/compose.yaml']);
    expect(files[0]?.lines[1]).toEqual({ kind: 'new', text: 'new', before: undefined, after: 1 });
    expect(files[1]?.lines.slice(1).map(({ text }) => text)).toEqual(['a', 'b']);
    expect([...changedLines(undefined)]).toEqual([]);
  });
});
