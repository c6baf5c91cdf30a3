import { copyFileSync, existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { parsed, setUp, snapshot, writeFile } from './test-tree.ts';
import type { Bench } from './test-tree.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.context.close();
});

/** Rows that take `pages` pages, in one table. */
function fill(path: string, pages: number, word: string, mode = 'delete'): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE IF NOT EXISTS words (word TEXT); DELETE FROM words`);
  const insert = database.prepare('INSERT INTO words VALUES (?)');
  database.exec('BEGIN');
  for (let row = 0; row < pages; row += 1) insert.run(word.padEnd(3_500, '.'));
  database.exec('COMMIT');
  database.close();
}

/** Leaves a database as a program that was killed does: with a WAL that is not worked in yet. */
function leaveWal(path: string, pages: number, word: string): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
  database.exec('CREATE TABLE IF NOT EXISTS words (word TEXT); BEGIN; DELETE FROM words');
  const insert = database.prepare('INSERT INTO words VALUES (?)');
  for (let row = 0; row < pages; row += 1) insert.run(word.padEnd(3_500, '.'));
  database.exec('COMMIT');
  for (const ending of ['', '-wal', '-shm']) copyFileSync(path + ending, `${path}${ending}.kept`);
  database.close();
  for (const ending of ['', '-wal', '-shm']) nodeFs.rename(`${path}${ending}.kept`, path + ending);
}

function wordsOf(path: string): unknown {
  const database = new DatabaseSync(path);
  try {
    const check = database.prepare('PRAGMA integrity_check').get();
    const row = database.prepare("SELECT count(*) AS count, min(rtrim(word, '.')) AS word FROM words").get();
    return { ...check, ...row };
  } finally {
    database.close();
  }
}

/** A store whose database held `old` when it was backed up, and now holds `new`, most of it in a WAL. */
async function prepared(): Promise<{ bench: Bench; database: string }> {
  const bench = setUp({ 'd/note': { content: 'note' } });
  benches.push(bench);
  const database = join(bench.store, 'd/app.db');
  fill(database, 20, 'old');
  await bench.backUp();
  leaveWal(database, 60, 'new');
  return { bench, database };
}

const old = { integrity_check: 'ok', count: 20, word: 'old' };
const changed = { integrity_check: 'ok', count: 60, word: 'new' };

function databaseFiles(bench: Bench): string[] {
  return readdirSync(join(bench.store, 'd')).filter((name) => name.startsWith('app.db'));
}

describe('a database put in place of one with a WAL', () => {
  it('is the one of the backup, and Undo brings the other back with its WAL', async () => {
    const { bench, database } = await prepared();
    const before = snapshot(bench.store);
    const { plan, job, result } = await bench.restore();
    expect(job.status).toBe('done');
    expect(databaseFiles(bench)).toEqual(['app.db']);
    expect(plan).toMatchObject({ overwritten: 1, deleted: 2 });
    expect(plan.items.map(({ path, action }) => [path, action])).toEqual(
      expect.arrayContaining([
        ['d/app.db', 'overwrite'],
        ['d/app.db-shm', 'delete'],
        ['d/app.db-wal', 'delete'],
      ]),
    );
    expect(plan.warnings).toContainEqual({
      path: 'd/app.db-wal',
      message:
        'It belongs to the database that is replaced, would damage the one put in its place, and is moved aside.',
    });
    expect(result).toMatchObject({ overwritten: 1, deleted: 2 });
    expect((await bench.undo(result.id)).status).toBe('done');
    const after = snapshot(bench.store);
    expect(after).toEqual(before);
    expect(wordsOf(database)).toEqual(changed);
  });

  it('opens as it was backed up', async () => {
    const { bench, database } = await prepared();
    await bench.restore();
    expect(wordsOf(database)).toEqual(old);
  });

  it('also when the file itself is equal, and only the WAL tells of changes', async () => {
    const bench = setUp({ 'd/note': { content: 'note' } });
    benches.push(bench);
    const database = join(bench.store, 'd/app.db');
    fill(database, 20, 'old', 'wal');
    await bench.backUp();
    const { mtime, atime } = statSync(database);
    leaveWal(database, 60, 'new');
    utimesSync(database, atime, mtime);
    const { plan } = await bench.restore();
    expect(plan).toMatchObject({ overwritten: 1, deleted: 2 });
    expect(wordsOf(database)).toEqual(old);
  });

  it('also when the database itself is gone and its WAL was left', async () => {
    const { bench, database } = await prepared();
    nodeFs.unlink(database);
    const { plan, result } = await bench.restore();
    expect(plan).toMatchObject({ created: 1, deleted: 2 });
    expect(wordsOf(database)).toEqual(old);
    await bench.undo(result.id);
    // It was opened meanwhile and is as it was put there.
    expect(databaseFiles(bench)).toEqual(['app.db-shm', 'app.db-wal']);
  });

  it('also when only that one file is chosen, with removing what the backup lacks, and with a journal', async () => {
    for (const input of [{ paths: ['d/app.db'] }, { deleteExtra: true }]) {
      const { bench, database } = await prepared();
      writeFile(`${database}-journal`, Buffer.from('d9d505f920a163d7ffffffff', 'hex'));
      const { plan, job } = await bench.restore(input);
      expect(job.status).toBe('done');
      expect(plan.deleted).toBe(3);
      expect(databaseFiles(bench)).toEqual(['app.db']);
      expect(wordsOf(database)).toEqual(old);
    }
  });

  it('with the WAL of its own when the backup holds one', async () => {
    const bench = setUp({ 'd/note': { content: 'note' } });
    benches.push(bench);
    const database = join(bench.store, 'd/app.db');
    fill(database, 5, 'first');
    leaveWal(database, 20, 'old');
    await bench.backUp();
    leaveWal(database, 60, 'new');
    const { plan } = await bench.restore();
    expect(plan.items.filter(({ action }) => action === 'delete')).toEqual([]);
    expect(wordsOf(database)).toEqual(old);
  });
});

describe('left alone', () => {
  it('by the rule: a database that is newer through its WAL', async () => {
    const { bench, database } = await prepared();
    const { mtimeMs } = statSync(database);
    utimesSync(database, 1, 1);
    utimesSync(`${database}-wal`, mtimeMs / 1_000 + 60, mtimeMs / 1_000 + 60);
    for (const overwrite of ['never', 'if-newer'] as const) {
      const { plan } = await bench.restore({ overwrite, deleteExtra: false });
      expect(plan).toMatchObject({ overwritten: 0, deleted: 0, bytesToWrite: 0 });
    }
    expect(wordsOf(database)).toEqual(changed);
  });

  it('what is only named like it', async () => {
    const bench = setUp({ diary: { content: 'x'.repeat(512) }, other: { content: 'y'.repeat(512) } });
    benches.push(bench);
    await bench.backUp();
    writeFile(join(bench.store, 'diary'), 'changed');
    writeFile(join(bench.store, 'diary-journal'), 'dear diary');
    writeFile(join(bench.store, 'diary-wal'), '');
    const { plan } = await bench.restore();
    expect(plan).toMatchObject({ overwritten: 1, deleted: 0 });
    expect(existsSync(join(bench.store, 'diary-journal'))).toBe(true);
  });

  it('a plan that a new WAL has overtaken changes nothing', async () => {
    const bench = setUp({ 'd/note': { content: 'note' } });
    benches.push(bench);
    const database = join(bench.store, 'd/app.db');
    fill(database, 20, 'old');
    await bench.backUp();
    fill(database, 60, 'new');
    const { handlers } = bench.capability();
    const call = { signal: new AbortController().signal };
    const plan = await handlers.plan(parsed({}), call);
    writeFile(`${database}-wal`, Buffer.from('377f0682002de218', 'hex'));
    const { job } = await handlers.apply({ plan: plan.id }, call);
    expect((await bench.context.job(job)).error?.code).toBe('CHANGED_ON_DISK');
  });

  it('a database that a program begins to use while the restore runs', async () => {
    const bench = setUp({ 'd/note': { content: 'note' } });
    benches.push(bench);
    const database = join(bench.store, 'd/app.db');
    fill(database, 20, 'old');
    await bench.backUp();
    fill(database, 60, 'new');
    const fs: FileSystem = {
      ...nodeFs,
      rename(from, to) {
        if (to.endsWith('/app.db')) throw new Error('not to be replaced');
        nodeFs.rename(from, to);
      },
    };
    const pool = createInlinePool(fs, 1);
    const busy: Pool = {
      ...pool,
      run(task, input, options) {
        if (task.name === 'restore.commit') writeFile(`${database}-wal`, Buffer.from('377f0682002de218', 'hex'));
        return pool.run(task, input, options);
      },
    };
    const context = { ...bench.context, fs, pool: busy };
    const { handlers } = bench.capability({}, context);
    const call = { signal: new AbortController().signal };
    const plan = await handlers.plan(parsed({ paths: ['d/app.db'] }), call);
    const { job } = await handlers.apply({ plan: plan.id }, call);
    expect((await bench.context.job(job)).status).toBe('partial');
    expect(databaseFiles(bench)).toEqual(['app.db', 'app.db-wal']);
  });

  it('also when only the database is chosen, and its folder is not looked at', async () => {
    const bench = setUp({ 'd/note': { content: 'note' } });
    benches.push(bench);
    const database = join(bench.store, 'd/app.db');
    fill(database, 20, 'old');
    await bench.backUp();
    fill(database, 60, 'new');
    const { handlers } = bench.capability();
    const call = { signal: new AbortController().signal };
    const plan = await handlers.plan(parsed({ paths: ['d/app.db'] }), call);
    writeFile(`${database}-wal`, Buffer.from('377f0682002de218', 'hex'), 1_700_000_000_000_000_000n);
    const { job } = await handlers.apply({ plan: plan.id }, call);
    expect((await bench.context.job(job)).error?.code).toBe('CHANGED_ON_DISK');
  });

  it('by Undo: a database that was used since, with the WAL of the one before', async () => {
    const { bench, database } = await prepared();
    const { result } = await bench.restore();
    leaveWal(database, 3, 'later');
    const wal = nodeFs.readFile(`${database}-wal`);
    const job = await bench.undo(result.id);
    expect(job.status).toBe('partial');
    expect(nodeFs.readFile(`${database}-wal`)).toEqual(wal);
    expect(wordsOf(database)).toEqual({ integrity_check: 'ok', count: 3, word: 'later' });
  });

  it('by Undo: one that was used and closed since', async () => {
    const { bench, database } = await prepared();
    const { result } = await bench.restore();
    fill(database, 3, 'later');
    expect((await bench.undo(result.id)).status).toBe('partial');
    expect(wordsOf(database)).toEqual({ integrity_check: 'ok', count: 3, word: 'later' });
  });
});
