import { spawn } from 'node:child_process';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireLock } from '../engine/backup/lock.ts';
import { thisMachine } from '../engine/backup/lock-file.ts';
import { nodeFs } from '../engine/fs/index.ts';
import { endChildren, runChild, start } from './testing/child.ts';
import type { ChildResult } from './testing/child.ts';
import { describeTree } from './testing/tree.ts';

/*
 * The command from source as real processes, in the order a person would use it. Each test builds on the one before: one
 * home, one store.
 */

let dir: string;
let data: string;
const larder = (...args: string[]): Promise<ChildResult> => runChild(args, { home: join(dir, 'home'), cwd: dir });
async function json<T>(...args: string[]): Promise<T> {
  const { out, err } = await larder(...args, '--json');
  if (out === '') throw new Error(err);
  return JSON.parse(out) as T;
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'larder-cli-'));
  data = join(dir, 'persistent_data');
  mkdirSync(join(data, 'models', 'deep', 'er'), { recursive: true });
  mkdirSync(join(data, 'empty'));
  mkdirSync(join(data, 'with space'));
  const big = Buffer.alloc(3_000_000, 'some weights ');
  writeFileSync(join(data, 'models', 'weights.bin'), big);
  writeFileSync(join(data, 'models', 'deep', 'er', 'none'), '');
  writeFileSync(join(data, 'with space', 'line\nbreak é 日本'), 'x');
  writeFileSync(Buffer.concat([Buffer.from(`${data}/raw-`), Buffer.from([0xff, 0x80])]), 'bytes');
  writeFileSync(join(data, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(data, 'run.sh'), 0o750);
  symlinkSync('../nowhere', join(data, 'dangling'));
  symlinkSync('models/weights.bin', join(data, 'link'));
  lutimesSync(join(data, 'link'), 1_000, 1_000);
  utimesSync(join(data, 'run.sh'), 1_600_000_000.123456, 1_600_000_000.123456);
  utimesSync(join(data, 'empty'), 1_500_000_000, 1_500_000_000);
});
afterAll(() => {
  endChildren();
  rmSync(dir, { recursive: true, force: true });
});

/** Dozens of processes are started here, beside everything else that is tested at the same time. */
const patience = { timeout: 180_000 };

