import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchiveFormat, Verification, VerifyProblem } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { sha256 } from './codec.ts';
import { FrameReader } from './frame-reader.ts';
import { Parent, verifyBackup, writeBackup } from './index.ts';
import type { BackupReader, FileEntry, WrittenBackup } from './index.ts';
import { Problems } from './problems.ts';
import { header, makeFolder, noise, optionsFor, removeFolder, reopen, writeTree } from './testing/trees.ts';

/** A backup that draws on three archives: damage in any of them is found, named by its paths, and hits nothing else. */

const formats = ['zst', 'gz', 'tar'] as const;
let folder: string;
const made = new Map<ArchiveFormat, WrittenBackup>();

const text = (seed: number): string => Array.from(noise(3_000, seed), (byte) => 'abcdefgh '[byte % 9]).join('');

beforeAll(async () => {
  folder = makeFolder();
  for (const format of formats) {
    const root = join(folder, `store-${format}`);
    const destination = join(folder, `backups-${format}`);
    nodeFsModule.mkdirSync(root);
    nodeFsModule.mkdirSync(destination);
    const big = noise(9_000_000, 5);
    writeTree(root, { 'a.txt': text(1), 'b/big.bin': big, 'c/one': text(2), 'c/two': text(3), 'd/text.log': text(4) });
    const pool = createInlinePool();
    const back = async (id: string, parent?: WrittenBackup): Promise<WrittenBackup> => {
      const more = parent === undefined ? {} : { parent: await Parent.open(nodeFs, pool, parent.manifest) };
      const options = { format, baseName: id, header: { ...header, id, startedAtMs: Date.now() + 10_000 }, ...more };
      return writeBackup(optionsFor(root, destination, options));
    };
    const first = await back('first');
    big.set(noise(4_096, 9), 5_000_000);
    writeTree(root, { 'b/big.bin': big, 'c/two': text(6) });
    const second = await back('second', first);
    writeTree(root, { 'c/three': text(7) });
    nodeFsModule.appendFileSync(join(root, 'd/text.log'), text(8));
    made.set(format, await back('third', second));
  }
}, 120_000);
afterAll(() => removeFolder(folder));

async function problemsOf(reader: BackupReader, mode: Verification['mode']): Promise<readonly VerifyProblem[]> {
  return (await verifyBackup({ fs: nodeFs, pool: createInlinePool(), reader, mode })).problems;
}

async function withDamage(path: string, damage: (bytes: Buffer) => Buffer, act: () => Promise<void>): Promise<void> {
  const whole = nodeFsModule.readFileSync(path);
  nodeFsModule.writeFileSync(path, damage(Buffer.from(whole)));
  try {
    await act();
  } finally {
    nodeFsModule.writeFileSync(path, whole);
  }
}

const filesOf = (reader: BackupReader): FileEntry[] => [...reader.entries()].filter((entry) => entry.type === 'file');
const pathsIn = (problems: readonly VerifyProblem[]): string[] => problems.flatMap(({ path }) => path ?? []);

/** Paths that cannot be read back as they were backed up. */
function unrestorable(reader: BackupReader): string[] {
  const frames = new FrameReader(nodeFs, new Problems(reader).placesOf(reader.frames));
  const lost = filesOf(reader).filter(({ pieces, sha256: digest }) => {
    try {
      const content = pieces.map(({ frame, offset, length }) =>
        Buffer.from(frames.get(reader.frames[frame]!).subarray(offset, offset + length)),
      );
      return sha256(Buffer.concat(content)) !== digest;
    } catch {
      return true;
    }
  });
  frames.close();
  return lost.map(({ path }) => path);
}

