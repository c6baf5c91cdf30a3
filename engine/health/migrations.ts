import type { Migration } from '../db/index.ts';

export const healthMigrations: readonly Migration[] = [
  {
    id: 'health-1',
    sql: `
      -- The last report of each store as JSON, which keeps names that are not UTF-8.
      CREATE TABLE health_reports (
        store TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        version TEXT NOT NULL,
        report TEXT NOT NULL
      ) STRICT;
      CREATE TABLE health_samples (
        store TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        score INTEGER NOT NULL,
        pass INTEGER NOT NULL,
        warn INTEGER NOT NULL,
        fail INTEGER NOT NULL,
        PRIMARY KEY (store, at_ms)
      ) STRICT, WITHOUT ROWID;
      -- area: '' where the check has none.
      CREATE TABLE health_mutes (
        store TEXT NOT NULL,
        check_id TEXT NOT NULL,
        area TEXT NOT NULL,
        reason TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        until_ms INTEGER,
        PRIMARY KEY (store, check_id, area)
      ) STRICT, WITHOUT ROWID;
      -- Files of areas that say their files do not change, as first seen. changed_ms: when another was found there.
      CREATE TABLE health_files (
        store TEXT NOT NULL,
        path BLOB NOT NULL,
        bytes INTEGER NOT NULL,
        mtime_ms INTEGER NOT NULL,
        changed_ms INTEGER,
        PRIMARY KEY (store, path)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
