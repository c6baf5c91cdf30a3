import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { backupMigrations, createBackups } from '../backup/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createThreadPool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createRestore, restoreMigrations } from './index.ts';
import { parsed, signal } from './test-tree.ts';

/** Whole backups of a store in which programs write to databases, and what comes back of them. */

const programs: ChildProcess[] = [];
const contexts: TestContext[] = [];
afterEach(async () => {
  for (const child of programs.splice(0)) await stopped(child);
  for (const context of contexts.splice(0)) await context.close();
});

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** A program that uses a database (see capture/test-writer.ts); tells what it has committed. */
async function program(path: string, mode: string, what: string): Promise<() => number> {
  const writer = new URL('../capture/test-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [writer, path, mode, what], { stdio: ['pipe', 'pipe', 'inherit'] });
  programs.push(child);
  let committed = 0;
  await new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      committed = Number(line);
      resolve();
    });
  });
  if (what === 'crash') await stopped(child);
  return () => committed;
}

function setUp(options: TestContextOptions = {}) {
  const context = createTestContext({ migrations: [...backupMigrations, ...restoreMigrations], ...options });
  contexts.push(context);
  const root = join(context.folder, 'store');
  mkdirSync(join(root, 'db'), { recursive: true });
  const destination = join(context.folder, 'backups');
  const store = context.stores.add({ path: root, destination });
  const backups = createBackups(context);
  return {
    context,
    root,
    destination,
    async backUp(): Promise<Job> {
      const { job } = await backups.handlers.start({ store: store.id }, { signal });
      return context.job(job);
    },
    async restoreTo(path: string): Promise<Job> {
      const { handlers } = createRestore(context, backups);
      const plan = await handlers.plan(parsed({ backup: 'latest', target: { kind: 'folder', path } }), { signal });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      return context.job(job);
    },
  };
}

function entriesOf(path: string): number {
  const database = new DatabaseSync(path);
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const { count, last, wrong } =
      database
        .prepare(
          'SELECT count(*) AS count, max(number) AS last, count(*) FILTER (WHERE twice <> number * 2) AS wrong FROM entries',
        )
        .get() ?? {};
    expect({ last, wrong }).toEqual({ last: count, wrong: 0 });
    return Number(count);
  } finally {
    database.close();
  }
}

it(
  'writers at full speed: every backup is whole and holds what was committed before it',
  { timeout: 120_000 },
  async () => {
    const pool = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
    const { root, context, destination, backUp, restoreTo } = setUp({ pool });
    const modes = ['wal', 'delete'];
    const writers = await Promise.all(modes.map((mode) => program(join(root, 'db', mode), mode, 'write')));
    for (let round = 1; round <= 3; round += 1) {
      const before = writers.map((committed) => committed());
      const job = await backUp();
      expect(job.error).toBeUndefined();
      expect(job).toMatchObject({ status: 'done', result: { skipped: [] } });
      const target = join(context.folder, `restored-${round}`);
      expect((await restoreTo(target)).status).toBe('done');
      expect(readdirSync(join(target, 'db')).filter((name) => name.includes('-'))).toEqual([]);
      modes.forEach((mode, at) => {
        expect(entriesOf(join(target, 'db', mode))).toBeGreaterThanOrEqual(before[at] ?? Infinity);
      });
      rmSync(target, { recursive: true });
      expect(readdirSync(join(destination, '.larder/tmp'))).toEqual([]);
    }
  },
);

it('a database left with a WAL is not stored again while nothing happens to it', async () => {
  const { root, context, backUp, restoreTo } = setUp();
  const path = join(root, 'db/idle.db');
  await program(path, 'wal', 'crash');
  const beside = ['-wal', '-shm'].map((ending) => readFileSync(path + ending));
  expect((await backUp()).error).toBeUndefined();
  const second = await backUp();
  const { bytes, reusedBytes } = second.result as { bytes: number; reusedBytes: number };
  expect(bytes).toBeGreaterThan(40_000);
  expect(reusedBytes).toBe(bytes);
  expect(['-wal', '-shm'].map((ending) => readFileSync(path + ending))).toEqual(beside);
  await restoreTo(join(context.folder, 'restored'));
  expect(entriesOf(join(context.folder, 'restored/db/idle.db'))).toBe(100);
  expect(existsSync(join(context.folder, 'restored/db/idle.db-wal'))).toBe(false);
});

it('one that cannot be copied is taken as it lies, and the backup is partial with the reason', async () => {
  const { root, backUp } = setUp();
  const path = join(root, 'db/secret.db');
  await program(path, 'wal', 'crash');
  for (const [ending, from] of [['', 0] as const, ['-wal', 32] as const]) {
    const bytes = readFileSync(path + ending).fill(0x5a, from);
    const fd = nodeFs.open(path + ending, 'r+');
    nodeFs.write(fd, bytes);
    nodeFs.close(fd);
  }
  const job = await backUp();
  expect(job.error).toBeUndefined();
  expect(job.status).toBe('partial');
  expect(job.result).toMatchObject({ files: 3, skipped: [{ path: 'db/secret.db' }] });
});

it('when the copies do not fit, nothing is left of them', async () => {
  const full = {
    ...nodeFs,
    write(fd: number, data: Uint8Array, position?: number | null) {
      if (data.length > 10_000) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      nodeFs.write(fd, data, position);
    },
  };
  const { root, destination, backUp } = setUp({ fs: full });
  await program(join(root, 'db/a.db'), 'delete', 'crash');
  const job = await backUp();
  expect(job.error?.code).toBe('NO_SPACE');
  const left = existsSync(destination) ? readdirSync(destination, { recursive: true }) : [];
  expect(left.filter((name) => String(name).includes('capture'))).toEqual([]);
});