describe('from a folder to a restored tree', patience, () => {
  it('adds a store', async () => {
    const store = await json<{ name: string; path: string }>('stores', 'add', 'persistent_data', '--dest', 'backups');
    expect(store).toMatchObject({ name: 'persistent_data', path: data, destination: join(dir, 'backups') });
    const { stores } = await json<{ stores: unknown[] }>('stores', 'list');
    expect(stores).toHaveLength(1);
  });

  it('counts it', async () => {
    const usage = await json<{ bytes: number; files: number; areas: { path: string }[] }>('usage', 'persistent_data');
    expect(usage).toMatchObject({ path: data, files: 5, bytes: expect.any(Number) as number });
    expect(usage.areas.map(({ path }) => path).sort()).toEqual(['empty', 'models', 'with space']);
  });

  it('backs it up, lists and verifies the backup', async () => {
    const made = await larder('backup', 'persistent_data', '--note', 'first');
    expect(made).toMatchObject({ code: 0, err: '' });
    const { backups } = await json<{ backups: { id: string; note: string; status: string }[] }>('backups');
    expect(backups).toMatchObject([{ note: 'first', status: 'done', storeName: 'persistent_data', files: 5 }]);
    const id = backups[0]!.id;
    expect(await json('verify', id.slice(0, 6), '--deep')).toMatchObject({ ok: true, checkedFiles: 5 });
  });

  it('looks inside', async () => {
    const { entries } = await json<{ entries: { path: string }[] }>('ls', 'latest', 'models', '-r');
    expect(entries.map(({ path }) => path)).toContain('models/deep/er/none');
  });

  it('restores elsewhere to an equal tree, without a question', async () => {
    const ran = await larder('restore', 'latest', '--to', 'out');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(describeTree(join(dir, 'out'))).toEqual(describeTree(data));
  });

  it('restores in place only with --yes, and undoes it', async () => {
    writeFileSync(join(data, 'run.sh'), 'changed');
    const refused = await larder('restore', 'latest', '--path', 'run.sh');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--yes');
    const dry = await json('restore', 'latest', '--path', 'run.sh', '--dry-run');
    expect(dry).toMatchObject({ dryRun: true, overwritten: 1, inPlace: true });
    expect(readFileSync(join(data, 'run.sh'), 'utf8')).toBe('changed');
    const restored = await json('restore', 'latest', '--path', 'run.sh', '--yes');
    expect(restored).toMatchObject({ overwritten: 1, created: 0, deleted: 0, skipped: [], status: 'done' });
    expect(readFileSync(join(data, 'run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await json('undo', 'latest', '--yes')).toMatchObject({ putBack: 1, status: 'done' });
    expect(readFileSync(join(data, 'run.sh'), 'utf8')).toBe('changed');
  });

  it('does not undo the restore before that when asked again', async () => {
    const again = await larder('undo', 'latest', '--yes');
    expect(again.code).toBe(4);
    expect(again.err).toContain('is already undone.\nThe next one that can be undone is ');
    expect(describeTree(join(dir, 'out'))).not.toEqual([]);
  });

  it('keeps a log of all that', async () => {
    const { jobs } = await json<{ jobs: { kind: string; status: string }[] }>('jobs');
    expect(new Set(jobs.map(({ kind }) => kind))).toEqual(new Set(['backup', 'count', 'verify', 'restore', 'undo']));
    expect(jobs.every(({ status }) => status === 'done')).toBe(true);
  });

  it('finds the backups again from their folder alone', async () => {
    const elsewhere = { home: join(dir, 'other-home'), cwd: dir };
    const { out } = await runChild(['backups', '--dest', 'backups', '--json'], elsewhere);
    const { backups } = JSON.parse(out) as { backups: { archive: string }[] };
    expect(backups).toHaveLength(1);
    expect((await runChild(['verify', backups[0]!.archive], elsewhere)).code).toBe(0);
  });

  it('checks its own installation', async () => {
    expect(await json('doctor')).toMatchObject({ ok: true });
  });
});

describe('exit codes', patience, () => {
  it.each([
    [4, ['stores', 'add', 'missing']],
    [2, ['stores', 'add', 'persistent_data/models']],
    [4, ['backup', 'missing']],
    [4, ['verify', 'missing']],
    [2, ['bakup']],
  ])('%i for larder %j', async (code, args) => {
    const ran = await larder(...args);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(/^error: /);
    expect(ran.err).not.toMatch(/^ {4}at /m);
  });

  it('5 while another Larder holds the destination', async () => {
    const lock = acquireLock(nodeFs, join(dir, 'backups'), 'test', thisMachine);
    const ran = await larder('backup', 'persistent_data', '--json');
    lock.release();
    expect(ran.code).toBe(5);
    expect(JSON.parse(ran.out)).toMatchObject({ error: { code: 'BUSY' } });
  });

  it('6 for a damaged backup, and 3 for a restore that could give back only what is whole', async () => {
    const { archive } = await json<{ archive: string }>('backup', 'persistent_data', '--format', 'tar', '--full');
    const fd = openSync(archive, 'r+');
    writeSync(fd, Buffer.from([0x55]), 0, 1, 100_000);
    closeSync(fd);
    const ran = await larder('verify', 'latest', '--json');
    expect(ran.code).toBe(6);
    const { ok, problems } = JSON.parse(ran.out) as { ok: boolean; problems: { path?: string }[] };
    expect(ok).toBe(false);
    expect(problems.map(({ path }) => path)).toContain('models/weights.bin');
    const restored = await larder('restore', 'latest', '--to', 'damaged-out');
    expect(restored.code).toBe(3);
    expect(restored.out).toContain('  models/weights.bin: ');
  });

  it('0 with a note when the settings database was damaged and set aside', async () => {
    const home = join(dir, 'damaged-home');
    mkdirSync(home);
    writeFileSync(join(home, 'larder.db'), 'this is no database '.repeat(500));
    const ran = await runChild(['stores', 'list', '--json'], { home, cwd: dir });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toEqual({ stores: [] });
    expect(ran.err).toMatch(/^note: .*database was damaged.*\nAdd your stores again/);
  });

  it('1 when the home cannot be used, and nothing is lost', async () => {
    writeFileSync(join(dir, 'a-file'), 'kept');
    const ran = await larder('stores', 'list', '--home', 'a-file');
    expect(ran.code).not.toBe(0);
    expect(ran.err).toContain('LARDER_HOME');
    expect(readFileSync(join(dir, 'a-file'), 'utf8')).toBe('kept');
  });
});

describe('signals and pipes', patience, () => {
  it('cancels a running job on SIGINT with exit code 130, and leaves nothing behind', async () => {
    const large = join(dir, 'large');
    mkdirSync(large);
    const block = Buffer.alloc(1_000_000);
    for (let index = 0; index < 60; index++) writeFileSync(join(large, `f${index}`), block.fill(index));
    await larder('stores', 'add', 'large', '--dest', 'large-backups');
    const running = start(['backup', 'large', '--json-lines'], { home: join(dir, 'home'), cwd: dir });
    await running.errUntil((err) => err.includes('"progress"'));
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'CANCELLED' } });
    expect(await json('backups', 'large')).toEqual({ backups: [], problems: [], held: [] });
  });

  it.skipIf(process.platform !== 'linux')('says in one line that its output could not be written', async () => {
    const entry = fileURLToPath(new URL('./larder.ts', import.meta.url));
    const full = openSync('/dev/full', 'w');
    const env = { ...process.env, LARDER_HOME: join(dir, 'home') };
    const child = spawn(process.execPath, [entry, 'backups'], { env, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let err = '';
    child.stderr?.on('data', (chunk) => (err += String(chunk)));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, err]).toEqual([
      7,
      'error: The output could not be written: no space left on its disk.\nFree some space and try again.\n',
    ]);
  });

  it('goes on quietly when nobody reads what it prints', async () => {
    const entry = fileURLToPath(new URL('./larder.ts', import.meta.url));
    const command = `"${process.execPath}" "${entry}" ls latest -r --json | true; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', command], { env: { ...process.env, LARDER_HOME: join(dir, 'home') } });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    await new Promise((resolve) => child.on('close', resolve));
    expect([out, err]).toEqual(['0\n', '']);
  });
});

describe('larder serve', patience, () => {
  it('serves until SIGTERM, gives a fresh address on request, and says when its port is in use', async () => {
    const options = { home: join(dir, 'home'), cwd: dir };
    const running = start(['serve', '--port', '0', '--json', '--interface', dir], options);
    const first = JSON.parse(await running.outUntil((out) => out.includes('\n'))) as { url: string; signInUrl: string };
    const signIn = async (address: string): Promise<Response> =>
      fetch(`${first.url}/api/sign-in`, {
        method: 'POST',
        headers: { origin: first.url, 'content-type': 'application/json', 'x-larder-csrf': '1' },
        body: JSON.stringify({ code: new URL(address).hash.replace('#code=', '') }),
      });

    running.child.stdin?.write('\n');
    const lines = await running.outUntil((out) => out.trimEnd().split('\n').length === 2);
    const second = JSON.parse(lines.trimEnd().split('\n')[1]!) as { signInUrl: string };
    expect((await signIn(first.signInUrl)).status).toBe(401);
    const signedIn = await signIn(second.signInUrl);
    expect(signedIn.status).toBe(200);
    const called = await fetch(`${first.url}/api/call/stores.list`, {
      method: 'POST',
      headers: {
        origin: first.url,
        'content-type': 'application/json',
        'x-larder-csrf': '1',
        cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0]!,
      },
      body: JSON.stringify({ t: 'call', id: '1', name: 'stores.list', input: {} }),
    });
    expect(await called.json()).toMatchObject({ t: 'result', output: { stores: [{ name: 'large' }, {}] } });

    const taken = await runChild(['serve', '--port', new URL(first.url).port, '--interface', dir], options);
    expect(taken.code).toBe(5);
    expect(taken.err).toContain('--port');
    const remote = await runChild(['serve', '--port', '0', '--host', '0.0.0.0'], options);
    expect(remote.code).toBe(2);
    expect(remote.err).toContain('--tls-cert');

    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});
