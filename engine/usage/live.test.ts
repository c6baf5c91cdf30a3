import { watch as chokidarWatch } from 'chokidar';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { dump, eventually, freshTree, Storm } from '../scan-testing/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { watchDirectory } from '../watch/index.ts';
import { StoreUsage } from './store-usage.ts';
import type { StoreUsageOptions } from './store-usage.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

let folders = 0;
let root = '';
let usage: StoreUsage | undefined;
let announced: (readonly string[])[] = [];

beforeEach(() => {
  root = join(fs.realpathSync(temporary.path), `store-${folders++}`);
  fs.mkdirSync(root);
  announced = [];
});
afterEach(async () => {
  await usage?.stop();
  usage = undefined;
});

function watchIt(options: Partial<StoreUsageOptions> & { fileSystem?: FileSystem } = {}): StoreUsage {
  const { fileSystem = nodeFs, ...rest } = options;
  usage = new StoreUsage({
    context: {
      fs: fileSystem,
      pool: createInlinePool(fileSystem),
      clock: Date.now,
      log: { info() {}, warn() {}, error() {} },
    },
    store: { id: 'store', path: root },
    onChange: (paths) => announced.push(paths),
    onLive() {},
    timing: { rootCheckMs: 30 },
    ...rest,
  });
  return usage;
}

async function equalsFresh(live: StoreUsage): Promise<void> {
  await eventually(async () => {
    expect(live.settled).toBe(true);
    expect(live.tree === undefined ? undefined : dump(live.tree)).toEqual(dump(await freshTree(root)));
  });
}

/** A subtree with more entries than chokidar is given. */
function makeDense(): void {
  for (let directory = 0; directory < 12; directory++) {
    fs.mkdirSync(join(root, `dense/${directory}`), { recursive: true });
    for (let file = 0; file < 100; file++) fs.writeFileSync(join(root, `dense/${directory}/${file}`), 'x');
  }
}

