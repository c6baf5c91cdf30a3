import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageCheck } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { currentProcess } from '../process/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import type { TestedArea } from './area.ts';
import { testStorage } from './run.ts';
import { isLeftOver, isTemporaryName, temporaryName } from './temporary-name.ts';

const posix = process.platform !== 'win32';
const nowMs = Date.UTC(2026, 10, 20);

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = fs.realpathSync(folder.path);
  fs.chmodSync(root, 0o755);
  for (const name of ['models', 'logs', 'redis']) {
    fs.mkdirSync(join(root, name));
    fs.chmodSync(join(root, name), 0o755);
  }
  fs.writeFileSync(join(root, 'models', 'kept'), 'kept');
});
afterEach(() => folder.remove());

const areas: TestedArea[] = [
  { path: 'models', required: true, mode: '755', live: false },
  { path: 'logs', required: true, live: false },
  { path: 'redis', required: true, live: true },
  { path: 'optional', required: false, live: false },
];

function run(changed: Partial<FileSystem> = {}, check: () => void = () => {}): StorageCheck[] {
  const own = { ...nodeFs, ...changed };
  const request = { root, areas, rootMode: '755', nowMs, windows: !posix };
  return testStorage(own, request, { check, progress: () => {} });
}

function statusOf(checks: readonly StorageCheck[], id: string): StorageCheck | undefined {
  return checks.find((check) => check.id === id);
}

function names(): string[] {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
}

function failing(code: string, when: (path: string) => boolean): Partial<FileSystem> {
  return {
    open: (path, flags, mode) => {
      if (when(path) && /[wa]/.test(String(flags))) throw Object.assign(new Error(code), { code, path });
      return nodeFs.open(path, flags, mode);
    },
  };
}

it('passes where all is well, and leaves nothing', () => {
  const before = names();
  const checks = run();
  const ids = checks.filter(({ status, id }) => status === 'pass' && !id.startsWith('mount')).map(({ id }) => id);
  for (const area of ['models', 'logs', 'redis']) {
    expect(ids).toEqual(expect.arrayContaining([`exists:${area}`, `permissions:${area}`, `write:${area}`]));
  }
  expect(ids).toEqual(expect.arrayContaining(['exists', 'permissions', 'write', 'speed']));
  // An area that may be missing is not spoken of.
  expect(checks.filter(({ area }) => area === 'optional')).toEqual([]);
  expect(names()).toEqual(before);
});

describe('fails', () => {
  it.each([
    ['EROFS', /mounted read-only/],
    ['ENOSPC', /no space left/],
    ['EACCES', /may not be accessed/],
    ['EIO', /disk reported an error/],
  ])('where a file cannot be made: %s', (code, evidence) => {
    const checks = run(failing(code, (path) => path.includes('/logs/.larder-test-')));
    expect(statusOf(checks, 'write:logs')).toMatchObject({
      status: 'fail',
      evidence: expect.stringMatching(evidence) as string,
      next: expect.any(String) as string,
    });
    expect(statusOf(checks, 'write:models')?.status).toBe('pass');
  });

  it('where what is read back is not what was written', () => {
    const checks = run({
      read: (fd, into, offset, length, position) => {
        const got = nodeFs.read(fd, into, offset, length, position);
        if (got > 0) into[offset] = (into[offset] ?? 0) ^ 1;
        return got;
      },
    });
    expect(statusOf(checks, 'write:models')).toMatchObject({ status: 'fail' });
    expect(names().filter((name) => name.includes('.larder-test-'))).toEqual([]);
  });

  it('where a required folder is missing, or is a file', () => {
    fs.rmdirSync(join(root, 'logs'));
    fs.rmdirSync(join(root, 'redis'));
    fs.writeFileSync(join(root, 'redis'), '');
    const checks = run();
    expect(statusOf(checks, 'exists:logs')).toMatchObject({ status: 'fail', evidence: 'logs is not there.' });
    expect(statusOf(checks, 'exists:redis')).toMatchObject({ status: 'fail', evidence: 'redis is not a folder.' });
    expect(statusOf(checks, 'write:logs')).toBeUndefined();
  });

  it('at once where the store itself is not there', () => {
    folder.remove();
    expect(run()).toEqual([expect.objectContaining({ id: 'exists', status: 'fail' })]);
  });
});

