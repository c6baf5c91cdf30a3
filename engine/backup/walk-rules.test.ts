import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { cacheTagSignature, reasons } from './selection.ts';
import { noRules, walkTree } from './test-walk.ts';
import type { WalkInput } from './walk.ts';

const nowMs = Date.parse('2025-08-01T12:00:00Z');
const dayMs = 86_400_000;

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder.path, 'root');
  fs.mkdirSync(root);
});
afterEach(() => folder.remove());

function put(path: string, content = 'x', ageDays = 0): void {
  fs.mkdirSync(join(root, path, '..'), { recursive: true });
  fs.writeFileSync(join(root, path), content);
  const time = (nowMs - ageDays * dayMs) / 1_000;
  fs.utimesSync(join(root, path), time, time);
}

function walk(rules: Partial<WalkInput['rules']>, options: { fs?: FileSystem } & Partial<WalkInput> = {}) {
  return walkTree(root, { nowMs, rules: { ...noRules, ...rules }, ...options });
}

describe('globs', () => {
  test('leave out files and whole folders, each with its rule and bytes', async () => {
    put('a.tmp', '12');
    put('deep/b.tmp', '123');
    put('deep/keep');
    put('node_modules/x/y', '1234');
    put('node_modules/z', '1');
    fs.symlinkSync('nowhere', join(root, 'link.tmp'));
    const listed: string[] = [];
    const watching: FileSystem = {
      ...nodeFs,
      lstat(path) {
        listed.push(path.slice(root.length + 1));
        return nodeFs.lstat(path);
      },
    };
    const { paths, excluded, skipped, bytes, files } = await walk(
      { exclude: ['*.tmp', '/node_modules'] },
      { fs: watching },
    );
    expect(paths).toEqual(['', 'deep', 'deep/keep']);
    const tmp = reasons.glob('*.tmp');
    expect(excluded).toEqual([
      { path: 'a.tmp', reason: tmp, files: 1, bytes: 2 },
      { path: 'deep/b.tmp', reason: tmp, files: 1, bytes: 3 },
      { path: 'link.tmp', reason: tmp, files: 1, bytes: 0 },
      { path: 'node_modules', reason: reasons.glob('/node_modules'), files: 2, bytes: 5 },
    ]);
    expect(skipped).toEqual([]);
    expect({ files, bytes }).toEqual({ files: 1, bytes: 1 });
  });

  test('never the root itself', async () => {
    put('a');
    expect((await walk({ exclude: ['**'] })).paths).toEqual(['']);
  });

  test('names that are not UTF-8', async () => {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0x2e, 0x78])]), '');
    const { paths, excluded } = await walk({ exclude: ['f?.x'] });
    expect(paths).toEqual(['']);
    expect(excluded).toMatchObject([{ path: 'f\udcff.x' }]);
  });

  test('many files left out for one reason make few lines', async () => {
    for (let number = 0; number < 1_500; number += 1) put(`area/f${number}.tmp`, '12');
    put('zone/last.tmp', '1');
    const { excluded } = await walk({ exclude: ['*.tmp'] });
    expect(excluded).toHaveLength(1_002);
    expect(excluded.slice(-2)).toEqual([
      { path: 'area', reason: reasons.glob('*.tmp'), files: 500, bytes: 1_000 },
      { path: 'zone', reason: reasons.glob('*.tmp'), files: 1, bytes: 1 },
    ]);
  });
});

