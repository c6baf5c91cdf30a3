import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input, Job, SetupPlan, SetupStep, Store } from '../../shared/contract/index.ts';
import { setup as contract } from '../../shared/contract/setup.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createSetup, setupMigrations } from './index.ts';
import type { Actor } from './survey-types.ts';

const call = { signal: new AbortController().signal };
const posix = process.platform !== 'win32';

let context: TestContext;
let project: string;
let root: string;
let now: number;
let actor: Actor | undefined;
let setup: ReturnType<typeof createSetup>;

function create(over: TestContext = context): ReturnType<typeof createSetup> {
  return createSetup(over, {
    addStore: async ({ path, name, layout }): Promise<Store> =>
      context.stores.add({ path, name, layout: layout ?? undefined }),
    removeStore: (id) => context.stores.remove(id),
    ...(actor === undefined ? {} : { actor: () => actor }),
  });
}

beforeEach(() => {
  now = Date.UTC(2026, 10, 20, 12);
  actor = undefined;
  context = createTestContext({ migrations: setupMigrations, clock: () => now });
  project = fs.realpathSync(context.folder);
  root = join(project, 'persistent_data');
  setup = create();
});
afterEach(() => context.close());

/** The user's own, so that nobody needs to be root. */
const me = posix ? `${process.getuid?.()}:${process.getgid?.()}` : '1:1';

async function plan(input: Partial<Input<'setup.plan'>> = {}): Promise<SetupPlan> {
  const full = contract.plan.input.parse({ path: root, layout: 'stock-prediction-3.4', owner: me, ...input });
  return contract.plan.output.parse(await setup.handlers.plan(full, call));
}

async function apply({ plan: id }: SetupPlan, register: boolean | string = false): Promise<Job> {
  const { job } = await setup.handlers.apply({ plan: id, register }, call);
  return context.job(job);
}

async function setUp(input: Partial<Input<'setup.plan'>> = {}, register: boolean | string = false): Promise<Job> {
  return apply(await plan(input), register);
}

async function undo(job: Job): Promise<Job> {
  const { job: id } = await setup.handlers.undo({ setup: String(job.result?.['setup']) }, call);
  return context.job(id);
}

function tree(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => `${path} ${fs.lstatSync(join(folder, path)).mode.toString(8)}`);
}

function step(steps: readonly SetupStep[], path: string, kind?: SetupStep['kind']): SetupStep | undefined {
  return steps.find((each) => each.path === join(project, path) && (kind === undefined || each.kind === kind));
}

function write(path: string, text: string): void {
  fs.mkdirSync(join(project, path, '..'), { recursive: true });
  fs.writeFileSync(join(project, path), text);
}

const read = (path: string): string => fs.readFileSync(join(project, path), 'utf8');

