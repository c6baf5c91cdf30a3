import { Buffer } from 'node:buffer';
import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { nodeFs } from '../fs/index.ts';
import { isSafePath, openBackup, readHeader } from './index.ts';
import type { BackupReader } from './index.ts';
import { digest, file, forgeManifest, header, root } from './testing/forge.ts';
import type { Parts } from './testing/forge.ts';
import { makeFolder, removeFolder } from './testing/trees.ts';

/** Manifests of any content are refused with a clear error, or are what a reader relies on. */

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));
const path = (): string => join(folder, 'fuzzed.manifest.zst');

type Shape = Required<Pick<Parts, 'archives' | 'frames' | 'entries' | 'counts'>> & { header: object };

const one: Shape = {
  header,
  counts: {},
  archives: [{ archive: 'a.tar.zst', format: 'zst', size: 10_000, sha256: digest }],
  frames: [
    [0, 0, 100, 1_024, digest],
    [0, 100, 200, 2_048, digest],
  ],
  entries: [
    root,
    { ...file, path: 'a' },
    { ...root, path: 'd' },
    {
      ...file,
      path: 'd/e',
      size: 8,
      pieces: [
        [0, 0, 3],
        [1, 5, 5],
      ],
    },
    { ...file, path: 'd/f', link: 'a' },
    { ...root, path: 'l', type: 'symlink', target: 'd/e' },
  ],
};
const two: Shape = {
  ...one,
  header: { ...header, version: 2, kind: 'incremental', parent: 'p' },
  counts: { reused: 3 },
  archives: [...one.archives, { archive: 'b.tar.zst', format: 'zst', size: 500, sha256: digest }],
  frames: [
    [0, 0, 100, 1_024, digest],
    [1, 100, 200, 2_048, digest, 1],
  ],
};

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    -1,
    0,
    1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 53),
    1e308,
    0.5,
    '',
    '..',
    '/',
    'a/../b',
    '\0',
  ),
  fc.constantFrom<unknown>('\ud800', '\udcff', '\udcc3\udca9', 'x'.repeat(70_000), [], {}, [[]], true, [0, 0, 3]),
  fc.jsonValue(),
);

/** One change somewhere in a value: a part replaced, taken out, or added. */
function mutate(value: unknown, at: readonly number[], by: unknown, how: number): unknown {
  const [first, ...rest] = at;
  if (first === undefined || typeof value !== 'object' || value === null) return by;
  if (Array.isArray(value)) {
    const items = [...(value as unknown[])];
    const index = first % (items.length + 1);
    if (how === 0) items.splice(index, 1);
    else if (how === 1) items.splice(index, 0, by);
    else if (how === 2) items.splice(index, 0, ...items.slice(index, index + 1));
    else items[index] = mutate(items[index], rest, by, how);
    return items;
  }
  const keys = Object.keys(value);
  const key = keys[first % (keys.length + 1)] ?? 'surprise';
  const copy: Record<string, unknown> = { ...value };
  if (how === 0 && rest.length === 0) {
    return Object.fromEntries(Object.entries(copy).filter(([name]) => name !== key));
  }
  copy[key] = mutate(copy[key], rest, by, rest.length > 0 ? how : 3);
  return copy;
}

