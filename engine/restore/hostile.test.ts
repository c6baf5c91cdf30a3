import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupReader, FileEntry, ManifestEntry } from '../archive/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { faultyFs, parsed, setUp, signal, snapshot, writeFile, writeTree } from './test-tree.ts';
import type { Bench } from './test-tree.ts';

let bench: Bench;
let neighbour: string;
let neighbourBefore: Record<string, string>;

beforeEach(() => {
  bench = setUp({ 'here/file': { content: 'live' } });
  neighbour = join(dirname(bench.store), 'neighbour');
  writeTree(neighbour, { secret: { content: 'secret', mode: 0o600 }, 'folder/inner': { content: 'inner' } });
  neighbourBefore = snapshot(neighbour, { inodes: true });
});

afterEach(async () => {
  // Whatever was tried, the folder beside the target is as it was.
  expect(snapshot(neighbour, { inodes: true })).toEqual(neighbourBefore);
  await bench.context.close();
});

const common = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 1_700_000_000_000_000_000n };
const content = Buffer.from('hostile');
const sha256 = createHash('sha256').update(content).digest('hex');

function file(path: string, change: Partial<FileEntry> = {}): FileEntry {
  const pieces = [{ frame: 0, offset: 0, length: content.length }];
  return { type: 'file', path, ...common, size: content.length, sha256, pieces, ctimeNs: 0n, inode: 1n, ...change };
}

function dir(path: string, mode = 0o755): ManifestEntry {
  return { type: 'dir', path, ...common, mode };
}

function link(path: string, target: string): ManifestEntry {
  return { type: 'symlink', path, ...common, target };
}

/** A backup that says whatever it likes; its one frame is in a plain archive. */
function offer(entries: ManifestEntry[]): void {
  const archive = join(bench.context.folder, 'hostile.tar');
  writeFile(archive, content);
  const frame = { archive: 0, offset: 0, storedLength: content.length, plainLength: content.length, sha256 };
  const reader: BackupReader = {
    manifestPath: join(bench.context.folder, 'hostile.manifest'),

    digest: '',
    header: {
      format: 'larder-backup',
      version: 1,
      id: 'b1',
      store: { id: 's', name: 's', path: '/' },
      kind: 'full',
      archiveFormat: 'tar',
      startedAtMs: 0,
      finishedAtMs: 0,
      timeZone: 'UTC',
      host: 'h',
      parent: null,
      tool: 't',
      skipped: [],
      excluded: [],
    },
    archives: [{ file: 'hostile.tar', format: 'tar', size: content.length, sha256: null }],
    archivePaths: [archive],
    frames: [frame],
    counts: { files: 1, dirs: 1, symlinks: 0, bytes: 1 },
    entries: () => entries,
  };
  bench.offer('b1', reader);
}

