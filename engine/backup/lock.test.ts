import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { acquireLock, clearLockRemnants } from './lock.ts';
import { decodeHolder, encodeHolder, heartbeatEveryMs, isStale, newHolder, thisMachine } from './lock-file.ts';
import type { Holder, Machine } from './lock-file.ts';

let folder: ReturnType<typeof temporaryFolder>;
let destination: string;
let lockFile: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  destination = folder.path;
  lockFile = join(destination, '.larder/lock');
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(ended));
  folder.remove();
});

function take(machine: Machine = thisMachine, fileSystem: FileSystem = nodeFs) {
  return acquireLock(fileSystem, destination, 'making a backup', machine);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** Runs code in another process, with `take`, `say` and `directory` at hand; resolves lines it says. */
function other(code: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const source = `
    import { acquireLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    import { thisMachine } from ${JSON.stringify(new URL('lock-file.ts', import.meta.url).href)};
    import { nodeFs } from ${JSON.stringify(new URL('../fs/index.ts', import.meta.url).href)};
    const directory = ${JSON.stringify(destination)};
    const take = () => acquireLock(nodeFs, directory, 'making a backup', thisMachine);
    const say = (text) => process.stdout.write(text + '\\n');
    ${code}
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** A lock as some other holder would have left it, last written `ageMs` ago. */
function leave(change: Partial<Holder>, ageMs = 0): void {
  fs.mkdirSync(join(destination, '.larder'), { recursive: true });
  fs.writeFileSync(lockFile, encodeHolder({ ...newHolder(thisMachine, 'making a backup'), ...change }));
  const at = (Date.now() - ageMs) / 1_000;
  fs.utimesSync(lockFile, at, at);
}

const minute = 60_000;

describe('between processes', () => {
  test('a second process gets BUSY naming the holder, and the lock once it is free', async () => {
    const { child, lines } = other(
      `const lock = take(); say('held'); process.stdin.once('data', () => { lock.release(); say('released'); process.exit(); });`,
    );
    expect((await lines.next()).value).toBe('held');
    try {
      take();
      expect.unreachable();
    } catch (error) {
      if (!isLarderError(error, 'BUSY')) throw error;
      expect(error.message).toContain(`process ${child.pid} on ${hostname()}, making a backup since`);
      expect(error.details).toMatchObject({ pid: child.pid, host: hostname() });
      expect(error.retryable).toBe(true);
    }
    child.stdin?.write('\n');
    expect((await lines.next()).value).toBe('released');
    take().release();
    expect(fs.existsSync(lockFile)).toBe(false);
  });

  test('the lock of a killed process is taken over', async () => {
    const { child, lines } = other(`take(); say('held'); setInterval(() => {}, 1000);`);
    expect((await lines.next()).value).toBe('held');
    await ended(child);
    expect(fs.existsSync(lockFile)).toBe(true);
    const lock = take();
    lock.assertHeld();
    lock.release();
  });

  test('of many takers of a stale lock at once exactly one wins', async () => {
    leave({ pid: 2 ** 22 + 1 });
    const takers = Array.from({ length: 6 }, () =>
      other(`
        say('ready');
        process.stdin.once('data', () => {
          let lock;
          try { lock = take(); say('won'); } catch (error) { say(error.code); process.exit(); }
          process.stdin.once('data', () => { lock.assertHeld(); lock.release(); say('done'); process.exit(); });
        });
      `),
    );
    for (const { lines } of takers) expect((await lines.next()).value).toBe('ready');
    for (const { child } of takers) child.stdin?.write('go\n');
    const outcomes = await Promise.all(takers.map(async ({ lines }) => (await lines.next()).value as string));
    expect(outcomes.toSorted()).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY', 'BUSY', 'won']);
    const winner = takers[outcomes.indexOf('won')];
    winner?.child.stdin?.write('end\n');
    expect((await winner?.lines.next())?.value).toBe('done');
    expect(fs.readdirSync(join(destination, '.larder'))).toEqual([]);
  });
});

describe('in one process', () => {
  test('it is held once, and free after any number of releases', () => {
    const lock = take();
    expect(() => take()).toThrow(/in use/);
    lock.release();
    lock.release();
    take().release();
  });

  test('nothing but the lock is left while it is held', () => {
    const lock = take();
    expect(fs.readdirSync(join(destination, '.larder'))).toEqual(['lock']);
    expect(fs.statSync(lockFile).mode & 0o777).toBe(0o600);
    expect(fs.statSync(join(destination, '.larder')).mode & 0o777).toBe(0o700);
    lock.release();
    expect(fs.readdirSync(join(destination, '.larder'))).toEqual([]);
  });

  test('a holder whose lock was taken over notices, and its release leaves the new lock alone', () => {
    const lock = take();
    leave({ pid: 1 });
    expect(() => lock.assertHeld()).toThrow(/taken over/);
    lock.release();
    expect(decodeHolder(fs.readFileSync(lockFile))?.pid).toBe(1);
  });

  test('a heartbeat keeps it fresh, in place', () => {
    vi.useFakeTimers();
    try {
      const lock = take();
      const before = decodeHolder(fs.readFileSync(lockFile));
      vi.setSystemTime(Date.now() + heartbeatEveryMs);
      vi.advanceTimersByTime(heartbeatEveryMs);
      const after = decodeHolder(fs.readFileSync(lockFile));
      expect(after?.token).toBe(before?.token);
      expect(after?.heartbeatMs).toBeGreaterThan(before?.heartbeatMs ?? Infinity);
      lock.release();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('stale locks', () => {
  test('of a pid that is gone', () => {
    leave({ pid: 2 ** 22 + 1 });
    take().release();
  });

  test('of a pid that belongs to another process by now', () => {
    leave({ startTicks: '1' });
    take().release();
  });

  test('of another boot, once it is silent', () => {
    leave({ bootId: 'another' });
    expect(() => take()).toThrow(/in use/);
    leave({ bootId: 'another' }, minute);
    take().release();
  });

  test('of another machine only after minutes of silence', () => {
    leave({ host: 'elsewhere' }, 4 * minute);
    expect(() => take()).toThrow(/process \d+ on elsewhere/);
    leave({ host: 'elsewhere' }, 6 * minute);
    take().release();
  });

  test("of another container of this machine likewise: its pids are not this one's", () => {
    leave({ namespace: 'pid:[1]', pid: 2 ** 22 + 1 }, 4 * minute);
    expect(() => take()).toThrow(/in use/);
    leave({ namespace: 'pid:[1]', pid: 2 ** 22 + 1 }, 6 * minute);
    take().release();
  });

  test('of a process that is there but silent while the machine was awake', () => {
    leave({ heartbeatMonotonicMs: thisMachine.monotonicMs() - minute });
    expect(() => take()).toThrow(/in use/);
    leave({ heartbeatMonotonicMs: thisMachine.monotonicMs() - 3 * minute });
    take().release();
  });

  test('a sleep of the machine or a clock set forward a year makes no lock stale', () => {
    leave({ heartbeatMs: 0, startedAtMs: 0 }, 365 * 24 * 60 * minute);
    expect(() => take()).toThrow(/in use/);
  });

  test('a file that is no lock is held while it is fresh', () => {
    leave({});
    fs.writeFileSync(lockFile, '');
    expect(() => take()).toThrow(/in use/);
    fs.utimesSync(lockFile, 0, 0);
    take().release();
  });
});

describe('takers that died', () => {
  test('a claim left by one that died is overtaken', () => {
    leave({ pid: 2 ** 22 + 1, token: 'a'.repeat(32) });
    const claim = (token: string, holder: Partial<Holder>): void =>
      fs.writeFileSync(
        join(destination, `.larder/lock.taken-${token.repeat(32)}`),
        encodeHolder({ ...newHolder(thisMachine, 'x'), pid: 2 ** 22 + 1, ...holder }),
      );
    claim('a', { token: 'b'.repeat(32) });
    claim('b', { token: 'c'.repeat(32) });
    take().release();
    expect(fs.readdirSync(join(destination, '.larder'))).toEqual([]);
  });

  test('a claim of one that lives is respected, however old', () => {
    leave({ pid: 2 ** 22 + 1, token: 'a'.repeat(32) });
    const claim = join(destination, `.larder/lock.taken-${'a'.repeat(32)}`);
    fs.writeFileSync(claim, encodeHolder({ ...newHolder(thisMachine, 'x'), heartbeatMonotonicMs: -1e9 }));
    expect(() => take()).toThrow(/in use/);
    expect(fs.existsSync(claim)).toBe(true);
  });

  test('a taker that comes late finds the lock taken over and leaves it', () => {
    leave({ pid: 2 ** 22 + 1, token: 'a'.repeat(32) });
    // Between this taker's look at the lock and its claim another has taken over and cleaned up.
    const late: FileSystem = {
      ...nodeFs,
      link(existing, path) {
        if (path.includes('lock.taken-') && !done) {
          done = true;
          winner = take();
        }
        nodeFs.link(existing, path);
      },
    };
    let done = false;
    let winner: ReturnType<typeof take> | undefined;
    expect(() => take(thisMachine, late)).toThrow(/in use/);
    winner?.assertHeld();
    winner?.release();
    expect(fs.readdirSync(join(destination, '.larder'))).toEqual([]);
  });

  test('remnants go with the next holder, a claim on its own lock stays', () => {
    const lock = take();
    const own = decodeHolder(fs.readFileSync(lockFile))?.token ?? '';
    for (const name of ['lock.new-x', 'lock.taken-y', `lock.taken-${own}`]) {
      fs.writeFileSync(join(destination, '.larder', name), '');
    }
    clearLockRemnants(nodeFs, destination);
    expect(fs.readdirSync(join(destination, '.larder')).sort()).toEqual(['lock', `lock.taken-${own}`]);
    lock.release();
  });
});

describe('file systems', () => {
  const fault = (code: string): Error => Object.assign(new Error(code), { code });

  test('without hard links it works too', () => {
    const plain: FileSystem = {
      ...nodeFs,
      link() {
        throw fault('EPERM');
      },
    };
    const lock = take(thisMachine, plain);
    expect(() => take(thisMachine, plain)).toThrow(/in use/);
    lock.release();
    leave({ pid: 2 ** 22 + 1 });
    take(thisMachine, plain).release();
  });

  test.each([
    ['EROFS', 'PERMISSION'],
    ['EACCES', 'PERMISSION'],
    ['ENOSPC', 'NO_SPACE'],
  ])('%s is told as %s', (errno, code) => {
    const refusing: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (flags === 'w') throw fault(errno);
        return nodeFs.open(path, flags, mode);
      },
    };
    expect(() => take(thisMachine, refusing)).toThrow(expect.objectContaining({ code }));
  });
});

test('without a boot id (not Linux) a living pid is believed for minutes only', () => {
  const machine: Machine = {
    ...thisMachine,
    identity: () => ({ host: 'mac', pid: 1, bootId: '', startTicks: '', namespace: '' }),
    isRunning: () => true,
  };
  const holder = newHolder(machine, 'x');
  expect(isStale(holder, 4 * minute, machine)).toBe(false);
  expect(isStale(holder, 6 * minute, machine)).toBe(true);
  expect(isStale(holder, 0, { ...machine, isRunning: () => false })).toBe(true);
});
