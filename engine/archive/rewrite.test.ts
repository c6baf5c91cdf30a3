import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { sha256 } from './codec.ts';
import { decodeFrame } from './frames.ts';
import { openEmbedded } from './manifest-reader.ts';
import { contentBytes, copyFrames, keepsFramesOnly, moveFrames } from './rewrite.ts';
import type { CopiedFrames, CopyFrames, PlacedFrame } from './rewrite.ts';
import {
  contentsOf,
  contentsOnDisk,
  makeFolder,
  noise,
  optionsFor,
  removeFolder,
  reopen,
  writeTree,
} from './testing/trees.ts';
import type { WrittenBackup } from './types.ts';
import { writeBackup } from './writer.ts';

let folder: string;
let root: string;
let destination: string;
const pool = createInlinePool(nodeFs);

beforeEach(() => {
  folder = makeFolder();
  root = join(folder, 'store');
  destination = join(folder, 'backups');
  fs.mkdirSync(root);
  fs.mkdirSync(destination);
});
afterEach(() => removeFolder(folder));

function make(): Promise<WrittenBackup> {
  // The large file begins like a tar, so that its first piece could be taken for a group of entries.
  const tar = Buffer.alloc(4 * 1024 * 1024 + 5_000);
  tar.write('a name', 0);
  writeTree(root, { 'a/small': 'text', 'a/noise': noise(9_000), 'm large': tar, z: noise(700_000, 3) });
  return writeBackup(optionsFor(root, destination));
}

function copyAll(
  made: WrittenBackup,
  more: Partial<Pick<CopyFrames, 'sources' | 'target' | 'throwIfCancelled'>> = {},
): Promise<CopiedFrames> {
  const frames = reopen(made.manifest).frames.map(({ archive: _, ...frame }): PlacedFrame => frame);
  return copyFrames({
    fs: nodeFs,
    pool,
    sources: [{ path: made.archive, frames }],
    format: 'zst',
    target: join(destination, 'copy.tar.zst'),
    name: 'copy.tar.zst',
    header: {
      id: 'c',
      store: made.header.store,
      startedAtMs: 1,
      finishedAtMs: 1,
      timeZone: 'UTC',
      host: 'h',
      tool: 't',
    },
    throwIfCancelled: () => undefined,
    onCopied: () => undefined,
    ...more,
  });
}

async function move(made: WrittenBackup, copy: CopiedFrames): Promise<string> {
  const target = join(destination, 'moved.manifest.zst');
  const offsets = new Map(
    reopen(made.manifest).frames.map(({ offset }, index) => [offset, copy.offsets[0]?.[index] ?? -1]),
  );
  await moveFrames({
    fs: nodeFs,
    pool,
    manifest: made.manifest,
    target,
    moves: new Map([[basename(made.archive), { to: copy.archive, offsets }]]),
  });
  return target;
}

const tarNames = (path: string): string[] =>
  execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trimEnd().split('\n');

test('a copy is a tar with the groups as they were, pieces under names of their own, and a manifest of its frames', async () => {
  const made = await make();
  const copy = await copyAll(made);
  const path = join(destination, copy.archive.file);
  expect(fs.statSync(path).size).toBe(copy.archive.size);
  const names = tarNames(path);
  expect(names).toEqual(expect.arrayContaining(['a/small', 'a/noise', 'z', '.larder/manifest']));
  const pieces = names.filter((name) => name.startsWith('.larder/pieces/'));
  // Two of the large file, and its header, which without them would be the header of whatever follows.
  expect(pieces).toHaveLength(3);

  const inner = openEmbedded(nodeFs, { path, format: 'zst' }, path);
  expect(keepsFramesOnly(inner.header)).toBe(true);
  expect(keepsFramesOnly(made.header)).toBe(false);
  expect(inner.frames.map(({ offset }) => offset)).toEqual(copy.offsets[0]);
  const fd = nodeFs.open(path, 'r');
  try {
    for (const entry of inner.entries()) {
      if (entry.type !== 'file') continue;
      const [piece] = entry.pieces;
      const frame = inner.frames[piece?.frame ?? -1];
      expect(sha256(decodeFrame(nodeFs, fd, frame ?? expect.fail(), 'zst'))).toBe(entry.sha256);
      expect(pieces).toContain(entry.path);
    }
  } finally {
    nodeFs.close(fd);
  }
  expect(contentBytes(nodeFs, path, 'zst')).toBeLessThan(copy.archive.size ?? 0);
});

