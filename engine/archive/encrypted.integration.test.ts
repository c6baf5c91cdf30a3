import { execFileSync, spawnSync } from 'node:child_process';
import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decrypting, parseRecipients } from '../age/index.ts';
import type { AgeRecipients } from '../age/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { openBackup, Parent, verifyBackup, writeBackup } from './index.ts';
import type { BackupReader, WriteBackupOptions, WrittenBackup } from './index.ts';
import {
  collectSkips,
  contentsOf,
  contentsOnDisk,
  filesBelow,
  makeFolder,
  noise,
  optionsFor,
  removeFolder,
  writeTree,
} from './testing/trees.ts';

/** Of the specification's example. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const recipients: AgeRecipients = { kind: 'recipients', recipients: parseRecipients([recipient]) };
const MiB = 1024 * 1024;

let folder: string;
let root: string;
let destination: string;
beforeEach(() => {
  folder = makeFolder();
  root = join(folder, 'store');
  destination = join(folder, 'backups');
  nodeFsModule.mkdirSync(root);
  nodeFsModule.mkdirSync(destination);
});
afterEach(() => removeFolder(folder));

function opened({ manifest, keys = {} }: WrittenBackup, older: WrittenBackup['keys'] = {}): BackupReader {
  const all = { ...older, ...keys };
  return { ...openBackup(decrypting(nodeFs, all), manifest), keys: all };
}

const back = (more: Partial<WriteBackupOptions> = {}) =>
  writeBackup(optionsFor(root, destination, { recipients, ...more }));
const checked = (reader: BackupReader) => verifyBackup({ fs: nodeFs, pool: createInlinePool(), reader, mode: 'deep' });

const canAge = spawnSync('age', ['--version']).status === 0 && spawnSync('tar', ['--version']).status === 0;

/** What the age command and tar make of the archive: paths and contents, by the last entry of each. */
function plainly({ archive }: WrittenBackup): Record<string, string> {
  const identityFile = join(folder, 'identity');
  nodeFsModule.writeFileSync(identityFile, `${identity}\n`);
  const into = join(folder, 'unpacked');
  nodeFsModule.mkdirSync(into);
  const tar = join(folder, 'archive.tar');
  execFileSync('age', ['-d', '-i', identityFile, '-o', tar, archive]);
  execFileSync('tar', ['-xf', tar, '-C', into]);
  return Object.fromEntries(
    filesBelow(into).map((path) => {
      const isLink = nodeFsModule.lstatSync(path).isSymbolicLink();
      const shown = isLink
        ? `-> ${nodeFsModule.readlinkSync(path)}`
        : nodeFsModule.readFileSync(path).toString('base64');
      return [path.slice(into.length + 1), shown];
    }),
  );
}

describe.each(['zst', 'gz', 'tar'] as const)('an encrypted backup (%s)', (format) => {
  it('reads as the tree, as does the next one upon it', async () => {
    writeTree(root, { 'a.txt': 'a', 'deep/b': 'b', big: noise(9_000_001) });
    const first = await back({ format });
    expect(first.archive).toMatch(/\.tar(\.zst|\.gz)?\.age$/);
    expect(first.manifest).toMatch(/\.manifest\.(zst|gz)\.age$/);
    expect(nodeFsModule.readdirSync(destination).filter((name) => name !== '.larder')).toHaveLength(2);
    const sizes = [first.archive, first.manifest].map((path) => nodeFsModule.statSync(path).size);
    expect(first.storedBytes).toBe(sizes.reduce((a, b) => a + b));
    const reader = opened(first);
    expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
    expect(await checked(reader)).toMatchObject({ ok: true, problems: [] });

    nodeFsModule.appendFileSync(join(root, 'big'), 'more');
    writeTree(root, { 'deep/c': 'c' });
    const parent = await Parent.open(nodeFs, createInlinePool(), first.manifest, undefined, async () => first.keys);
    const second = await back({ format, parent, header: { ...optionsFor(root, destination).header, id: 'b-2' } });
    const next = opened(second, first.keys);
    expect(contentsOf(next)).toEqual(contentsOnDisk(root));
    expect(next.archives.map(({ file }) => file)).toHaveLength(2);
    expect(second.reusedBytes).toBeGreaterThan(8_000_000);
    expect(await checked(next)).toMatchObject({ ok: true, problems: [] });
  });

  it('holds nothing readable', async () => {
    writeTree(root, { 'secret name': 'secret content '.repeat(100) });
    const { archive, manifest } = await back({ format });
    for (const path of [archive, manifest]) {
      const bytes = nodeFsModule.readFileSync(path);
      for (const word of ['secret', 'store', 'larder']) expect(bytes.includes(word)).toBe(false);
    }
    expect(() => openBackup(nodeFs, manifest)).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  });
});

