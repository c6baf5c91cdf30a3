import type { DatabaseSync } from 'node:sqlite';

/**
 * Larder's own SQLite database (`larder.db` in its home): settings, stores, usage history, job log, restore records,
 * remembered verifications. Never the only home of anything that matters.
 */
export interface Database {
  readonly sqlite: DatabaseSync;
  /** Runs `work` in one transaction; rolls back when it throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** A step of the schema. A capability hands its own over; ids are prefixed with its name: `history-1`. */
export interface Migration {
  readonly id: string;
  /** One or more SQL statements, run once inside a transaction. */
  readonly sql: string;
}
