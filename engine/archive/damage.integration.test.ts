import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchiveFormat, VerifyProblem } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { openBackup, readHeader, verifyBackup, writeBackup } from './index.ts';
import type { BackupReader, WrittenBackup } from './index.ts';
import { makeFolder, noise, optionsFor, removeFolder, reopen, writeTree } from './testing/trees.ts';

const formats = ['zst', 'gz', 'tar'] as const;
let folder: string;
const made = new Map<ArchiveFormat, WrittenBackup>();

beforeAll(async () => {
  folder = makeFolder();
  const root = join(folder, 'store');
  const destination = join(folder, 'backups');
  nodeFsModule.mkdirSync(root);
  nodeFsModule.mkdirSync(destination);
  writeTree(root, { 'a.txt': 'alpha', 'b/big.bin': noise(4_300_000), 'c/one': 'one', 'c/two': 'two', empty: '' });
  for (const format of formats) made.set(format, await writeBackup(optionsFor(root, destination, { format })));
}, 60_000);
afterAll(() => removeFolder(folder));

async function problemsOf(reader: BackupReader, deep: boolean): Promise<readonly VerifyProblem[]> {
  const result = await verifyBackup({ fs: nodeFs, pool: createInlinePool(), reader, mode: deep ? 'deep' : 'quick' });
  expect(result.ok).toBe(result.problems.length === 0);
  return result.problems;
}

/** Damages the file while `act` runs. */
async function withDamage(path: string, damage: (bytes: Buffer) => Buffer, act: () => Promise<void>): Promise<void> {
  const whole = nodeFsModule.readFileSync(path);
  nodeFsModule.writeFileSync(path, damage(Buffer.from(whole)));
  try {
    await act();
  } finally {
    nodeFsModule.writeFileSync(path, whole);
  }
}

const flip = (at: number, bit: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1 << bit;
  return bytes;
};

