import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createThreadPool } from '../pool/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { scanStore } from './index.ts';

const temporary = temporaryFolder();
const threads = createThreadPool(new URL('../pool-worker.ts', import.meta.url), 2);
afterAll(async () => {
  await threads.close();
  temporary.remove();
});

function du(path: string, ...options: string[]): number {
  const out = execFileSync('du', ['-sx', ...options, '--block-size=1', '--', path], { encoding: 'utf8' });
  return Number(out.split('\t')[0]);
}

/** Why du cannot be asked here; undefined when it can. */
function duMissing(): string | undefined {
  if (process.platform !== 'linux') return 'GNU du is needed.';
  try {
    du(temporary.path, '--apparent-size');
    return undefined;
  } catch {
    return 'There is no GNU du here.';
  }
}

const missing = duMissing();
/** Newer du takes the size of a directory as unspecified (POSIX) and counts none. */
const duCountsDirectories = missing === undefined && du(temporary.path, '--apparent-size') > 0;

/** What du's apparent size has beyond Larder's `bytes`, which is files only: symlinks, and directories with an older du. */
function besidesFiles(root: string): number {
  const format = '%y\t%D\t%i\t%s\\0';
  const output = execFileSync('find', [root, '-xdev', '(', '-type', 'd', '-o', '-type', 'l', ')', '-printf', format], {
    encoding: 'latin1',
    maxBuffer: 2 ** 30,
  });
  const device = String(fs.lstatSync(root, { bigint: true }).dev);
  const seen = new Set<string>();
  let bytes = 0;
  for (const line of output.split('\0')) {
    const [type, on, inode, size] = line.split('\t');
    if (on !== device || inode === undefined || seen.has(inode)) continue;
    seen.add(inode);
    if (type === 'l' || duCountsDirectories) bytes += Number(size);
  }
  return bytes;
}

/** Trees of a usual machine that hardly change: a system, packages of two package managers, settings, a runtime. */
const trees = [
  '/usr',
  fs.realpathSync(new URL('../../node_modules', import.meta.url)),
  '/etc',
  '/opt',
  '/var/lib/dpkg',
  '/boot',
  dirname(dirname(process.execPath)),
  '/usr/share/doc',
];

describe('totals of a real tree equal du to the byte', () => {
  it.for([...new Set(trees)])('%s', { timeout: 180_000 }, async (path, { skip }) => {
    if (missing !== undefined) skip(missing);
    if (!fs.existsSync(path)) skip(`There is no ${path} here.`);
    for (let attempt = 1; ; attempt++) {
      const before = [du(path), du(path, '--apparent-size')];
      const { tree } = await scanStore(path, new Set(), { fs: nodeFs, pool: threads });
      const { allocated, bytes } = tree.figures(0);
      const besides = besidesFiles(path);
      const after = [du(path), du(path, '--apparent-size')];
      // Somebody else was writing there meanwhile.
      if (attempt < 3 && after.join() !== before.join()) continue;
      expect(tree.atLeast).toBe(false);
      expect([allocated, bytes + besides]).toEqual(after);
      return;
    }
  });
});
