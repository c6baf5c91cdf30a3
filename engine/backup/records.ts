import { verificationModeSchema } from '../../shared/contract/index.ts';
import type { Verification, VerifyProblem } from '../../shared/contract/index.ts';
import type { SampleState } from '../archive/index.ts';
import type { Database } from '../db/index.ts';
import { KnownSummaries } from './known-summaries.ts';

/** A backup as it lies in one destination. */
export interface VerifiedBackup {
  readonly id: string;
  readonly manifest: string;
}

export interface LastVerification {
  readonly verification: Verification;
  readonly sample?: SampleState;
}

/** What Larder remembers of backups in its database. All of it can be lost: the destinations say everything again. */
export class BackupRecords {
  readonly #db: Database;
  readonly summaries: KnownSummaries;

  constructor(db: Database) {
    this.#db = db;
    this.summaries = new KnownSummaries(db);
  }

  /** The last verifications by backup id and manifest path, see {@link verificationKey}. */
  verifications(): Map<string, Verification> {
    const rows = this.#db.sqlite
      .prepare('SELECT backup, manifest, mode, at_ms, ok, covered FROM backup_verifications')
      .all();
    return new Map(rows.map((row) => [`${String(row['backup'])} ${String(row['manifest'])}`, verificationOf(row)]));
  }

  /** The last verification of one backup, and where its samples ended. */
  lastVerification(backup: VerifiedBackup): LastVerification | undefined {
    const row = this.#db.sqlite
      .prepare('SELECT mode, at_ms, ok, covered, sample FROM backup_verifications WHERE backup = ? AND manifest = ?')
      .get(backup.id, JSON.stringify(backup.manifest));
    if (row === undefined) return undefined;
    const sample = row['sample'];
    return {
      verification: verificationOf(row),
      ...(typeof sample === 'string' ? { sample: JSON.parse(sample) as SampleState } : {}),
    };
  }

  /** What the last verification of one backup found. */
  problems(backup: VerifiedBackup): VerifyProblem[] {
    const row = this.#db.sqlite
      .prepare('SELECT problems FROM backup_verifications WHERE backup = ? AND manifest = ?')
      .get(backup.id, JSON.stringify(backup.manifest));
    return row === undefined ? [] : (JSON.parse(String(row['problems'])) as VerifyProblem[]);
  }

  rememberVerification(
    backup: VerifiedBackup,
    { mode, atMs, ok, covered }: Verification,
    problems: readonly VerifyProblem[],
    sample: SampleState | undefined,
  ): void {
    this.#db.sqlite
      .prepare(
        `INSERT OR REPLACE INTO backup_verifications (backup, manifest, mode, at_ms, ok, problems, covered, sample)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        backup.id,
        JSON.stringify(backup.manifest),
        mode,
        Math.round(atMs),
        ok ? 1 : 0,
        JSON.stringify(problems),
        covered ?? null,
        sample === undefined ? null : JSON.stringify(sample),
      );
  }

  /** Only where samples of it ended; the verification remembered stands. */
  rememberSample(backup: VerifiedBackup, sample: SampleState): void {
    this.#db.sqlite
      .prepare('UPDATE backup_verifications SET sample = ? WHERE backup = ? AND manifest = ?')
      .run(JSON.stringify(sample), backup.id, JSON.stringify(backup.manifest));
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

function verificationOf(row: Record<string, unknown>): Verification {
  const mode = verificationModeSchema.catch('quick').parse(row['mode']);
  const covered = row['covered'];
  return {
    mode,
    atMs: Number(row['at_ms']),
    ok: row['ok'] === 1,
    ...(typeof covered === 'number' ? { covered } : {}),
  };
}

export function verificationKey(backup: { readonly id: string; readonly manifest: string }): string {
  return `${backup.id} ${JSON.stringify(backup.manifest)}`;
}
