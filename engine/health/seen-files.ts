import { encodeName } from '../fs/index.ts';
import type { Database } from '../db/index.ts';
import type { Bounded } from './bounded.ts';
import { BoundedList } from './bounded.ts';
import type { ChangedFile, ImmutableFacts } from './facts.ts';
import type { SeenFile } from './tree-facts.ts';

/** A change is told this long; then what is there counts as what is meant. */
const toldMs = 30 * 24 * 3_600_000;
/** Rows written between two moments at which others may have the thread. */
const rowsAStep = 1_000;
const listed = 100;

/**
 * Remembers size and time of the files of areas that say their files do not change, as first seen, and tells which are
 * others now. Backups would tell the same and more, at the price of reading a whole manifest each time.
 */
export class SeenFiles {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async compare(store: string, files: Bounded<SeenFile>, nowMs: number, signal?: AbortSignal): Promise<ImmutableFacts> {
    const changed = new BoundedList<ChangedFile>(listed);
    let compared = 0;
    let noted = 0;
    const { sqlite } = this.#db;
    const find = sqlite.prepare('SELECT bytes, mtime_ms, changed_ms FROM health_files WHERE store = ? AND path = ?');
    const note = sqlite.prepare(
      'INSERT OR REPLACE INTO health_files (store, path, bytes, mtime_ms, changed_ms) VALUES (?, ?, ?, ?, NULL)',
    );
    const mark = sqlite.prepare('UPDATE health_files SET changed_ms = ? WHERE store = ? AND path = ?');
    for (let from = 0; from < files.first.length; from += rowsAStep) {
      signal?.throwIfAborted();
      this.#db.transaction(() => {
        for (const { path, bytes, mtimeMs } of files.first.slice(from, from + rowsAStep)) {
          const key = encodeName(path);
          const row = find.get(store, key);
          if (row === undefined) {
            note.run(store, key, bytes, mtimeMs);
            noted++;
            continue;
          }
          compared++;
          const was = { bytes: Number(row['bytes']), mtimeMs: Number(row['mtime_ms']) };
          if (was.bytes === bytes && was.mtimeMs === mtimeMs) {
            if (row['changed_ms'] !== null) mark.run(null, store, key);
            continue;
          }
          const sinceMs = row['changed_ms'] === null ? nowMs : Number(row['changed_ms']);
          if (row['changed_ms'] === null) mark.run(Math.round(nowMs), store, key);
          if (nowMs - sinceMs > toldMs) note.run(store, key, bytes, mtimeMs);
          else changed.add({ path, from: was, to: { bytes, mtimeMs } });
        }
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { compared, noted, changed: changed.done() };
  }

  forget(store: string): void {
    this.#db.sqlite.prepare('DELETE FROM health_files WHERE store = ?').run(store);
  }
}
