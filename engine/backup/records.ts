import type { Database } from '../db/index.ts';
import { KnownSummaries } from './known-summaries.ts';
import { verifiedSchema } from './verified.ts';
import type { Verified } from './verified.ts';

/** A backup as it lies in one destination. */
export interface VerifiedBackup {
  readonly id: string;
  readonly manifest: string;
}

/** What Larder remembers of backups in its database. All of it can be lost: the destinations say everything again. */
export class BackupRecords {
  readonly #db: Database;
  readonly summaries: KnownSummaries;

  constructor(db: Database) {
    this.#db = db;
    this.summaries = new KnownSummaries(db);
  }

  /** How backups were verified, by id and manifest path, see {@link verificationKey}. */
  allVerified(): Map<string, Verified> {
    const rows = this.#db.sqlite.prepare('SELECT backup, manifest, record FROM backup_verified').all();
    return new Map(rows.map((row) => [`${String(row['backup'])} ${String(row['manifest'])}`, verifiedOf(row)]));
  }

  /** How one backup was verified. */
  verified(backup: VerifiedBackup): Verified | undefined {
    const row = this.#db.sqlite
      .prepare('SELECT record FROM backup_verified WHERE backup = ? AND manifest = ?')
      .get(backup.id, JSON.stringify(backup.manifest));
    return row === undefined ? undefined : verifiedOf(row);
  }

  rememberVerified(backup: VerifiedBackup, verified: Verified): void {
    this.#db.sqlite
      .prepare('INSERT OR REPLACE INTO backup_verified (backup, manifest, record) VALUES (?, ?, ?)')
      .run(backup.id, JSON.stringify(backup.manifest), JSON.stringify(verified));
  }

  /** Folders a store's backups were written to, most recently used first. */
  destinations(store: string): string[] {
    return this.#db.sqlite
      .prepare('SELECT path FROM backup_destinations WHERE store = ? ORDER BY used_at_ms DESC')
      .all(store)
      .map((row) => JSON.parse(String(row['path'])) as string);
  }

  /** After a backup of `files` files was written to `path`. */
  rememberDestination(
    store: string,
    path: string,
    { atMs, otherDisk, files }: { readonly atMs: number; readonly otherDisk: boolean; readonly files: number },
  ): void {
    this.#db.sqlite
      .prepare(
        `INSERT OR REPLACE INTO backup_destinations (store, path, used_at_ms, other_disk, files) VALUES (?, ?, ?, ?, ?)`,
      )
      .run(store, JSON.stringify(path), Math.round(atMs), otherDisk ? 1 : 0, files);
  }

  /** How many files the store's last backup in the folder held; undefined when none is remembered. */
  lastFiles(store: string, path: string): number | undefined {
    const row = this.#db.sqlite
      .prepare('SELECT files FROM backup_destinations WHERE store = ? AND path = ?')
      .get(store, JSON.stringify(path));
    return typeof row?.['files'] === 'number' ? row['files'] : undefined;
  }

  /** Whether a backup of any store was written to the folder. */
  heldBackups(path: string): boolean {
    const row = this.#db.sqlite.prepare('SELECT 1 FROM backup_destinations WHERE path = ?').get(JSON.stringify(path));
    return row !== undefined;
  }

  /** Whether the folder was on another disk than the store when it was last written to. */
  wasOnOtherDisk(store: string, path: string): boolean {
    const row = this.#db.sqlite
      .prepare('SELECT other_disk FROM backup_destinations WHERE store = ? AND path = ?')
      .get(store, JSON.stringify(path));
    return row?.['other_disk'] === 1;
  }
}

function verifiedOf(row: Record<string, unknown>): Verified {
  return verifiedSchema.parse(JSON.parse(String(row['record'])));
}

export function verificationKey(backup: { readonly id: string; readonly manifest: string }): string {
  return `${backup.id} ${JSON.stringify(backup.manifest)}`;
}
