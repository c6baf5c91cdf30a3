import type { Database, Migration } from '../db/index.ts';

export const layoutMigrations: readonly Migration[] = [
  {
    id: 'layouts-1',
    sql: `
      -- What larder.yaml of a store was before and after each edit, newest last, so that it can be undone.
      CREATE TABLE layout_edits (
        id INTEGER PRIMARY KEY,
        store TEXT NOT NULL,
        -- NULL: there was no file.
        before TEXT,
        after TEXT NOT NULL,
        -- Whether the edit also wrote the schema beside it.
        made_schema INTEGER NOT NULL
      ) STRICT;
    `,
  },
];

/** Edits of a store that can be undone. */
const kept = 20;

export interface LayoutEdit {
  /** Undefined: there was no file. */
  readonly before: string | undefined;
  readonly after: string;
  readonly madeSchema: boolean;
}

/** Edits of `larder.yaml`, newest last. */
export class LayoutEdits {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(store: string, { before, after, madeSchema }: LayoutEdit): void {
    this.#db.transaction(() => {
      this.#db.sqlite
        .prepare('INSERT INTO layout_edits (store, before, after, made_schema) VALUES (?, ?, ?, ?)')
        .run(store, before ?? null, after, Number(madeSchema));
      this.#db.sqlite
        .prepare(
          `DELETE FROM layout_edits WHERE store = ?1 AND id NOT IN
             (SELECT id FROM layout_edits WHERE store = ?1 ORDER BY id DESC LIMIT ${kept})`,
        )
        .run(store);
    });
  }

  /** Forgets what belongs to stores that are gone. */
  forgetStores(kept: readonly string[]): void {
    this.#db.sqlite
      .prepare('DELETE FROM layout_edits WHERE store NOT IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(kept));
  }

  last(store: string): (LayoutEdit & { readonly id: number }) | undefined {
    const row = this.#db.sqlite
      .prepare('SELECT * FROM layout_edits WHERE store = ? ORDER BY id DESC LIMIT 1')
      .get(store);
    if (row === undefined) return undefined;
    return {
      id: Number(row['id']),
      before: row['before'] === null ? undefined : String(row['before']),
      after: String(row['after']),
      madeSchema: Number(row['made_schema']) === 1,
    };
  }

  forget(id: number): void {
    this.#db.sqlite.prepare('DELETE FROM layout_edits WHERE id = ?').run(id);
  }
}