test('a manifest moved to the copy says the same of the store, and a copy of the copy is as good', async () => {
  const made = await make();
  const was = contentsOnDisk(root);
  const moved = reopen(await move(made, await copyAll(made)));
  expect(moved.archives.map(({ file }) => file)).toEqual(['copy.tar.zst']);
  expect(moved.header).toEqual(reopen(made.manifest).header);
  expect([...moved.entries()]).toEqual([...reopen(made.manifest).entries()]);
  fs.rmSync(made.archive);
  expect(contentsOf(moved)).toEqual(was);

  const path = join(destination, 'copy.tar.zst');
  const frames = moved.frames.map(({ archive: _, ...frame }): PlacedFrame => frame);
  const again = await copyAll(made, { sources: [{ path, frames }], target: join(destination, 'again.tar.zst') });
  expect(tarNames(join(destination, 'again.tar.zst'))).toEqual(tarNames(path));
  expect(again.offsets[0]).toHaveLength(frames.length);
});

test('what several archives have is in their copy once, and a damaged frame says in which it is', async () => {
  const made = await make();
  const frames = reopen(made.manifest).frames.map(({ archive: _, ...frame }): PlacedFrame => frame);
  const other = join(destination, 'other.tar.zst');
  fs.copyFileSync(made.archive, other);
  const sources = [
    { path: made.archive, frames: frames.slice(0, 2) },
    { path: other, frames },
  ];
  const copy = await copyAll(made, { sources });
  const path = join(destination, copy.archive.file);
  expect(openEmbedded(nodeFs, { path, format: 'zst' }, path).frames).toHaveLength(frames.length);
  expect(copy.offsets.map(({ length }) => length)).toEqual([2, frames.length]);
  expect(copy.offsets[1]?.slice(0, 2)).toEqual(copy.offsets[0]);

  fs.rmSync(path);
  const bytes = fs.readFileSync(other);
  bytes[frames[2]!.offset + 12]! ^= 1;
  fs.writeFileSync(other, bytes);
  await expect(copyAll(made, { sources })).rejects.toMatchObject({ code: 'CORRUPT', details: { source: other } });
  expect(fs.existsSync(path)).toBe(false);
});

test('when the manifest an archive carries is damaged, everything is copied as pieces', async () => {
  const made = await make();
  const was = contentsOnDisk(root);
  const bytes = fs.readFileSync(made.archive);
  bytes[contentBytes(nodeFs, made.archive, 'zst') + 30]! ^= 1;
  fs.writeFileSync(made.archive, bytes);
  const copy = await copyAll(made);
  const names = tarNames(join(destination, copy.archive.file));
  expect(names.filter((name) => !name.startsWith('.larder/'))).toEqual([]);
  const moved = await move(made, copy);
  fs.rmSync(made.archive);
  expect(contentsOf(reopen(moved))).toEqual(was);
});

test('a damaged frame, a cancel and a frame without a new place leave nothing behind', async () => {
  const made = await make();
  const before = fs.readdirSync(destination);
  const stop = (): never => {
    throw new Error('stopped');
  };
  await expect(copyAll(made, { throwIfCancelled: stop })).rejects.toThrow('stopped');
  const target = join(destination, 'x.manifest.zst');
  const moveTo = (offsets: ReadonlyMap<number, number>): Promise<void> => {
    const moves = new Map([[basename(made.archive), { to, offsets }]]);
    return moveFrames({ fs: nodeFs, pool, manifest: made.manifest, target, moves });
  };
  const to = { file: 'other.tar.zst', format: 'zst', size: 9, sha256: null } as const;
  await expect(moveTo(new Map())).rejects.toMatchObject({ code: 'CORRUPT' });
  // The checks of the new manifest refuse what cannot be: frames beyond the end of their archive.
  const same = new Map(reopen(made.manifest).frames.map(({ offset }) => [offset, offset]));
  await expect(moveTo(same)).rejects.toMatchObject({ code: 'CORRUPT' });
  const bytes = fs.readFileSync(made.archive);
  bytes[40]! ^= 1;
  fs.writeFileSync(made.archive, bytes);
  await expect(copyAll(made)).rejects.toMatchObject({ code: 'CORRUPT' });
  expect(fs.readdirSync(destination)).toEqual(before);
});
