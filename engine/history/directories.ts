import { decodeName, encodeName } from '../fs/index.ts';
import type { Database, Migration } from '../db/index.ts';
import type { PathChange } from './changes.ts';
import { dayMs, thin } from './thin.ts';

/** A directory directly inside an area. */
export interface DirectoryFigures {
  path: string;
  allocated: number;
}

export const directoriesMigration: Migration = {
  id: 'history-2-directories',
  sql: `
    -- A row where the figure moved; it holds until the next row of that path. 0 also stands for "not there".
    CREATE TABLE usage_directories (
      store TEXT NOT NULL,
      path BLOB NOT NULL,
      at_ms INTEGER NOT NULL,
      allocated INTEGER NOT NULL,
      PRIMARY KEY (store, path, at_ms)
    ) STRICT, WITHOUT ROWID;
  `,
};

/** Directories followed in one store. Beyond them the largest are chosen. */
export const followedDirectories = 300;

/** The directories of a store as they are noted. */
export interface NotedDirectories {
  /** The largest, at most {@link followedDirectories}. */
  largest: readonly DirectoryFigures[];
  /** How many there are in all. */
  total: number;
  /** Blocks of any of them in bytes; undefined when it is not there. */
  allocated(path: string): number | undefined;
}

/** What the directories inside areas took over time. Only what moved is written. */
export class DirectoryHistory {
  readonly #db: Database;
  /** Last figure of each path, by store. */
  readonly #last = new Map<string, Map<string, number>>();
  /** Whether all directories of a store were followed when it was last noted, so that one that appears is a new one. */
  readonly #all = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** `began`: the store was noted before. Call inside a transaction. */
  write(
    store: string,
    atMs: number,
    { largest, total, allocated: allocatedOf }: NotedDirectories,
    began: boolean,
  ): void {
    const last = this.#lastOf(store);
    const now = new Map(largest.map(({ path, allocated }) => [path, allocated]));
    const insert = this.#db.sqlite.prepare(
      `INSERT INTO usage_directories (store, path, at_ms, allocated) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET allocated = excluded.allocated`,
    );
    for (const [path, allocated] of last) {
      const current = now.get(path) ?? allocatedOf(path) ?? 0;
      if (current === allocated) continue;
      insert.run(store, encodeName(path), atMs, current);
      if (current > 0) last.set(path, current);
      else last.delete(path);
    }
    const fresh = largest.filter(({ path, allocated }) => allocated > 0 && !last.has(path));
    for (const { path, allocated } of fresh.slice(0, Math.max(0, followedDirectories - last.size))) {
      // One that was there and only too small to be followed must not look as if it had come from nothing.
      if (began && this.#all.has(store)) insert.run(store, encodeName(path), atMs - 1, 0);
      insert.run(store, encodeName(path), atMs, allocated);
      last.set(path, allocated);
    }
    if (total <= followedDirectories) this.#all.add(store);
    else this.#all.delete(store);
  }

  /** Points from a time on; what held when it began comes first, as of that time. */
  since(store: string, sinceMs: number): { path: string; atMs: number; allocated: number }[] {
    const since = Math.round(sinceMs);
    return this.#db.sqlite
      .prepare(
        `SELECT path, at_ms, allocated FROM usage_directories WHERE store = :store AND at_ms >= :since
         UNION ALL
         SELECT path, :since, allocated FROM (
           SELECT path, max(at_ms) AS at_ms, allocated FROM usage_directories
           WHERE store = :store AND at_ms < :since GROUP BY path
         ) AS d
         WHERE allocated > 0 AND NOT EXISTS (
           SELECT 1 FROM usage_directories AS t WHERE t.store = :store AND t.path = d.path AND t.at_ms = :since
         )
         ORDER BY 1, 2`,
      )
      .all({ store, since })
      .map((row) => ({ path: pathOf(row), atMs: Number(row['at_ms']), allocated: Number(row['allocated']) }));
  }

  /** Every followed path as it was at a time (where its history begins later: as that begins) and as it is. */
  changes(store: string, sinceMs: number): PathChange[] {
    const changes = new Map<string, PathChange>();
    for (const { path, allocated } of this.since(store, sinceMs)) {
      const known = changes.get(path);
      if (known === undefined) changes.set(path, { path, before: allocated, after: allocated });
      else known.after = allocated;
    }
    return [...changes.values()];
  }

  thin(nowMs: number): void {
    const { sqlite } = this.#db;
    const rows = sqlite
      .prepare('SELECT store, path, at_ms FROM usage_directories WHERE at_ms < ? ORDER BY store, path, at_ms')
      .all(Math.round(nowMs - 7 * dayMs));
    const forget = sqlite.prepare('DELETE FROM usage_directories WHERE store = ? AND path = ? AND at_ms = ?');
    const byPath = Map.groupBy(
      rows,
      (row) => `${String(row['store'])}/${Buffer.from(row['path'] as Uint8Array).toString('latin1')}`,
    );
    for (const group of byPath.values()) {
      const [one] = group;
      if (one === undefined) continue;
      const times = group.map((row) => Number(row['at_ms']));
      for (const time of thin(times, nowMs)) forget.run(String(one['store']), one['path'] as Uint8Array, time);
    }
  }

  #lastOf(store: string): Map<string, number> {
    let last = this.#last.get(store);
    if (last !== undefined) return last;
    last = new Map();
    const rows = this.#db.sqlite
      .prepare('SELECT path, max(at_ms) AS at_ms, allocated FROM usage_directories WHERE store = ? GROUP BY path')
      .all(store);
    for (const row of rows) if (Number(row['allocated']) > 0) last.set(pathOf(row), Number(row['allocated']));
    if (last.size < followedDirectories) this.#all.add(store);
    this.#last.set(store, last);
    return last;
  }
}

function pathOf(row: Record<string, unknown>): string {
  return decodeName(row['path'] as Uint8Array);
}