describe('a hostile backup', () => {
  it('has each path that leads out refused, and the rest restored', async () => {
    offer(
      [
        dir(''),
        file('../neighbour/secret'),
        file('..'),
        file('/etc/larder-was-here'),
        file('a/../../neighbour/secret'),
        dir('good'),
        file('good/./file'),
        file('good//file'),
        file('good/file'),
        file('good/nul\0byte'),
        file('good/\ud800'),
        dir('.larder-undo'),
        file('.larder-undo/file'),
      ].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    const { plan, job, result } = await bench.restore();
    expect(job.status).toBe('partial');
    expect(result.created).toBe(2);
    expect(result.skipped.map((one) => one.path).sort()).toEqual(
      [
        '../neighbour/secret',
        '..',
        '/etc/larder-was-here',
        'a/../../neighbour/secret',
        'good/./file',
        'good//file',
        'good/nul\0byte',
        'good/\ud800',
        '.larder-undo',
        '.larder-undo/file',
      ].sort(),
    );
    expect(plan.warnings.length).toBeGreaterThanOrEqual(10);
    expect(nodeFs.readFile(join(bench.store, 'good/file')).toString()).toBe('hostile');
    expect(existsSync('/etc/larder-was-here')).toBe(false);
  });

  it('cannot write through a link it brings', async () => {
    offer([dir(''), link('out', '../neighbour'), file('out/secret'), link('x', '/'), dir('x/tmp'), file('x/tmp/f')]);
    const { result } = await bench.restore();
    expect(result.skipped.map((one) => one.path).sort()).toEqual(['out/secret', 'x/tmp', 'x/tmp/f']);
    expect(nodeFs.readLink(join(bench.store, 'out'))).toBe('../neighbour');
  });

  it('cannot write through a link that lies in the target', async () => {
    nodeFs.symlink('../neighbour', join(bench.store, 'out'));
    offer([dir(''), dir('out'), dir('out/folder'), file('out/folder/inner'), file('out/secret')]);
    const kept = await bench.restore({ overwrite: 'never' });
    expect(kept.result).toMatchObject({ created: 0, overwritten: 0 });
    expect(nodeFs.readLink(join(bench.store, 'out'))).toBe('../neighbour');
    const { result } = await bench.restore({ overwrite: 'always', deleteExtra: true });
    expect(result).toMatchObject({ overwritten: 1, created: 3 });
    expect(nodeFs.lstat(join(bench.store, 'out')).isDirectory()).toBe(true);
  });

  it('cannot reach out by hard links, and gains nothing by one to other content', async () => {
    writeFile(join(bench.store, 'mine'), 'private');
    offer([
      dir(''),
      file('a', { linkTo: '../neighbour/secret' }),
      file('b', { linkTo: '/etc/passwd' }),
      file('c', { linkTo: 'here/file' }),
      file('d', { linkTo: 'd' }),
      file('e', { linkTo: 'f' }),
      file('f', { linkTo: 'e' }),
      file('g', { size: 3, linkTo: 'h' }),
      file('h'),
    ]);
    const { result } = await bench.restore();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect(nodeFs.readFile(join(bench.store, name)).toString()).toBe('hostile');
      expect(nodeFs.lstat(join(bench.store, name)).nlink).toBe(1n);
    }
    expect(result.skipped.map((one) => one.path)).toEqual(['g']);
  });

  it('has impossible sizes, pieces and repeated entries refused', async () => {
    offer([
      dir(''),
      file('a', { size: -1 }),
      file('b', { size: 2 ** 70 }),
      file('c', { pieces: [{ frame: 7, offset: 0, length: 7 }] }),
      file('d', { pieces: [{ frame: 0, offset: 1, length: 7 }] }),
      file('e', { pieces: [{ frame: 0, offset: -1, length: 7 }] }),
      file('f', { pieces: [{ frame: 0, offset: 0, length: Number.NaN }] }),
      file('g', { sha256: 'f'.repeat(64) }),
      file('h'),
      file('h'),
      file('i', { pieces: [] }),
      link('j', 'nul\0'),
      file('k', { size: 1e6, pieces: Array.from({ length: 100 }, () => ({ frame: 0, offset: 0, length: 7 })) }),
    ]);
    const { job, result } = await bench.restore({ paths: ['h', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'i', 'j', 'k'] });
    expect(job.error).toBeUndefined();
    expect(result.created).toBe(1);
    const names = result.skipped.map((one) => one.path).sort();
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']);
    expect(existsSync(join(bench.store, 'g'))).toBe(false);
  });

  it('a link for `.larder-undo` in the target is not followed', async () => {
    nodeFs.symlink('../neighbour', join(bench.store, '.larder-undo'));
    offer([dir(''), file('a')]);
    const { job } = await bench.restore();
    expect(job.status).toBe('failed');
    await bench.capability().start?.();
    expect(existsSync(join(bench.store, 'a'))).toBe(false);
  });

  it('a folder swapped for a link while the restore runs is noticed', async () => {
    offer([dir(''), dir('here'), file('here/file', { mtimeNs: 5n }), dir('last'), file('last/one')]);
    const away = join(bench.store, 'away');
    for (const swapAt of ['link', 'rename'] as const) {
      let swapped = false;
      const faulty = faultyFs((_call, name, path) => {
        if (swapped || name !== swapAt || !/\/file$/.test(String(path))) return;
        swapped = true;
        nodeFs.rename(join(bench.store, 'here'), away);
        nodeFs.symlink('../neighbour', join(bench.store, 'here'));
      });
      const context = { ...bench.context, fs: faulty.fs, pool: createInlinePool(faulty.fs, 1) };
      const { handlers } = bench.capability({ flushAll: async () => false }, context);
      const plan = await handlers.plan(parsed({}), { signal });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      const { status } = await bench.context.job(job);
      expect(swapped, swapAt).toBe(true);
      // What was begun ended in the folder itself, wherever that is now; what followed was left out.
      expect(status).not.toBe('done');
      nodeFs.unlink(join(bench.store, 'here'));
      nodeFs.rename(away, join(bench.store, 'here'));
    }
  });
});

describe('damage', () => {
  async function flip(position: (size: number) => number): Promise<void> {
    const { archive } = bench.backups.get('b1')!;
    const bytes = nodeFs.readFile(archive);
    const at = position(bytes.length);
    bytes[at] = bytes[at]! ^ 0x10;
    writeFile(archive, bytes);
  }

  it('leaves out what it hits, restores the rest, and says so', async () => {
    const noise = (seed: string): Buffer =>
      Buffer.concat(Array.from({ length: 160_000 }, (_, n) => createHash('sha256').update(`${seed}${n}`).digest()));
    writeTree(join(bench.store, 'big'), { one: { content: noise('1') }, two: { content: noise('2') } });
    await bench.backUp();
    const original = snapshot(bench.store);
    await flip((size) => Math.round(size * 0.25));
    writeFile(join(bench.store, 'big/one'), 'live one');
    writeFile(join(bench.store, 'big/two'), 'live two');
    nodeFs.unlink(join(bench.store, 'here/file'));
    writeFile(join(bench.store, 'surplus'), 's');
    const { job, result } = await bench.restore({ deleteExtra: true });
    expect(job.status).toBe('partial');
    expect(result.skipped.map((one) => one.path)).toEqual(['big/one', 'surplus']);
    expect(nodeFs.readFile(join(bench.store, 'big/one')).toString()).toBe('live one');
    expect(snapshot(bench.store)['big/two']).toBe(original['big/two']);
    expect(snapshot(bench.store)['here/file']).toBe(original['here/file']);
    expect(existsSync(join(bench.store, 'surplus'))).toBe(true);
    expect(result).toMatchObject({ overwritten: 1, created: 1, deleted: 0, status: 'partial' });
  });

  it('a missing archive restores nothing and changes nothing', async () => {
    await bench.backUp();
    nodeFs.unlink(bench.backups.get('b1')!.archive);
    writeFile(join(bench.store, 'here/file'), 'changed', 1_800_000_000_000_000_000n);
    const before = snapshot(bench.store);
    const { job, result } = await bench.restore();
    expect(job.status).toBe('partial');
    expect(result.skipped).toMatchObject([{ path: 'here/file' }]);
    expect(snapshot(bench.store)['here/file']).toEqual(before['here/file']);
  });
});