describe('areas', () => {
  test('never: one line, not gone into', async () => {
    put('cache/deep/a', '123');
    put('other/cache/b');
    const { paths, excluded } = await walk({ areas: { cache: 'never' } });
    expect(paths).toEqual(['', 'other', 'other/cache', 'other/cache/b']);
    expect(excluded).toEqual([{ path: 'cache', reason: reasons.never, files: 1, bytes: 3 }]);
  });

  test('always: also what looks like a cache or like backups, but never a destination or what a glob names', async () => {
    put('cache/CACHEDIR.TAG', cacheTagSignature);
    put('cache/a');
    put('cache/x.tmp');
    put('backups/old/.larder/x');
    put('backups/old/a.manifest.zst');
    put('backups/mine/a');
    const { dev, ino } = fs.statSync(join(root, 'backups/mine'), { bigint: true });
    const { paths, excluded } = await walk(
      { areas: { cache: 'always', backups: 'always' }, exclude: ['*.tmp'] },
      { backupAreas: ['backups'], destinations: [{ device: dev, inode: ino }] },
    );
    expect(paths).toContain('cache/a');
    expect(paths).toContain('backups/old/a.manifest.zst');
    expect(excluded.map(({ path, reason }) => [path, reason])).toEqual([
      ['backups/mine', reasons.destination],
      ['cache/x.tmp', reasons.glob('*.tmp')],
    ]);
  });

  test('recent days: older files are one line with their number and bytes; folders and links stay', async () => {
    put('logs/new.log', '1', 1);
    put('logs/edge.log', '1', 30);
    put('logs/old.log', '12', 31);
    put('logs/deep/older.log', '123', 300);
    put('logs/future.log', '1', -1);
    put('elsewhere/old.log', '1', 300);
    fs.symlinkSync('old.log', join(root, 'logs/link'));
    fs.lutimesSync(join(root, 'logs/link'), 1, 1);
    const { paths, excluded } = await walk({ areas: { logs: { recentDays: 30 } } });
    expect(paths).toEqual([
      '',
      'elsewhere',
      'elsewhere/old.log',
      'logs',
      'logs/deep',
      'logs/edge.log',
      'logs/future.log',
      'logs/link',
      'logs/new.log',
    ]);
    expect(excluded).toEqual([{ path: 'logs', reason: reasons.notRecent(30), files: 2, bytes: 5 }]);
  });

  test('recent days: a database is as young as its youngest file', async () => {
    put('logs/a.db', 'x'.repeat(512), 300);
    put('logs/a.db-wal', 'x', 1);
    put('logs/a.db-shm', 'x', 300);
    put('logs/b.db', 'x'.repeat(512), 300);
    put('logs/b.db-wal', 'x', 200);
    const { paths, live } = await walk({ areas: { logs: { recentDays: 30 } } });
    expect(paths).toEqual(['', 'logs', 'logs/a.db', 'logs/a.db-shm', 'logs/a.db-wal']);
    expect(live.map(({ path }) => path)).toEqual(['logs/a.db']);
  });
});

describe('mounts', () => {
  /** As if `mnt` and what is in it lay on a file system of its own. */
  function mounted(type: number): FileSystem {
    const mount = join(root, 'mnt');
    return {
      ...nodeFs,
      lstat(path) {
        const stats = nodeFs.lstat(path);
        if (path === mount || path.startsWith(`${mount}/`)) stats.dev += 1n;
        return stats;
      },
      statfs(path) {
        return Object.assign(nodeFs.statfs(path), { type: path === mount ? type : 0xef53 });
      },
    };
  }

  test('are gone into when the rules say so, each entry with its device', async () => {
    put('mnt/inside/a', '12');
    put('z', '1');
    const { paths, entries, excluded, areas } = await walk({ crossMounts: true }, { fs: mounted(0xef53) });
    expect(paths).toEqual(['', 'mnt', 'mnt/inside', 'mnt/inside/a', 'z']);
    const [device = 0n] = entries.map((entry) => entry.device);
    expect(entries.map((entry) => entry.device - device)).toEqual([0n, 1n, 1n, 1n, 0n]);
    expect(excluded).toEqual([]);
    expect(areas).toContainEqual({ path: 'mnt', files: 1, bytes: 2 });
  });

  test('pseudo file systems never', async () => {
    put('mnt/1/mem');
    const { paths, excluded } = await walk({ crossMounts: true }, { fs: mounted(0x9fa0) });
    expect(paths).toEqual(['']);
    expect(excluded).toEqual([{ path: 'mnt', reason: reasons.pseudoMount, files: 0, bytes: 0 }]);
  });

  test('the real one of this machine', async () => {
    const { excluded } = await walkTree('/', {
      nowMs,
      rules: { crossMounts: true, exclude: [], areas: {} },
      entries: false,
      fs: { ...nodeFs, readDirectory: (path) => (path === '/' ? nodeFs.readDirectory(path).filter(isProc) : []) },
    });
    expect(excluded).toEqual([{ path: 'proc', reason: reasons.pseudoMount, files: 0, bytes: 0 }]);
  });

  const isProc = ({ name }: { name: string }): boolean => name === 'proc';
});

describe('live databases', () => {
  test('are marked with what lies beside them', async () => {
    put('d/a.db', 'x'.repeat(1_024));
    put('d/a.db-journal', '1');
    fs.mkdirSync(join(root, 'd/a.db-more'));
    put('d/a.db-more/b-wal', '1');
    put('d/a.db-more/b', '1');
    put('d/a.db-wal', '12');
    put('d/lonely-wal', '12');
    const { live } = await walk({});
    expect(live).toEqual([
      {
        step: 'sqlite',
        path: 'd/a.db',
        size: 1_024,
        beside: [
          { path: 'd/a.db-journal', bytes: 1 },
          { path: 'd/a.db-wal', bytes: 2 },
        ],
      },
      { step: 'sqlite', path: 'd/a.db-more/b', size: 1, beside: [{ path: 'd/a.db-more/b-wal', bytes: 1 }] },
    ]);
  });

  test('and by their content when they were written just now', async () => {
    for (const name of ['now', 'old']) {
      const database = new DatabaseSync(join(root, name));
      database.exec('CREATE TABLE t (a)');
      database.close();
    }
    const age = (name: string, seconds: number): void =>
      fs.utimesSync(join(root, name), nowMs / 1_000 - seconds, nowMs / 1_000 - seconds);
    age('now', 5);
    age('old', 500);
    put('other', 'x'.repeat(512));
    const { live } = await walk({});
    expect(live.map(({ path, beside }) => [path, beside])).toEqual([['now', []]]);
    expect((await walk({}, { entries: false })).live).toEqual([]);
  });
});

