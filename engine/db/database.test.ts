import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs, toLarderError } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { openDatabase } from './index.ts';
import type { Migration } from './index.ts';

const first: Migration = { id: 'test-1', sql: 'CREATE TABLE things (name TEXT) STRICT;' };
const second: Migration = {
  id: 'test-2',
  sql: "ALTER TABLE things ADD COLUMN colour TEXT; UPDATE things SET colour = 'red';",
};

describe('openDatabase', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(() => folder.remove());

  const open = (migrations: readonly Migration[]) =>
    openDatabase({ fs: nodeFs, home: folder.path, migrations, now: 1_000 });

  it('applies each migration once and keeps what is there', () => {
    const before = open([first]);
    before.database.sqlite.exec("INSERT INTO things VALUES ('cup')");
    before.database.close();
    for (let time = 0; time < 2; time += 1) {
      const { database, notices } = open([first, second]);
      expect(database.sqlite.prepare('SELECT * FROM things').all()).toEqual([{ name: 'cup', colour: 'red' }]);
      expect(notices).toEqual([]);
      database.close();
    }
  });

  it('leaves the database as it was when a migration fails', () => {
    open([first]).database.close();
    expect(() => open([first, second, { id: 'test-3', sql: 'CREATE NONSENSE' }])).toThrow(/syntax/);
    const { database } = open([first]);
    expect(database.sqlite.prepare("SELECT name FROM pragma_table_info('things')").all()).toHaveLength(1);
    database.close();
  });

  it('refuses a database of a newer Larder and leaves it alone', () => {
    open([first, second]).database.close();
    const bytes = readFileSync(join(folder.path, 'larder.db'));
    expect(() => open([first])).toThrow(/newer Larder/);
    expect(readFileSync(join(folder.path, 'larder.db')).equals(bytes)).toBe(true);
  });

  it.each([
    [
      'is not SQLite at all',
      (path: string) => writeFileSync(path, 'not a database, but long enough to be looked at'.repeat(40)),
    ],
    ['lost its end', (path: string) => truncateSync(path, 5_000)],
    [
      'has a page overwritten',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xa5, 4_096, 8_192);
        writeFileSync(path, bytes);
      },
    ],
  ])('sets a database aside that %s, tells so, and starts anew', (_title, damage) => {
    open([first]).database.close();
    const path = join(folder.path, 'larder.db');
    damage(path);
    const damaged = readFileSync(path);
    const { database, notices } = open([first]);
    expect(database.sqlite.prepare('SELECT count(*) AS n FROM things').get()).toEqual({ n: 0 });
    database.close();
    const aside = readdirSync(folder.path).find((name) => /^larder\.db\.damaged-[^.]*$/.test(name));
    expect(aside).toBeDefined();
    expect(readFileSync(join(folder.path, aside!)).equals(damaged)).toBe(true);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.message).toContain(aside);
  });

  it('is readable by its owner only', () => {
    open([first]).database.close();
    expect(statSync(join(folder.path, 'larder.db')).mode & 0o777).toBe(0o600);
  });

  it('rolls a failed transaction back', () => {
    const { database } = open([first]);
    expect(() =>
      database.transaction(() => {
        database.sqlite.exec("INSERT INTO things VALUES ('cup')");
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(database.sqlite.prepare('SELECT count(*) AS n FROM things').get()).toEqual({ n: 0 });
    database.close();
  });

  it('says that the disk is full', () => {
    const { database } = open([first]);
    database.sqlite.exec('PRAGMA max_page_count = 1');
    let failure: unknown;
    try {
      database.sqlite.exec('INSERT INTO things VALUES (hex(randomblob(500000)))');
    } catch (error) {
      failure = toLarderError(error);
    }
    expect(failure).toMatchObject({ code: 'NO_SPACE', message: "Larder's database has no space left on its disk." });
    database.close();
  });

  it('says which folder cannot be used', () => {
    expect(existsSync(join(folder.path, 'missing'))).toBe(false);
    expect(() => openDatabase({ fs: nodeFs, home: join(folder.path, 'missing'), migrations: [], now: 0 })).toThrow(
      /larder\.db is not there/,
    );
  });
});
