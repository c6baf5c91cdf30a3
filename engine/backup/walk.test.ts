import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comparePaths } from '../../shared/path-text.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { cacheTagSignature, reasons } from './selection.ts';
import { walkTree } from './test-walk.ts';
import type { WalkOptions } from './test-walk.ts';

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder.path, 'root');
  fs.mkdirSync(root);
});
afterEach(() => folder.remove());

function put(path: string, content = 'x'): void {
  fs.mkdirSync(join(root, path, '..'), { recursive: true });
  fs.writeFileSync(join(root, path), content);
}

function walk(options: WalkOptions = {}) {
  return walkTree(options.root ?? root, options);
}

function fault(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

describe('order', () => {
  test('is that of whole paths, the root first', async () => {
    for (const path of ['a/x', 'a-b', 'a/z/1', 'a.txt', 'ab', 'a-/q', 'a-/.r', 'a!/k/l', '0']) put(path);
    const { paths } = await walk();
    expect(paths[0]).toBe('');
    expect(paths).toEqual(paths.toSorted(comparePaths));
    expect(paths).toHaveLength(15);
  });

  test('holds for any tree', async () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', '!', '~', '0', ' '),
      minLength: 1,
      maxLength: 3,
    });
    const tree = fc.array(
      fc.array(
        name.filter((text) => !/^\.+$/.test(text)),
        { minLength: 1, maxLength: 4 },
      ),
      { maxLength: 15 },
    );
    await fc.assert(
      fc.asyncProperty(tree, async (wanted) => {
        fs.rmSync(root, { recursive: true });
        fs.mkdirSync(root);
        for (const parts of wanted) fs.mkdirSync(join(root, ...parts), { recursive: true });
        const { paths } = await walk();
        const all = fs.readdirSync(root, { recursive: true }) as string[];
        expect(paths).toEqual(['', ...all].sort(comparePaths));
      }),
      { numRuns: 60 },
    );
  });
});

test('entries carry what is on disk', async () => {
  put('d/file', 'hello');
  fs.chmodSync(join(root, 'd/file'), 0o4751);
  fs.linkSync(join(root, 'd/file'), join(root, 'd/same'));
  fs.symlinkSync('/nowhere/at all', join(root, 'link'));
  const { entries, files, dirs, bytes } = await walk();
  const stats = fs.lstatSync(join(root, 'd/file'), { bigint: true });
  expect(entries.find((entry) => entry.path === 'd/file')).toEqual({
    path: 'd/file',
    type: 'file',
    mode: 0o4751,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    size: 5,
    device: stats.dev,
    inode: stats.ino,
    links: 2,
  });
  expect(entries.find((entry) => entry.path === 'link')?.type).toBe('symlink');
  expect({ files, dirs, bytes }).toEqual({ files: 2, dirs: 2, bytes: 10 });
});

test('odd names survive', async () => {
  const names = [
    Buffer.from('new\nline'),
    Buffer.from(' lead and trail '),
    Buffer.from('émoji 🦊'),
    Buffer.from('e\u0301'),
    Buffer.from([0x66, 0xff, 0xfe, 0x80]),
    Buffer.from('n'.repeat(255)),
    Buffer.from('"quoted\\'),
  ];
  for (const name of names) fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), '');
  const { paths, files } = await walk();
  expect(files).toBe(names.length);
  expect(paths).toContain('f\udcff\udcfe\udc80');
  expect(paths).toContain('new\nline');
});

test('links are not followed, wherever they lead', async () => {
  fs.mkdirSync(join(folder.path, 'outside'));
  fs.writeFileSync(join(folder.path, 'outside/secret'), 'x');
  fs.symlinkSync('../outside', join(root, 'out'));
  fs.symlinkSync('.', join(root, 'loop'));
  const { paths } = await walk();
  expect(paths).toEqual(['', 'loop', 'out']);
});

test('a directory exchanged for a link while it is listed is skipped, not followed', async () => {
  put('d/f');
  fs.mkdirSync(join(folder.path, 'outside'));
  fs.writeFileSync(join(folder.path, 'outside/secret'), 'x');
  const swapping: FileSystem = {
    ...nodeFs,
    readDirectory(path) {
      if (path === join(root, 'd')) {
        fs.rmSync(path, { recursive: true });
        fs.symlinkSync(join(folder.path, 'outside'), path);
      }
      return nodeFs.readDirectory(path);
    },
  };
  const { paths, skipped } = await walk({ fs: swapping });
  expect(paths).toEqual(['', 'd']);
  expect(skipped).toEqual([{ path: 'd', reason: 'it was exchanged while being listed' }]);
});

