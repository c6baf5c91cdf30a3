import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameOrder, sampleWindow } from './sample.ts';
import type { BackupReader, FileEntry, FrameRef, Piece, SampleState } from './types.ts';

/** A backup made of nothing but places. */
function readerOf(frames: readonly FrameRef[], files: readonly (readonly Piece[])[]): BackupReader {
  const entries = files.map((pieces, index): FileEntry => {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    const meta = { path: `f${index}`, mode: 0, uid: 0, gid: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n };
    return { ...meta, type: 'file', size, sha256: '', pieces };
  });
  const archives = ['a', 'b', 'c'].map((file) => ({ file, format: 'zst', size: 1, sha256: '' }) as const);
  return {
    manifestPath: '/m',
    digest: '',
    header: {} as BackupReader['header'],
    archives,
    archivePaths: [],
    frames,
    counts: { files: files.length, dirs: 0, symlinks: 0, bytes: 0 },
    entries: () => entries,
  };
}

const frame = (archive: number, offset: number, storedLength: number): FrameRef => {
  return { archive, offset, storedLength, plainLength: 100, sha256: '' };
};

const anyBackup = fc
  .array(fc.record({ archive: fc.nat(2), stored: fc.integer({ min: 1, max: 50 }) }), { minLength: 1, maxLength: 30 })
  .chain((shapes) => {
    const ends = [0, 0, 0];
    const frames = shapes.map(({ archive, stored }) => {
      const at = ends[archive] ?? 0;
      ends[archive] = at + stored;
      return frame(archive, at, stored);
    });
    const piece = fc.record({ frame: fc.nat(frames.length - 1), offset: fc.constant(0), length: fc.constant(1) });
    const files = fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 20 });
    return fc.record({ frames: fc.shuffledSubarray(frames, { minLength: frames.length }), files });
  });

describe('samples', () => {
  test('of any share have read every frame and checked every file once their shares add up', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBackup,
        fc.double({ min: 0.5, max: 100, noNaN: true }),
        async ({ frames, files }, percent) => {
          const reader = readerOf(frames, files);
          const seenFrames = new Set<number>();
          const seenFiles = new Map<string, number>();
          let state: SampleState | undefined;
          let covered = 0;
          const runs = Math.ceil(100 / percent);
          for (let run = 0; run < runs && covered < 1; run++) {
            const window = await sampleWindow(reader, percent, state);
            window.frames.forEach((is, number) => (is === 1 ? seenFrames.add(number) : undefined));
            for (const entry of reader.entries()) {
              if (entry.type !== 'file' || !window.has(entry)) continue;
              seenFiles.set(entry.path, (seenFiles.get(entry.path) ?? 0) + 1);
            }
            expect(window.covered).toBeGreaterThan(covered);
            covered = window.covered;
            state = window.next;
          }
          expect(covered).toBe(1);
          expect(seenFrames.size).toBe(frames.length);
          expect([...seenFiles.values()]).toEqual(files.map(() => 1));
          // The next begins anew.
          expect(await sampleWindow(reader, percent, state)).toMatchObject({ first: true });
        },
      ),
    );
  });

  test('begin anew when the backup’s frames are others than they were', async () => {
    const files = [0, 1, 2, 3].map((number) => [{ frame: number, offset: 0, length: 1 }]);
    const before = readerOf(
      [0, 10, 20, 30].map((at) => frame(0, at, 10)),
      files,
    );
    const { next, covered } = await sampleWindow(before, 50, undefined);
    expect([next.at, covered]).toEqual([2, 0.5]);
    const after = readerOf(
      [0, 10, 20, 30].map((at) => frame(1, at, 10)),
      files,
    );
    expect(await sampleWindow(after, 25, next)).toMatchObject({ first: true, covered: 0.25 });
  });

  test('go on behind a large file they have read whole', async () => {
    const large = [0, 1, 2].map((number) => ({ frame: number, offset: 0, length: 1 }));
    const reader = readerOf(
      [0, 10, 20, 30].map((at) => frame(0, at, 10)),
      [large, [{ frame: 3, offset: 0, length: 1 }]],
    );
    expect(await sampleWindow(reader, 10, undefined)).toMatchObject({ covered: 0.75, storedBytes: 30 });
  });

  test('of a backup without content cover all of it', async () => {
    const window = await sampleWindow(readerOf([], [[]]), 10, undefined);
    expect(window.covered).toBe(1);
    expect([...readerOf([], [[]]).entries()].every((entry) => entry.type === 'file' && window.has(entry))).toBe(true);
  });
});

test('frames are taken in the order of archive and offset', () => {
  expect([...frameOrder([frame(1, 0, 1), frame(0, 9, 1), frame(0, 3, 1)])]).toEqual([2, 1, 0]);
});