describe('a live store', () => {
  it('shows changes in ordinary and dense directories, new ones included', async () => {
    makeDense();
    fs.mkdirSync(join(root, 'ordinary/sub'), { recursive: true });
    const live = watchIt();
    await live.start();
    expect(live.live).toEqual({ state: 'live' });
    fs.writeFileSync(join(root, 'ordinary/sub/a'), Buffer.alloc(1_234));
    fs.writeFileSync(join(root, 'dense/3/new'), Buffer.alloc(777));
    fs.mkdirSync(join(root, 'late/deep/er'), { recursive: true });
    await equalsFresh(live);
    expect(live.tree?.find('late/deep/er')).toBeDefined();
    fs.writeFileSync(join(root, 'late/deep/er/file'), Buffer.alloc(99));
    fs.appendFileSync(join(root, 'dense/3/new'), Buffer.alloc(1));
    await equalsFresh(live);
    // A whole recount, which a burst of events may cause, announces the root instead.
    expect(announced.flat().some((path) => path === 'dense/3' || path === '')).toBe(true);
    expect(live.summary()).toMatchObject({ files: 1_203, bytes: 1_200 + 1_234 + 778 + 99 });
  });

  it.each([11, 12, 13, 14])('equals a fresh count after a storm (%i)', async (seed) => {
    const storm = new Storm(root, seed);
    if (seed % 2 === 0) makeDense();
    for (let step = 0; step < 30; step++) storm.step();
    const live = watchIt();
    const opened = live.start();
    for (let step = 0; step < 30; step++) storm.step();
    await opened;
    for (let round = 0; round < 5; round++) {
      for (let step = 0; step < 25; step++) {
        storm.step();
        // Now and then events are taken in between, so that some are met half-way.
        if (step % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (round % 2 === 0) await equalsFresh(live);
    }
    await equalsFresh(live);
  });

  it('survives a mass delete and the same tree made again', async () => {
    makeDense();
    const live = watchIt();
    await live.start();
    const all = live.watched;
    fs.rmSync(join(root, 'dense'), { recursive: true });
    await equalsFresh(live);
    expect(live.watched).toBe(all - 13);
    makeDense();
    await equalsFresh(live);
    fs.writeFileSync(join(root, 'dense/11/after'), 'watched again');
    await equalsFresh(live);
    expect(live.watched).toBe(all);
  });

  it('notices a directory replaced by one of the same name at once', async () => {
    makeDense();
    fs.mkdirSync(join(root, 'ordinary'));
    const live = watchIt();
    await live.start();
    for (const directory of ['dense/5', 'ordinary']) {
      fs.rmSync(join(root, directory), { recursive: true });
      fs.mkdirSync(join(root, directory));
      await equalsFresh(live);
      fs.writeFileSync(join(root, directory, 'later'), Buffer.alloc(10));
      await equalsFresh(live);
    }
  });

  it('is watched beside a link that leads through a file, from the start or later', async () => {
    for (const name of ['a', 'm', 'z']) fs.mkdirSync(join(root, name, 'deep'), { recursive: true });
    fs.writeFileSync(join(root, 'file'), '');
    fs.symlinkSync('file/nowhere', join(root, 'bad'));
    const live = watchIt();
    await live.start();
    const change = async (bytes: number): Promise<void> => {
      for (const name of ['a', 'm', 'z']) fs.writeFileSync(join(root, name, 'deep/f'), Buffer.alloc(bytes));
      await equalsFresh(live);
    };
    await change(1_000);
    fs.symlinkSync('../file/nowhere', join(root, 'm/bad'));
    await equalsFresh(live);
    await change(3_000);
    fs.mkdirSync(join(root, 'm/later'));
    await equalsFresh(live);
    fs.writeFileSync(join(root, 'm/later/f'), Buffer.alloc(500));
    await equalsFresh(live);
    expect(live.live).toEqual({ state: 'live' });
  });

  it('announces at most five times a second, and the end state for certain', async () => {
    const live = watchIt();
    await live.start();
    const before = announced.length;
    const began = performance.now();
    for (let write = 0; write < 60; write++) {
      fs.writeFileSync(join(root, `f${write}`), Buffer.alloc(10));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await equalsFresh(live);
    await eventually(() => expect(announced.length).toBeGreaterThan(before));
    expect(announced.length - before).toBeLessThanOrEqual(2 + (performance.now() - began) / 200);
  });
});

describe('the root', () => {
  it('may vanish and return: said, kept, recovered', async () => {
    fs.writeFileSync(join(root, 'a'), 'one');
    const live = watchIt();
    await live.start();
    fs.renameSync(root, `${root}-away`);
    await eventually(() =>
      expect(live.live).toMatchObject({ state: 'off', reason: expect.stringMatching(/is not there/) as string }),
    );
    expect(live.summary()?.files).toBe(1);
    fs.renameSync(`${root}-away`, root);
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
    fs.writeFileSync(join(root, 'b'), 'two');
    await equalsFresh(live);
  });

  it('may be replaced by another directory', async () => {
    fs.mkdirSync(join(root, 'old'));
    const live = watchIt();
    await live.start();
    fs.renameSync(root, `${root}-old`);
    fs.mkdirSync(join(root, 'new'), { recursive: true });
    await eventually(() => expect(live.tree?.find('new')).toBeDefined());
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
    fs.writeFileSync(join(root, 'new/file'), 'x');
    await equalsFresh(live);
  });

  it('may be missing from the start', async () => {
    fs.rmdirSync(root);
    const live = watchIt();
    await live.start();
    expect(live.live).toMatchObject({ state: 'off', reason: expect.stringMatching(/is not there/) as string });
    fs.mkdirSync(root);
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
  });
});

function limit(): Error {
  return Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
}

describe('limits of the machine', () => {
  it('goes on partially live when watches run out, names the remedy, and recovers', async () => {
    makeDense();
    let allowed = 5;
    const live = watchIt({
      timing: { rootCheckMs: 30, pollMs: 50 },
      watchDirectory(path, listener) {
        if (allowed-- <= 0) throw limit();
        return watchDirectory(path, listener);
      },
    });
    await live.start();
    expect(live.live.state).toBe('partial');
    expect(live.live.reason).toMatch(/sudo sysctl fs\.inotify\.max_user_watches=\d+/);
    // Not watched, so counted again in a while.
    fs.writeFileSync(join(root, 'dense/0/new'), Buffer.alloc(50));
    fs.writeFileSync(join(root, 'dense/11/new'), Buffer.alloc(50));
    await equalsFresh(live);
    allowed = 1_000;
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
  });

  it('says the same when chokidar runs into the limit after it was ready', async () => {
    const opened: ReturnType<typeof chokidarWatch>[] = [];
    const live = watchIt({
      openWatcher(paths, options) {
        const watcher = chokidarWatch(paths, options);
        opened.push(watcher);
        return watcher;
      },
    });
    await live.start();
    for (let times = 0; times < 3; times++) opened[0]?.emit('error', limit());
    expect(live.live).toMatchObject({ state: 'partial', reason: expect.stringMatching(/max_user_watches/) as string });
  });

  it('watches one by one what chokidar could not, once the limit allows, and is live again', async () => {
    fs.mkdirSync(join(root, 'ordinary/sub'), { recursive: true });
    let allowed = false;
    const opened: ReturnType<typeof chokidarWatch>[] = [];
    const live = watchIt({
      timing: { rootCheckMs: 30, pollMs: 30 },
      openWatcher(paths, options) {
        const watcher = chokidarWatch(paths, options);
        opened.push(watcher);
        return watcher;
      },
      watchDirectory(path, listener) {
        if (!allowed) throw limit();
        return watchDirectory(path, listener);
      },
    });
    await live.start();
    opened[0]?.emit('error', limit());
    expect(live.live.state).toBe('partial');
    const first = live.summary()?.countedAtMs ?? 0;
    await eventually(() => expect(live.summary()?.countedAtMs).toBeGreaterThan(first));
    expect(live.live.state).toBe('partial');
    allowed = true;
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
    expect(opened[0]?.closed).toBe(true);
    expect(live.watched).toBe(3);
    fs.writeFileSync(join(root, 'ordinary/sub/file'), Buffer.alloc(5));
    await equalsFresh(live);
  });

  it('counts again and watches one by one after chokidar failed at something', async () => {
    fs.mkdirSync(join(root, 'ordinary/sub'), { recursive: true });
    const opened: ReturnType<typeof chokidarWatch>[] = [];
    const live = watchIt({
      openWatcher(paths, options) {
        const watcher = chokidarWatch(paths, options);
        opened.push(watcher);
        return watcher;
      },
    });
    await live.start();
    opened[0]?.emit('error', Object.assign(new Error('EIO'), { code: 'EIO' }));
    await eventually(() => expect(opened[0]?.closed).toBe(true));
    await eventually(() => expect(live.settled).toBe(true));
    expect(live.live).toEqual({ state: 'live' });
    expect(live.watched).toBe(3);
    fs.writeFileSync(join(root, 'ordinary/sub/file'), Buffer.alloc(5));
    await equalsFresh(live);
  });

  it('counts again when events may have been lost', async () => {
    fs.mkdirSync(join(root, 'ordinary'));
    const live = watchIt({
      fileSystem: {
        ...nodeFs,
        readFile: (path) => (path.endsWith('max_queued_events') ? Buffer.from('4\n') : nodeFs.readFile(path)),
      },
    });
    await live.start();
    const first = live.summary()?.countedAtMs ?? 0;
    for (let file = 0; file < 20; file++) fs.writeFileSync(join(root, `ordinary/${file}`), 'x');
    await eventually(() => expect(live.summary()?.countedAtMs).toBeGreaterThan(first));
    await equalsFresh(live);
  });

  it('polls a network file system and says so', async () => {
    const live = watchIt({
      timing: { rootCheckMs: 30, pollMs: 20 },
      fileSystem: {
        ...nodeFs,
        readFile: (path) =>
          path === '/proc/self/mountinfo'
            ? Buffer.from('36 35 98:0 / / rw,noatime - nfs4 server:/export rw\n')
            : nodeFs.readFile(path),
      },
    });
    await live.start();
    expect(live.live).toMatchObject({
      state: 'partial',
      reason: expect.stringMatching(/network file system \(nfs4\)/) as string,
    });
    expect(live.watched).toBe(0);
    fs.writeFileSync(join(root, 'from-elsewhere'), Buffer.alloc(5));
    await equalsFresh(live);
  });

  it('lists a mount that appears below, and counts what is there once it is gone', async () => {
    fs.mkdirSync(join(root, 'a/mnt'), { recursive: true });
    fs.writeFileSync(join(root, 'a/mnt/file'), 'under the mount');
    let mounted = false;
    const live = watchIt({
      fileSystem: {
        ...nodeFs,
        readFile(path) {
          if (path !== '/proc/self/mountinfo') return nodeFs.readFile(path);
          const bind = mounted ? `37 36 8:1 /x ${root}/a/mnt rw - ext4 /dev/vdb rw\n` : '';
          return Buffer.from(`36 35 8:1 / / rw - ext4 /dev/vda rw\n${bind}`);
        },
      },
    });
    await live.start();
    expect(live.summary()?.files).toBe(1);
    mounted = true;
    await eventually(() => expect(live.summary()?.files).toBe(0));
    expect(live.tree?.children(live.tree.find('a') ?? 0, 'name', 5).entries[0]).toMatchObject({ kind: 'mount' });
    mounted = false;
    await eventually(() => expect(live.summary()?.files).toBe(1));
  });

  it('counts a mount below when asked, follows it as it comes and goes, and follows the rule', async () => {
    fs.mkdirSync(join(root, 'a/mnt/sub'), { recursive: true });
    fs.writeFileSync(join(root, 'a/mnt/sub/file'), 'one');
    let table = '36 35 8:1 / / rw - ext4 /dev/vda rw\n';
    const mount = `37 36 8:2 / ${root}/a/mnt rw - xfs /dev/vdb rw\n`;
    const live = watchIt({
      crossMounts: true,
      fileSystem: {
        ...nodeFs,
        readFile: (path) => (path === '/proc/self/mountinfo' ? Buffer.from(table) : nodeFs.readFile(path)),
      },
    });
    table += mount;
    await live.start();
    expect(live.summary()).toMatchObject({ files: 1, mounts: ['a/mnt'], live: { state: 'live' } });
    fs.writeFileSync(join(root, 'a/mnt/sub/more'), 'two');
    await eventually(() => expect(live.summary()?.files).toBe(2));
    live.crossMounts = false;
    await eventually(() => expect(live.summary()).toMatchObject({ files: 0, mounts: ['a/mnt'] }));
    live.crossMounts = true;
    await eventually(() => expect(live.summary()?.files).toBe(2));
    await eventually(() => expect(live.live).toEqual({ state: 'live' }));
    table = table.replace(mount, '');
    const counted = live.summary()?.countedAtMs ?? 0;
    await eventually(() => {
      expect(live.summary()).toMatchObject({ files: 2, mounts: [], live: { state: 'live' } });
      expect(live.summary()?.countedAtMs).toBeGreaterThan(counted);
    });
  });

  it('does not watch a network file system below, says so and polls it', async () => {
    fs.mkdirSync(join(root, 'nas/sub'), { recursive: true });
    fs.mkdirSync(join(root, 'own'));
    const live = watchIt({
      crossMounts: true,
      timing: { rootCheckMs: 30, pollMs: 20 },
      fileSystem: {
        ...nodeFs,
        readFile: (path) =>
          path === '/proc/self/mountinfo'
            ? Buffer.from(`36 35 8:1 / / rw - ext4 /dev/vda rw\n37 36 0:9 / ${root}/nas rw - nfs4 server:/x rw\n`)
            : nodeFs.readFile(path),
      },
    });
    await live.start();
    expect(live.live).toMatchObject({ state: 'partial', reason: expect.stringMatching(/nas \(nfs4\)/) as string });
    expect(live.watched).toBe(2);
    fs.writeFileSync(join(root, 'nas/sub/from-elsewhere'), Buffer.alloc(5));
    await equalsFresh(live);
    fs.mkdirSync(join(root, 'nas/new'));
    await equalsFresh(live);
    expect(live.watched).toBe(2);
  });
});
