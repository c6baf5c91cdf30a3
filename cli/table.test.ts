import { describe, expect, it } from 'vitest';
import { table } from './table.ts';

const columns = [{ title: 'ID' }, { title: 'STATUS', gives: true }, { title: 'NOTE', gives: true }];
const long = 'Its archive data_backup_20250801_120000.tar.zst is cut off: 100 of 4096 bytes are there.';
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('a table', () => {
  it('is as wide as its texts where there is room', () => {
    expect(table(columns, [['one', 'done', 'x']], 80)).toBe('ID   STATUS  NOTE\none  done    x\n');
    expect(table(columns, [['one', long, '']])).toContain(long);
  });

  it('shortens what may be, until it fits', () => {
    const text = table(
      columns,
      [
        ['one', long, 'a note'],
        ['two', 'done', ''],
      ],
      60,
    );
    expect(widest(text)).toBeLessThanOrEqual(60);
    expect(text).toContain('…');
    expect(text).toContain('two  done');
  });

  it('leaves what gives enough to be told apart, however narrow it is', () => {
    expect(table(columns, [['one', long, long]], 10).split('\n')[1]).toHaveLength(3 + 2 + 20 + 2 + 20);
  });
});