describe.each(formats)('an incremental .%s backup', (format) => {
  const reader = (): BackupReader => reopen(made.get(format)!.manifest);

  it('draws on three archives and is whole', async () => {
    expect(reader().archives).toHaveLength(3);
    for (const mode of ['written', 'quick', 'sample', 'deep'] as const) {
      expect(await problemsOf(reader(), mode)).toEqual([]);
    }
  });

  it('has a flip of one bit in any of its frames reported with the paths it hits, and the rest restores', async () => {
    const backup = reader();
    for (const [number, frame] of backup.frames.entries()) {
      const archive = backup.archivePaths[frame.archive]!;
      const hit = filesOf(backup).filter(({ pieces }) => pieces.some((piece) => piece.frame === number));
      const paths = hit.map(({ path }) => path);
      const within = [0, 5, Math.floor(frame.storedLength / 2), frame.storedLength - 9, frame.storedLength - 1];
      for (const [index, at] of within.entries()) {
        const flip = (bytes: Buffer): Buffer => {
          bytes[frame.offset + at]! ^= 1 << ((number + index) % 8);
          return bytes;
        };
        await withDamage(archive, flip, async () => {
          const lost = unrestorable(reader());
          for (const mode of ['quick', 'deep'] as const) {
            const problems = await problemsOf(reader(), mode);
            const what = `${mode}: frame ${number}, byte ${at} of ${frame.storedLength}`;
            // A digest over the plain bytes says nothing of bits that change none of them, such as a gzip header's time.
            if (problems.length === 0) expect([frame.plainDigest, lost], what).toEqual([true, []]);
            else {
              expect(pathsIn(problems), what).toEqual(paths);
              expect(
                problems.every((problem) => problem.archive === archive),
                what,
              ).toBe(true);
            }
            expect(paths, what).toEqual(expect.arrayContaining(lost));
          }
        });
      }
    }
  }, 300_000);

  it('has damage to the end of any of its archives reported, and everything restores', async () => {
    const backup = reader();
    for (const [index, archive] of backup.archivePaths.entries()) {
      const size = nodeFsModule.statSync(archive).size;
      for (let back = 1; back < 900; back += 113) {
        const flip = (bytes: Buffer): Buffer => {
          bytes[size - back]! ^= 1 << (back % 8);
          return bytes;
        };
        await withDamage(archive, flip, async () => {
          const problems = await problemsOf(reader(), 'quick');
          expect(problems.length, `archive ${index}, ${back} bytes from its end`).toBeGreaterThan(0);
          expect(problems.every((problem) => problem.archive === archive)).toBe(true);
          expect(unrestorable(reader())).toEqual([]);
        });
      }
    }
  }, 120_000);

  it('has a truncation of any of its archives reported with the paths it hits', async () => {
    const backup = reader();
    for (const [index, archive] of backup.archivePaths.entries()) {
      const own = backup.frames.filter((frame) => frame.archive === index);
      const size = nodeFsModule.statSync(archive).size;
      for (const cut of [0, ...own.map(({ offset }) => offset + 1), size - 1]) {
        await withDamage(
          archive,
          (bytes) => bytes.subarray(0, cut),
          async () => {
            const lost = filesOf(backup).filter(({ pieces }) =>
              pieces.some(({ frame }) => {
                const { archive: of, offset, storedLength } = backup.frames[frame]!;
                return of === index && offset + storedLength > cut;
              }),
            );
            for (const mode of ['quick', 'deep'] as const) {
              const problems = await problemsOf(reader(), mode);
              expect(problems[0]).toMatchObject({ kind: 'truncated', archive });
              expect(pathsIn(problems)).toEqual(lost.map(({ path }) => path));
            }
            expect(unrestorable(reader())).toEqual(lost.map(({ path }) => path));
          },
        );
      }
    }
  }, 120_000);

  it('has an archive that is gone reported with the paths that draw on it', async () => {
    const backup = reader();
    for (const [index, archive] of backup.archivePaths.entries()) {
      nodeFsModule.renameSync(archive, `${archive}.away`);
      try {
        const drawing = filesOf(backup).filter(({ pieces }) =>
          pieces.some(({ frame }) => backup.frames[frame]!.archive === index),
        );
        for (const mode of ['quick', 'deep', 'written'] as const) {
          const problems = await problemsOf(reader(), mode);
          expect(problems.every((problem) => problem.kind === 'missing' && problem.archive === archive)).toBe(true);
          expect(pathsIn(problems)).toEqual(drawing.map(({ path }) => path));
        }
      } finally {
        nodeFsModule.renameSync(`${archive}.away`, archive);
      }
    }
  });

  it('checked as written looks at its own archive only, and at the others’ size and footer', async () => {
    const backup = reader();
    const read = new Set<string>();
    const open = (path: string, flags: string | number, mode?: number): number => {
      read.add(path);
      return nodeFs.open(path, flags, mode);
    };
    const foreign = backup.frames.find(({ archive }) => archive > 0)!;
    const flip = (bytes: Buffer): Buffer => {
      bytes[foreign.offset + 3]! ^= 1;
      return bytes;
    };
    await withDamage(backup.archivePaths[foreign.archive]!, flip, async () => {
      const pool = createInlinePool({ ...nodeFs, open });
      const result = await verifyBackup({ fs: nodeFs, pool, reader: backup, mode: 'written' });
      expect(result.problems).toEqual([]);
      expect([...read].sort()).toEqual([backup.archivePaths[0], backup.manifestPath].sort());
    });
    const own = backup.frames.find(({ archive }) => archive === 0)!;
    const flipOwn = (bytes: Buffer): Buffer => {
      bytes[own.offset + own.storedLength - 1]! ^= 1;
      return bytes;
    };
    await withDamage(backup.archivePaths[0]!, flipOwn, async () => {
      expect(await problemsOf(reader(), 'written')).not.toEqual([]);
    });
  });
});
