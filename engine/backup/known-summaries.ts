import type { Database } from '../db/index.ts';
import type { Summary } from './summary.ts';

/** A manifest file as it was when its summary was read: another one under its name is known by any of these. */
export interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly inode: bigint;
}

export interface KnownSummary {
  readonly file: ManifestFile;
  readonly summary: Summary;
}

export function isSameFile(a: ManifestFile, b: ManifestFile): boolean {
  return a.path === b.path && a.size === b.size && a.mtimeNs === b.mtimeNs && a.inode === b.inode;
}

type Archive = Summary['archives'][number];

/**
 * What manifests say, kept in the database so that listing opens only those that are new or changed. A backup may draw on
 * all that were made before it, so archives are kept once a directory and named by number.
 */
export class KnownSummaries {
  readonly #db: Database;
  /** Read before, and SQLite's number of what other connections had written then. */
  readonly #read = new Map<string, { readonly version: unknown; readonly known: ReadonlyMap<string, KnownSummary> }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** By manifest path. Backups that draw on one archive share its record. */
  in(directory: string): ReadonlyMap<string, KnownSummary> {
    const version = this.#db.sqlite.prepare('PRAGMA data_version').get()?.['data_version'];
    const before = this.#read.get(directory);
    if (before !== undefined && before.version === version) return before.known;
    const known = this.#load(directory);
    this.#read.set(directory, { version, known });
    return known;
  }

  #load(directory: string): Map<string, KnownSummary> {
    const archives = this.#archives(directory);
    const rows = this.#db.sqlite
      .prepare('SELECT manifest, size, mtime_ns, inode, summary FROM backup_summaries WHERE directory = ?')
      .all(JSON.stringify(directory));
    const known = new Map<string, KnownSummary>();
    for (const row of rows) {
      const path = JSON.parse(String(row['manifest'])) as string;
      const { archives: numbers, ...rest } = JSON.parse(String(row['summary'])) as StoredSummary;
      const drawnOn = numbers.flatMap((number) => archives.get(number) ?? []);
      // Read anew where something is amiss.
      if (drawnOn.length !== numbers.length) continue;
      const mtimeNs = BigInt(String(row['mtime_ns']));
      const file = { path, size: Number(row['size']), mtimeNs, inode: BigInt(String(row['inode'])) };
      known.set(path, { file, summary: { ...rest, archives: drawnOn } });
    }
    return known;
  }

  /** Remembers summaries read and forgets those of manifests that are gone. */
  update(directory: string, read: readonly KnownSummary[], gone: readonly string[]): void {
    if (read.length === 0 && gone.length === 0) return;
    this.#read.delete(directory);
    this.#db.transaction(() => {
      const forget = this.#db.sqlite.prepare('DELETE FROM backup_summaries WHERE manifest = ?');
      for (const path of gone) forget.run(JSON.stringify(path));
      const numbers = new Map([...this.#archives(directory)].map(([number, archive]) => [textOf(archive), number]));
      const add = this.#db.sqlite.prepare('INSERT INTO backup_archives (directory, archive) VALUES (?, ?)');
      const numberOf = (archive: Archive): number => {
        const text = textOf(archive);
        let number = numbers.get(text);
        if (number === undefined) {
          number = Number(add.run(JSON.stringify(directory), text).lastInsertRowid);
          numbers.set(text, number);
        }
        return number;
      };
      const remember = this.#db.sqlite.prepare(
        'INSERT OR REPLACE INTO backup_summaries (manifest, directory, size, mtime_ns, inode, summary) VALUES (?, ?, ?, ?, ?, ?)',
      );
      for (const { file, summary } of read) {
        const stored: StoredSummary = { ...summary, archives: summary.archives.map(numberOf) };
        remember.run(
          JSON.stringify(file.path),
          JSON.stringify(directory),
          file.size,
          String(file.mtimeNs),
          String(file.inode),
          JSON.stringify(stored),
        );
      }
      if (gone.length > 0) this.#forgetUnused(directory);
    });
  }

  #forgetUnused(directory: string): void {
    const used = new Set([...this.#load(directory).values()].flatMap(({ summary }) => summary.archives));
    const forget = this.#db.sqlite.prepare('DELETE FROM backup_archives WHERE directory = ? AND archive = ?');
    const texts = new Set([...used].map(textOf));
    for (const archive of this.#archives(directory).values()) {
      if (!texts.has(textOf(archive))) forget.run(JSON.stringify(directory), textOf(archive));
    }
  }

  #archives(directory: string): Map<number, Archive> {
    const rows = this.#db.sqlite
      .prepare('SELECT number, archive FROM backup_archives WHERE directory = ?')
      .all(JSON.stringify(directory));
    return new Map(rows.map((row) => [Number(row['number']), archiveOf(String(row['archive']))]));
  }
}

interface StoredSummary extends Omit<Summary, 'archives'> {
  readonly archives: readonly number[];
}

function textOf({ file, size }: Archive): string {
  return JSON.stringify([file, size]);
}

function archiveOf(text: string): Archive {
  const [file, size] = JSON.parse(text) as [string, number | null];
  return { file, size };
}
