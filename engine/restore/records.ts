import type { RestoreRecord } from '../../shared/contract/index.ts';
import type { Database, Migration } from '../db/index.ts';
import type { Counts } from './journal.ts';
import type { Metadata } from './metadata.ts';

export const restoreMigrations: readonly Migration[] = [
  {
    id: 'restore-1',
    sql: `
      CREATE TABLE restores (
        id TEXT PRIMARY KEY,
        backup TEXT NOT NULL,
        store TEXT,
        -- Path text as JSON, because SQLite's text cannot hold names that are not UTF-8.
        target TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        created INTEGER NOT NULL DEFAULT 0,
        overwritten INTEGER NOT NULL DEFAULT 0,
        deleted INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL CHECK (status IN ('running', 'undoing', 'done', 'partial', 'undone', 'interrupted')),
        -- What a crash before the first line of the journal needs to leave no trace.
        root TEXT,
        made_folders TEXT NOT NULL
      ) STRICT;
      CREATE INDEX restores_by_time ON restores (at_ms);
    `,
  },
];

/** A restore as the database knows it. `running` and `undoing`: under way, or ended by a crash and not yet settled. */
export interface StoredRestore {
  readonly id: string;
  readonly backup: string;
  readonly store: string | undefined;
  readonly target: string;
  readonly atMs: number;
  readonly created: number;
  readonly overwritten: number;
  readonly deleted: number;
  readonly bytes: number;
  readonly status: RestoreRecord['status'] | 'running' | 'undoing';
  readonly root: Metadata | null;
  readonly madeFolders: readonly string[];
}

const statuses = ['running', 'undoing', 'done', 'partial', 'undone', 'interrupted'] as const;

/** Past restores. The journals are what counts; this is how those outside the stores are found. */
export class RestoreRecords {
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  begin(restore: Pick<StoredRestore, 'id' | 'backup' | 'store' | 'target' | 'atMs' | 'root' | 'madeFolders'>): void {
    this.db.sqlite
      .prepare(
        `INSERT INTO restores (id, backup, store, target, at_ms, status, root, made_folders)
         VALUES (?, ?, ?, ?, ?, 'running', ?, ?)`,
      )
      .run(
        restore.id,
        restore.backup,
        restore.store ?? null,
        JSON.stringify(restore.target),
        Math.round(restore.atMs),
        restore.root === null ? null : JSON.stringify(restore.root),
        JSON.stringify(restore.madeFolders),
      );
  }

  finish(id: string, status: 'done' | 'partial', counts: Counts): void {
    this.db.sqlite
      .prepare('UPDATE restores SET status = ?, created = ?, overwritten = ?, deleted = ?, bytes = ? WHERE id = ?')
      .run(status, counts.created, counts.overwritten, counts.deleted, counts.bytes, id);
  }

  setStatus(id: string, status: StoredRestore['status']): void {
    this.db.sqlite.prepare('UPDATE restores SET status = ? WHERE id = ?').run(status, id);
  }

  remove(id: string): void {
    this.db.sqlite.prepare('DELETE FROM restores WHERE id = ?').run(id);
  }

  /** Newest first. */
  list(): StoredRestore[] {
    return this.db.sqlite.prepare('SELECT * FROM restores ORDER BY at_ms DESC, id').all().map(fromRow);
  }
}

function fromRow(row: Record<string, unknown>): StoredRestore {
  const status = statuses.find((known) => known === row['status']);
  return {
    id: String(row['id']),
    backup: String(row['backup']),
    store: typeof row['store'] === 'string' ? row['store'] : undefined,
    target: JSON.parse(String(row['target'])) as string,
    atMs: Number(row['at_ms']),
    created: Number(row['created']),
    overwritten: Number(row['overwritten']),
    deleted: Number(row['deleted']),
    bytes: Number(row['bytes']),
    status: status ?? 'interrupted',
    root: typeof row['root'] === 'string' ? (JSON.parse(row['root']) as Metadata) : null,
    madeFolders: JSON.parse(String(row['made_folders'])) as string[],
  };
}