describe.each(formats)('damage to a .%s archive', (format) => {
  const backup = () => made.get(format)!;

  it('is found by a flip of one bit anywhere, and named by the paths it hits', async () => {
    const reader = reopen(backup().manifest);
    const size = reader.archives[0]!.size!;
    const filesIn = (offset: number): string[] => {
      const hit = reader.frames.findIndex((f) => offset >= f.offset && offset < f.offset + f.storedLength);
      return [...reader.entries()].flatMap((entry) =>
        entry.type === 'file' && entry.pieces.some(({ frame }) => frame === hit) ? [entry.path] : [],
      );
    };
    const ends = reader.frames.flatMap((f) => [f.offset, f.offset + f.storedLength - 1, f.offset + 40]);
    const lastFrame = reader.frames.at(-1)!;
    const tail = lastFrame.offset + lastFrame.storedLength;
    // Inside the manifest frames, the padding, the footer: every 29th byte.
    for (let at = tail; at < size; at += 29) ends.push(at);
    for (let back = 1; back <= 30; back += 3) ends.push(size - back);
    for (const [index, at] of [...new Set(ends)].filter((at) => at < size).entries()) {
      await withDamage(backup().archive, flip(at, index % 8), async () => {
        const problems = await problemsOf(reader, false);
        expect(problems, `byte ${at} of ${size}`).not.toEqual([]);
        const named = problems.flatMap(({ path }) => (path === undefined ? [] : [path]));
        expect(named).toEqual(filesIn(at));
        expect(problems.every(({ archive }) => archive === backup().archive)).toBe(true);
      });
    }
  }, 120_000);

  it('is found by a truncation anywhere', async () => {
    const reader = reopen(backup().manifest);
    const size = reader.archives[0]!.size!;
    const cuts = [0, ...reader.frames.map((f) => f.offset + 1), size - 1, size - 40, size - 400];
    for (const cut of cuts) {
      await withDamage(
        backup().archive,
        (bytes) => bytes.subarray(0, cut),
        async () => {
          for (const deep of [false, true]) {
            const problems = await problemsOf(reader, deep);
            expect(problems[0]).toMatchObject({ kind: 'truncated', archive: backup().archive });
            const lost = [...reader.entries()].flatMap((entry) => {
              if (entry.type !== 'file') return [];
              const beyond = entry.pieces.some(({ frame }) => {
                const { offset, storedLength } = reader.frames[frame]!;
                return offset + storedLength > cut;
              });
              return beyond ? [entry.path] : [];
            });
            expect(problems.flatMap(({ path }) => (path === undefined ? [] : [path]))).toEqual(lost);
          }
        },
      );
    }
  }, 60_000);

  it('is found when bytes were added', async () => {
    const reader = reopen(backup().manifest);
    await withDamage(
      backup().archive,
      (bytes) => Buffer.concat([bytes, Buffer.alloc(10)]),
      async () => {
        expect((await problemsOf(reader, false)).length).toBeGreaterThan(0);
      },
    );
  });

  it('is told when the archive is missing or may not be read', async () => {
    const reader = reopen(backup().manifest);
    nodeFsModule.renameSync(backup().archive, `${backup().archive}.away`);
    const missing = await problemsOf(reader, true);
    nodeFsModule.renameSync(`${backup().archive}.away`, backup().archive);
    expect(missing).toMatchObject([{ kind: 'missing', archive: backup().archive }]);

    const read = (): never => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const result = await verifyBackup({
      fs: nodeFs,
      pool: createInlinePool({ ...nodeFs, read }),
      reader,
      mode: 'quick',
    });
    const unreadable = result.problems.filter(({ kind }) => kind === 'unreadable');
    expect(unreadable.flatMap(({ path }) => (path === undefined ? [] : [path]))).toEqual([
      'a.txt',
      'b/big.bin',
      'c/one',
      'c/two',
    ]);
  });

  it('is found in the manifest by a flip of any bit', async () => {
    const { manifest } = backup();
    const size = nodeFsModule.statSync(manifest).size;
    for (let at = 0; at < size; at += 13) {
      await withDamage(manifest, flip(at, at % 8), async () => {
        expect(() => openBackup(nodeFs, manifest), `byte ${at} of ${size}`).toThrow(
          expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining(manifest) as string }),
        );
      });
    }
  });

  it('is found in the manifest by a truncation anywhere', async () => {
    const { manifest } = backup();
    const size = nodeFsModule.statSync(manifest).size;
    for (let cut = 0; cut < size; cut += 23) {
      await withDamage(
        manifest,
        (bytes) => bytes.subarray(0, cut),
        async () => {
          const corrupt = expect.objectContaining({ code: 'CORRUPT' }) as Error;
          expect(() => openBackup(nodeFs, manifest)).toThrow(corrupt);
          expect(() => readHeader(nodeFs, manifest)).toThrow(corrupt);
        },
      );
    }
  });

  it('to the manifest after it was opened is found', async () => {
    const reader = reopen(backup().manifest);
    await withDamage(backup().manifest, flip(30, 1), async () => {
      const problems = await problemsOf(reader, true);
      expect(problems.some(({ kind }) => kind === 'manifest')).toBe(true);
    });
  });
});

it('names a file whose content is not what its digest says though every frame is whole', async () => {
  const reader = reopen(made.get('zst')!.manifest);
  const wrong = '0'.repeat(64);
  const doctored: BackupReader = {
    ...reader,
    entries: () =>
      [...reader.entries()].map((entry) =>
        entry.type === 'file' && ['a.txt', 'b/big.bin', 'empty'].includes(entry.path)
          ? { ...entry, sha256: wrong }
          : entry,
      ),
  };
  expect(await problemsOf(doctored, false)).toEqual([]);
  const problems = await problemsOf(doctored, true);
  expect(problems.map(({ path, kind }) => [path, kind]).sort()).toEqual([
    ['a.txt', 'digest'],
    ['b/big.bin', 'digest'],
    ['empty', 'digest'],
  ]);
});

it('takes an archive of another backup under this name for what it is', async () => {
  const backup = made.get('zst')!;
  const other = join(folder, 'other');
  nodeFsModule.mkdirSync(other);
  const written = await writeBackup(optionsFor(join(folder, 'store'), other, { baseName: 'backup' }));
  const reader = reopen(backup.manifest);
  const renamed = { ...reader, archivePaths: [written.archive], header: { ...reader.header, id: 'another' } };
  expect(await problemsOf(renamed, false)).toMatchObject([{ kind: 'manifest' }]);
});
