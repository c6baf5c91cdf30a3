import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeName, nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { sqliteStep } from './sqlite.ts';
import { captureTask } from './tasks.ts';
import type { CaptureResult } from './types.ts';

let folder: ReturnType<typeof temporaryFolder>;
let store: string;
let copies: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  store = `${folder.path}/store`;
  copies = `${folder.path}/copies`;
  fs.mkdirSync(store);
  fs.mkdirSync(copies);
});
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child, () => child.kill('SIGKILL'));
  folder.remove();
});

function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    end();
  });
}

interface Program {
  /** The highest number it says to have committed so far. */
  committed(): number;
  /** Waits until it has said something more. */
  said(): Promise<void>;
  end(): Promise<void>;
}

async function program(path: string, mode: string, what: string): Promise<Program> {
  const child = spawn(process.execPath, [new URL('test-writer.ts', import.meta.url).pathname, path, mode, what], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let committed = 0;
  let waiting: (() => void)[] = [];
  createInterface(child.stdout).on('line', (line) => {
    committed = Number(line);
    for (const go of waiting.splice(0)) go();
  });
  const said = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  await said();
  if (what === 'crash') await ended(child, () => undefined);
  waiting = [];
  return { committed: () => committed, said, end: () => ended(child, () => child.stdin.end()) };
}

let copyNumber = 0;
async function capture(path: string, fileSystem: FileSystem = nodeFs, signal?: AbortSignal) {
  const into = `${copies}/${(copyNumber += 1)}`;
  const input = { step: 'sqlite', path, into };
  const result: CaptureResult = await createInlinePool(fileSystem).run(captureTask, input, { signal });
  return { result, into };
}

/** How many entries a copy holds, without a gap, after SQLite has found nothing wrong with it. */
function entriesOf(copy: string): number {
  const database = new DatabaseSync(copy);
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const about =
      'count(*) AS count, coalesce(max(number), 0) AS last, count(*) FILTER (WHERE twice <> number * 2) AS wrong';
    const { count, last, wrong } = database.prepare(`SELECT ${about} FROM entries`).get() ?? {};
    expect({ last, wrong }).toEqual({ last: count, wrong: 0 });
    return Number(count);
  } finally {
    database.close();
  }
}

/** Everything beside and at a database, as a person sees it who looks for traces. */
function traces(): Record<string, unknown> {
  return Object.fromEntries(
    fs.readdirSync(store, { encoding: 'latin1' }).map((name) => {
      const path = Buffer.from(`${store}/${name}`, 'latin1');
      const { mtimeNs, ctimeNs, size, ino, mode } = fs.statSync(path, { bigint: true });
      const sha256 = createHash('sha256').update(fs.readFileSync(path)).digest('hex');
      // As root, SQLite gives what it opens beside a database the owner that it has already.
      const changed = /-(?:wal|shm|journal)$/.test(name) ? undefined : ctimeNs;
      return [name, { mtimeNs, changed, size, ino, mode, sha256 }];
    }),
  );
}

describe('by names', () => {
  test('a database is known by what lies beside it', () => {
    const names = ['a.db', 'a.db-shm', 'a.db-wal', 'b', 'b-journal', 'c-wal', 'd.db', 'e\nf', 'e\nf-wal', '-wal'];
    expect([...sqliteStep.find(names)]).toEqual([
      ['a.db', ['a.db-wal', 'a.db-shm']],
      ['b', ['b-journal']],
      ['e\nf', ['e\nf-wal']],
    ]);
  });

  test('or by its first bytes, where its name is one of those that databases have', () => {
    const names = ['mlflow.db', 'chroma.sqlite3', 'Cookies', 'weights.bin', 'a.tar', '.hidden'];
    expect(names.filter((name) => sqliteStep.suspects(name))).toEqual(['mlflow.db', 'chroma.sqlite3', 'Cookies']);
    expect(sqliteStep.recognises(Buffer.from('SQLite format 3\0....'))).toBe(true);
    expect(sqliteStep.recognises(Buffer.from('SQLite format 3'))).toBe(false);
    expect(sqliteStep.recognises(Buffer.from('something else, longer'))).toBe(false);
  });
});

