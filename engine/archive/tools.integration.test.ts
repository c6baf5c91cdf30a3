import { execFileSync, spawnSync } from 'node:child_process';
import nodeFsModule from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { fsPath, nodeFs } from '../fs/index.ts';
import { writeBackup } from './index.ts';
import type { WrittenBackup } from './index.ts';
import { contentsOnDisk, makeFolder, noise, optionsFor, removeFolder, writeTree } from './testing/trees.ts';

/** An archive is an ordinary tar: ordinary tools, where they are there, give back the tree. */

const formats = ['zst', 'gz', 'tar'] as const;
let folder: string;
let root: string;
const made = new Map<ArchiveFormat, WrittenBackup>();

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args.length === 0 ? ['--version'] : args).status === 0;
}

const gnuTar = ['tar', 'gtar'].find((name) => {
  const { status, stdout } = spawnSync(name, ['--version']);
  return status === 0 && stdout.toString().includes('GNU tar');
});
const zstd = has('zstd');
const pythonReadsZstd = has('python3', '-c', 'import compression.zstd');

beforeAll(async () => {
  folder = makeFolder();
  root = join(folder, 'store');
  const destination = join(folder, 'backups');
  nodeFsModule.mkdirSync(root);
  nodeFsModule.mkdirSync(destination);
  const long = ['x'.repeat(255), 'y'.repeat(255), 'z'.repeat(200)].join('/');
  writeTree(root, {
    'plain.txt': 'plain',
    'with space and\nnewline': 'x',
    '🦊/é': 'composed',
    '🦊/e\u0301': 'decomposed',
    'caf\udce9': 'latin',
    [long]: 'deep',
    empty: '',
    big: noise(9_000_001),
    exact: noise(4 * 1024 * 1024),
    '-n': 'dash',
    repeated: Buffer.alloc(6_000_000, 'ab'),
    old: 'old',
    'far off': 'far',
    // Sorted between the folders of their beginnings and what is in those.
    'stem/a': 'in the folder',
    'stem-x/a/b': 'x',
    'stem-x/a.txt': 'x',
    'stem.txt': 'x',
    'stem+none': 'x',
  });
  nodeFs.makeDirectory(join(root, 'empty dir'));
  nodeFs.symlink('../out of here/\udcfe', join(root, 'dangling'));
  nodeFs.symlink('s'.repeat(300), join(root, 'long link'));
  nodeFs.link(join(root, 'plain.txt'), join(root, 'twin'));
  nodeFs.link(join(root, long), join(root, 'twin of the long'));
  nodeFs.chmod(join(root, 'plain.txt'), 0o4751);
  nodeFs.lutimes(join(root, 'old'), -86_400.5, -86_400.5);
  nodeFs.lutimes(join(root, 'far off'), 4_000_000_000.25, 4_000_000_000.25);
  nodeFsModule.chmodSync(join(root, 'empty dir'), 0o750);
  nodeFs.makeDirectory(join(root, 'stem/empty'));
  nodeFs.makeDirectory(join(root, 'stem/empty!'));
  const folders = ['stem/empty!', 'stem/empty', 'stem', 'stem-x/a', 'stem-x', 'empty dir'];
  for (const [index, name] of folders.entries()) nodeFs.lutimes(join(root, name), 1e9 + index, 1e9 + index);
  for (const format of formats) made.set(format, await writeBackup(optionsFor(root, destination, { format })));
}, 60_000);
afterAll(() => removeFolder(folder));

/** The tree without what tools differ in: times to the second only, no owner, `.larder` aside. */
function comparable(path: string, precise: boolean): Map<string, unknown> {
  const contents = new Map<string, unknown>();
  for (const [name, value] of contentsOnDisk(path)) {
    if (name === '.larder' || name.startsWith('.larder/')) continue;
    const { mtimeNs, mode, type, content, target } = value as Record<string, unknown> & { mtimeNs: bigint };
    const time = precise ? mtimeNs : mtimeNs / 1_000_000_000n - (mtimeNs < 0n ? 1n : 0n);
    // Unpacking into the root folder changes it, and a link's mode means nothing.
    contents.set(name, name === '' ? type : { type, ...(type === 'symlink' ? { target } : { mode, time, content }) });
  }
  return contents;
}

function unpacked(name: string, unpack: (into: string) => void): string {
  const into = join(folder, name);
  nodeFsModule.mkdirSync(into);
  unpack(into);
  return into;
}

