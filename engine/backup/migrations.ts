import type { Migration } from '../db/index.ts';

/** Paths are JSON of path text, because SQLite's text cannot hold names that are not UTF-8. */
export const backupMigrations: readonly Migration[] = [
  {
    id: 'backups-1',
    sql: `
      -- What manifests say, so that listing does not read them again. Can be dropped at any time.
      CREATE TABLE backup_summaries (
        manifest TEXT PRIMARY KEY,
        directory TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns TEXT NOT NULL,
        summary TEXT NOT NULL
      ) STRICT;
      CREATE INDEX backup_summaries_directory ON backup_summaries (directory);

      -- The last verification of each backup; a copy in another destination is verified for itself.
      CREATE TABLE backup_verifications (
        backup TEXT NOT NULL,
        manifest TEXT NOT NULL,
        mode TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        ok INTEGER NOT NULL,
        problems TEXT NOT NULL,
        PRIMARY KEY (backup, manifest)
      ) STRICT;

      -- Folders a store's backups were once written to, besides its present destination.
      CREATE TABLE backup_destinations (
        store TEXT NOT NULL,
        path TEXT NOT NULL,
        used_at_ms INTEGER NOT NULL,
        -- Whether it lay on another disk than the store, one that may be unplugged.
        other_disk INTEGER NOT NULL,
        PRIMARY KEY (store, path)
      ) STRICT;
    `,
  },
  {
    id: 'backups-2',
    sql: `
      -- Files the store's last backup there held; unknown for those made before.
      ALTER TABLE backup_destinations ADD COLUMN files INTEGER;
    `,
  },
  {
    id: 'backups-3',
    sql: `
      -- Of samples: where the next one goes on (JSON), and the share covered by now. They outlive other verifications.
      ALTER TABLE backup_verifications ADD COLUMN sample TEXT;
      ALTER TABLE backup_verifications ADD COLUMN covered REAL;
    `,
  },
  {
    id: 'backups-4',
    sql: `
      DROP TABLE backup_summaries;
      CREATE TABLE backup_summaries (
        manifest TEXT PRIMARY KEY,
        directory TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns TEXT NOT NULL,
        inode TEXT NOT NULL,
        -- Its archives are numbers in backup_archives.
        summary TEXT NOT NULL
      ) STRICT;
      CREATE INDEX backup_summaries_directory ON backup_summaries (directory);
      CREATE TABLE backup_archives (
        number INTEGER PRIMARY KEY,
        directory TEXT NOT NULL,
        archive TEXT NOT NULL,
        UNIQUE (directory, archive)
      ) STRICT;
    `,
  },
  {
    id: 'backups-5',
    sql: `
      -- How each backup was verified (JSON), which is kept beside it as well where that can be written.
      CREATE TABLE backup_verified (
        backup TEXT NOT NULL,
        manifest TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (backup, manifest)
      ) STRICT;
      INSERT INTO backup_verified
        SELECT backup, manifest, CASE ok
          WHEN 1 THEN json_object('passed', json_array(json_object('mode', mode, 'atMs', at_ms)))
          ELSE json_object('passed', json_array(), 'since', at_ms,
            'damage', json_object('mode', mode, 'atMs', at_ms, 'archives', json_array())) END
        FROM backup_verifications;
      DROP TABLE backup_verifications;
    `,
  },
];
