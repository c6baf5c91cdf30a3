import type { SetupRecord } from '../../shared/contract/index.ts';
import type { Database, Migration } from '../db/index.ts';
import type { Action } from './actions.ts';
import type { MoveOwner } from './move-journal.ts';

export const setupMigrations: readonly Migration[] = [
  {
    id: 'setup-1',
    sql: `
      CREATE TABLE setups (
        id TEXT PRIMARY KEY,
        -- Path text as JSON, because SQLite's text cannot hold names that are not UTF-8.
        path TEXT NOT NULL,
        layout TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('running', 'done', 'undone', 'interrupted')),
        -- Who runs it.
        owner TEXT NOT NULL,
        -- The store it registered.
        store TEXT
      ) STRICT;
      -- Each action, written before it is carried out, so that it can be taken back.
      CREATE TABLE setup_steps (
        setup TEXT NOT NULL REFERENCES setups (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        -- Id of the move, of an action that is one.
        move TEXT,
        action TEXT NOT NULL,
        PRIMARY KEY (setup, position)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

export interface StoredStep {
  readonly move: string | undefined;
  readonly action: Action;
}

export interface StoredSetup {
  readonly id: string;
  readonly path: string;
  readonly layout: string;
  readonly atMs: number;
  readonly status: SetupRecord['status'];
  readonly owner: MoveOwner;
  readonly store: string | undefined;
}

const statuses = ['running', 'done', 'undone', 'interrupted'] as const;

/** What setups did, step by step. */
export class SetupRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  begin({ id, path, layout, atMs, owner }: Pick<StoredSetup, 'id' | 'path' | 'layout' | 'atMs' | 'owner'>): void {
    this.#db.sqlite
      .prepare("INSERT INTO setups (id, path, layout, at_ms, status, owner) VALUES (?, ?, ?, ?, 'running', ?)")
      .run(id, JSON.stringify(path), layout, Math.round(atMs), JSON.stringify(owner));
  }

  add(setup: string, position: number, action: Action, move?: string): void {
    this.#db.sqlite
      .prepare('INSERT INTO setup_steps (setup, position, move, action) VALUES (?, ?, ?, ?)')
      .run(setup, position, move ?? null, JSON.stringify(action));
  }

  /** Forgets a step that was not carried out. */
  forget(setup: string, position: number): void {
    this.#db.sqlite.prepare('DELETE FROM setup_steps WHERE setup = ? AND position = ?').run(setup, position);
  }

  finish(id: string, status: SetupRecord['status'], store?: string): void {
    this.#db.sqlite
      .prepare('UPDATE setups SET status = ?, store = COALESCE(?, store) WHERE id = ?')
      .run(status, store ?? null, id);
  }

  /** Newest first. */
  list(): StoredSetup[] {
    return this.#db.sqlite
      .prepare('SELECT * FROM setups ORDER BY at_ms DESC, rowid DESC')
      .all()
      .map((row) => ({
        id: String(row['id']),
        path: JSON.parse(String(row['path'])) as string,
        layout: String(row['layout']),
        atMs: Number(row['at_ms']),
        status: statuses.find((known) => known === row['status']) ?? 'interrupted',
        owner: JSON.parse(String(row['owner'])) as MoveOwner,
        store: row['store'] === null ? undefined : String(row['store']),
      }));
  }

  steps(id: string): StoredStep[] {
    return this.#db.sqlite
      .prepare('SELECT move, action FROM setup_steps WHERE setup = ? ORDER BY position')
      .all(id)
      .map((row) => ({
        move: row['move'] === null ? undefined : String(row['move']),
        action: JSON.parse(String(row['action'])) as Action,
      }));
  }
}
