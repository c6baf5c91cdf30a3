import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { clearLeftovers, notedRuns, noteRun } from './leftovers.ts';

let folder: ReturnType<typeof temporaryFolder>;
let destination: string;
beforeEach(() => {
  folder = temporaryFolder();
  destination = folder.path;
  fs.mkdirSync(join(destination, '.larder'));
});
afterEach(() => folder.remove());

const base = 's_backup_20250801_120000';

function put(...names: string[]): void {
  for (const name of names) {
    fs.mkdirSync(join(destination, name, '..'), { recursive: true });
    fs.writeFileSync(join(destination, name), 'x');
  }
}

function present(): string[] {
  return fs
    .readdirSync(destination)
    .filter((name) => name !== '.larder')
    .sort();
}

test('the archive of a run that was killed before its manifest is removed, and only that', () => {
  put(`${base}.tar.zst`, 'other_backup_20250801_120000.tar.zst', 'aura-data-backup-20250801.tar.gz');
  noteRun(nodeFs, destination, 'r1', base);
  put(`${base}-2.tar.zst`, `${base}-2.txt`, '.larder/tmp/x.archive', '.larder/tmp/deep/er/file');
  clearLeftovers(nodeFs, destination);
  expect(present()).toEqual([
    'aura-data-backup-20250801.tar.gz',
    'other_backup_20250801_120000.tar.zst',
    `${base}-2.txt`,
    `${base}.tar.zst`,
  ]);
  expect(fs.readdirSync(join(destination, '.larder/tmp'))).toEqual([]);
});

test('a run that was killed after its commit keeps its backup', () => {
  noteRun(nodeFs, destination, 'r1', base);
  put(`${base}.tar.zst`, `${base}.manifest.zst`);
  clearLeftovers(nodeFs, destination);
  expect(present()).toEqual([`${base}.manifest.zst`, `${base}.tar.zst`]);
  expect(notedRuns(nodeFs, destination)).toEqual([]);
});

test('a note that is damaged removes nothing but itself', () => {
  put(`${base}.tar.zst`, '.larder/tmp/run-x.json');
  clearLeftovers(nodeFs, destination);
  expect(present()).toEqual([`${base}.tar.zst`]);
  expect(fs.readdirSync(join(destination, '.larder/tmp'))).toEqual([]);
});

test('a name that only begins like the run is not its archive', () => {
  noteRun(nodeFs, destination, 'r1', base);
  put(`${base}-copy.tar.zst`, `${base}0.tar.zst`);
  clearLeftovers(nodeFs, destination);
  expect(present()).toHaveLength(2);
});

test('the note goes last, so that a crash while clearing loses nothing', () => {
  noteRun(nodeFs, destination, 'r1', base);
  put(`${base}.tar.zst`, '.larder/tmp/zz');
  const order: string[] = [];
  clearLeftovers(
    {
      ...nodeFs,
      unlink(path) {
        order.push(path.slice(destination.length + 1));
        nodeFs.unlink(path);
      },
    },
    destination,
  );
  expect(order).toEqual([`${base}.tar.zst`, '.larder/tmp/zz', '.larder/tmp/run-r1.json']);
});
