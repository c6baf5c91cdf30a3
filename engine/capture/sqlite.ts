import { snapshot } from './sqlite-snapshot.ts';
import { stateOf } from './state.ts';
import type { CaptureStep } from './types.ts';

/** First bytes of every SQLite database (sqlite.org/fileformat.html, section 1.3.1). */
const magic = Buffer.from('SQLite format 3\0', 'latin1');

/** What SQLite keeps beside a database: what is not in it yet, or how it was before. */
const besides = ['-wal', '-shm', '-journal'] as const;

/** Endings that programs give their databases; and no ending at all, as browsers do. */
const usualName = /^[^.]+$|\.(?:db|db3|sqlite|sqlite3|sqlitedb|s3db|sdb|gpkg|mbtiles|dat|store)$/i;

/** SQLite databases, copied through SQLite itself. */
export const sqliteStep: CaptureStep = {
  name: 'sqlite',
  find(names) {
    const found = new Map<string, readonly string[]>();
    const ending = /^(.+)-(?:wal|journal)$/s;
    let all: Set<string> | undefined;
    for (const name of names) {
      if (!name.endsWith('-wal') && !name.endsWith('-journal')) continue;
      const database = ending.exec(name)?.[1];
      all ??= new Set(names);
      if (database === undefined || !all.has(database)) continue;
      const there = all;
      found.set(
        database,
        besides.map((ending) => database + ending).filter((beside) => there.has(beside)),
      );
    }
    return found;
  },
  suspects: (name) => usualName.test(name),
  recognises: (head) => Buffer.compare(head.subarray(0, magic.length), magic) === 0,
  state: (path, fs) => stateOf(fs, path),
  capture: snapshot,
};