describe.each(formats)('a .%s archive', (format) => {
  const archive = () => made.get(format)!.archive;
  const isUnreadable = format === 'zst' && !zstd;

  it.skipIf(gnuTar === undefined || isUnreadable)(
    'is unpacked by GNU tar (skipped where tar or zstd is missing)',
    () => {
      const into = unpacked(`gnu-${format}`, (to) => {
        // It says that it does not know `hdrcharset` (and takes bytes as they are anyway), and doubts the odd times.
        const quiet = ['--warning=no-unknown-keyword', '--warning=no-timestamp'];
        const result = spawnSync(gnuTar!, [...quiet, '-xpf', archive(), '-C', to]);
        expect(result.stderr.toString()).toBe('');
        expect(result.status).toBe(0);
      });
      expect(comparable(into, true)).toEqual(comparable(root, true));
      expect(nodeFsModule.statSync(join(into, 'twin')).ino).toBe(nodeFsModule.statSync(join(into, 'plain.txt')).ino);
    },
  );

  it.skipIf(gnuTar === undefined || isUnreadable)('has each folder right before what is in it', () => {
    const listed = execFileSync(gnuTar!, ['-tf', archive()], { encoding: 'utf8', stdio: 'pipe' }).trimEnd().split('\n');
    const left = new Set<string>();
    let open: string[] = [];
    for (const name of listed.slice(1, -1)) {
      for (const folder of open) if (!name.startsWith(folder)) left.add(folder);
      open = open.filter((folder) => name.startsWith(folder));
      if (name.endsWith('/')) open.push(name);
      expect([...left].filter((folder) => name.startsWith(folder))).toEqual([]);
    }
    expect(left).toContain('stem/');
  });

  it.skipIf(!has('bsdtar') || isUnreadable)('is unpacked by bsdtar (skipped where it is missing)', () => {
    const into = unpacked(`bsd-${format}`, (to) => {
      const environment = { ...process.env, LC_ALL: 'C.UTF-8' };
      execFileSync('bsdtar', ['-xpf', archive(), '-C', to], { env: environment, stdio: 'pipe' });
    });
    // libarchive adds the fraction of a time before 1970 instead of taking it off.
    const times = (tree: Map<string, unknown>) => new Map([...tree, ['old', 'not compared']]);
    expect(times(comparable(into, true))).toEqual(times(comparable(root, true)));
  });

  const pythonMissing = !has('python3') || (format === 'zst' && !pythonReadsZstd);
  it.skipIf(pythonMissing)('is read by Python (skipped where it is missing, or too old for zstd)', () => {
    const into = unpacked(`python-${format}`, (to) => {
      const script = 'import sys,tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter="fully_trusted")';
      execFileSync('python3', ['-c', script, archive(), to], { stdio: 'pipe' });
    });
    const times = (tree: Map<string, unknown>) =>
      new Map([...tree].map(([name, value]) => [name, typeof value === 'object' ? { ...value, time: 0 } : value]));
    expect(times(comparable(into, false))).toEqual(times(comparable(root, false)));
  });

  it.skipIf(gnuTar === undefined || isUnreadable)('lists the manifest as its last entry', () => {
    const listed = execFileSync(gnuTar!, ['-tf', archive()], { encoding: 'utf8', stdio: 'pipe' }).trimEnd().split('\n');
    expect(listed[0]).toBe('./');
    expect(listed.at(-1)).toBe('.larder/manifest');
    const text = execFileSync(gnuTar!, ['-xOf', archive(), '.larder/manifest'], { encoding: 'utf8', stdio: 'pipe' });
    const [first] = text.split('\n');
    expect(JSON.parse(first!)).toMatchObject({ format: 'larder-backup', version: 2 });
  });
});

it.skipIf(!zstd)('zstd finds archive and manifest whole (skipped where it is missing)', () => {
  for (const path of [made.get('zst')!.archive, made.get('zst')!.manifest]) {
    expect(spawnSync('zstd', ['-t', path]).status).toBe(0);
  }
});

it.skipIf(!has('gzip'))('gzip finds archive and manifest whole (skipped where it is missing)', () => {
  for (const path of [made.get('gz')!.archive, made.get('gz')!.manifest]) {
    const result = spawnSync('gzip', ['-t', path]);
    expect(result.stderr.toString()).toBe('');
    expect(result.status).toBe(0);
  }
});

it('is an ordinary name for the file system throughout', () => {
  // The fixture itself: the odd names must have been made, or the tests above show nothing.
  expect(nodeFsModule.existsSync(fsPath(join(root, 'caf\udce9')))).toBe(true);
  expect(nodeFsModule.readdirSync(join(root, '🦊'))).toHaveLength(2);
});