describe('setup', () => {
  it('makes what the layout wants, once, and leaves no trace when it is undone', async () => {
    const before = tree(project);
    const first = await plan();
    expect(first.changes).toBe(0);
    expect(tree(project)).toEqual(before);
    const job = await apply(first);
    expect(job).toMatchObject({ kind: 'setup', status: 'done', result: { path: root, done: first.todo, moved: [] } });
    const made = fs.readdirSync(root).sort();
    expect(made).toEqual(
      'README.md backups config frontend grafana larder.schema.json larder.yaml logs ml_cache ml_models prometheus redis scalers stock_data'.split(
        ' ',
      ),
    );
    if (posix) {
      expect(fs.statSync(join(root, 'ml_models')).mode & 0o7777).toBe(0o755);
      expect(fs.statSync(join(root, 'larder.yaml')).mode & 0o7777).toBe(0o644);
    }
    expect(read('persistent_data/config/persistent.env')).toContain('ML_MODEL_PATH=/app/persistent_data/ml_models\n');
    expect(read('compose.larder.yaml')).toContain('"./persistent_data/redis:/data"');
    expect(read('.gitignore')).toContain('/persistent_data/ml_models/\n');
    expect(read('persistent_data/larder.yaml')).toContain(`layout: stock-prediction-3.4\nowner: ${me}\n`);

    const again = await plan({ layout: undefined });
    expect(again.steps.filter(({ state }) => state !== 'already')).toEqual([]);
    expect(again).toMatchObject({ todo: 0, cannot: 0, layout: { id: 'stock-prediction-3.4' } });

    expect(await undo(job)).toMatchObject({ kind: 'undo', status: 'done' });
    expect(tree(project)).toEqual(before);
    expect(setup.handlers.list({}, call)).toMatchObject({ setups: [{ status: 'undone' }] });
    expect(() => setup.handlers.undo({ setup: String(job.result?.['setup']) }, call)).toThrow(/undone already/);
  });

  it('leaves every file that is there as it is, and adds only what is missing', async () => {
    write('persistent_data/README.md', 'mine');
    write('persistent_data/larder.yaml', 'version: 1\nlayout: stock-prediction-3.4 # ours\n');
    write(
      'persistent_data/config/persistent.env',
      'LOG_PATH=/somewhere\r\nML_MODEL_PATH=/app/persistent_data/ml_models',
    );
    write('compose.larder.yaml', 'services: {}\n');
    write('.gitignore', 'persistent_data/logs\n');
    const planned = await plan();
    expect(step(planned.steps, 'persistent_data/README.md')).toMatchObject({ state: 'already' });
    expect(step(planned.steps, 'compose.larder.yaml')).toMatchObject({ state: 'already' });
    expect(planned.notes).toEqual([expect.stringContaining('LOG_PATH')]);
    expect(planned.changes).toBeGreaterThanOrEqual(2);
    const job = await apply(planned);
    expect(job.status).toBe('done');
    expect(read('persistent_data/README.md')).toBe('mine');
    expect(read('persistent_data/larder.yaml')).toBe('version: 1\nlayout: stock-prediction-3.4 # ours\n');
    expect(read('compose.larder.yaml')).toBe('services: {}\n');
    const environment = read('persistent_data/config/persistent.env');
    expect(environment.startsWith('LOG_PATH=/somewhere\r\nML_MODEL_PATH=/app/persistent_data/ml_models\r\n')).toBe(
      true,
    );
    expect(environment.match(/LOG_PATH=/g)).toHaveLength(1);
    expect(environment).toContain('\r\nBACKUP_PATH=/app/persistent_data/backups\r\n');
    expect(read('.gitignore')).not.toContain('/persistent_data/logs/');
    expect(read('.gitignore')).toContain('persistent_data/logs\n');
    expect((await plan()).todo).toBe(0);

    // What somebody adds below stays when the lines are taken back.
    fs.appendFileSync(join(project, '.gitignore'), '*.tmp\n');
    fs.writeFileSync(join(root, 'ml_models', 'model.bin'), 'x');
    const undone = await undo(job);
    expect(undone.status).toBe('partial');
    expect(read('.gitignore')).toBe('persistent_data/logs\n*.tmp\n');
    expect(fs.readdirSync(root).sort()).toEqual(['README.md', 'config', 'larder.yaml', 'ml_models']);
  });

  it('finds the .gitignore of the project at the top of its work tree', async () => {
    fs.mkdirSync(join(project, '.git'));
    root = join(project, 'deploy', 'data');
    await setUp({ layout: 'aura' });
    expect(read('.gitignore')).toContain('/deploy/data/conversational_ai/models/\n');
    expect(fs.existsSync(join(project, 'deploy', '.gitignore'))).toBe(false);
    expect(fs.existsSync(join(root, 'persistent.env'))).toBe(true);
  });

  it('does only the parts asked for', async () => {
    await setUp({ parts: ['larder.yaml'] });
    expect(fs.readdirSync(project)).toEqual(['persistent_data']);
    expect(fs.readdirSync(root).sort()).toEqual(['larder.schema.json', 'larder.yaml']);
  });

  it.runIf(posix)('sets the permission of folders that are there, and puts it back', async () => {
    fs.mkdirSync(join(root, 'logs'), { recursive: true });
    fs.mkdirSync(join(root, 'redis'));
    fs.writeFileSync(join(root, 'logs', 'a.log'), '');
    for (const name of ['logs', 'redis']) fs.chmodSync(join(root, name), 0o700);
    const planned = await plan();
    expect(step(planned.steps, 'persistent_data/logs', 'set-mode')).toMatchObject({
      state: 'todo',
      detail: '755 instead of 700',
    });
    // What the service does with its own folder is its own business.
    expect(step(planned.steps, 'persistent_data/redis', 'set-mode')).toBeUndefined();
    const job = await apply(planned);
    expect(fs.statSync(join(root, 'logs')).mode & 0o777).toBe(0o755);
    await undo(job);
    expect(fs.statSync(join(root, 'logs')).mode & 0o777).toBe(0o700);
  });

  it('lists what this user cannot do, with the command for who can', async () => {
    actor = { uid: 4242, gid: 4242, groups: [4242] };
    setup = create();
    fs.mkdirSync(root);
    if (posix) fs.chmodSync(root, 0o755);
    const planned = await plan({ owner: '1001:1001' });
    const folder = step(planned.steps, 'persistent_data/ml_models', 'make-directory');
    expect(folder).toMatchObject({ state: 'cannot', reason: expect.stringContaining('may not write') as string });
    expect(step(planned.steps, 'persistent_data', 'set-owner')).toMatchObject({
      state: 'cannot',
      command: `sudo chown 1001:1001 -- ${root}`,
    });
    expect(planned.todo).toBe(0);
    expect(planned.commands).toContainEqual(expect.stringMatching(/^sudo mkdir -m 755 -- .*ml_models/));
  });

  it.runIf(posix)('follows no link out of the folder', async () => {
    const elsewhere = join(project, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.mkdirSync(join(root, 'own'), { recursive: true });
    fs.symlinkSync(elsewhere, join(root, 'logs'));
    fs.symlinkSync(elsewhere, join(root, 'config'));
    fs.writeFileSync(join(elsewhere, 'persistent.env'), 'A=1\n');
    fs.symlinkSync('own', join(root, 'scalers'));
    fs.symlinkSync('nowhere', join(root, 'frontend'));
    fs.writeFileSync(join(root, 'redis'), 'a file');
    const planned = await plan();
    for (const path of ['logs', 'logs/prometheus', 'config', 'config/persistent.env', 'frontend', 'redis']) {
      expect(step(planned.steps, `persistent_data/${path}`)).toMatchObject({ state: 'cannot' });
    }
    expect(step(planned.steps, 'persistent_data/scalers')).toMatchObject({ state: 'already' });
    await apply(planned);
    expect(fs.readdirSync(elsewhere)).toEqual(['persistent.env']);
    expect(read('elsewhere/persistent.env')).toBe('A=1\n');
    expect(fs.readdirSync(join(root, 'own'))).toEqual([]);
  });

  it.runIf(posix)('refuses when the ground moved, and does nothing', async () => {
    const elsewhere = join(project, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.mkdirSync(root);
    const planned = await plan();
    fs.symlinkSync(elsewhere, join(root, 'config'));
    const job = await apply(planned);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'CHANGED_ON_DISK' } });
    expect(job.error?.message).toContain('config');
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(fs.readdirSync(root)).toEqual(['config']);
    await expect(apply(planned)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does what can be done where the system refuses more than permissions tell', async () => {
    const refusing = (name: string): void => {
      const makeDirectory: FileSystem['makeDirectory'] = (path, options) => {
        if (path.endsWith(`/${name}`)) throw Object.assign(new Error('EACCES'), { code: 'EACCES', path });
        nodeFs.makeDirectory(path, options);
      };
      setup = create({ ...context, pool: createInlinePool({ ...nodeFs, makeDirectory }) });
    };
    refusing('persistent_data');
    expect(await setUp()).toMatchObject({ status: 'failed', error: { code: 'PERMISSION' } });
    expect(fs.readdirSync(project)).toEqual([]);
    refusing('logs');
    const job = await setUp();
    expect(job.status).toBe('partial');
    expect(context.jobs.get(job.id).warnings).toEqual([
      { path: join(root, 'logs'), reason: `${join(root, 'logs')} may not be accessed by this user.` },
      { path: join(root, 'logs', 'grafana'), reason: `${join(root, 'logs')} could not be made.` },
      { path: join(root, 'logs', 'prometheus'), reason: `${join(root, 'logs')} could not be made.` },
    ]);
    expect(fs.existsSync(join(root, 'ml_models'))).toBe(true);
  });

  it('registers the store with its layout when asked, and forgets it when undoing takes the folder away', async () => {
    const job = await setUp({}, 'project');
    const [store] = context.stores.list();
    expect(store).toMatchObject({ name: 'project', path: root, layout: 'stock-prediction-3.4' });
    expect(job.result).toMatchObject({ store: store?.id });
    expect(await plan()).toMatchObject({ store: store?.id, todo: 0 });
    await undo(job);
    expect(context.stores.list()).toEqual([]);
  });

  it('says what is the matter with a request that makes no sense', async () => {
    await expect(plan({ layout: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(plan({ layout: undefined })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(plan({ path: 'relative' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    write('file', '');
    await expect(plan({ path: join(project, 'file', 'below') })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    write('persistent_data/larder.yaml', 'version: 1\nlayout: aura\n');
    await expect(plan()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('aura') as string,
    });
    context.stores.add({ path: root });
    await expect(plan({ path: join(root, 'inner') })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('has nothing to make for a database, and says what there is', async () => {
    const planned = await plan({ layout: 'ted', path: join(project, 'ted') });
    expect(planned).toMatchObject({ steps: [], todo: 0, services: [{ kind: 'mongodb', database: 'rugs_tracker' }] });
    expect(planned.notes).toEqual(['Ted keeps its data in a database server, so there is no folder to make.']);
    expect(await apply(planned)).toMatchObject({ status: 'done' });
    expect(fs.readdirSync(project)).toEqual([]);
  });

  it('makes only folders for programs that have a layout of their own, unless told otherwise', async () => {
    root = join(project, 'models');
    await setUp({ layout: 'ollama' });
    expect(fs.readdirSync(project)).toEqual(['models']);
    expect(fs.readdirSync(root).sort()).toEqual(['blobs', 'manifests']);
  });

  it('goes by a larder.yaml that stands alone', async () => {
    write(
      'persistent_data/larder.yaml',
      'version: 1\nareas:\n  weights: { role: model, required: true, directoryMode: 750 }\n',
    );
    const planned = await plan({ layout: undefined, owner: undefined });
    expect(planned.layout).toEqual({ id: 'own', title: 'larder.yaml' });
    await apply(planned);
    expect(fs.statSync(join(root, 'weights')).isDirectory()).toBe(true);
    if (posix) expect(fs.statSync(join(root, 'weights')).mode & 0o777).toBe(0o750);
  });

  it.runIf(posix)('takes names that no text can hold where it writes none, and says so where it would', async () => {
    root = `${project}/raw\udcff`;
    const planned = await plan();
    expect(step(planned.steps, 'compose.larder.yaml')).toMatchObject({ state: 'cannot' });
    expect(step(planned.steps, '.gitignore')).toMatchObject({ state: 'cannot' });
    expect((await apply(planned)).status).toBe('done');
    expect(context.fs.readNames(root)).toContain('ml_models');
  });

  it('can be undone for as long as the settings say', async () => {
    const job = await setUp();
    now += 8 * 24 * 3_600_000;
    expect(setup.handlers.list({ path: root }, call)).toEqual({
      setups: [expect.not.objectContaining({ undoUntilMs: expect.any(Number) as number })],
    });
    expect(() => setup.handlers.undo({ setup: String(job.result?.['setup']) }, call)).toThrow(/no longer/);
  });
});
