import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createThreadPool } from '../pool/index.ts';
import { verifyBackup, writeBackup } from './index.ts';
import {
  collectSkips,
  contentsOf,
  contentsOnDisk,
  filesBelow,
  listTree,
  makeFolder,
  noise,
  optionsFor,
  removeFolder,
  reopen,
  writeTree,
} from './testing/trees.ts';

let folder: string;
let root: string;
let destination: string;

beforeEach(() => {
  folder = makeFolder();
  root = join(folder, 'store');
  destination = join(folder, 'backups');
  nodeFsModule.mkdirSync(root);
  nodeFsModule.mkdirSync(destination);
  writeTree(root, { 'a/small': 'before', big: noise(4_300_000), z: 'last' });
});
afterEach(() => removeFolder(folder));

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: provoked`), { code });
}

/** Calls that name a path of the destination, and the calls on what was opened there, fail when `fails` says so. */
function faultyFs(fails: (call: string, path: string) => string | undefined): FileSystem {
  const opened = new Map<number, string>();
  const check = (call: string, path: string): void => {
    const code = fails(call, path);
    if (code !== undefined) throw failure(code);
  };
  return {
    ...nodeFs,
    open(path, flags, mode) {
      check('open', path);
      const fd = nodeFs.open(path, flags, mode);
      opened.set(fd, path);
      return fd;
    },
    async writeAsync(fd, data, position) {
      check('write', opened.get(fd) ?? '');
      return nodeFs.writeAsync(fd, data, position);
    },
    async fsyncAsync(fd) {
      check('fsync', opened.get(fd) ?? '');
      return nodeFs.fsyncAsync(fd);
    },
    fsyncDirectory(path) {
      check('fsyncDirectory', path);
      nodeFs.fsyncDirectory(path);
    },
    rename(from, to) {
      check('rename', to);
      nodeFs.rename(from, to);
    },
  };
}

describe('a destination that fails', () => {
  const steps: [string, (call: string, path: string) => boolean][] = [
    ['opening the archive', (call, path) => call === 'open' && path.endsWith('.archive')],
    ['writing the archive', (call, path) => call === 'write' && path.endsWith('.archive')],
    ['syncing the archive', (call, path) => call === 'fsync' && path.endsWith('.archive')],
    ['renaming the archive', (call, path) => call === 'rename' && path.endsWith('.tar.zst')],
    ['opening the manifest', (call, path) => call === 'open' && path.endsWith('.manifest')],
    ['writing the manifest', (call, path) => call === 'write' && path.endsWith('.manifest')],
    ['syncing the manifest', (call, path) => call === 'fsync' && path.endsWith('.manifest')],
    ['renaming the manifest', (call, path) => call === 'rename' && path.endsWith('.manifest.zst')],
    ['syncing the folder', (call) => call === 'fsyncDirectory'],
  ];
  for (const [errno, code] of [
    ['ENOSPC', 'NO_SPACE'],
    ['EACCES', 'PERMISSION'],
    ['EROFS', 'PERMISSION'],
    ['EIO', 'CORRUPT'],
  ] as const) {
    it.each(steps)(`leaves nothing behind: ${errno} while %s`, async (_, matches) => {
      const before = await writeBackup(optionsFor(root, destination, { baseName: 'older' }));
      const kept = filesBelow(destination).sort();
      const fs = faultyFs((call, path) => (matches(call, path) && !path.startsWith(root) ? errno : undefined));
      const failing = writeBackup(optionsFor(root, destination, { fs }));
      await expect(failing).rejects.toMatchObject({ code, message: expect.stringContaining(destination) as string });
      expect(filesBelow(destination).sort()).toEqual(kept);
      const reader = reopen(before.manifest);
      const verified = await verifyBackup({
        fs: nodeFs,
        pool: optionsFor(root, destination).pool,
        reader,
        mode: 'quick',
      });
      expect(verified.ok).toBe(true);
    });
  }

  it('says so when the space runs out in the middle', async () => {
    let written = 0;
    const fs = faultyFs((call) => (call === 'write' && ++written === 3 ? 'ENOSPC' : undefined));
    await expect(writeBackup(optionsFor(root, destination, { fs }))).rejects.toMatchObject({
      code: 'NO_SPACE',
      hint: 'Free some space and try again.',
    });
    expect(filesBelow(destination)).toEqual([]);
  });
});

describe('a cancel', () => {
  it('leaves nothing behind, wherever it comes before the commit point', async () => {
    const events: string[] = [];
    const record = (at: number | undefined) => {
      const controller = new AbortController();
      let seen = 0;
      const count = (name: string): void => {
        if (at === undefined) events.push(name);
        else if (seen++ === at) controller.abort();
      };
      const fs: FileSystem = {
        ...nodeFs,
        async writeAsync(fd, data, position) {
          await nodeFs.writeAsync(fd, data, position);
          count('write');
        },
        rename(from, to) {
          nodeFs.rename(from, to);
          count('rename');
        },
        async fsyncAsync(fd) {
          await nodeFs.fsyncAsync(fd);
          count('fsync');
        },
      };
      return writeBackup(optionsFor(root, destination, { fs, signal: controller.signal }));
    };
    const written = await record(undefined);
    expect(events.at(-1)).toBe('rename');
    nodeFsModule.rmSync(written.archive);
    nodeFsModule.rmSync(written.manifest);
    for (let at = 0; at < events.length - 1; at++) {
      await expect(record(at)).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(filesBelow(destination)).toEqual([]);
    }
    // The last rename is the commit: from there on it stands.
    await record(events.length - 1);
    expect(filesBelow(destination)).toHaveLength(2);
  });

  it('stops a pool of threads', async () => {
    const pool = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
    const controller = new AbortController();
    const options = optionsFor(root, destination, {
      pool,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(writeBackup(options)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(filesBelow(destination)).toEqual([]);
    await pool.close();
  });

  it('ends a verification at once', async () => {
    const { manifest } = await writeBackup(optionsFor(root, destination));
    const controller = new AbortController();
    const verifying = verifyBackup({
      fs: nodeFs,
      pool: optionsFor(root, destination).pool,
      reader: reopen(manifest),
      mode: 'deep',
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(verifying).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

/** Runs `act` after the n-th read of `path` has returned. */
function meddlingFs(path: string, act: (read: number) => void): FileSystem {
  const fds = new Set<number>();
  let reads = 0;
  return {
    ...nodeFs,
    open(name, flags, mode) {
      const fd = nodeFs.open(name, flags, mode);
      if (name === path) fds.add(fd);
      else fds.delete(fd);
      return fd;
    },
    read(fd, into, offset, length, position) {
      const got = nodeFs.read(fd, into, offset, length, position);
      if (fds.has(fd) && got > 0) act(++reads);
      return got;
    },
  };
}

describe('a file that moves while it is read', () => {
  const cases: [name: string, file: string][] = [
    ['a small file', 'a/small'],
    ['a file of several pieces', 'big'],
  ];

  it.each(cases)('is read again: %s', async (_, file) => {
    const path = join(root, file);
    const fs = meddlingFs(path, (read) => {
      if (read === 1) nodeFsModule.appendFileSync(path, 'more');
    });
    const { skipped, onSkip } = collectSkips();
    const { manifest } = await writeBackup(optionsFor(root, destination, { fs, onSkip }));
    expect(skipped).toEqual([]);
    expect(contentsOf(reopen(manifest))).toEqual(contentsOnDisk(root));
  });

  it.each(cases)('is stored as last read and told when it never rests: %s', async (_, file) => {
    const path = join(root, file);
    const fs = meddlingFs(path, () => nodeFsModule.appendFileSync(path, 'more'));
    const { skipped, onSkip } = collectSkips();
    const written = await writeBackup(optionsFor(root, destination, { fs, onSkip }));
    expect(skipped).toEqual([{ path: file, reason: 'changed while reading' }]);
    expect(written.header.skipped).toEqual(skipped);
    const reader = reopen(written.manifest);
    expect([...contentsOf(reader).keys()]).toEqual(['', 'a', 'a/small', 'big', 'z']);
    const verified = await verifyBackup({ fs: nodeFs, pool: optionsFor(root, destination).pool, reader, mode: 'deep' });
    expect(verified.problems).toEqual([]);
  });

  it.each(cases)('shrinks to nothing again and again: %s', async (_, file) => {
    const path = join(root, file);
    const content = nodeFsModule.readFileSync(path);
    let truncated = false;
    const base = meddlingFs(path, () => {
      truncated = true;
      nodeFsModule.truncateSync(path, 3);
    });
    const restore = (): void => {
      if (truncated) nodeFsModule.writeFileSync(path, content);
      truncated = false;
    };
    const fs: FileSystem = {
      ...base,
      open(name, flags, mode) {
        if (name === path) restore();
        return base.open(name, flags, mode);
      },
      lstat(name) {
        if (name === path) restore();
        return nodeFs.lstat(name);
      },
    };
    const { skipped, onSkip } = collectSkips();
    const written = await writeBackup(optionsFor(root, destination, { fs, onSkip }));
    expect(skipped).toEqual([{ path: file, reason: 'changed while reading' }]);
    const reader = reopen(written.manifest);
    const verified = await verifyBackup({ fs: nodeFs, pool: optionsFor(root, destination).pool, reader, mode: 'deep' });
    expect(verified.problems).toEqual([]);
  });

  it('may have grown beyond a group, or shrunk below one, since it was listed', async () => {
    const entries = listTree(root);
    nodeFsModule.writeFileSync(join(root, 'a/small'), noise(5_000_000));
    nodeFsModule.writeFileSync(join(root, 'big'), 'tiny');
    const { skipped, onSkip } = collectSkips();
    const { manifest } = await writeBackup(optionsFor(root, destination, { entries, onSkip }));
    expect(skipped).toEqual([]);
    const contents = contentsOf(reopen(manifest));
    const disk = contentsOnDisk(root);
    for (const path of ['a/small', 'big', 'z']) expect(contents.get(path)).toEqual(disk.get(path));
  });

  it('is left out with the reason when it went or became something else', async () => {
    writeTree(root, { gone: 'x', 'gone-big': noise(5_000_000), secret: 'x', 'to-dir': 'x', 'to-link': 'x' });
    nodeFsModule.symlinkSync('nowhere', join(root, 'link'));
    nodeFsModule.linkSync(join(root, 'gone'), join(root, 'gone-twin'));
    const entries = listTree(root);
    for (const name of ['gone', 'gone-big', 'link', 'to-dir', 'to-link']) nodeFsModule.rmSync(join(root, name));
    nodeFsModule.mkdirSync(join(root, 'to-dir'));
    nodeFsModule.symlinkSync('z', join(root, 'to-link'));
    const fs: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path === join(root, 'secret')) throw failure('EACCES');
        return nodeFs.open(path, flags, mode);
      },
    };
    const { skipped, onSkip } = collectSkips();
    const { manifest } = await writeBackup(optionsFor(root, destination, { entries, fs, onSkip }));
    expect(skipped).toEqual([
      { path: 'gone', reason: 'vanished before it was read' },
      { path: 'gone-big', reason: 'vanished before it was read' },
      { path: 'link', reason: 'vanished before it was read' },
      { path: 'secret', reason: 'may not be accessed by this user' },
      { path: 'to-dir', reason: 'is no longer a file' },
      { path: 'to-link', reason: 'is no longer a file' },
    ]);
    const reader = reopen(manifest);
    expect([...contentsOf(reader).keys()]).toEqual(['', 'a', 'a/small', 'big', 'gone-twin', 'z']);
    // The twin stands for itself now that its first name was left out.
    const twin = [...reader.entries()].find(({ path }) => path === 'gone-twin');
    expect(twin).toMatchObject({ type: 'file', size: 1 });
    expect(twin).not.toHaveProperty('linkTo');
  });

  it('is cut off in a later piece', async () => {
    const path = join(root, 'big');
    const fs: FileSystem = {
      ...nodeFs,
      open(name, flags, mode) {
        if (name === path && nodeFsModule.existsSync(join(destination, '.larder'))) {
          opens += 1;
          if (opens === 2) nodeFsModule.rmSync(path);
        }
        return nodeFs.open(name, flags, mode);
      },
    };
    let opens = 0;
    const { skipped, onSkip } = collectSkips();
    const { manifest } = await writeBackup(optionsFor(root, destination, { fs, onSkip }));
    expect(skipped).toEqual([{ path: 'big', reason: 'vanished before it was read' }]);
    const reader = reopen(manifest);
    expect([...contentsOf(reader).keys()]).toEqual(['', 'a', 'a/small', 'z']);
    // What was already written of it was taken back.
    expect(reader.frames).toHaveLength(2);
  });
});
