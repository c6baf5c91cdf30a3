import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/index.ts';
import { fsPath, nodeFs } from './index.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

it.each([0, 1e9 + 0.123456, -5, -4.999999, -86_400.5, 4e9 + 0.5])('sets a modification time of %d s', (seconds) => {
  const path = join(folder.path, 'file');
  writeFileSync(path, '');
  nodeFs.lutimes(path, seconds, seconds);
  expect(Math.abs(Number(nodeFs.lstat(path).mtimeNs) / 1e9 - seconds)).toBeLessThan(2e-6);
});

it.skipIf(process.platform !== 'linux')('lists, opens and reads links of names that are not UTF-8', () => {
  const name = 'raw\udcff\udc80';
  const path = join(folder.path, name);
  writeFileSync(fsPath(path), 'x');
  symlinkSync(fsPath(name), join(folder.path, 'link'));
  expect(nodeFs.readDirectory(folder.path)).toEqual(
    expect.arrayContaining([
      { name, kind: 'file' },
      { name: 'link', kind: 'symlink' },
    ]),
  );
  expect(nodeFs.readNames(folder.path).sort()).toEqual(['link', name]);
  expect(nodeFs.readFile(path).toString()).toBe('x');
  expect(nodeFs.readLink(join(folder.path, 'link'))).toBe(name);
});