/** All that the rest of the engine relies on without looking again. */
function assertSound(reader: BackupReader): void {
  const counts = { files: 0, dirs: 0, symlinks: 0, bytes: 0 };
  const seen = new Map<string, string>();
  let before: string | undefined;
  for (const { archive, offset, storedLength, plainLength, plainDigest } of reader.frames) {
    const size = reader.archives[archive]?.size;
    expect(size).not.toBe(undefined);
    expect(offset + storedLength).toBeLessThanOrEqual(size ?? Infinity);
    expect(plainLength).toBeGreaterThan(0);
    if (reader.header.version === 1) expect(plainDigest).toBe(undefined);
  }
  for (const entry of reader.entries()) {
    expect(isSafePath(entry.path)).toBe(true);
    expect(before === undefined ? entry.path === '' : comparePaths(before, entry.path) < 0).toBe(true);
    before = entry.path;
    const slash = entry.path.lastIndexOf('/');
    if (slash > 0) expect(seen.get(entry.path.slice(0, slash))).toBe('dir');
    seen.set(entry.path, entry.type === 'file' ? entry.sha256 : entry.type);
    if (entry.type !== 'file') {
      counts[entry.type === 'dir' ? 'dirs' : 'symlinks'] += 1;
      continue;
    }
    counts.files += 1;
    counts.bytes += entry.size;
    expect(entry.pieces.reduce((sum, { length }) => sum + length, 0)).toBe(entry.size);
    for (const { frame, offset, length } of entry.pieces) {
      expect(offset + length).toBeLessThanOrEqual(reader.frames[frame]?.plainLength ?? -1);
    }
    if (entry.linkTo !== undefined) expect(seen.get(entry.linkTo)).toBe(entry.sha256);
  }
  expect(reader.counts).toMatchObject(counts);
}

function check(manifest: string): 'sound' | 'refused' {
  let reader: BackupReader;
  try {
    readHeader(nodeFs, manifest);
    reader = openBackup(nodeFs, manifest);
  } catch (error) {
    if (!isLarderError(error, 'CORRUPT') && !isLarderError(error, 'UNSUPPORTED')) throw error;
    expect(error.message).toContain('fuzzed');
    return 'refused';
  }
  assertSound(reader);
  return 'sound';
}

describe.each([
  ['1', one],
  ['2', two],
])('a manifest of version %s', (_, shape) => {
  it('is sound as it is', () => {
    expect(check(forgeManifest(path(), shape))).toBe('sound');
  });

  it('with any one thing in it changed is refused or sound', () => {
    const outcomes = { sound: 0, refused: 0 };
    const where = fc.array(fc.nat(20), { minLength: 1, maxLength: 5 });
    const part = fc.constantFrom('header', 'counts', 'archives', 'frames', 'entries');
    fc.assert(
      fc.property(part, where, strange, fc.nat(5), (name, at, by, how) => {
        const parts = { ...shape, [name]: mutate(shape[name], at, by, how) };
        if (!Array.isArray(parts.entries) || !Array.isArray(parts.frames) || !Array.isArray(parts.archives)) return;
        // The forger counts what it writes, so that more than its counts is looked at.
        parts.entries = parts.entries.filter((entry) => typeof entry === 'object' && entry !== null);
        outcomes[check(forgeManifest(path(), parts))] += 1;
      }),
      { numRuns: 600 },
    );
    expect(outcomes.refused).toBeGreaterThan(outcomes.sound);
  }, 60_000);

  it('with any bytes as its text is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(check(forgeManifest(path(), { ...shape, rawEntries: Buffer.from(bytes) }))).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });

  it('with any bytes of the file changed is refused', () => {
    const whole = nodeFsModule.readFileSync(forgeManifest(path(), shape));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 20 }), (at, bytes) => {
        const changed = Buffer.from(whole);
        changed.set(bytes.subarray(0, changed.length - at), at);
        fc.pre(!changed.equals(whole));
        nodeFsModule.writeFileSync(path(), changed);
        expect(check(path())).toBe('refused');
      }),
      { numRuns: 500 },
    );
  });
});

it('fields and counts of version 2 are refused in version 1, and asked for in version 2', () => {
  expect(check(forgeManifest(path(), { ...one, counts: { reused: 0 } }))).toBe('refused');
  expect(check(forgeManifest(path(), { ...one, frames: [[0, 0, 100, 1_024, digest, 1], one.frames[1]] }))).toBe(
    'refused',
  );
  expect(check(forgeManifest(path(), { ...two, counts: {} }))).toBe('refused');
  expect(check(forgeManifest(path(), { ...two, counts: { reused: 10 ** 6 } }))).toBe('refused');
  expect(check(forgeManifest(path(), { ...two, frames: [[0, 0, 100, 1_024, digest, 2], two.frames[1]] }))).toBe(
    'refused',
  );
  expect(check(forgeManifest(path(), { ...two, header: { ...two.header, version: 3 } }))).toBe('refused');
});
