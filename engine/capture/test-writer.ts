import { DatabaseSync } from 'node:sqlite';

/**
 * A program of its own that uses a database, for tests: `node test-writer.ts DATABASE MODE DO`. It says what it committed,
 * a line each, and does as told:
 *
 * - `write` commits one transaction after another, as fast as it can, until it is killed;
 * - `hold` commits once and keeps the database open, until its input ends;
 * - `crash` commits, leaves a transaction half written, and kills itself;
 * - `lock` commits and keeps the lock for good, until its input ends.
 */
const [path = '', mode = 'wal', what = 'write'] = process.argv.slice(2);
const database = new DatabaseSync(path, { timeout: 10_000 });
if (what === 'lock') database.exec('PRAGMA locking_mode = EXCLUSIVE');
database.exec(`PRAGMA journal_mode = ${mode}; PRAGMA synchronous = OFF`);
database.exec('CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, twice INTEGER, filler BLOB)');
const insert = database.prepare('INSERT INTO entries VALUES (?, ?, randomblob(?))');
let number = Number(database.prepare('SELECT coalesce(max(number), 0) AS last FROM entries').get()?.['last'] ?? 0);

/** Much at first; later little, so that a slow machine does not meet an ever larger database. */
function fillerBytes(): number {
  return number < 4_000 ? 400 : 1;
}

function commit(): void {
  database.exec('BEGIN IMMEDIATE');
  // Two rows a transaction: a copy that holds one without the other is torn.
  for (const value of [number + 1, number + 2]) insert.run(value, value * 2, fillerBytes());
  database.exec('COMMIT');
  number += 2;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (what === 'write') {
  // Enough for a copy in several steps.
  database.exec('CREATE TABLE bulk AS SELECT zeroblob(20000000)');
  const go = (): void => {
    for (let count = 0; count < 20; count += 1) commit();
    say(String(number));
    setImmediate(go);
  };
  go();
} else {
  for (let count = 0; count < 50; count += 1) commit();
  if (what === 'crash') {
    database.exec('PRAGMA cache_size = 1; BEGIN IMMEDIATE');
    for (let value = number + 1; value < number + 500; value += 1) insert.run(value, 0, fillerBytes());
    process.stdout.write(`${number}\n`, () => process.kill(process.pid, 'SIGKILL'));
  } else {
    say(String(number));
    process.stdin.resume().on('end', () => database.close());
  }
}
