import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { isSafePath, openBackup, readHeader } from './index.ts';
import { encodeEntry, parseEntry } from './lines.ts';
import type { FileEntry, FrameRef, ManifestEntry } from './types.ts';
import { digest, file, forgeManifest, header, root } from './testing/forge.ts';
import type { Parts } from './testing/forge.ts';
import { makeFolder, removeFolder } from './testing/trees.ts';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

function forge(parts: Parts): string {
  return forgeManifest(join(folder, 'forged.manifest.zst'), parts);
}

const corrupt = expect.objectContaining({
  code: 'CORRUPT',
  message: expect.stringContaining('forged') as string,
}) as Error;

it('opens the honest one', () => {
  const reader = openBackup(nodeFs, forge({}));
  expect([...reader.entries()].map(({ path }) => path)).toEqual(['', 'f']);
});

const withFile = (change: object): Parts => ({ entries: [root, { ...file, ...change }] });
const withEntries = (...entries: object[]): Parts => ({ entries: [root, ...entries] });
const dir = (path: string) => ({ ...root, path });
const symlink = (path: string, target: string) => ({ ...root, path, type: 'symlink', target });

const forgeries: Record<string, Parts> = {
  'an absolute path': withFile({ path: '/etc/passwd' }),
  'a path that climbs': withFile({ path: '../f' }),
  'a path that climbs inside': withEntries(dir('a'), { ...file, path: 'a/../../f' }),
  'a path with a dot segment': withFile({ path: './f' }),
  'a path with an empty segment': withEntries(dir('a'), { ...file, path: 'a//f' }),
  'a path with a slash at its end': withFile({ path: 'f/' }),
  'a path with NUL': withFile({ path: 'f\0g' }),
  'a path that hides UTF-8 behind raw bytes': withFile({ path: '\udcc3\udca9' }),
  'a path with a surrogate that is no byte': withFile({ path: '\ud800' }),
  'a path of 100,000 characters': withFile({ path: 'f'.repeat(100_000) }),
  'a path that is no text': withFile({ path: 7 }),
  'a path twice': withEntries(file, file),
  'a file and a folder of one name': withEntries(dir('f'), file),
  'entries out of order': withEntries(dir('b'), dir('a')),
  'an entry without its folder': withFile({ path: 'a/f' }),
  'an entry below a file': withEntries(file, { ...file, path: 'f/g' }),
  'an entry below a symbolic link': withEntries(symlink('a', '/etc'), { ...file, path: 'a/passwd' }),
  'a root that is missing': { entries: [dir('a')] },
  'a root that is a file': { entries: [{ ...file, path: '' }] },
  'no entries': { entries: [] },
  'a symbolic link with NUL': withEntries(symlink('a', 'x\0y')),
  'a symbolic link without a target': withEntries({ ...root, path: 'a', type: 'symlink' }),
  'a type that is none': withFile({ type: 'fifo' }),
  'a field that is unknown': withFile({ extra: 1 }),
  'a mode beyond its bits': withFile({ mode: 0o10000 }),
  'a mode below zero': withFile({ mode: -1 }),
  'an owner that is a fraction': withFile({ uid: 0.5 }),
  'an owner beyond 32 bits': withFile({ gid: 2 ** 32 }),
  'a time that is a number': withFile({ mtime: 0 }),
  'a time of a thousand digits': withFile({ mtime: '9'.repeat(1_000) }),
  'a size below zero': withFile({ size: -3 }),
  'a size beyond exact numbers': withFile({ size: 2 ** 60 }),
  'a size its pieces do not have': withFile({ size: 4 }),
  'a piece of a frame not listed': withFile({ pieces: [[1, 0, 3]] }),
  'a piece of frame -1': withFile({ pieces: [[-1, 0, 3]] }),
  'a piece beyond its frame': withFile({ pieces: [[0, 1_022, 3]] }),
  'a piece from before its frame': withFile({ pieces: [[0, -1, 3]] }),
  'a piece of nothing': withFile({
    pieces: [
      [0, 0, 0],
      [0, 0, 3],
    ],
  }),
  'a piece that is a text': withFile({ pieces: ['0,512,3'] }),
  'pieces that are an object': withFile({ pieces: { length: 1 } }),
  'a digest that is too short': withFile({ sha256: 'ab' }),
  'a hard link that climbs': withFile({ link: '../../etc/passwd' }),
  'a hard link to nothing': withFile({ link: 'a' }),
  'a hard link to itself': withFile({ link: 'f' }),
  'a hard link to a folder': withEntries(dir('a'), { ...file, link: 'a' }),
  'a hard link to other content': withEntries({ ...file, path: 'a', sha256: 'cd'.repeat(32) }, { ...file, link: 'a' }),
  'a hard link to a hard link': withEntries(
    { ...file, path: 'a' },
    { ...file, path: 'b', link: 'a' },
    { ...file, link: 'b' },
  ),
  'an archive in another folder': { archives: [{ archive: '../a.tar', format: 'tar', size: 10_000, sha256: digest }] },
  'an archive with a backslash': { archives: [{ archive: '..\\a', format: 'tar', size: 10_000, sha256: digest }] },
  'an archive called ..': { archives: [{ archive: '..', format: 'tar', size: 10_000, sha256: digest }] },
  'an archive with NUL': { archives: [{ archive: 'a\0', format: 'tar', size: 10_000, sha256: digest }] },
  'an archive of an unknown format': { archives: [{ archive: 'a', format: 'rar', size: 10_000, sha256: digest }] },
  'a frame of an archive not listed': { frames: [[1, 0, 100, 1_024, digest]] },
  'a frame beyond its archive': { frames: [[0, 9_950, 100, 1_024, digest]] },
  'a frame before its archive': { frames: [[0, -1, 100, 1_024, digest]] },
  'a frame that unpacks to a terabyte': { frames: [[0, 0, 100, 2 ** 40, digest]] },
  'a frame stored in a terabyte': { frames: [[0, 0, 2 ** 40, 1_024, digest]] },
  'a frame of nothing': { frames: [[0, 0, 0, 0, digest]] },
  'a frame without digest': { frames: [[0, 0, 100, 1_024, '']] },
  'more frames than are listed': { counts: { frames: 2 } },
  'a billion frames': { counts: { frames: 1_000_000_000 } },
  'more files than are listed': { counts: { files: 2 } },
  'other bytes than are listed': { counts: { bytes: 4 } },
  'more archives than are listed': { counts: { archives: 2 } },
  'a count that is unknown': { counts: { more: 1 } },
  'a trailer of other entries': { trailer: { entries: 3 } },
  'a trailer of another digest': { trailer: { sha256: digest } },
  'a header that is a list': { header: [] },
  'a header without a store': { header: { ...header, store: undefined } },
  'a header with more': { header: { ...header, more: 1 } },
  'text that is not UTF-8': { rawEntries: Buffer.from([0x7b, 0xff, 0x7d, 0x0a]) },
  'a line that is not JSON': { rawEntries: Buffer.from('{"path":\n') },
  'a line that is null': { rawEntries: Buffer.from('null\n') },
  'a frame that ends inside a line': { rawEntries: Buffer.from('{}') },
};

