import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBackup } from '../archive/index.ts';
import { cut, noteExport, temporaryName, thisMachine as machine } from '../export/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

/** What is exported is an ordinary tar that gives back just what was backed up. */

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args.length === 0 ? ['--version'] : args).status === 0;
}

const zstd = has('zstd');
const gnuTar = has('tar') && spawnSync('tar', ['--version']).stdout.toString().includes('GNU tar');
const bsdtar = has('bsdtar');
const pythonReadsZstd = has('python3', '-c', 'import compression.zstd');

/** Bytes that do not compress, the same every time. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** A tree as tools may differ in it: no owner; links without mode and time; which names are one file. */
function treeOf(root: string): Map<string, unknown> {
  const tree = new Map<string, unknown>();
  const names = new Map<string, string>();
  const visit = (path: string): void => {
    const absolute = path === '' ? root : join(root, path);
    const stats = nodeFs.lstat(absolute);
    const meta = { mode: Number(stats.mode) & 0o7777, mtimeNs: stats.mtimeNs };
    if (stats.isSymbolicLink()) tree.set(path, { target: nodeFs.readLink(absolute) });
    else if (stats.isDirectory()) {
      tree.set(path, path === '' ? 'root' : meta);
      for (const { name } of nodeFs.readDirectory(absolute)) visit(path === '' ? name : `${path}/${name}`);
    } else {
      const first = names.get(String(stats.ino)) ?? path;
      names.set(String(stats.ino), first);
      tree.set(path, { ...meta, first, content: nodeFs.readFile(absolute).toString('base64') });
    }
  };
  visit('');
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

let store: TestStore;
let folder: string;
/** The tree as each backup found it. */
const trees = new Map<string, Map<string, unknown>>();
const ids: string[] = [];

async function backUp(input: Record<string, unknown>): Promise<void> {
  const job = await store.backUp(input);
  expect(job.status).toBe('done');
  const id = String(job.result?.['id']);
  ids.push(id);
  trees.set(id, treeOf(store.root));
}

async function exportTo(backup: string, file: string) {
  const { job } = await store.backups.handlers.export({ backup, file }, call);
  return store.context.job(job);
}

beforeAll(async () => {
  let now = Date.now() + 60_000;
  store = createTestStore({ clock: () => (now += 60_000) });
  folder = join(store.context.folder, 'exports');
  fs.mkdirSync(folder);
  const { root, put } = store;
  for (let index = 0; index < 400; index++) put(`many/${index % 7}/file ${index}`, noise(index * 97, index + 1));
  put('big.bin', noise(13_000_001, 3));
  put('exact.bin', noise(8 * 1024 * 1024, 5));
  put('twins/one', noise(70_000, 9));
  put('twins/equal by chance', noise(70_000, 9));
  fs.linkSync(join(root, 'twins/one'), join(root, 'twins/other name'));
  put(`${'x'.repeat(200)}/${'y'.repeat(200)}`, 'deep');
  put('empty file', '');
  // Sorted between a folder and what is in it.
  put('many-more', 'x');
  put('many/3.txt', noise(100_000, 21));
  nodeFs.symlink('nowhere/\udcff', join(root, 'dangling'));
  fs.writeFileSync(Buffer.concat([Buffer.from(join(root, 'caf')), Buffer.from([0xe9])]), 'latin');
  fs.chmodSync(join(root, 'notes.txt'), 0o4711);
  nodeFs.lutimes(join(root, 'notes.txt'), 1_000_000_000.25, 1_000_000_000.25);
  for (const name of ['many/3', 'many', 'twins']) nodeFs.lutimes(join(root, name), 1_000_000_000, 1_000_000_000);
  await backUp({});

  put('many/3/file 10', 'changed');
  put('many/5/file 12 and a half', 'new');
  fs.rmSync(join(root, 'many/2/file 2'));
  fs.renameSync(join(root, 'exact.bin'), join(root, 'renamed.bin'));
  fs.appendFileSync(join(root, 'big.bin'), noise(5_000, 11));
  fs.chmodSync(join(root, 'many/4/file 11'), 0o640);
  await backUp({});

  const fd = fs.openSync(join(root, 'big.bin'), 'r+');
  fs.writeSync(fd, noise(4_096, 13), 0, 4_096, 5_000_000);
  fs.closeSync(fd);
  fs.rmSync(join(root, 'twins/one'));
  nodeFs.symlink('notes.txt', join(root, 'many/3/a link'));
  await backUp({});
  await backUp({ full: true, format: 'gz' });
}, 120_000);

afterAll(() => store.context.close());

const endings = ['.tar.zst', '.tar.gz', '.tgz', '.tar'] as const;

describe.each([0, 1, 2, 3])('backup %i', (number) => {
  test.each(endings)(
    'exported as %s is what was backed up',
    async (ending) => {
      const id = ids[number] ?? '';
      const file = join(folder, `${number}${ending}`);
      expect(await exportTo(id, file)).toMatchObject({ status: 'done', result: { backup: id, file } });
      expect(fs.statSync(file).size).toBeGreaterThan(0);
      if (ending.endsWith('zst') && !zstd) return;
      const unpack = (name: string, command: string, args: readonly string[]): void => {
        const into = join(folder, `${number}${ending}-${name}`);
        fs.mkdirSync(into);
        const { status, stderr } = spawnSync(command, [...args, into], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
        expect([status, stderr.toString()]).toEqual([0, '']);
        expect(treeOf(into)).toEqual(trees.get(id));
        fs.rmSync(into, { recursive: true });
      };
      if (gnuTar) unpack('gnu', 'tar', ['--warning=no-unknown-keyword', '-xpf', file, '-C']);
      if (bsdtar) unpack('bsd', 'bsdtar', ['-xpf', file, '-C']);
    },
    120_000,
  );
});

test.skipIf(!has('python3'))(
  'Python’s tarfile reads it',
  async () => {
    const file = join(folder, pythonReadsZstd ? 'python.tar.zst' : 'python.tar.gz');
    await exportTo(ids[2] ?? '', file);
    const script =
      'import sys, tarfile, hashlib, json\n' +
      'out = {}\n' +
      'with tarfile.open(sys.argv[1]) as t:\n' +
      '  for m in t:\n' +
      '    if m.isreg(): out[m.name] = hashlib.sha256(t.extractfile(m).read()).hexdigest()\n' +
      'print(json.dumps(out))';
    const { stdout, stderr, status } = spawnSync('python3', ['-c', script, file]);
    expect([status, stderr.toString()]).toEqual([0, '']);
    const read = JSON.parse(stdout.toString()) as Record<string, string>;
    const reader = openBackup(nodeFs, (await store.backups.resolve(ids[2] ?? '')).manifest);
    const held = [...reader.entries()].flatMap((entry) =>
      entry.type === 'file' && entry.linkTo === undefined ? [[entry.path, entry.sha256]] : [],
    );
    expect(read).toEqual(Object.fromEntries(held));
  },
  60_000,
);

test.skipIf(!zstd)('gzip and zstd find the files whole', async () => {
  expect(spawnSync('zstd', ['-t', join(folder, '2.tar.zst')]).status).toBe(0);
  expect(spawnSync('gzip', ['-t', join(folder, '2.tar.gz')]).status).toBe(0);
});

test('frames of a full backup are copied, not one is compressed anew', async () => {
  const { archive, manifest } = await store.backups.resolve(ids[0] ?? '');
  const bytes = fs.readFileSync(archive);
  const content = openBackup(nodeFs, manifest).frames.reduce((sum, { storedLength }) => sum + storedLength, 0);
  const exported = fs.readFileSync(join(folder, '0.tar.zst'));
  expect(exported.subarray(0, content).equals(bytes.subarray(0, content))).toBe(true);
  expect(exported.length - content).toBeLessThan(100);
});

test('of an incremental backup most frames are copied', async () => {
  const { manifest } = await store.backups.resolve(ids[2] ?? '');
  const units = [...cut(openBackup(nodeFs, manifest), 'zst')];
  const bytes = (of: typeof units): number => of.reduce((sum, unit) => sum + unit.bytes, 0);
  const copied = units.filter((unit) => unit.kind === 'copy' || (unit.kind === 'group' && unit.like !== undefined));
  expect(bytes(copied)).toBeGreaterThan(bytes(units) * 0.5);
});

describe('is refused', () => {
  test('where something is there, where no folder is, and for other endings', async () => {
    const id = ids[0] ?? '';
    await expect(exportTo(id, join(folder, '0.tar'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(exportTo(id, join(folder, 'no/where.tar'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(exportTo(id, join(folder, 'a.zip'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(exportTo(id, join(folder, '.tar'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('leaves nothing', () => {
  const traces = (): string[] => fs.readdirSync(folder).filter((name) => /^\.larder|^left/.test(name));

  test('when it is cancelled', async () => {
    const { job } = await store.backups.handlers.export(
      { backup: ids[0] ?? '', file: join(folder, 'left.tar.gz') },
      call,
    );
    store.context.jobs.cancel(job);
    expect((await store.context.job(job)).status).toBe('cancelled');
    expect(traces()).toEqual([]);
  });

  test('when content is damaged, naming it', async () => {
    const { archive, manifest } = await store.backups.resolve(ids[0] ?? '');
    const at = openBackup(nodeFs, manifest).frames.at(-1)?.offset ?? 0;
    const whole = fs.readFileSync(archive);
    const damaged = Buffer.from(whole);
    damaged[at + 100] = (damaged[at + 100] ?? 0) ^ 4;
    fs.writeFileSync(archive, damaged);
    const job = await exportTo(ids[0] ?? '', join(folder, 'left.tar'));
    fs.writeFileSync(archive, whole);
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'CORRUPT', message: expect.stringContaining('cannot be exported') as string },
    });
    expect(traces()).toEqual([]);
  });

  test('when the disk is full, or the name is taken meanwhile', async () => {
    let fault: 'full' | 'taken' | undefined;
    const target = (): string => join(folder, 'left.tar');
    const faulty: FileSystem = {
      ...nodeFs,
      async writeAsync(fd, data, position) {
        if (fault === 'full') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        return nodeFs.writeAsync(fd, data, position);
      },
      link(existing, path) {
        if (fault === 'taken' && path === target()) fs.writeFileSync(path, 'other');
        nodeFs.link(existing, path);
      },
    };
    const other = createTestStore({ fs: faulty });
    const { result } = await other.backUp();
    const run = async () => {
      const { job } = await other.backups.handlers.export({ backup: String(result?.['id']), file: target() }, call);
      return other.context.job(job);
    };
    fault = 'full';
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'NO_SPACE' } });
    expect(traces()).toEqual([]);
    fault = 'taken';
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } });
    expect(fs.readFileSync(target(), 'utf8')).toBe('other');
    fs.rmSync(target());
    expect(traces()).toEqual([]);
    await other.context.close();
  });
});

describe('what a killed export left', () => {
  /** As a process that is dead by now would have written it. */
  function leave(directory: string): string {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const name = temporaryName({ ...machine, identity: () => ({ ...machine.identity(), pid, startTicks: '1' }) });
    fs.writeFileSync(join(directory, name), 'half');
    return join(directory, name);
  }

  test('is removed by the next export into its folder, and nothing else', async () => {
    const left = leave(folder);
    const live = join(folder, temporaryName());
    const other = join(folder, '.larder-0123456789ab.tmp');
    for (const path of [live, other]) fs.writeFileSync(path, 'mine');
    expect(await exportTo(ids[0] ?? '', join(folder, 'after.tar'))).toMatchObject({ status: 'done' });
    expect([left, live, other].map((path) => fs.existsSync(path))).toEqual([false, true, true]);
    for (const path of [live, other]) fs.rmSync(path);
    expect(fs.readdirSync(join(store.context.home, 'exports'))).toEqual([]);
  });

  test('is removed by the next start, wherever it is', async () => {
    const elsewhere = join(folder, 'elsewhere');
    fs.mkdirSync(elsewhere);
    const left = leave(elsewhere);
    const live = join(elsewhere, temporaryName());
    fs.writeFileSync(live, 'mine');
    noteExport(nodeFs, store.context.home, left);
    const forget = noteExport(nodeFs, store.context.home, live);
    const away = leave(elsewhere);
    noteExport(nodeFs, store.context.home, join(folder, 'not connected', basename(away)));
    await store.backups.start?.();
    expect([left, live].map((path) => fs.existsSync(path))).toEqual([false, true]);
    const notes = join(store.context.home, 'exports');
    expect(fs.readdirSync(notes).sort()).toEqual([basename(live), basename(away)].sort());
    forget();
    fs.rmSync(join(notes, basename(away)));
    fs.rmSync(elsewhere, { recursive: true });
  });
});
