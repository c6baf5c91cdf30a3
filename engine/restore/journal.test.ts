import fs from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { JournalWriter, readJournalLines } from './journal.ts';
import type { JournalLine } from './journal.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'larder-journal-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Longer together than what is read at a time, one of them alone. */
const lines: JournalLine[] = [
  'a',
  'ü'.repeat(300_000),
  ...Array.from({ length: 9_000 }, (_, at) => `f\udce9/${at}`),
].map((path) => ({ t: 'leave', path }));

function read(path: string): JournalLine[] {
  const found: JournalLine[] = [];
  readJournalLines(nodeFs, path, (line) => found.push(line));
  return found;
}

test('lines come back as they were, across whatever is read at a time, and a torn one not at all', () => {
  const path = join(folder, 'r-1.ndjson');
  const writer = JournalWriter.create(nodeFs, path);
  expect(read(path)).toEqual([]);
  for (const line of lines) writer.add(line);
  writer.sync();
  writer.close();
  expect(read(path)).toEqual(lines);
  fs.appendFileSync(path, '{"t":"undone","le');
  expect(read(path)).toEqual(lines);
});

test('a torn line is cut off before more is added', () => {
  const path = join(folder, 'r-1.ndjson');
  for (const whole of [0, 1, lines.length]) {
    fs.writeFileSync(
      path,
      lines
        .slice(0, whole)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('') + '{"t":',
    );
    const writer = JournalWriter.reopen(nodeFs, path);
    writer.add({ t: 'undone', left: 0 });
    writer.sync();
    writer.close();
    expect(read(path)).toEqual([...lines.slice(0, whole), { t: 'undone', left: 0 }]);
  }
});
