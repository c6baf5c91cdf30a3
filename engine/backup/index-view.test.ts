import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePaths } from '../../shared/path-text.ts';
import type { BackupReader, ManifestEntry } from '../archive/index.ts';
import { decodeName } from '../fs/index.ts';
import { at, buildIndex } from './entry-index.ts';
import { IndexView } from './index-view.ts';

const meta = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 5n };

/** A reader over files with these paths and sizes, and the folders they need. */
function readerOf(files: ReadonlyMap<string, number>): BackupReader {
  const folders = new Set(['']);
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      folders.add(path.slice(0, slash));
  }
  const entries: ManifestEntry[] = [
    ...[...folders].map((path) => ({ ...meta, type: 'dir', path }) as const),
    ...[...files].map(
      ([path, size]) =>
        ({
          ...meta,
          type: 'file',
          path,
          size,
          sha256: '',
          ctimeNs: 0n,
          inode: 0n,
          pieces: size === 0 ? [] : [{ frame: 0, offset: 0, length: size }],
        }) as const,
    ),
  ];
  entries.sort((a, b) => comparePaths(a.path, b.path));
  return {
    manifestPath: '',

    digest: '',
    header: {} as BackupReader['header'],
    archives: [],
    archivePaths: [],
    frames: [],
    counts: { files: files.size, dirs: folders.size, symlinks: 0, bytes: 0 },
    entries: () => entries,
  };
}

function viewOf(files: ReadonlyMap<string, number>): IndexView {
  return new IndexView(buildIndex(readerOf(files), () => {}));
}

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', '-', '!', 'é', 'İ', 'ß'), minLength: 1, maxLength: 3 }),
  fc
    .uint8Array({ minLength: 1, maxLength: 3 })
    .map((bytes) => decodeName(bytes.map((byte) => (byte === 0x2f || byte === 0 ? 0xff : byte)))),
);
/** Trees in which no file is also a folder. */
const tree = fc
  .uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    { maxLength: 20 },
  )
  .map((paths) => paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`))))
  .chain((paths) =>
    fc
      .array(fc.nat(1_000), { minLength: paths.length, maxLength: paths.length })
      .map((sizes) => new Map(paths.map((path, index) => [path, sizes[index] ?? 0]))),
  );

test('sums, stretches, children and paths agree with the entries themselves', () => {
  fc.assert(
    fc.property(tree, (files) => {
      const view = viewOf(files);
      const paths = Array.from({ length: view.data.count }, (_, entry) => view.path(entry));
      for (const [entry, path] of paths.entries()) {
        expect(view.find(path)).toBe(entry);
        const inside = (other: string): boolean => other !== path && (path === '' || other.startsWith(`${path}/`));
        const sizes = [...files].filter(([other]) => inside(other) || other === path).map(([, size]) => size);
        expect(at(view.data.bytes, entry)).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(at(view.data.files, entry)).toBe(sizes.length);
        const { from, to } = view.below(entry);
        expect(paths.slice(from, to)).toEqual(paths.filter(inside));
        const depth = path === '' ? 1 : path.split('/').length + 1;
        const direct = paths.filter((other) => inside(other) && other.split('/').length === depth);
        expect(Array.from(view.children(entry), (child) => view.path(child))).toEqual(direct);
      }
    }),
    { numRuns: 150 },
  );
});

test('search finds what a plain look at every path finds', () => {
  const query = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '-', '/', 'é', 'i'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(tree, query, fc.nat(), (files, text, pick) => {
      const view = viewOf(files);
      const folders = Array.from({ length: view.data.count }, (_, entry) => entry).filter(
        (entry) => view.type(entry) === 'dir',
      );
      const folder = folders[pick % folders.length] ?? 0;
      const { from, to } = view.below(folder);
      // Case is folded name by name, because a name is what has a case.
      const lower = (path: string): string =>
        path
          .split('/')
          .map((part) => part.toLowerCase())
          .join('/');
      const expected: string[] = [];
      for (let entry = from; entry < to; entry += 1) {
        if (lower(view.path(entry)).includes(text.toLowerCase())) expected.push(view.path(entry));
      }
      expect(view.search(folder, text).map((entry) => view.path(entry))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('a search for what is text in no encoding finds nothing', () => {
  const view = viewOf(
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
  for (const text of ['\ud800', '\0', 'a\0b']) expect(view.search(0, text)).toEqual([]);
});

test('what is not there is NOT_FOUND', () => {
  const view = viewOf(new Map([['a/b', 1]]));
  for (const path of ['x', 'a/c', 'a/b/c', 'a/', '/a']) {
    expect(() => view.find(path)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  }
});
