import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Discovered, Job } from '../../shared/contract/index.ts';
import { discover as contract } from '../../shared/contract/discover.ts';
import type { StoreLayouts } from '../context.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createDiscover } from './index.ts';
import { isOthers, othersHomes, placesOf } from './places.ts';
import type { Surroundings } from './places.ts';

const call = { signal: new AbortController().signal };

let context: TestContext;
let home: string;
let env: Record<string, string>;
let discover: ReturnType<typeof createDiscover>;

function create(options: TestContextOptions = {}): void {
  context = createTestContext(options);
  home = join(fs.realpathSync(context.folder), 'me');
  fs.mkdirSync(home);
  env = {};
  const { layouts } = context;
  discover = createDiscover(
    { ...context, layouts: homeOnly(layouts) },
    {
      addStore: async (input) => context.stores.add(input),
      around: () => ({ env, home, platform: 'linux' }),
    },
  );
}
beforeEach(() => create());

/** The layouts without the places outside the home directory: what this machine has there is not the tests' matter. */
function homeOnly(layouts: StoreLayouts): StoreLayouts {
  return {
    list: () =>
      layouts.list().map((layout) => ({
        ...layout,
        places: layout.places.filter(({ env: name, path }) => name !== undefined || path?.startsWith('~') === true),
      })),
    find: (id) => layouts.find(id),
    get: (id) => layouts.get(id),
    of: (store) => layouts.of(store),
    look: (store, signal) => layouts.look(store, signal),
    onChange: (listener) => layouts.onChange(listener),
  };
}
afterEach(() => context.close());

async function look(): Promise<{ job: Job; found: Discovered[] }> {
  const { job: id } = await discover.handlers.start({}, call);
  const job = await context.job(id);
  const { found } = contract.list.output.parse(await discover.handlers.list({}, call));
  return { job, found };
}

function write(path: string, bytes: number): void {
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(path, Buffer.alloc(bytes, 1));
}

const hub = (folder: string): void => write(join(folder, 'models--org--name', 'snapshots', 'abc', 'config.json'), 100);
const ollama = (folder: string): void => {
  write(join(folder, 'blobs', `sha256-${'0'.repeat(64)}`), 3_000);
  write(join(folder, 'manifests', 'registry.ollama.ai', 'library', 'tiny', 'latest'), 10);
};

