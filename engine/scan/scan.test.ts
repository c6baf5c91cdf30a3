import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { decodeName, nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool, createThreadPool } from '../pool/index.ts';
import { dump, duAllocated, filesApparent, freshTree } from '../scan-testing/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { scanStore } from './index.ts';

const temporary = temporaryFolder();
const threads = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
let folders = 0;
let root = '';

beforeEach(() => {
  root = join(temporary.path, `tree-${folders++}`);
  fs.mkdirSync(root);
});

afterAll(async () => {
  await threads.close();
  temporary.remove();
});

const none = new Set<string>();
const hasDu = process.platform === 'linux' && fs.existsSync('/usr/bin/du');

function fill(): void {
  for (const directory of ['models', 'logs/2026/01', 'empty', 'cache/a', 'cache/b']) {
    fs.mkdirSync(join(root, directory), { recursive: true });
  }
  fs.writeFileSync(join(root, 'README'), 'loose');
  fs.writeFileSync(join(root, 'models/big'), Buffer.alloc(300_000, 1));
  fs.writeFileSync(join(root, 'models/empty'), '');
  fs.writeFileSync(join(root, 'logs/2026/01/app.log'), Buffer.alloc(5_000, 2));
  fs.linkSync(join(root, 'models/big'), join(root, 'cache/b/same'));
  fs.linkSync(join(root, 'models/big'), join(root, 'cache/b/again'));
  fs.symlinkSync('/usr', join(root, 'cache/out'));
  fs.symlinkSync('x'.repeat(200), join(root, 'cache/dangling'));
  const sparse = fs.openSync(join(root, 'cache/a/sparse'), 'w');
  fs.ftruncateSync(sparse, 50_000_000);
  fs.closeSync(sparse);
}

describe('a count', () => {
  it.runIf(hasDu)('equals du: hard links, symlinks, sparse and empty files, fifos', async () => {
    fill();
    execFileSync('mkfifo', [join(root, 'cache/pipe')]);
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool: threads });
    expect(tree.figures(0)).toMatchObject({ allocated: duAllocated(root), ...filesApparent(root) });
    expect(tree.figures(0).bytes).toBe(300_000 + 5_000 + 5 + 50_000_000);
    expect(tree.atLeast).toBe(false);
  });

  it.runIf(hasDu)('equals du on a real tree', async () => {
    const real = fs.realpathSync(new URL('../../node_modules', import.meta.url));
    const { tree } = await scanStore(real, none, { fs: nodeFs, pool: threads });
    expect(tree.figures(0)).toMatchObject({ allocated: duAllocated(real), ...filesApparent(real) });
  });

  it('is the same from two threads as from one', async () => {
    fill();
    for (let index = 0; index < 300; index++) {
      const directory = join(root, `wide/${index % 20}/${index}/deep`);
      fs.mkdirSync(directory, { recursive: true });
      fs.writeFileSync(join(directory, `f${index}`), Buffer.alloc(index));
    }
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool: threads });
    expect(dump(tree)).toEqual(dump(await freshTree(root)));
  });

  it('counts a hard link where its path comes first, and shows the others as nothing', async () => {
    fill();
    const tree = await freshTree(root);
    const cache = tree.find('cache/b') ?? -1;
    expect(tree.figures(cache)).toMatchObject({ bytes: 300_000, files: 2 });
    expect(tree.figures(tree.find('models') ?? -1)).toMatchObject({ bytes: 0, files: 2 });
    expect(tree.children(cache, 'bytes', 10).entries.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['again', 300_000],
      ['same', 0],
    ]);
  });

  it.runIf(process.platform === 'linux')('keeps names that are not UTF-8', async () => {
    const raw = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x64, 0xff, 0xfe])]);
    fs.mkdirSync(raw);
    fs.writeFileSync(Buffer.concat([raw, Buffer.from([0x2f, 0x80])]), 'abc');
    fs.writeFileSync(join(root, '�'), 'replacement character');
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool: threads });
    const name = decodeName(Buffer.from([0x64, 0xff, 0xfe]));
    const inside = tree.find(name) ?? -1;
    expect(tree.figures(inside)).toMatchObject({ bytes: 3, files: 1 });
    expect(tree.children(inside, 'name', 5).entries[0]?.name).toBe(decodeName(Buffer.from([0x80])));
    expect(tree.figures(0).files).toBe(2);
  });

  it('takes inodes beyond 2^53, times before 1970 and beyond any calendar', async () => {
    fs.writeFileSync(join(root, 'a'), '12');
    fs.writeFileSync(join(root, 'b'), '345');
    fs.utimesSync(join(root, 'b'), new Date(-5_000), new Date(-5_000));
    const odd = faulty({
      lstat(path) {
        const stats = nodeFs.lstat(path);
        // As numbers the two are one inode.
        if (stats.isFile()) Object.assign(stats, { ino: 2n ** 63n + (path.endsWith('/a') ? 1n : 2n), nlink: 2n });
        if (path.endsWith('/a')) Object.defineProperty(stats, 'mtimeMs', { value: 2n ** 70n });
        return stats;
      },
    });
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool: createInlinePool(odd) });
    expect(tree.children(0, 'name', 5).entries).toMatchObject([
      { name: 'a', bytes: 2, newest: 1e15 },
      { name: 'b', bytes: 3, newest: -5_000 },
    ]);
    expect(tree.figures(0).bytes).toBe(5);
  });
});

