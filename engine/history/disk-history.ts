import { encodeName } from '../fs/index.ts';
import type { Database, Migration } from '../db/index.ts';
import { dayMs, thin } from './thin.ts';

export const disksMigration: Migration = {
  id: 'history-3-disks',
  sql: `
    CREATE TABLE disk_samples (
      mount_point BLOB NOT NULL,
      at_ms INTEGER NOT NULL,
      capacity INTEGER NOT NULL,
      free INTEGER NOT NULL,
      PRIMARY KEY (mount_point, at_ms)
    ) STRICT, WITHOUT ROWID;
  `,
};

/** Samples of a disk lie at least this far apart, ms. */
const diskSampleEveryMs = 10 * 60_000;

export interface DiskFill {
  atMs: number;
  /** Bytes not free for this user. */
  used: number;
}

/** How full disks were: a forecast must know of what lies beside the stores, too. */
export class DiskHistory {
  readonly #db: Database;
  readonly #lastMs = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps a sample unless one was kept in the last ten minutes. */
  note(nowMs: number, { mountPoint, capacity, free }: { mountPoint: string; capacity: number; free: number }): void {
    const atMs = Math.round(nowMs);
    const key = encodeName(mountPoint);
    const lastMs =
      this.#lastMs.get(mountPoint) ??
      Number(
        this.#db.sqlite.prepare('SELECT max(at_ms) AS at_ms FROM disk_samples WHERE mount_point = ?').get(key)?.[
          'at_ms'
        ] ?? -Infinity,
      );
    const age = atMs - lastMs;
    // A clock that was set back must not stop the history.
    if (age >= 0 && age < diskSampleEveryMs) return;
    this.#db.sqlite
      .prepare('INSERT OR REPLACE INTO disk_samples (mount_point, at_ms, capacity, free) VALUES (?, ?, ?, ?)')
      .run(key, atMs, capacity, free);
    this.#lastMs.set(mountPoint, atMs);
  }

  /** In the order of time. */
  fill(mountPoint: string, sinceMs: number): DiskFill[] {
    return this.#db.sqlite
      .prepare(
        'SELECT at_ms, capacity - free AS used FROM disk_samples WHERE mount_point = ? AND at_ms >= ? ORDER BY at_ms',
      )
      .all(encodeName(mountPoint), Math.round(sinceMs))
      .map((row) => ({ atMs: Number(row['at_ms']), used: Number(row['used']) }));
  }

  thin(nowMs: number): void {
    const { sqlite } = this.#db;
    const rows = sqlite
      .prepare('SELECT mount_point, at_ms FROM disk_samples WHERE at_ms < ? ORDER BY mount_point, at_ms')
      .all(Math.round(nowMs - 7 * dayMs));
    const forget = sqlite.prepare('DELETE FROM disk_samples WHERE mount_point = ? AND at_ms = ?');
    const byMount = Map.groupBy(rows, (row) => Buffer.from(row['mount_point'] as Uint8Array).toString('latin1'));
    for (const [mount, group] of byMount) {
      for (const time of thin(
        group.map((row) => Number(row['at_ms'])),
        nowMs,
      )) {
        forget.run(Buffer.from(mount, 'latin1'), time);
      }
    }
  }
}