describe('damage of an encrypted backup', () => {
  it('is found, named, and hits no more than the chunk it is in', async () => {
    writeTree(root, { 'a.bin': noise(5 * MiB, 2), 'b.bin': noise(5 * MiB, 3), 'z.bin': noise(5 * MiB, 4) });
    const written = await back({ format: 'tar' });
    const reader = opened(written);
    const bytes = nodeFsModule.readFileSync(written.archive);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    nodeFsModule.writeFileSync(written.archive, bytes);
    const { ok, problems } = await checked(reader);
    expect(ok).toBe(false);
    expect(problems.map(({ path, kind }) => [path, kind])).toEqual([['b.bin', 'digest']]);
    // Cut off after the first file.
    nodeFsModule.writeFileSync(written.archive, bytes.subarray(0, Math.floor(bytes.length * 0.4)));
    const cut = await checked(reader);
    expect(cut.problems.filter(({ path }) => path !== undefined).map(({ path }) => path)).toEqual(['b.bin', 'z.bin']);
    expect(cut.problems.some(({ kind }) => kind === 'truncated')).toBe(true);
  });
});

/** A file system on which something happens the first time a file is read at or behind a place. */
function whenReading(file: string, position: number, act: () => void): FileSystem {
  const fds = new Set<number>();
  let done = false;
  return {
    ...nodeFs,
    open(path, flags, mode) {
      const fd = nodeFs.open(path, flags, mode);
      if (path === file) fds.add(fd);
      else fds.delete(fd);
      return fd;
    },
    read(fd, into, offset, length, at) {
      if (!done && fds.has(fd) && (at ?? 0) >= position) {
        done = true;
        act();
      }
      return nodeFs.read(fd, into, offset, length, at);
    },
  };
}

describe('a large file that changes while it is read', () => {
  const names = ({ frames }: BackupReader) => frames.length;

  it('is read again as if nothing had been, while none of it is sealed', async () => {
    const file = join(root, 'big');
    writeTree(root, { big: noise(12 * MiB), small: 's' });
    const fs = whenReading(file, 8 * MiB, () => nodeFsModule.appendFileSync(file, 'changed'));
    const entries = optionsFor(root, destination).entries;
    const { skipped, onSkip } = collectSkips();
    const written = await back({ fs, entries, format: 'tar', onSkip });
    expect(skipped).toEqual([]);
    const reader = opened(written);
    expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
    const plain = await writeBackup(optionsFor(root, join(folder, 'backups'), { format: 'tar' }));
    expect(names(reader)).toBe(names(openBackup(nodeFs, plain.manifest)));
  });

  it('stands a second time in the tar when some of it is sealed, and the second counts', async () => {
    const file = join(root, 'big');
    writeTree(root, { big: noise(50 * MiB), small: 's' });
    const fs = whenReading(file, 40 * MiB, () => nodeFsModule.appendFileSync(file, 'changed'));
    const entries = optionsFor(root, destination).entries;
    const { skipped, onSkip } = collectSkips();
    const written = await back({ fs, entries, format: 'zst', onSkip });
    expect(skipped).toEqual([]);
    const reader = opened(written);
    expect(contentsOf(reader)).toEqual(contentsOnDisk(root));
    expect(await checked(reader)).toMatchObject({ ok: true, problems: [] });
    if (!canAge || spawnSync('zstd', ['--version']).status !== 0) return;
    const { big, small } = plainly(written);
    expect([big === nodeFsModule.readFileSync(file).toString('base64'), small]).toEqual([true, 'cw==']);
  }, 60_000);

  it('and goes away leaves no torn file for a plain tar', async () => {
    const file = join(root, 'big');
    writeTree(root, { big: noise(50 * MiB), small: 's' });
    const fs = whenReading(file, 40 * MiB, () => nodeFsModule.unlinkSync(file));
    const entries = optionsFor(root, destination).entries;
    const { skipped, onSkip } = collectSkips();
    const written = await back({ fs, entries, format: 'zst', onSkip });
    expect(skipped.map(({ path }) => path)).toEqual(['big']);
    const reader = opened(written);
    expect([...contentsOf(reader).keys()]).toEqual(['', 'small']);
    expect(await checked(reader)).toMatchObject({ ok: true, problems: [] });
    if (!canAge || spawnSync('zstd', ['--version']).status !== 0) return;
    expect(plainly(written)).toMatchObject({ big: '-> .larder/left-out', small: 'cw==' });
  }, 60_000);
});

it.skipIf(!canAge)('the age command and tar unpack an encrypted backup', async () => {
  writeTree(root, { 'a.txt': 'a', 'deep/b': 'b' });
  const written = await back({ format: 'gz' });
  expect(plainly(written)).toMatchObject({ 'a.txt': 'YQ==', 'deep/b': 'Yg==' });
});
