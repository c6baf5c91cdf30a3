import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { bounded } from './bounded.ts';
import { healthMigrations } from './migrations.ts';
import { SeenFiles } from './seen-files.ts';

const dayMs = 24 * 3_600_000;
let context: TestContext;
beforeEach(() => (context = createTestContext({ migrations: healthMigrations })));
afterEach(() => context.close());

it('notes files when first seen, tells those that changed for 30 days, and takes them as they are then', async () => {
  const seen = new SeenFiles(context.db);
  const file = (bytes: number, mtimeMs: number) => bounded([{ path: 'blobs/\udc80', bytes, mtimeMs }]);
  expect(await seen.compare('s', file(5, 10), 0)).toMatchObject({ compared: 0, noted: 1 });
  expect(await seen.compare('s', file(5, 10), dayMs)).toMatchObject({ compared: 1, noted: 0, changed: { count: 0 } });
  const changed = await seen.compare('s', file(6, 11), 2 * dayMs);
  expect(changed.changed.first).toEqual([
    { path: 'blobs/\udc80', from: { bytes: 5, mtimeMs: 10 }, to: { bytes: 6, mtimeMs: 11 } },
  ]);
  expect((await seen.compare('s', file(6, 11), 31 * dayMs)).changed.count).toBe(1);
  expect((await seen.compare('s', file(6, 11), 33 * dayMs)).changed.count).toBe(0);
  expect((await seen.compare('s', file(6, 11), 34 * dayMs)).changed.count).toBe(0);
});

it('forgets a change when the file is as it was again, and keeps stores apart', async () => {
  const seen = new SeenFiles(context.db);
  const file = (bytes: number) => bounded([{ path: 'a', bytes, mtimeMs: 1 }]);
  await seen.compare('s', file(5), 0);
  expect((await seen.compare('s', file(6), 1)).changed.count).toBe(1);
  expect((await seen.compare('s', file(5), 2)).changed.count).toBe(0);
  expect(await seen.compare('t', file(6), 3)).toMatchObject({ noted: 1 });
});
