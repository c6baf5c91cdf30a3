import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { Notice } from '../../shared/contract/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Database, Migration } from './types.ts';

export interface OpenedDatabase {
  readonly database: Database;
  /** What the person must be told: that a damaged database was set aside. */
  readonly notices: readonly Notice[];
}

export interface OpenDatabaseOptions {
  readonly fs: FileSystem;
  /** Larder's home; exists. */
  readonly home: string;
  /** In the order they are to be applied; ids are never reused or reordered. */
  readonly migrations: readonly Migration[];
  readonly now: number;
}

/** SQLite's own words for a file that is no database or is damaged (result codes SQLITE_CORRUPT and SQLITE_NOTADB). */
const damagedCodes = new Set([11, 26]);

function isDamaged(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  return damagedCodes.has(error.errcode & 0xff);
}

/**
 * Opens `larder.db` and brings it up to date. A damaged database is renamed to `larder.db.damaged-<time>`, with its
 * `-wal` and `-shm`, and a new one takes its place: nothing that matters lives only there. Throws `LarderError` when the
 * home cannot be written or the database is of a newer Larder.
 */
export function openDatabase(options: OpenDatabaseOptions): OpenedDatabase {
  const path = join(options.home, 'larder.db');
  try {
    // SQLite would make it readable by everybody; its journals take the mode over.
    options.fs.close(options.fs.open(path, 'a', 0o600));
    return { database: open(path, options.migrations), notices: [] };
  } catch (error) {
    if (!isDamaged(error)) throw toLarderError(error, path);
    const aside = setAside(options.fs, path, options.now);
    options.fs.close(options.fs.open(path, 'a', 0o600));
    const notice: Notice = {
      id: `database-set-aside-${options.now}`,
      level: 'warn',
      message: `Larder's settings database was damaged. It was kept as ${aside}, and a new one was started.`,
      hint: 'Add your stores again; their backups are found from the backup folders.',
      atMs: options.now,
    };
    return { database: open(path, options.migrations), notices: [notice] };
  }
}

function setAside(fs: FileSystem, path: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
  const aside = `${path}.damaged-${stamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      fs.rename(path + suffix, aside + suffix);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path + suffix);
    }
  }
  return aside;
}

function open(path: string, migrations: readonly Migration[]): Database {
  const sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  try {
    sqlite.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const check = sqlite.prepare('PRAGMA quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') {
      throw Object.assign(new Error(`quick_check: ${String(check?.['quick_check'])}`), { errcode: 11 });
    }
    const database: Database = {
      sqlite,
      transaction: (work) => transaction(sqlite, work),
      close: () => sqlite.close(),
    };
    migrate(database, migrations);
    return database;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function transaction<T>(sqlite: DatabaseSync, work: () => T): T {
  // IMMEDIATE: two Larders may share the database, and an upgrade from read to write inside a transaction would fail.
  sqlite.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    sqlite.exec('COMMIT');
    return result;
  } catch (error) {
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
    throw error;
  }
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  database.transaction(() => {
    database.sqlite.exec(
      'CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT',
    );
    const applied = new Set(
      database.sqlite
        .prepare('SELECT id FROM migrations')
        .all()
        .map((row) => String(row['id'])),
    );
    const known = new Set(migrations.map((migration) => migration.id));
    const newer = [...applied].filter((id) => !known.has(id));
    if (newer.length > 0) {
      throw new Error(
        `The database was written by a newer Larder (${newer.join(', ')}). Update Larder, or set LARDER_HOME.`,
      );
    }
    const record = database.sqlite.prepare("INSERT INTO migrations VALUES (?, unixepoch('subsec') * 1000)");
    for (const migration of migrations) {
      if (applied.has(migration.id)) continue;
      database.sqlite.exec(migration.sql);
      record.run(migration.id);
    }
  });
}
