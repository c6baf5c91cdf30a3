import fs, { constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NewFile, nodeFs } from './index.ts';
import type { FileSystem } from './index.ts';

const chunk = 4 * 1024 * 1024;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larder-new-file-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bytes(length: number, seed = 1): Uint8Array {
  const made = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) made[at] = (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16;
  return made;
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: provoked`), { code });
}

async function written(by: FileSystem, parts: readonly Uint8Array[]): Promise<void> {
  const file = new NewFile(by, path);
  for (const part of parts) {
    file.append(part);
    await file.room();
  }
  const whole = Buffer.concat(parts);
  expect(file.length).toBe(whole.length);
  expect(await file.finish()).toBe(whole.length);
  expect(readFileSync(path).equals(whole)).toBe(true);
}

/** A file system whose direct writes do what `answer` says for the n-th. */
function directFails(answer: (write: number) => string | undefined): FileSystem & { writes: number } {
  const direct = new Set<number>();
  const made = {
    ...nodeFs,
    writes: 0,
    open(name: string, flags: string | number, mode?: number) {
      const isDirect = typeof flags === 'number' && (flags & directFlag) !== 0;
      // Without the flag: tmpfs and others may not know it.
      const fd = nodeFs.open(name, isDirect ? constants.O_WRONLY : flags, mode);
      if (isDirect) direct.add(fd);
      else direct.delete(fd);
      return fd;
    },
    async writeAsync(fd: number, data: Uint8Array, position: number) {
      const code = direct.has(fd) ? answer((made.writes += 1)) : undefined;
      if (code !== undefined) throw failure(code);
      return nodeFs.writeAsync(fd, data, position);
    },
  };
  return made;
}

const directFlag = (constants as Partial<typeof constants>).O_DIRECT ?? 0;

describe('a new file', () => {
  it('holds what was appended, in parts of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 8 }), async (lengths) => {
        rmSync(path, { force: true });
        await written(
          nodeFs,
          lengths.map((length, index) => bytes(length, index + 1)),
        );
      }),
      { numRuns: 12 },
    );
  });

  it.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 4_096])('of %i bytes', async (length) => {
    await written(nodeFs, [bytes(length)]);
  });

  it('is refused where something has its name', () => {
    writeFileSync(path, 'there');
    expect(() => new NewFile(nodeFs, path)).toThrow(expect.objectContaining({ code: 'CHANGED_ON_DISK' }) as Error);
    expect(readFileSync(path, 'utf8')).toBe('there');
  });

  it.runIf(directFlag !== 0)('is written directly, but for its last part', async () => {
    const by = directFails(() => undefined);
    await written(by, [bytes(2 * chunk + 7)]);
    expect(by.writes).toBe(2);
  });

  it.runIf(directFlag !== 0)('is written as usual from where direct writes are refused', async () => {
    for (const [from, code] of [
      [1, 'EINVAL'],
      [2, 'EINVAL'],
      [1, 'ENOTSUP'],
    ] as const) {
      const by = directFails((write) => (write >= from ? code : undefined));
      await written(by, [bytes(2 * chunk), bytes(2 * chunk, 2), bytes(99, 3)]);
      expect(by.writes).toBeGreaterThanOrEqual(from);
      rmSync(path);
    }
  });

  it.runIf(directFlag !== 0)('is written as usual where it cannot be opened for direct writes', async () => {
    const by: FileSystem = {
      ...nodeFs,
      open(name, flags, mode) {
        if (typeof flags === 'number') throw failure('EINVAL');
        return nodeFs.open(name, flags, mode);
      },
    };
    await written(by, [bytes(2 * chunk), bytes(99, 3)]);
  });

  it('syncs now and then what the system holds back', async () => {
    let syncs = 0;
    const by: FileSystem = {
      ...directFails(() => 'EINVAL'),
      fsyncAsync(fd) {
        syncs += 1;
        return nodeFs.fsyncAsync(fd);
      },
    };
    await written(
      by,
      Array.from({ length: 18 }, (_, part) => bytes(chunk, part)),
    );
    expect(syncs).toBeGreaterThanOrEqual(directFlag === 0 ? 1 : 2);
  });
});

describe('what was appended', () => {
  it('is taken back, wherever the end then lies', async () => {
    for (const [first, second, back] of [
      [10, 20, 10],
      [chunk + 10, 3 * chunk, chunk + 10],
      [3 * chunk, 5, chunk],
      [3 * chunk, 5, 2 * chunk + 1],
      [chunk + 1, chunk, 0],
    ] as const) {
      const file = new NewFile(nodeFs, path);
      file.append(bytes(first));
      file.append(bytes(second, 2));
      await file.truncate(back);
      expect(file.length).toBe(back);
      file.append(bytes(chunk + 3, 3));
      expect(await file.finish()).toBe(back + chunk + 3);
      const all = Buffer.concat([bytes(first), bytes(second, 2)]).subarray(0, back);
      expect(readFileSync(path).equals(Buffer.concat([all, bytes(chunk + 3, 3)]))).toBe(true);
      rmSync(path);
    }
  });
});

describe('an error of the disk', () => {
  const full: FileSystem = { ...nodeFs, writeAsync: () => Promise.reject(failure('ENOSPC')) };
  const expected = expect.objectContaining({
    code: 'NO_SPACE',
    message: expect.stringContaining('file') as string,
  }) as Error;

  it('comes with the next call', async () => {
    const file = new NewFile(full, path);
    file.append(bytes(3 * chunk));
    await expect(file.room()).rejects.toEqual(expected);
    expect(() => file.append(bytes(1))).toThrow(expected);
    await expect(file.truncate(0)).rejects.toEqual(expected);
    await expect(file.finish()).rejects.toEqual(expected);
    await file.abandon();
  });

  it('comes at the end for the last part', async () => {
    const file = new NewFile(full, path);
    file.append(bytes(10));
    await expect(file.finish()).rejects.toEqual(expected);
    await file.abandon();
  });

  it('closes every handle', async () => {
    const open = new Set<number>();
    const by: FileSystem = {
      ...full,
      open(name, flags, mode) {
        const fd = nodeFs.open(name, typeof flags === 'number' ? constants.O_WRONLY : flags, mode);
        open.add(fd);
        return fd;
      },
      close(fd) {
        nodeFs.close(fd);
        open.delete(fd);
      },
    };
    const file = new NewFile(by, path);
    file.append(bytes(2 * chunk));
    await file.abandon();
    await file.abandon();
    expect(open).toEqual(new Set());
  });
});

it('waits for a disk that is behind, and only then', async () => {
  const waiting: (() => void)[] = [];
  const by: FileSystem = {
    ...nodeFs,
    writeAsync: (fd, data, position) =>
      new Promise((resolve, reject) => {
        waiting.push(() => {
          nodeFs.writeAsync(fd, data, position).then(resolve, reject);
        });
      }),
  };
  const file = new NewFile(by, path);
  file.append(bytes(2 * chunk));
  await file.room();
  file.append(bytes(chunk));
  let through = false;
  const room = file.room().then(() => (through = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(through).toBe(false);
  waiting.shift()?.();
  await room;
  for (const go of waiting) go();
  expect(await file.finish()).toBe(3 * chunk);
  expect(fs.statSync(path).size).toBe(3 * chunk);
});