describe('the rules of a layout', () => {
  const rules = (...layoutRules: WalkInput['layoutRules']): Partial<WalkInput> => ({
    layoutRules,
    areas: layoutRules.map(({ path }) => path),
  });

  test('hold until the person says otherwise', async () => {
    put('logs/new.log');
    put('logs/old.log', '123', 8);
    put('cache/x', '12');
    const layout = rules({ path: 'logs', rule: { recentDays: 7 } }, { path: 'cache', rule: 'never' });
    const { paths, excluded } = await walk({}, layout);
    expect(paths).toEqual(['', 'logs', 'logs/new.log']);
    expect(excluded).toEqual([
      { path: 'cache', reason: reasons.never, files: 1, bytes: 2 },
      { path: 'logs', reason: reasons.notRecent(7), files: 1, bytes: 3 },
    ]);
    const own = await walk({ areas: { logs: 'always', cache: 'always' } }, layout);
    expect(own.paths).toEqual(['', 'cache', 'cache/x', 'logs', 'logs/new.log', 'logs/old.log']);
  });

  test('of an area within an area hold there, and figures are told apart', async () => {
    put('data/a', '1');
    put('data/cache/b', '22', 9);
    put('data/cache/keep/c', '333', 9);
    const { paths, areas, excluded } = await walk(
      {},
      rules(
        { path: 'data', rule: 'always' },
        { path: 'data/cache', rule: { recentDays: 1 } },
        { path: 'data/cache/keep', rule: 'always' },
      ),
    );
    expect(paths).toEqual(['', 'data', 'data/a', 'data/cache', 'data/cache/keep', 'data/cache/keep/c']);
    expect(areas).toEqual([
      { path: '', files: 0, bytes: 0 },
      { path: 'data', files: 1, bytes: 1 },
      { path: 'data/cache', files: 0, bytes: 0 },
      { path: 'data/cache/keep', files: 1, bytes: 3 },
    ]);
    expect(excluded).toEqual([{ path: 'data/cache', reason: reasons.notRecent(1), files: 1, bytes: 2 }]);
  });

  test('that leave a folder out keep what is wanted below it', async () => {
    put('data/a', '1');
    put('data/b/c', '22');
    put('data/historical/x', '333');
    const layout = rules({ path: 'data', rule: 'never' }, { path: 'data/historical', rule: 'always' });
    const { paths, excluded } = await walk({}, layout);
    expect(paths).toEqual(['', 'data', 'data/b', 'data/historical', 'data/historical/x']);
    expect(excluded).toEqual([{ path: 'data', reason: reasons.never, files: 2, bytes: 3 }]);
    // A person who leaves the folder out means all of it.
    expect((await walk({ areas: { data: 'never' } }, layout)).paths).toEqual(['']);
    const own = await walk({ areas: { data: 'never', 'data/b': 'always' } }, layout);
    expect(own.paths).toEqual(['', 'data', 'data/b', 'data/b/c', 'data/historical']);
  });

  test('may be for the whole store, and for folders by pattern', async () => {
    put('a.log', '1', 9);
    put('b.log');
    put('models--x--y/snapshots/z', '1', 9);
    put('.locks/w', '1');
    const { paths } = await walk(
      {},
      rules(
        { path: '', rule: { recentDays: 7 } },
        { path: 'models--*', rule: 'always' },
        { path: '.locks', rule: 'never' },
      ),
    );
    expect(paths).toEqual(['', 'b.log', 'models--x--y', 'models--x--y/snapshots', 'models--x--y/snapshots/z']);
    expect((await walk({}, rules({ path: '', rule: 'never' }))).bytes).toBe(0);
  });

  test('do not take in what is left out by itself', async () => {
    put('ml_models/.cache/CACHEDIR.TAG', cacheTagSignature);
    put('ml_models/.cache/x');
    put('deep/backups/old.tar');
    const { paths } = await walk({}, { ...rules({ path: 'ml_models', rule: 'always' }), backupAreas: ['*/backups'] });
    expect(paths).toEqual(['', 'deep', 'ml_models']);
  });
});
