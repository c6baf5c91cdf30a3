import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { clearFolder, clearNoted, hasNotes, noteExport, temporaryName } from './leftovers.ts';
import type { ExportMachine } from './leftovers.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

interface Said {
  readonly host?: string;
  readonly bootId?: string;
  readonly namespace?: string;
  readonly pid?: number;
}

function machine(said: Said = {}, nowMs = Date.now()): ExportMachine {
  const identity = { host: 'box', bootId: 'boot', namespace: 'pid:[1]', pid: 1, startTicks: '7', ...said };
  // Process 1 lives, all others are dead.
  return { identity: () => identity, isRunning: ({ pid }) => pid === 1, nowMs: () => nowMs };
}

function write(said: Said): string {
  const path = join(folder.path, temporaryName(machine(said)));
  fs.writeFileSync(path, 'half');
  return path;
}

test.each<[string, Said, boolean]>([
  ['a dead process of this machine', { pid: 2 }, false],
  ['a live process', { pid: 1 }, true],
  ['a process of another machine', { pid: 2, host: 'other' }, true],
  ['a process of another container', { pid: 2, namespace: 'pid:[2]' }, true],
  ['a process of another boot, written just now', { pid: 1, bootId: 'before' }, true],
])('what %s writes', (_, said, stays) => {
  const path = write(said);
  clearFolder(nodeFs, folder.path, machine());
  expect(fs.existsSync(path)).toBe(stays);
});

test('what was written before the machine started again goes after a while', () => {
  const path = write({ pid: 1, bootId: 'before' });
  clearFolder(nodeFs, folder.path, machine({}, Date.now() + 600_000));
  expect(fs.existsSync(path)).toBe(false);
});

test('a folder and a link of such a name are not touched', () => {
  const path = write({ pid: 2 });
  const link = join(folder.path, temporaryName(machine({ pid: 2 })));
  const directory = join(folder.path, temporaryName(machine({ pid: 2 })));
  fs.symlinkSync(path, link);
  fs.mkdirSync(directory);
  clearFolder(nodeFs, folder.path, machine());
  expect([link, directory].map((each) => fs.lstatSync(each).isFile())).toEqual([false, false]);
});

test('a note of a live process that has not begun to write stays, a damaged one of a dead one goes', () => {
  const home = join(folder.path, 'home');
  expect(hasNotes(nodeFs, home)).toBe(false);
  noteExport(nodeFs, home, join(folder.path, temporaryName(machine({ pid: 1 }))));
  const dead = temporaryName(machine({ pid: 2 }));
  fs.writeFileSync(join(home, 'exports', dead), '"/cut');
  const strange = temporaryName(machine({ pid: 2 }));
  const precious = join(folder.path, 'precious');
  fs.writeFileSync(precious, 'x');
  fs.writeFileSync(join(home, 'exports', strange), JSON.stringify(precious));
  clearNoted(nodeFs, home, machine());
  expect(fs.readdirSync(join(home, 'exports'))).toHaveLength(1);
  expect(fs.existsSync(precious)).toBe(true);
});
