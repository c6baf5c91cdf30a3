import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInlinePool } from '../pool/index.ts';
import { copiesFolder } from './copies-folder.ts';
import { createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

/** Where tasks were told to write copies. */
let told: string[];
let here: TestStore;
let db: DatabaseSync;
beforeEach(() => {
  told = [];
  const pool = createInlinePool();
  here = createTestStore({
    pool: {
      ...pool,
      run(task, input, options) {
        if (task.name.startsWith('capture.')) told.push(JSON.stringify(input));
        return pool.run(task, input, options);
      },
    },
  });
  db = new DatabaseSync(join(here.root, 'live.db'));
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES ('readable')");
});
afterEach(async () => {
  db.close();
  await here.context.close();
});

test('copies for an encrypted backup never lie in the destination', async () => {
  const { home, stores } = here.context;
  stores.update(here.store.id, { rules: { encryption: { kind: 'recipients', recipients: [recipient] } } });
  expect(await here.backUp()).toMatchObject({ status: 'done' });
  const { destination } = stores.get(here.store.id);
  expect(told.length).toBeGreaterThan(0);
  for (const input of told) {
    expect(input).toContain(join(home, 'copies'));
    expect(input).not.toContain(destination);
  }
  expect(fs.readdirSync(join(home, 'copies'))).toEqual([]);
});

test('others lie beside the archive to be', async () => {
  expect(await here.backUp()).toMatchObject({ status: 'done' });
  expect(told.some((input) => input.includes(here.context.stores.get(here.store.id).destination))).toBe(true);
  expect(fs.existsSync(join(here.context.home, 'copies'))).toBe(false);
});

test('what a killed run left is cleared', () => {
  const { path } = copiesFolder(here.context, '/somewhere', true);
  expect(fs.statSync(path).mode & 0o777).toBe(0o700);
  fs.writeFileSync(join(path, 'capture-1'), 'left');
  const again = copiesFolder(here.context, '/somewhere', true);
  expect(again.path).toBe(path);
  expect(fs.readdirSync(path)).toEqual([]);
  expect(copiesFolder(here.context, '/elsewhere', true).path).not.toBe(path);
});