describe('left out', () => {
  test('sockets and pipes, noted, without making anything partial', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'sock'), resolve));
    const { excluded, skipped, paths } = await walk();
    await new Promise((resolve) => server.close(resolve));
    expect(excluded.map(({ path, reason }) => [path, reason])).toEqual([
      ['pipe', reasons.fifo],
      ['sock', reasons.socket],
    ]);
    expect(skipped).toEqual([]);
    expect(paths).toEqual(['']);
  });

  test('caches with a real tag, backups, the undo folder, locks and partial downloads, with their bytes', async () => {
    put('cache/CACHEDIR.TAG', cacheTagSignature);
    put('cache/deep/blob', 'x'.repeat(100));
    put('plain/CACHEDIR.TAG', 'not a tag');
    put('backups/old.tar', 'x'.repeat(50));
    put('.larder-undo/r1/file', 'x'.repeat(7));
    put('sub/.larder-undo/kept');
    put('blobs/a.lock', '');
    put('blobs/a.incomplete', 'x'.repeat(9));
    put('else/.larder/tmp');
    put('else/a.manifest.zst', 'x'.repeat(3));
    const { excluded, paths, bytes } = await walk({ backupAreas: ['backups'] });
    const tag = cacheTagSignature.length;
    expect(excluded).toEqual([
      { path: '.larder-undo', reason: reasons.undo, files: 1, bytes: 7 },
      { path: 'backups', reason: reasons.backupArea, files: 1, bytes: 50 },
      { path: 'blobs/a.incomplete', reason: reasons.partialDownload, files: 1, bytes: 9 },
      { path: 'blobs/a.lock', reason: reasons.lockFile, files: 1, bytes: 0 },
      { path: 'cache', reason: reasons.cacheTag, files: 2, bytes: 100 + tag },
      { path: 'else', reason: reasons.heldBackups, files: 2, bytes: 4 },
    ]);
    expect(paths).toEqual([
      '',
      'blobs',
      'plain',
      'plain/CACHEDIR.TAG',
      'sub',
      'sub/.larder-undo',
      'sub/.larder-undo/kept',
    ]);
    expect(bytes).toBe(10);
  });

  test('a tag in the root itself does not empty the backup', async () => {
    put('CACHEDIR.TAG', cacheTagSignature);
    expect((await walk()).paths).toEqual(['', 'CACHEDIR.TAG']);
  });

  test('a destination wherever it lies, known by what it is and not by its name', async () => {
    put('deep/er/dest/a.tar', 'x'.repeat(20));
    const { dev, ino } = fs.statSync(join(root, 'deep/er/dest'), { bigint: true });
    const { excluded, paths } = await walk({ destinations: [{ device: dev, inode: ino }] });
    expect(excluded).toEqual([{ path: 'deep/er/dest', reason: reasons.destination, files: 1, bytes: 20 }]);
    expect(paths).toEqual(['', 'deep', 'deep/er']);
  });

  test('the secrets Larder keeps, wherever its home lies', async () => {
    put('home/secrets/1.json', 'x'.repeat(20));
    const { dev, ino } = fs.statSync(join(root, 'home/secrets'), { bigint: true });
    const { excluded, paths } = await walk({ secrets: { device: dev, inode: ino } });
    expect(excluded).toEqual([{ path: 'home/secrets', reason: reasons.secrets, files: 1, bytes: 20 }]);
    expect(paths).toEqual(['', 'home']);
  });

  test('other file systems', async () => {
    put('mnt/inside');
    put('file');
    const mounted: FileSystem = {
      ...nodeFs,
      lstat(path) {
        const stats = nodeFs.lstat(path);
        if (path.startsWith(join(root, 'mnt'))) stats.dev += 1n;
        return stats;
      },
    };
    const { excluded, paths } = await walk({ fs: mounted });
    expect(excluded).toEqual([{ path: 'mnt', reason: reasons.otherMount, files: 0, bytes: 0 }]);
    expect(paths).toEqual(['', 'file']);
  });
});