describe('warns', () => {
  it.runIf(posix)('of permissions other than the layout wants, and of folders everybody may write to', () => {
    fs.chmodSync(join(root, 'models'), 0o700);
    fs.chmodSync(join(root, 'logs'), 0o777);
    fs.chmodSync(join(root, 'redis'), 0o700);
    const checks = run();
    expect(statusOf(checks, 'permissions:models')).toMatchObject({ status: 'warn', next: `chmod 755 ${root}/models` });
    expect(statusOf(checks, 'permissions:logs')).toMatchObject({ status: 'warn' });
    // A service keeps its own folder as it likes.
    expect(statusOf(checks, 'permissions:redis')).toMatchObject({ status: 'pass' });
  });

  it.runIf(posix)('of a link out of the store, and does not write through it', () => {
    const outside = temporaryFolder();
    try {
      fs.rmdirSync(join(root, 'logs'));
      fs.symlinkSync(outside.path, join(root, 'logs'));
      const touched: string[] = [];
      const checks = run({
        open: (path, flags, mode) => {
          touched.push(path);
          return nodeFs.open(path, flags, mode);
        },
      });
      expect(statusOf(checks, 'exists:logs')).toMatchObject({ status: 'warn' });
      expect(touched.filter((path) => path.includes('/logs/'))).toEqual([]);
      expect(fs.readdirSync(outside.path)).toEqual([]);
    } finally {
      outside.remove();
    }
  });
});

it('cannot tell of a folder that a service keeps to itself', () => {
  const checks = run(failing('EACCES', (path) => path.includes('/redis/')));
  expect(statusOf(checks, 'write:redis')).toMatchObject({ status: 'skip' });
});

it('cannot tell the speed where there is no space to try', () => {
  const checks = run({ statfs: (path) => Object.assign(nodeFs.statfs(path), { bavail: 1_000 }) });
  expect(statusOf(checks, 'space')?.status).toBe('fail');
  expect(statusOf(checks, 'speed')?.status).toBe('skip');
});

it('leaves nothing when it is cancelled or breaks', () => {
  const before = names();
  let calls = 0;
  expect(() =>
    run({}, () => {
      calls += 1;
      if (calls > 6) throw new Error('cancelled');
    }),
  ).toThrow('cancelled');
  expect(calls).toBeGreaterThan(6);
  const fsync = (): void => {
    throw new Error('broken');
  };
  expect(() => run({ fsync })).toThrow('broken');
  expect(names()).toEqual(before);
});

describe('files of a test that was killed', () => {
  const here = currentProcess();
  const dead = { ...here, pid: 2 ** 22 + 1 };

  it('are removed by the next, and those of one that runs are not', () => {
    const running = temporaryName(here);
    fs.writeFileSync(join(root, temporaryName(dead)), '');
    fs.writeFileSync(join(root, 'logs', temporaryName(dead)), '');
    fs.writeFileSync(join(root, 'logs', running), '');
    fs.writeFileSync(join(root, 'logs', '.larder-test-mine'), '');
    const checks = run();
    expect(statusOf(checks, 'leftovers')).toMatchObject({
      status: 'pass',
      evidence: expect.stringMatching(/^Removed 2 files/) as string,
    });
    expect(fs.readdirSync(join(root, 'logs')).sort()).toEqual([running, '.larder-test-mine'].sort());
  });

  it('are told by their names', () => {
    const old = nowMs - 25 * 3_600_000;
    expect(isTemporaryName(temporaryName(here))).toBe(true);
    expect(isLeftOver(temporaryName(here), old, nowMs, here)).toBe(false);
    expect(isLeftOver(temporaryName(dead), nowMs, nowMs, here)).toBe(true);
    expect(isLeftOver(temporaryName({ ...here, bootId: 'earlier' }), nowMs, nowMs, here)).toBe(true);
    const other = temporaryName({ ...here, host: 'other' });
    expect(isLeftOver(other, nowMs - 1, nowMs, here)).toBe(false);
    expect(isLeftOver(other, old, nowMs, here)).toBe(true);
  });
});