describe('a forged manifest is refused and named', () => {
  it.each(Object.entries(forgeries))('%s', (_, parts) => {
    expect(() => openBackup(nodeFs, forge(parts))).toThrow(corrupt);
  });

  it('of a newer format, with advice', () => {
    const path = forge({ header: { ...header, version: 3 } });
    for (const open of [openBackup, readHeader]) {
      expect(() => open(nodeFs, path)).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED', hint: 'Update Larder.' }) as Error,
      );
    }
  });

  it('whatever its bytes are', () => {
    const path = join(folder, 'forged.manifest.zst');
    const magic = fc.constantFrom([], [0x28, 0xb5, 0x2f, 0xfd], [0x1f, 0x8b]);
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        nodeFsModule.writeFileSync(path, Buffer.from([...start, ...rest]));
        expect(() => openBackup(nodeFs, path)).toThrow(corrupt);
        expect(() => readHeader(nodeFs, path)).toThrow(corrupt);
      }),
    );
  });

  it('that is not there, as not found', () => {
    expect(() => openBackup(nodeFs, join(folder, 'none.manifest.zst'))).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }) as Error,
    );
  });
});

describe('lines', () => {
  const frames: FrameRef[] = [
    { archive: 0, offset: 0, storedLength: 10, plainLength: 4_096, sha256: digest },
    { archive: 0, offset: 10, storedLength: 10, plainLength: 4_096, sha256: digest },
  ];
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('\udc80', 'a\udcffb', '\ufeff', '"', '\\', '\n', '\u2028', 'e\u0301', '\u00e9'),
  );
  const path = fc
    .array(name, { minLength: 1, maxLength: 4 })
    .map((names) => names.join('/'))
    .filter((text) => isSafePath(text));
  const meta = {
    path,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.nat(),
    gid: fc.nat(),
    mtimeNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  };
  const fileEntry: fc.Arbitrary<FileEntry> = fc
    .record({
      ...meta,
      type: fc.constant('file' as const),
      sha256: fc.constant(digest),
      pieces: fc.array(
        fc.record({
          frame: fc.nat({ max: 1 }),
          offset: fc.nat({ max: 2_048 }),
          length: fc.integer({ min: 1, max: 2_048 }),
        }),
        { maxLength: 3 },
      ),
      ctimeNs: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      linkTo: fc.option(path, { nil: undefined }),
    })
    .map(({ linkTo, ...rest }) => ({
      ...rest,
      size: rest.pieces.reduce((sum, piece) => sum + piece.length, 0),
      ...(linkTo === undefined ? {} : { linkTo }),
    }));
  const entry: fc.Arbitrary<ManifestEntry> = fc.oneof(
    fileEntry,
    fc.record({ ...meta, type: fc.constant('dir' as const) }),
    fc.record({ ...meta, type: fc.constant('symlink' as const), target: path }),
  );

  it('come back as they were, and are one line each', () => {
    fc.assert(
      fc.property(entry, (value) => {
        const line = encodeEntry(value);
        expect(line).not.toContain('\n');
        // Through bytes, as in a file.
        expect(parseEntry(Buffer.from(line, 'utf8').toString('utf8'), frames)).toEqual(value);
      }),
    );
  });
});