describe('trouble', () => {
  test('an unreadable directory is skipped with the reason, the rest is in', async () => {
    put('closed/secret');
    put('open/file');
    const closed: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        if (path === join(root, 'closed')) throw fault('EACCES');
        return nodeFs.readDirectory(path);
      },
    };
    const { skipped, paths } = await walk({ fs: closed });
    expect(skipped).toEqual([{ path: 'closed', reason: 'may not be accessed by this user' }]);
    expect(paths).toEqual(['', 'closed', 'open', 'open/file']);
  });

  test('a file that cannot be looked at is skipped with the reason', async () => {
    put('bad');
    put('good');
    const faulty: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path === join(root, 'bad')) throw fault('EIO');
        return nodeFs.lstat(path);
      },
    };
    const { skipped, paths } = await walk({ fs: faulty });
    expect(skipped).toEqual([{ path: 'bad', reason: 'could not be read: the disk reported an error' }]);
    expect(paths).toEqual(['', 'good']);
  });

  test('files and folders that vanish while walking are no error', async () => {
    put('a-file');
    put('b-dir/x');
    put('c');
    const vanishing: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path === join(root, 'a-file')) fs.rmSync(path);
        return nodeFs.lstat(path);
      },
      readDirectory(path) {
        if (path === join(root, 'b-dir')) fs.rmSync(path, { recursive: true });
        return nodeFs.readDirectory(path);
      },
    };
    const { skipped, paths } = await walk({ fs: vanishing });
    expect(skipped).toEqual([]);
    expect(paths).toEqual(['', 'c']);
  });

  test('a file that is replaced by a folder, a link or another file is what it was when it was looked at', async () => {
    // Each once: exchanged again while it is listed, a folder would be skipped.
    const left = new Set(['a', 'b', 'c']);
    for (const name of left) put(name, 'old');
    const replacing: FileSystem = {
      ...nodeFs,
      lstat(path) {
        const name = path.slice(root.length + 1);
        if (left.delete(name)) {
          fs.rmSync(path, { recursive: true });
          if (name === 'a') fs.mkdirSync(join(path, 'inside'), { recursive: true });
          else if (name === 'b') fs.symlinkSync('/etc', path);
          else fs.writeFileSync(path, 'longer than before');
        }
        return nodeFs.lstat(path);
      },
    };
    const { entries, skipped, bytes } = await walk({ fs: replacing });
    expect(entries.map(({ path, type }) => `${path}:${type}`)).toEqual([
      ':dir',
      'a:dir',
      'a/inside:dir',
      'b:symlink',
      'c:file',
    ]);
    expect(skipped).toEqual([]);
    expect(bytes).toBe(18);
  });

  test('a folder that becomes a file while it is listed is skipped', async () => {
    put('d/f');
    const replacing: FileSystem = {
      ...nodeFs,
      readDirectory(path) {
        const entries = nodeFs.readDirectory(path);
        if (path === join(root, 'd')) {
          fs.rmSync(path, { recursive: true });
          fs.writeFileSync(path, 'x');
        }
        return entries;
      },
    };
    const { paths, skipped } = await walk({ fs: replacing });
    expect(paths).toEqual(['', 'd']);
    expect(skipped).toEqual([{ path: 'd', reason: 'it was exchanged while being listed' }]);
  });

  test('files that come while their folder is gone through are left for the next backup', async () => {
    put('a');
    put('z');
    const growing: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path === join(root, 'a')) put('m');
        return nodeFs.lstat(path);
      },
    };
    expect((await walk({ fs: growing })).paths).toEqual(['', 'a', 'z']);
  });

  test('a root that vanishes in the middle fails instead of looking empty', async () => {
    put('a/x');
    put('b/x');
    const vanishing: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path === join(root, 'b')) fs.rmSync(root, { recursive: true });
        return nodeFs.lstat(path);
      },
    };
    await expect(walk({ fs: vanishing })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a root that is exchanged in the middle (a disk unmounted) fails too', async () => {
    put('a');
    const exchanging: FileSystem = {
      ...nodeFs,
      lstat(path) {
        if (path === join(root, 'a')) {
          fs.renameSync(root, `${root}-gone`);
          fs.mkdirSync(root);
        }
        return nodeFs.lstat(path);
      },
    };
    await expect(walk({ fs: exchanging })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a root that is missing, a file, or unreadable', async () => {
    await expect(walk({ root: join(root, 'no') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    put('file');
    await expect(walk({ root: join(root, 'file') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const closed: FileSystem = {
      ...nodeFs,
      readDirectory: () => {
        throw fault('EACCES');
      },
    };
    await expect(walk({ fs: closed })).rejects.toMatchObject({ code: 'PERMISSION' });
  });

  test('cancel stops at the next entry', async () => {
    for (let index = 0; index < 50; index += 1) put(`f${index}`);
    const abort = new AbortController();
    let looked = 0;
    const counting: FileSystem = {
      ...nodeFs,
      lstat(path) {
        looked += 1;
        if (looked === 10) abort.abort();
        return nodeFs.lstat(path);
      },
    };
    await expect(walk({ fs: counting, signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(looked).toBe(10);
  });
});

test('figures by area, and nothing but figures when no entries are wanted', async () => {
  put('models/a', '12345');
  put('models/deep/b', '1');
  put('models-x/c', '12');
  put('loose', '1');
  const { areas, entries, files, bytes, dirs, needed } = await walk({ entries: false });
  expect(entries).toEqual([]);
  expect(areas).toEqual([
    { path: '', files: 1, bytes: 1 },
    { path: 'models-x', files: 1, bytes: 2 },
    { path: 'models', files: 2, bytes: 6 },
  ]);
  expect({ files, bytes, dirs }).toEqual({ files: 4, bytes: 9, dirs: 4 });
  expect(needed).toBeGreaterThan(bytes);
});

test('many entries come in several batches', async () => {
  for (let index = 0; index < 5_000; index += 1) fs.writeFileSync(join(root, `f${index}`), '');
  const counts: number[] = [];
  const { paths } = await walk({ onMessage: ({ batch }) => counts.push(batch?.count ?? 0) });
  expect(paths).toHaveLength(5_001);
  expect(counts).toEqual([4_096, 905]);
});
