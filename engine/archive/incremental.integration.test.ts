import { execFileSync, spawnSync } from 'node:child_process';
import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/index.ts';

import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { openBackup, Parent, writeBackup } from './index.ts';
import { contentsOf, contentsOnDisk, filesBelow, header, optionsFor, writeTree } from './testing/trees.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { WriteBackupOptions, WrittenBackup } from './types.ts';

const MiB = 1024 * 1024;

/** Bytes that do not shrink and that no two seeds share. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed + 1) * 0x9e3779b9;
  for (let at = 0; at < length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeUInt32LE(state >>> 0, at > length - 4 ? length - 4 : at);
  }
  return bytes;
}

describe.each<ArchiveFormat>(['zst', 'gz', 'tar'])('an incremental .%s backup', (format) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let root: string;
  let destination: string;
  let count: number;

  beforeEach(() => {
    folder = temporaryFolder();
    root = join(folder.path, 'store');
    destination = join(folder.path, 'backups');
    nodeFsModule.mkdirSync(root);
    nodeFsModule.mkdirSync(destination);
    count = 0;
  });
  afterEach(() => folder.remove());

  const write = (path: string, content: string | Uint8Array): void => writeTree(root, { [path]: content });

  /** Its clock is ahead of the files' times, as if they had been left alone for long. */
  async function backUp(parent?: WrittenBackup, more: Partial<WriteBackupOptions> = {}): Promise<WrittenBackup> {
    count += 1;
    const pool = createInlinePool(nodeFs);
    const written = await writeBackup(
      optionsFor(root, destination, {
        format,
        baseName: `b${count}`,
        header: { ...header, id: `b-${count}`, startedAtMs: Date.now() + 60_000 },
        ...(parent === undefined ? {} : { parent: await Parent.open(nodeFs, pool, parent.manifest) }),
        ...more,
      }),
    );
    const reader = openBackup(nodeFs, written.manifest);
    expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
    expect(reader.counts.reused).toBe(written.reusedBytes);
    return written;
  }

  const tarNames = (archive: string): string[] => {
    const listed = spawnSync('tar', ['-tf', archive], { encoding: 'utf8', maxBuffer: 64 * MiB });
    return listed.stdout.trimEnd().split('\n');
  };
  const sizeOf = (written: WrittenBackup): number => nodeFsModule.statSync(written.archive).size;

  it('stores nothing of files that were not touched, and does not read them', async () => {
    write('a/small', 'text');
    write('large', noise(9 * MiB, 1));
    nodeFsModule.linkSync(join(root, 'large'), join(root, 'linked'));
    nodeFsModule.symlinkSync('a/small', join(root, 'link'));
    const first = await backUp();
    const opened: string[] = [];
    const fs = {
      ...nodeFs,
      open(path: string, flags: string | number, mode?: number) {
        if (path.startsWith(root)) opened.push(path);
        return nodeFs.open(path, flags, mode);
      },
    };
    const second = await backUp(first, { fs, pool: createInlinePool(fs) });
    expect(opened).toEqual([]);
    expect(second.header).toMatchObject({ kind: 'incremental', parent: 'b-1' });
    expect(second.reusedBytes).toBe(second.bytes);
    expect(sizeOf(second)).toBeLessThan(12 * 1024);
    expect(openBackup(nodeFs, second.manifest).archives.map(({ file }) => file)).toEqual([
      `b2.${format === 'tar' ? 'tar' : `tar.${format}`}`,
      `b1.${format === 'tar' ? 'tar' : `tar.${format}`}`,
    ]);
    const linkOf = [...openBackup(nodeFs, second.manifest).entries()].find(({ path }) => path === 'linked');
    expect(linkOf).toMatchObject({ linkTo: 'large' });
  });

  it('reads a file again that was changed right before the older backup began', async () => {
    write('a', 'text');
    const first = await backUp(undefined, { header: { ...header, startedAtMs: Date.now() } });
    const changed = 'TEXT';
    const { mtime, atime } = nodeFsModule.statSync(join(root, 'a'));
    // As if written in the same tick of the file system's clock: same size and times.
    nodeFsModule.writeFileSync(join(root, 'a'), changed);
    nodeFsModule.utimesSync(join(root, 'a'), atime, mtime);
    await backUp(first);
  });

  it('holds equal content once, wherever it is', async () => {
    write('models/a.bin', noise(10 * MiB, 2));
    write('small/a', noise(300_000, 3));
    const first = await backUp();
    nodeFsModule.renameSync(join(root, 'models/a.bin'), join(root, 'models/renamed.bin'));
    nodeFsModule.copyFileSync(join(root, 'small/a'), join(root, 'small/copy'));
    nodeFsModule.chmodSync(join(root, 'small/a'), 0o600);
    const second = await backUp(first);
    expect(sizeOf(second)).toBeLessThan(12 * 1024);
    expect(second.reusedBytes).toBe(second.bytes);
  });

  it('stores only what is new of a large file', async () => {
    const content = noise(11 * MiB + 123, 4);
    write('db', content);
    const first = await backUp();
    noise(4096, 5).copy(content, 6 * MiB);
    nodeFsModule.writeFileSync(join(root, 'db'), Buffer.concat([content, Buffer.from('appended')]));
    const second = await backUp(first);
    expect(sizeOf(second)).toBeLessThan(40 * 1024);
    noise(4096, 6).copy(content, 6 * MiB + 8192);
    nodeFsModule.writeFileSync(join(root, 'db'), content.subarray(0, 10 * MiB));
    const third = await backUp(second);
    expect(sizeOf(third)).toBeLessThan(40 * 1024);
    expect(tarNames(third.archive).filter((name) => name.includes('db'))).toEqual([]);
    expect(tarNames(third.archive).some((name) => name.startsWith('.larder/pieces/'))).toBe(true);
    expect(new Set(openBackup(nodeFs, third.manifest).archives.map(({ file }) => file)).size).toBe(3);
  });

  it('stores only what is new of a log', async () => {
    const log = noise(900_000, 7);
    write('logs/a.log', log);
    write('logs/b.log', noise(70_000, 8));
    const first = await backUp();
    nodeFsModule.appendFileSync(join(root, 'logs/a.log'), 'one more line\n');
    const second = await backUp(first);
    expect(sizeOf(second)).toBeLessThan(24 * 1024);
    expect(tarNames(second.archive).filter((name) => name.startsWith('logs/a'))).toEqual([]);
  });

  it('writes a large file whole that is new', async () => {
    write('a', 'x');
    const first = await backUp();
    write('model.bin', noise(6 * MiB, 9));
    const second = await backUp(first);
    expect(tarNames(second.archive)).toContain('model.bin');
    const target = join(folder.path, 'out');
    nodeFsModule.mkdirSync(target);
    execFileSync('tar', ['-xf', second.archive, '-C', target, 'model.bin']);
    expect(nodeFsModule.readFileSync(join(target, 'model.bin')).equals(noise(6 * MiB, 9))).toBe(true);
  });

  it('stores what is new in several places once, in frames of their own too', async () => {
    write('a', 'x');
    const first = await backUp();
    for (const folder of ['k', 'm', 'p']) {
      write(`${folder}/large`, noise(9 * MiB, 20));
      write(`${folder}/middle`, noise(3 * MiB, 21));
      // Alike at both ends, and not the same.
      const other = noise(3 * MiB, 21);
      other[MiB] = folder.charCodeAt(0);
      write(`${folder}/other`, other);
    }
    const second = await backUp(first);
    expect(sizeOf(second)).toBeLessThan((9 + 3 + 3 * 3 + 1) * MiB);
    const target = join(folder.path, 'out');
    nodeFsModule.mkdirSync(target);
    execFileSync('tar', ['-xf', second.archive, '-C', target]);
    expect(nodeFsModule.readFileSync(join(target, 'p/middle')).equals(noise(3 * MiB, 21))).toBe(true);
    expect(nodeFsModule.existsSync(join(target, 'p/large'))).toBe(false);
  });

  it('stores what is new twice in one folder once', async () => {
    write('a', 'x');
    const first = await backUp();
    write('new/one', noise(200_000, 10));
    write('new/two', noise(200_000, 10));
    const second = await backUp(first);
    expect(sizeOf(second)).toBeLessThan(230_000);
    const target = join(folder.path, 'out');
    nodeFsModule.mkdirSync(target);
    execFileSync('tar', ['-xf', second.archive, '-C', target]);
    expect(nodeFsModule.readFileSync(join(target, 'new/two')).equals(noise(200_000, 10))).toBe(true);
  });

  it('keeps the first name of a hard link that lost its older first name', async () => {
    write('b', noise(100_000, 11));
    nodeFsModule.linkSync(join(root, 'b'), join(root, 'c'));
    nodeFsModule.linkSync(join(root, 'b'), join(root, 'd'));
    const first = await backUp();
    nodeFsModule.unlinkSync(join(root, 'b'));
    nodeFsModule.linkSync(join(root, 'c'), join(root, 'a'));
    const second = await backUp(first);
    const links = [...openBackup(nodeFs, second.manifest).entries()].flatMap((entry) =>
      entry.type === 'file' ? [[entry.path, entry.linkTo]] : [],
    );
    expect(links).toEqual([
      ['a', undefined],
      ['c', 'a'],
      ['d', 'a'],
    ]);
    expect(sizeOf(second)).toBeLessThan(12 * 1024);
  });

  it('takes back what it wrote of a large file that changes while it is read', async () => {
    const content = noise(13 * MiB, 12);
    write('db', content);
    const first = await backUp();
    noise(4096, 13).copy(content, 5 * MiB);
    write('db', content);
    let reads = 0;
    const fs = {
      ...nodeFs,
      read(fd: number, into: Uint8Array, offset: number, length: number, position: number) {
        const got = nodeFs.read(fd, into, offset, length, position);
        if (position === 12 * MiB && length > 4096) {
          reads += 1;
          if (reads === 1) {
            noise(4096, 14).copy(content, MiB);
            nodeFsModule.writeFileSync(join(root, 'db'), content);
          }
        }
        return got;
      },
    };
    const second = await backUp(first, { fs, pool: createInlinePool(fs) });
    expect(reads).toBeGreaterThan(1);
    expect(second.header.skipped).toEqual([]);
    expect(sizeOf(second)).toBeLessThan(64 * 1024);
  });

  it('stores anew what it cannot compare because the older archive is damaged', async () => {
    const content = noise(5 * MiB, 15);
    write('db', content);
    const first = await backUp();
    const damaged = nodeFsModule.readFileSync(first.archive);
    damaged.fill(0, 1 * MiB, 2 * MiB);
    nodeFsModule.writeFileSync(first.archive, damaged);
    content[3 * MiB] = (content[3 * MiB] ?? 0) ^ 1;
    write('db', content);
    const pool = createInlinePool(nodeFs);
    const second = await writeBackup(
      optionsFor(root, destination, {
        format,
        baseName: 'b2',
        parent: await Parent.open(nodeFs, pool, first.manifest),
      }),
    );
    expect(sizeOf(second)).toBeGreaterThan(4 * MiB);
  });

  it('is byte for byte the same from the same tree', async () => {
    for (let file = 0; file < 50; file++) write(`f/${file}`, noise(30_000, 100 + file));
    write('large', noise(5 * MiB, 16));
    const first = await backUp();
    for (let file = 0; file < 50; file += 7) write(`f/${file}`, noise(30_000, 200 + file));
    const times = { startedAtMs: Date.now() + 60_000 };
    const second = await backUp(first, { baseName: 'x', header: { ...header, ...times } });
    const before = nodeFsModule.readFileSync(second.archive);
    for (const file of filesBelow(destination)) if (file.includes('/x.')) nodeFsModule.unlinkSync(file);
    const third = await backUp(first, { baseName: 'x', header: { ...header, ...times } });
    expect(nodeFsModule.readFileSync(third.archive).equals(before)).toBe(true);
  });
});
