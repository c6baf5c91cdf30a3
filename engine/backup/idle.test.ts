import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { openBackup } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

let made: (TestStore & { readonly copied: string[] }) | undefined;
afterEach(async () => {
  await made?.context.close();
  made = undefined;
});

/** `aheadMs`: how far the clock of each look is ahead of the files' times, so that they look left alone. */
function testStore(aheadMs = 3_600_000): TestStore & { readonly copied: string[] } {
  const inner = createInlinePool();
  const copied: string[] = [];
  const pool: Pool = {
    ...inner,
    run(task, input, options) {
      if (task.name === 'capture.one') copied.push((input as { path: string }).path);
      return inner.run(task, input, options);
    },
  };
  let now = Date.now() + aheadMs;
  made = { ...createTestStore({ pool, clock: () => (now += aheadMs === 0 ? 0 : 60_000) }), copied };
  return made;
}

/** A database as a program has left it that died: what it committed lies in the WAL. */
function leave(path: string, endings: readonly string[] = ['', '-wal', '-shm'], mode = 'WAL'): void {
  const made = `${path}.made`;
  const database = new DatabaseSync(made);
  database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)`);
  for (const ending of endings) fs.copyFileSync(made + ending, path + ending);
  database.close();
  fs.rmSync(made);
}

function entryOf(manifest: string, path: string) {
  for (const entry of openBackup(nodeFs, manifest).entries()) if (entry.path === path) return entry;
  return undefined;
}

const planned = async ({ backups, store }: TestStore) => backups.handlers.plan({ store: store.id }, call);

describe('a database that nothing was written to since', () => {
  test.each([[['', '-wal', '-shm']], [['', '-wal']]])('with %j is not copied again', async (endings) => {
    const { backUp, backups, root, copied } = testStore();
    leave(join(root, 'a.db'), endings);
    expect(await backUp()).toMatchObject({ status: 'done', result: { files: 5 } });
    expect(copied).toEqual([join(root, 'a.db')]);
    const first = entryOf((await backups.resolve('latest')).manifest, 'a.db');
    expect(await planned(made!)).toMatchObject({ files: 5, unchanged: { files: 5 } });

    const again = await backUp();
    expect(again).toMatchObject({ status: 'done', warningCount: 0, result: { files: 5 } });
    expect(copied).toHaveLength(1);
    const second = await backups.resolve('latest');
    expect(second.reusedBytes).toBe(second.bytes);
    expect({ ...entryOf(second.manifest, 'a.db'), pieces: [] }).toEqual({ ...first, pieces: [] });
    expect(entryOf(second.manifest, 'a.db-wal')).toBeUndefined();
    await backUp();
    expect(copied).toHaveLength(1);
  });

  test.each([
    ['its WAL grew', (path: string) => fs.appendFileSync(`${path}-wal`, 'x')],
    ['its WAL has another time', (path: string) => fs.utimesSync(`${path}-wal`, 5, 5)],
    ['its WAL is another file', (path: string) => exchange(`${path}-wal`)],
    ['it has another time', (path: string) => fs.utimesSync(path, 5, 5)],
    ['it is another file', (path: string) => exchange(path)],
    ['its mode is another', (path: string) => fs.chmodSync(path, 0o640)],
    ['a journal lies beside it', (path: string) => fs.writeFileSync(`${path}-journal`, 'no journal at all')],
  ])('is when %s', async (_, change) => {
    const { backUp, root, copied } = testStore();
    leave(join(root, 'a.db'));
    await backUp();
    change(join(root, 'a.db'));
    expect(await backUp()).toMatchObject({ status: 'done' });
    expect(copied).toHaveLength(2);
  });

  test('is when it was written to within a second of the last backup', async () => {
    const { backUp, root, copied } = testStore(0);
    leave(join(root, 'a.db'));
    await backUp();
    await backUp();
    expect(copied).toHaveLength(2);
  });

  test('is when it could not be copied and was taken as it lies', async () => {
    const { backUp, put, root, copied } = testStore();
    put('a.db', Buffer.alloc(4_096, 7));
    leave(join(root, 'b.db'));
    put('a.db-wal', Buffer.concat([Buffer.from('377f0682', 'hex'), Buffer.alloc(100)]));
    expect(await backUp()).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(await backUp()).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(copied.filter((path) => path.endsWith('/a.db'))).toHaveLength(2);
    expect(copied.filter((path) => path.endsWith('/b.db'))).toHaveLength(1);
  });

  test('is when what belongs to it has gone, and then read as any file', async () => {
    const { backUp, backups, root, copied } = testStore();
    leave(join(root, 'a.db'));
    await backUp();
    fs.rmSync(join(root, 'a.db-wal'));
    fs.rmSync(join(root, 'a.db-shm'));
    await backUp();
    expect(copied).toHaveLength(1);
    const { manifest } = await backups.resolve('latest');
    expect(entryOf(manifest, 'a.db')).toMatchObject({ size: fs.statSync(join(root, 'a.db')).size });
  });

  test('is for a full backup', async () => {
    const { backUp, root, copied } = testStore();
    leave(join(root, 'a.db'));
    await backUp();
    await backUp({ full: true });
    expect(copied).toHaveLength(2);
  });
});

/** Puts a copy of a file, with its times, in its place. */
function exchange(path: string): void {
  fs.cpSync(path, `${path}.new`, { preserveTimestamps: true });
  fs.renameSync(`${path}.new`, path);
}
