import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endChildren, runChild, start } from '../testing/child.ts';
import type { ChildResult } from '../testing/child.ts';

/* The commands from source as real processes, in the order a person would use them. Each test builds on the one before. */

// Whole processes, several a test.
vi.setConfig({ testTimeout: 120_000 });

let dir: string;
let data: string;
const larder = (...args: string[]): Promise<ChildResult> => runChild(args, { home: join(dir, 'home'), cwd: dir });
async function json<T>(...args: string[]): Promise<T & { code: number | undefined }> {
  const { code, out, err } = await larder(...args, '--json');
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as T) };
}

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'larder-cli-')));
  data = join(dir, 'data');
});
afterAll(() => {
  endChildren();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

describe('larder setup', () => {
  it('shows what it would do, with the texts, and does nothing', async () => {
    const { code, out } = await larder('setup', 'data', '--layout', 'aura', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain(`make folder  ${data}/conversational_ai/vector_store  755\n`);
    expect(out).toContain('  VECTOR_STORE_PATH=/app/vector_store\n');
    expect(out).toContain('"./data/postgres:/var/lib/postgresql/data"');
    expect(existsSync(data)).toBe(false);
  });

  it('lays the folder out and registers it, without a question where nothing was', async () => {
    const done = await json<{ status: string; done: number; store: string }>(
      'setup',
      'data',
      '--layout',
      'aura',
      '--add',
      'mine',
    );
    expect(done).toMatchObject({ code: 0, status: 'done', store: expect.any(String) as string });
    expect((await larder('stores')).out).toContain('mine');
    const again = await larder('setup', 'data');
    expect([again.code, again.out]).toEqual([0, `${data} as Aura\nNothing to do.\n`]);
  });

  it('says what a mistake is', async () => {
    expect((await larder('setup', 'data', '--layout', 'nothing')).code).toBe(4);
    expect((await larder('setup', 'data', '--layout', 'ted')).code).toBe(2);
    expect((await larder('setup', 'data', '--part', 'nothing')).code).toBe(2);
    expect((await larder('setup', 'data', '--owner', 'me')).code).toBe(2);
    const other = await larder('setup', 'other', '--undo', '--yes');
    expect([other.code, other.err]).toEqual([4, 'error: No setup of other can be undone.\n']);
  });
});

describe('larder test', () => {
  it('is green, names what is the matter and exits with 8 when something is', async () => {
    const good = await json<{ ok: boolean; layout: string; checks: { id: string; status: string }[] }>('test', 'mine');
    expect(good).toMatchObject({ code: 0, ok: true, layout: 'aura' });
    rmSync(join(data, 'nginx'), { recursive: true });
    const bad = await larder('test', 'data');
    expect(bad.code).toBe(8);
    expect(bad.out).toContain('FAILED       nginx/logs: Is there. nginx/logs is not there.\n');
    expect(bad.out).toMatch(/\n1 failed/);
    expect((await larder('test', 'nowhere')).code).toBe(4);
    const all = await json<{ ok: boolean }>('test');
    expect(all).toMatchObject({ code: 8, ok: false });
  });

  it('tests any folder', async () => {
    mkdirSync(join(dir, 'plain'), { mode: 0o755 });
    expect((await larder('test', 'plain')).code).toBe(0);
    expect(readdirSync(join(dir, 'plain'))).toEqual([]);
  });
});

describe('moving data in', () => {
  const old = (): string => join(dir, 'saved_models');

  it('is refused without a terminal and without --yes', async () => {
    mkdirSync(old());
    writeFileSync(join(old(), 'weights.bin'), 'weights');
    const { code, err } = await larder('setup', 'data', '--move');
    expect(code).toBe(2);
    expect(err).toContain('--yes');
    expect(existsSync(join(old(), 'weights.bin'))).toBe(true);
  });

  it('leaves the old place whole when it is killed, and nothing behind at the next start', async () => {
    // A hole: nothing to write, and long enough to read.
    writeFileSync(join(old(), 'large.bin'), '');
    truncateSync(join(old(), 'large.bin'), 700_000_000);
    const args = ['setup', 'data', '--move', '--yes', '--json-lines'];
    const running = start(args, { home: join(dir, 'home'), cwd: dir });
    running.child.stdin?.end();
    await running.errUntil((err) => /"phase":"Copying".*large\.bin/.test(err));
    running.child.kill('SIGKILL');
    await running.ended;
    expect(readdirSync(old()).sort()).toEqual(['large.bin', 'weights.bin']);
    const planned = await json<{ moves: { from: string; files: number }[] }>('setup', 'data', '--move', '--dry-run');
    expect(planned.moves).toMatchObject([{ from: old(), files: 2 }]);
    expect(readdirSync(data)).not.toContain('.larder-undo');
    expect(readdirSync(join(data, 'conversational_ai', 'models'))).toEqual([]);
    expect(readdirSync(join(dir, 'home', 'setup-moves'))).toEqual([]);
    rmSync(join(old(), 'large.bin'));
  });

  it('moves and moves back', async () => {
    const moved = await larder('setup', 'data', '--move', '--leave', 'link', '--yes');
    expect(moved.code).toBe(0);
    expect(moved.out).toMatch(/saved_models is kept as .*saved_models\.moved-\d{8}\./);
    expect(readdirSync(join(data, 'conversational_ai', 'models'))).toEqual(['weights.bin']);
    expect((await larder('setup', 'data', '--undo', '--yes')).code).toBe(0);
    expect(readdirSync(join(data, 'conversational_ai', 'models'))).toEqual([]);
    expect(readdirSync(old())).toEqual(['weights.bin']);
  });
});

describe('larder discover', () => {
  it('finds and adds what is in the home directory', async () => {
    const home = join(dir, 'person');
    const hub = join(home, '.cache/huggingface/hub');
    mkdirSync(join(hub, 'models--org--name', 'snapshots'), { recursive: true });
    writeFileSync(join(hub, 'models--org--name', 'config.json'), 'x'.repeat(5_000));
    vi.stubEnv('HOME', home);
    vi.stubEnv('USERPROFILE', home);
    for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME', 'XDG_CACHE_HOME']) vi.stubEnv(name, '');
    const { out } = await larder('discover');
    expect(out).toContain(hub);
    expect(out).toContain('The usual place of Hugging Face hub');
    expect((await larder('discover', '--add', 'nothing')).code).toBe(4);
    const added = await larder('stores', 'discover', '--add', 'huggingface-hub');
    expect([added.code, added.out]).toEqual([0, `Added the store hub: ${hub}\n`]);
    expect((await larder('discover')).out).toContain('A store already');
  });
});