describe('discovery', () => {
  it('finds stores at their usual places, counted, and adds them', async () => {
    hub(join(home, '.cache/huggingface/hub'));
    ollama(join(home, '.ollama/models'));
    fs.linkSync(
      join(home, '.ollama/models/blobs', `sha256-${'0'.repeat(64)}`),
      join(home, '.ollama/models/blobs', `sha256-${'1'.repeat(64)}`),
    );
    fs.mkdirSync(join(home, '.cache/torch/hub'), { recursive: true });
    const { job, found } = await look();
    expect(job).toMatchObject({ kind: 'discover', status: 'done' });
    expect(found.map(({ id }) => id).sort()).toEqual(['huggingface-hub', 'ollama']);
    const one = found.find(({ id }) => id === 'ollama');
    expect(one).toMatchObject({
      path: join(home, '.ollama/models'),
      why: 'The usual place of Ollama',
      size: { bytes: 3_010, files: 3, atLeast: false },
    });
    expect(one?.score).toBeGreaterThan(0.5);
    expect(one?.size?.allocated).toBeGreaterThan(3_000);
    expect(context.events.filter(({ name }) => name === 'discover.found').length).toBeGreaterThanOrEqual(4);

    const { added, refused } = await discover.handlers.add({ ids: ['ollama', 'nothing'] }, call);
    expect(added).toEqual([expect.objectContaining({ path: join(home, '.ollama/models'), layout: 'ollama' })]);
    expect(refused).toEqual([expect.objectContaining({ id: 'nothing' })]);
    expect((await look()).found.find(({ id }) => id === 'ollama')?.store).toBe(added[0]?.id);
    // Adding it again does no harm.
    expect((await discover.handlers.add({ ids: ['ollama'] }, call)).added).toEqual([
      expect.objectContaining({ id: added[0]?.id }),
    ]);
    expect(context.stores.list()).toHaveLength(1);
  });

  it('goes by the environment first, and tells of what is left at the usual place', async () => {
    hub(join(home, 'disk/hf/hub'));
    hub(join(home, '.cache/huggingface/hub'));
    env['HF_HOME'] = join(home, 'disk/hf/');
    env['OLLAMA_MODELS'] = 'relative/is/nothing';
    const { found } = await look();
    expect(found.map(({ id, path, why }) => [id.replace(/-[0-9a-f]{4}$/, '-…'), path, why])).toEqual([
      ['huggingface-hub', join(home, 'disk/hf/hub'), 'HF_HOME names it'],
      [
        'huggingface-hub-…',
        join(home, '.cache/huggingface/hub'),
        'The usual place of Hugging Face hub; HF_HOME names another, so what is here is from before',
      ],
    ]);
  });

  it('names a place once, however many ways lead there', async () => {
    ollama(join(home, 'models'));
    fs.mkdirSync(join(home, '.ollama'));
    fs.symlinkSync(join(home, 'models'), join(home, '.ollama/models'));
    env['OLLAMA_MODELS'] = join(home, 'models');
    const { found } = await look();
    expect(found.map(({ path, why }) => [path, why])).toEqual([[join(home, 'models'), 'OLLAMA_MODELS names it']]);
  });

  it('says why a place in or around a store cannot be added', async () => {
    ollama(join(home, '.ollama/models'));
    const store = context.stores.add({ path: join(home, '.ollama'), name: 'mine' });
    const { found } = await look();
    expect(found).toMatchObject([{ store: store.id, refusal: 'It lies in the store mine.' }]);
    expect((await discover.handlers.add({ ids: ['ollama'] }, call)).refused).toHaveLength(1);
  });

  it('tells of a folder that may not be read, and of figures that are at least', async () => {
    await context.close();
    const denied = (path: string): never => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES', path });
    };
    const restricted = {
      ...nodeFs,
      readNames: (path: string) => (path.endsWith('.ollama/models') ? denied(path) : nodeFs.readNames(path)),
      readDirectory: (path: string) => (path.endsWith('/secret') ? denied(path) : nodeFs.readDirectory(path)),
    };
    create({ fs: restricted, pool: createInlinePool(restricted) });
    ollama(join(home, '.ollama/models'));
    hub(join(home, '.cache/huggingface/hub'));
    fs.mkdirSync(join(home, '.cache/huggingface/hub/models--org--name/secret'));
    const { found } = await look();
    expect(found.find(({ id }) => id === 'ollama')).toMatchObject({ refusal: 'This user may not read it.', score: 0 });
    expect(found.find(({ id }) => id === 'huggingface-hub')?.size).toMatchObject({ atLeast: true, files: 1 });
  });

  it('can be cancelled', async () => {
    ollama(join(home, '.ollama/models'));
    const { job: id } = await discover.handlers.start({}, call);
    context.jobs.cancel(id);
    expect((await context.job(id)).status).toBe('cancelled');
    expect(await discover.handlers.list({}, call)).not.toHaveProperty('job');
  });
});

describe('places', () => {
  const around: Surroundings = { env: { A: '/from/env', EMPTY: '' }, home: '/home/me', platform: 'linux' };
  const layout = (places: Parameters<typeof placesOf>[0]['places']) => ({ id: 'x', title: 'X', places });

  it('are those of this system, with the home directory put in', () => {
    const places = placesOf(
      layout([
        { env: 'EMPTY' },
        { path: '~/x', os: ['linux'] },
        { path: '~/Library/x', os: ['darwin'] },
        { path: 'relative' },
        { env: 'A', path: 'sub' },
      ]),
      around,
    );
    expect(places.map(({ path, named }) => [path, named])).toEqual([
      ['/home/me/x', false],
      ['/from/env/sub', true],
    ]);
  });

  it("are never in other people's home directories", () => {
    const passwd = [
      'root:x:0:0:root:/root:/bin/bash',
      'me:x:1000:1000::/home/me:/bin/sh',
      'you:x:1001:1001::/srv/you:/bin/sh',
      'ollama:x:997:997::/usr/share/ollama:/bin/false',
      'nobody:x:65534:65534::/nonexistent:/bin/false',
      '',
    ].join('\n');
    const others = othersHomes(passwd, '/home/me');
    expect(others).toEqual(['/root', '/srv/you']);
    expect(isOthers('/srv/you/.cache', others, around)).toBe(true);
    expect(isOthers('/home/me/.cache', others, around)).toBe(false);
    expect(isOthers('/usr/share/ollama/.ollama', others, around)).toBe(false);
    const mac: Surroundings = { env: {}, home: '/Users/me', platform: 'darwin' };
    expect(isOthers('/Users/you/x', [], mac)).toBe(true);
    expect(isOthers('/Users/Shared/x', [], mac)).toBe(false);
    expect(isOthers('/Users/me/x', [], mac)).toBe(false);
  });
});
