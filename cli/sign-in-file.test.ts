import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeSignInFile } from './sign-in-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larder-sign-in-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('hands the address on in a page only this user can read, and leaves nothing', async () => {
  const url = 'http://127.0.0.1:1/#code="x&y';
  const { file, remove } = await writeSignInFile(folder, url);
  const path = fileURLToPath(file);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(file).not.toContain('code');
  const page = readFileSync(path, 'utf8');
  expect(page).toContain('url=http://127.0.0.1:1/#code=&quot;x&amp;y"');
  expect(page).not.toContain('<script');
  await remove();
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});