describe('a database in use is copied whole, and left as it was', () => {
  test.each(['wal', 'delete', 'truncate', 'persist'])('%s, a writer at full speed', async (mode) => {
    const path = `${store}/live.db`;
    const writer = await program(path, mode, 'write');
    for (let round = 0; round < 8; round += 1) {
      await writer.said();
      const before = writer.committed();
      const { result, into } = await capture(path);
      expect(result).toMatchObject({ t: 'made', size: fs.statSync(into).size });
      const entries = entriesOf(into);
      expect(entries).toBeGreaterThanOrEqual(before);
      expect(entries % 2).toBe(0);
      expect(fs.statSync(into).mode & 0o777).toBe(0o600);
    }
  });

  test.each(['wal', 'delete', 'persist', 'memory'])('%s, open and idle', async (mode) => {
    const path = `${store}/idle.db`;
    const holder = await program(path, mode, 'hold');
    const before = traces();
    const { result, into } = await capture(path);
    expect(result.t).toBe('made');
    expect(entriesOf(into)).toBe(100);
    expect(traces()).toEqual(before);
    await holder.end();
    expect(fs.existsSync(`${path}-wal`)).toBe(false);
  });

  test('a view nobody has taken yet', async () => {
    const path = `${store}/first.db`;
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE entries (number INTEGER, twice INTEGER)');
    const { result, into } = await capture(path);
    database.exec('INSERT INTO entries VALUES (1, 2)');
    database.close();
    expect(result.t).toBe('made');
    expect(entriesOf(into)).toBe(0);
  });

  test('one that keeps its lock for good', async () => {
    const path = `${store}/locked.db`;
    await program(path, 'wal', 'lock');
    const before = traces();
    const { result, into } = await capture(path);
    expect(result.t).toBe('made');
    expect(entriesOf(into)).toBe(100);
    expect(traces()).toEqual(before);
  }, 30_000);
});

describe('what a crash left', () => {
  test.each(['wal', 'delete', 'truncate', 'persist'])(
    '%s: everything committed, nothing else, no trace',
    async (mode) => {
      const path = `${store}/crashed.db`;
      await program(path, mode, 'crash');
      const before = traces();
      const { result, into } = await capture(path);
      expect(result.t).toBe('made');
      expect(entriesOf(into)).toBe(100);
      expect(traces()).toEqual(before);
      expect(fs.readdirSync(copies)).toEqual([into.slice(copies.length + 1)]);
    },
  );

  test('a WAL without its index', async () => {
    const path = `${store}/crashed.db`;
    await program(path, 'wal', 'crash');
    fs.rmSync(`${path}-shm`);
    const before = traces();
    const { result, into } = await capture(path);
    expect(result.t).toBe('made');
    expect(entriesOf(into)).toBe(100);
    expect(traces()).toEqual(before);
  });

  test('a name that is not UTF-8, and holds what a URI takes for special', async () => {
    const path = `${store}/a?b#c%41 \udcff.db`;
    const plain = `${store}/crashed.db`;
    await program(plain, 'wal', 'crash');
    for (const ending of ['', '-wal', '-shm']) fs.renameSync(plain + ending, encodeName(path + ending));
    const before = traces();
    const { result, into } = await capture(path);
    expect(result.t).toBe('made');
    expect(entriesOf(into)).toBe(100);
    expect(traces()).toEqual(before);
  });
});

describe('what needs no copy', () => {
  test('a database closed as it should be', async () => {
    const path = `${store}/closed.db`;
    await (await program(path, 'wal', 'hold')).end();
    const before = traces();
    expect((await capture(path)).result).toEqual({ t: 'plain' });
    expect(traces()).toEqual(before);
  });

  test('files that are only named like one', async () => {
    fs.writeFileSync(`${store}/diary`, 'x'.repeat(5_000));
    fs.writeFileSync(`${store}/diary-journal`, 'dear diary');
    fs.writeFileSync(`${store}/empty`, '');
    fs.writeFileSync(`${store}/empty-wal`, 'x');
    expect((await capture(`${store}/diary`)).result).toEqual({ t: 'plain' });
    expect((await capture(`${store}/empty`)).result).toEqual({ t: 'plain' });
    expect((await capture(`${store}/gone`)).result).toEqual({ t: 'plain' });
    expect(fs.readdirSync(copies)).toEqual([]);
  });

  test('a link in its place is not followed', async () => {
    await program(`${folder.path}/outside.db`, 'wal', 'crash');
    fs.symlinkSync('../outside.db', `${store}/link.db`);
    expect((await capture(`${store}/link.db`)).result).toEqual({ t: 'plain' });
  });

  test('a quiet database in rollback mode has the same bytes', async () => {
    const path = `${store}/quiet.db`;
    await (await program(path, 'delete', 'hold')).end();
    const { result, into } = await capture(path);
    expect(result.t).toBe('made');
    expect(fs.readFileSync(into)).toEqual(fs.readFileSync(path));
  });
});

