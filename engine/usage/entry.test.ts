import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usage as contract } from '../../shared/contract/usage.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { historyMigrations } from '../history/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createUsage } from './index.ts';
import type { Usage } from './index.ts';

const faults: Partial<FileSystem> = {};
let context: TestContext;
let usage: Usage;
let root = '';
let store = '';

beforeAll(() => {
  const fileSystem = new Proxy(nodeFs, { get: (real, key: keyof FileSystem) => faults[key] ?? real[key] });
  context = createTestContext({ migrations: historyMigrations, fs: fileSystem });
  usage = createUsage(context);
  root = join(fs.realpathSync(context.folder), 'data');
  fs.mkdirSync(join(root, 'ml_models/sub'), { recursive: true });
  fs.mkdirSync(join(root, 'logs'));
  fs.writeFileSync(join(root, 'ml_models/a.bin'), Buffer.alloc(9_000), { mode: 0o640 });
  fs.linkSync(join(root, 'ml_models/a.bin'), join(root, 'ml_models/sub/b.bin'));
  fs.linkSync(join(root, 'ml_models/a.bin'), join(root, 'c.bin'));
  fs.writeFileSync(join(root, 'logs/hole'), '');
  fs.truncateSync(join(root, 'logs/hole'), 1_000_000);
  fs.symlinkSync('../logs', join(root, 'ml_models/to-logs'));
  fs.symlinkSync('nowhere', join(root, 'dangling'));
  fs.symlinkSync('/etc', join(root, 'out'));
  store = context.stores.add({ path: root }).id;
});
afterAll(async () => {
  await usage.stop?.();
  await context.close();
});

async function entry(path: string) {
  return contract.entry.output.parse(
    await usage.handlers.entry({ store, path }, { signal: new AbortController().signal }),
  );
}

describe('one entry', () => {
  it('is told with its owner, its mode and its other names', async () => {
    const found = await entry('ml_models/a.bin');
    const stats = fs.statSync(join(root, 'ml_models/a.bin'));
    expect(found).toMatchObject({
      kind: 'file',
      bytes: 9_000,
      allocated: stats.blocks * 512,
      files: 1,
      mode: 0o640,
      uid: stats.uid,
      gid: stats.gid,
      links: 3,
      otherNames: ['c.bin', 'ml_models/sub/b.bin'],
      sparse: false,
      role: 'model',
      mtimeMs: Math.floor(stats.mtimeMs),
    });
    expect(found).not.toHaveProperty('target');
    expect(root.startsWith(found.mountPoint)).toBe(true);
    if (process.platform === 'linux') {
      expect(found.owner).toBe(userInfo().username);
      expect(found.fileSystem).not.toBe('');
    }
  });

  it('is a folder with what lies below, the store itself, a sparse file', async () => {
    expect(await entry('ml_models')).toMatchObject({
      kind: 'dir',
      bytes: 0,
      files: 2,
      dirs: 1,
      links: 1,
      role: 'model',
    });
    expect(await entry('')).toMatchObject({
      kind: 'dir',
      path: '',
      bytes: 1_009_000,
      files: 4,
      dirs: 3,
      role: 'other',
    });
    expect(await entry('logs/hole')).toMatchObject({ sparse: true, bytes: 1_000_000, role: 'log' });
  });

  it('is a symbolic link as it stands there, leading somewhere or not', async () => {
    expect(await entry('ml_models/to-logs')).toMatchObject({
      kind: 'symlink',
      target: '../logs',
      dangling: false,
      bytes: 0,
    });
    expect(await entry('dangling')).toMatchObject({ kind: 'symlink', target: 'nowhere', dangling: true });
  });

  it('never lies outside the store', async () => {
    for (const path of ['../data', 'logs/../../x', '/etc/passwd', 'logs//hole', './logs']) {
      await expect(entry(path)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    await expect(entry('out/passwd')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(entry('logs/none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says why it cannot be read, and leaves out names of owners nobody knows', async () => {
    const denied = (): never => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    };
    faults.open = denied;
    faults.readFile = (path) => (path.startsWith('/etc/') ? denied() : nodeFs.readFile(path));
    const found = await entry('logs/hole');
    expect(found.unreadable).toMatch(/may not be accessed/);
    expect(found).not.toHaveProperty('owner');
    delete faults.open;
    faults.readFile = (path) =>
      path.startsWith('/etc/') ? Buffer.from('# note\nsomeone:x:4294967294:1::/:/bin/sh\n') : nodeFs.readFile(path);
    expect(await entry('logs/hole')).not.toHaveProperty('group');
    delete faults.readFile;
  });

  it.runIf(process.platform === 'linux')('is what the disk says now, not opened where that would wait', async () => {
    await entry('');
    execFileSync('mkfifo', [join(root, 'logs/pipe')]);
    expect(await entry('logs/pipe')).toMatchObject({ kind: 'other', files: 0 });
  });
});