/** The real file system with some calls replaced. */
function faulty(replaced: Partial<FileSystem>): FileSystem {
  const faults = { ...nodeFs, ...replaced };
  return {
    ...faults,
    readNames: (path) => faults.readDirectory(path).map(({ name }) => name),
    lstatNumbers(path) {
      const { dev, mode, nlink, ino, size, mtimeMs } = faults.lstat(path);
      const [numbers, exact] = [nodeFs.lstatNumbers(path), { dev, mode, nlink, ino, size, mtimeMs }];
      return Object.assign(
        numbers,
        Object.fromEntries(Object.entries(exact).map(([key, value]) => [key, Number(value)])),
      );
    },
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('what cannot be counted', () => {
  it('lists unreadable directories and entries with their reason, and says at least', async () => {
    fill();
    const pool = createInlinePool(
      faulty({
        readDirectory(path) {
          if (path.endsWith('/logs')) throw failure('EACCES');
          return nodeFs.readDirectory(path);
        },
        lstat(path) {
          if (path.endsWith('/models/empty')) throw failure('EIO');
          return nodeFs.lstat(path);
        },
      }),
    );
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool });
    expect(tree.atLeast).toBe(true);
    expect(tree.unreadable()).toEqual([
      { path: 'logs', reason: 'EACCES' },
      { path: 'models/empty', reason: 'EIO' },
    ]);
    expect(tree.children(0, 'name', 10).entries.find((entry) => entry.name === 'logs')).toMatchObject({
      kind: 'dir',
      unreadable: 'EACCES',
      allocated: 4096,
    });
  });

  it('leaves out what vanishes between listing and looking', async () => {
    fill();
    const pool = createInlinePool(
      faulty({
        readDirectory(path) {
          if (path.endsWith('/cache/a')) throw failure('ENOENT');
          return nodeFs.readDirectory(path);
        },
        lstat(path) {
          if (path.endsWith('/models/empty')) throw failure('ENOENT');
          return nodeFs.lstat(path);
        },
      }),
    );
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool });
    expect(tree.atLeast).toBe(false);
    expect(tree.find('cache/a')).toBeUndefined();
    expect(tree.children(tree.find('models') ?? -1, 'name', 10).entries.map((entry) => entry.name)).toEqual(['big']);
  });

  it('does not cross into other file systems, and shows them', async () => {
    fill();
    const pool = createInlinePool(
      faulty({
        lstat(path) {
          const stats = nodeFs.lstat(path);
          if (path.endsWith('/logs')) stats.dev += 1n;
          return stats;
        },
      }),
    );
    // One by its device, one by the mount table (a bind mount has the device of its source).
    const { tree } = await scanStore(root, new Set(['cache/a']), { fs: nodeFs, pool });
    expect(tree.find('logs')).toBeUndefined();
    expect(tree.children(0, 'name', 10).entries.find((entry) => entry.name === 'logs')).toEqual({
      name: 'logs',
      kind: 'mount',
      bytes: 0,
      allocated: 0,
      files: 0,
      dirs: 0,
      newest: 0,
    });
    expect(tree.children(tree.find('cache') ?? -1, 'name', 10).entries).toContainEqual(
      expect.objectContaining({ name: 'a', kind: 'mount' }),
    );
  });

  it('crosses into other file systems when asked, and counts a hard link once on each', async () => {
    fill();
    // The same inode number on another device is another file.
    const other = (path: string): boolean => path.includes('/cache');
    const pool = createInlinePool(
      faulty({
        lstat(path) {
          const stats = nodeFs.lstat(path);
          if (other(path)) stats.dev += 1n;
          return stats;
        },
      }),
    );
    const { tree } = await scanStore(root, new Set(['logs']), { fs: nodeFs, pool, crossMounts: true });
    expect(tree.find('cache/b')).toBeDefined();
    expect(tree.find('logs')).toBeUndefined();
    expect(tree.mounts()).toEqual(['logs']);
    expect(tree.figures(0).bytes).toBe(2 * 300_000 + 5 + 50_000_000);
    expect(tree.hardLinks).toEqual({ names: 1, bytes: 300_000 });
  });

  it('says so when the root is not there or is no folder', async () => {
    const options = { fs: nodeFs, pool: threads };
    await expect(scanStore(join(root, 'no'), none, options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    fs.writeFileSync(join(root, 'file'), '');
    await expect(scanStore(join(root, 'file'), none, options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('passes a failure of a worker on', async () => {
    fill();
    const pool = createInlinePool(
      faulty({
        readDirectory(path) {
          if (path.endsWith('/cache')) throw new TypeError('a defect');
          return nodeFs.readDirectory(path);
        },
      }),
    );
    await expect(scanStore(root, none, { fs: nodeFs, pool })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('cancel and progress', () => {
  it('stops at once, between two directories', async () => {
    fill();
    const abort = new AbortController();
    let read = 0;
    const pool = createInlinePool(
      faulty({
        readDirectory(path) {
          if (++read === 3) abort.abort();
          return nodeFs.readDirectory(path);
        },
      }),
    );
    const scan = scanStore(root, none, { fs: nodeFs, pool, signal: abort.signal });
    await expect(scan).rejects.toSatisfy((error) => isLarderError(error, 'CANCELLED'));
    expect(read).toBe(3);
  });

  it('does not begin when cancelled before', async () => {
    const signal = AbortSignal.abort();
    const scan = scanStore(root, none, { fs: nodeFs, pool: threads, signal });
    await expect(scan).rejects.toSatisfy((error) => isLarderError(error, 'CANCELLED'));
  });

  it('ends by telling of every directory', async () => {
    fill();
    const seen: number[] = [];
    await scanStore(root, none, {
      fs: nodeFs,
      pool: threads,
      onProgress: ({ directoriesRead }) => seen.push(directoriesRead),
    });
    expect(seen.at(-1)).toBe(filesApparent(root).dirs + 1);
  });

  it('goes on with the workers that are free', async () => {
    fill();
    const busy = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 1);
    const { tree } = await scanStore(root, none, { fs: nodeFs, pool: { ...busy, size: 4 } });
    expect(dump(tree)).toEqual(dump(await freshTree(root)));
    await busy.close();
  });
});