describe('trouble', () => {
  test('an encrypted or damaged database is told', async () => {
    const path = `${store}/secret.db`;
    await program(path, 'wal', 'crash');
    // As SQLCipher leaves them: nothing of a page can be read, and the WAL's own header can.
    fs.writeFileSync(path, fs.readFileSync(path).fill(0x5a));
    fs.writeFileSync(`${path}-wal`, fs.readFileSync(`${path}-wal`).fill(0x5a, 32));
    const { result } = await capture(path);
    expect(result).toMatchObject({ t: 'failed', reason: expect.stringContaining('encrypted or damaged') as string });
    expect(fs.readdirSync(copies)).toEqual([]);
  });

  test('one that cannot be read is left to the reader of files', async () => {
    const path = `${store}/closed.db`;
    await (await program(path, 'delete', 'hold')).end();
    const faulty: FileSystem = {
      ...nodeFs,
      open(at, ...rest) {
        if (at === path) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return nodeFs.open(at, ...rest);
      },
    };
    expect((await capture(path, faulty)).result).toEqual({ t: 'plain' });
  });

  test('no room for the copy ends the run', async () => {
    const path = `${store}/quiet.db`;
    await (await program(path, 'delete', 'hold')).end();
    const full: FileSystem = {
      ...nodeFs,
      write() {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
    };
    await expect(capture(path, full)).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(fs.readdirSync(copies)).toEqual([]);
  });

  test('files that never hold still are told', async () => {
    const path = `${store}/moving.db`;
    await program(path, 'delete', 'crash');
    let touched = 0;
    const moving: FileSystem = {
      ...nodeFs,
      read(...args) {
        fs.utimesSync(path, (touched += 1), touched);
        return nodeFs.read(...args);
      },
    };
    const { result } = await capture(path, moving);
    expect(result).toMatchObject({ t: 'failed', reason: expect.stringContaining('changed all the time') as string });
    expect(fs.readdirSync(copies)).toEqual([]);
  });

  test('a cancel is heeded in the middle, and leaves nothing', async () => {
    const path = `${store}/large.db`;
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE blobs (bytes BLOB)');
    for (let count = 0; count < 30; count += 1) database.exec('INSERT INTO blobs VALUES (zeroblob(1000000))');
    const abort = new AbortController();
    const stopping: FileSystem = {
      ...nodeFs,
      open(...args) {
        if (args[1] === 'wx') abort.abort();
        return nodeFs.open(...args);
      },
    };
    await expect(capture(path, stopping, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(fs.readdirSync(copies)).toEqual([]);
    database.close();
  });
});

describe('the state that a copy is of', () => {
  test.each(['wal', 'delete'])(
    'stays the same while a program has the database open and does nothing (%s)',
    async (mode) => {
      const path = `${store}/a.db`;
      const { end } = await program(path, mode, 'hold');
      const { result } = await capture(path);
      expect(result).toMatchObject({ t: 'made', state: sqliteStep.state(path, nodeFs)?.id });
      const { result: again } = await capture(path);
      // As root, opening a WAL moves its change time, so that a second copy may find another state; it is known then, too.
      expect(again).toMatchObject({ t: 'made', state: expect.any(BigInt) as bigint });
      await end();
      const closed = sqliteStep.state(path, nodeFs);
      if (mode === 'wal') expect(closed?.id).not.toBe(result.t === 'made' ? result.state : 0n);
    },
  );

  test('is another after a program wrote, and not known of a copy made meanwhile', async () => {
    const path = `${store}/a.db`;
    const writing = await program(path, 'wal', 'write');
    const before = sqliteStep.state(path, nodeFs);
    await writing.said();
    const { result } = await capture(path);
    expect(sqliteStep.state(path, nodeFs)?.id).not.toBe(before?.id);
    expect(result).toMatchObject({ t: 'made' });
    await writing.said();
    if (result.t === 'made' && result.state !== undefined) {
      expect(sqliteStep.state(path, nodeFs)?.id).not.toBe(result.state);
    }
  });
});
