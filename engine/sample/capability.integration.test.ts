import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createSample, distinctName } from './capability.ts';

const call = { signal: new AbortController().signal };

describe('sample.create', () => {
  let context: TestContext;
  const add = async (path: string, name?: string): Promise<Store> => context.stores.add({ path, name });

  beforeEach(() => {
    context = createTestContext();
  });
  afterEach(() => context.close());

  const create = async (path?: string): Promise<{ job: string; path: string }> =>
    createSample(context, add, { userHome: context.folder }).handlers.create(
      { ...(path === undefined ? {} : { path }) },
      call,
    );

  it('writes the sample to the home folder and adds it as a store', async () => {
    const { job, path } = await create();
    expect(path).toBe(join(context.folder, 'larder-sample', 'persistent_data'));
    const ended = await context.job(job);
    const [store] = context.stores.list();
    expect(store).toMatchObject({ name: 'persistent_data', path, state: 'ok', destination: join(path, 'backups') });
    expect(ended).toMatchObject({ kind: 'sample', status: 'done', result: { store: store?.id, path } });
    expect(ended.filesDone).toBe(ended.result?.['files']);
    expect(ended.filesTotal).toBe(ended.filesDone);
    expect(ended.bytesDone).toBe(ended.result?.['bytes']);
    expect(readFileSync(join(path, 'config/persistent.env'), 'utf8')).toContain('ML_MODEL_PATH=');

    // A second time, the folder is a store; elsewhere the store gets a name of its own.
    await expect(create()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: `${path} is already the store persistent_data.`,
    });
    // Its compose file is kept where there is one already, and that is said.
    mkdirSync(join(context.folder, 'second'));
    const compose = join(context.folder, 'second', 'docker-compose.yml');
    writeFileSync(compose, 'services: {}\n');
    const second = await create(join(context.folder, 'second', 'persistent_data'));
    expect(await context.job(second.job)).toMatchObject({ status: 'partial', warningCount: 1 });
    expect(readFileSync(compose, 'utf8')).toBe('services: {}\n');
    expect(context.stores.list().map((each) => each.name)).toEqual(['persistent_data', 'persistent_data 2']);
  });

  it('refuses a place in, above or at a store before anything is written', async () => {
    const project = join(context.folder, 'project');
    const data = join(project, 'data');
    const empty = join(data, 'empty');
    mkdirSync(empty, { recursive: true });
    context.stores.add({ path: data, name: 'project' });
    const refused = async (path: string, message: string): Promise<void> =>
      expect(create(path)).rejects.toMatchObject({ code: 'INVALID_INPUT', message });

    await refused(join(empty, 'sample'), `${join(empty, 'sample')} lies inside the store project.`);
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
    await refused(data, `${data} is already the store project.`);
    // The store's folder may be away for now; its place is still its own.
    rmSync(data, { recursive: true });
    await refused(project, `${project} contains the store project.`);
  });

  it('refuses a folder that is not empty', async () => {
    writeFileSync(join(context.folder, 'mine'), 'kept');
    await expect(create(context.folder)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: `${context.folder} is not empty.`,
      hint: 'Choose a new or empty folder.',
    });
    expect(context.jobs.running()).toEqual([]);
  });

  it('refuses to write twice to one place at once', async () => {
    const sample = createSample(context, add);
    const path = join(context.folder, 'sample');
    // Nothing is awaited, so the first has only just begun.
    const first = sample.handlers.create({ path }, call);
    expect(() => sample.handlers.create({ path }, call)).toThrow(expect.objectContaining({ code: 'BUSY' }));
    context.jobs.cancel(context.jobs.running()[0]!.id);
    expect((await context.job((await first).job)).status).toBe('cancelled');
    expect(existsSync(path)).toBe(false);
    // The place is free again.
    const next = sample.handlers.create({ path }, call);
    context.jobs.cancel(context.jobs.running()[0]!.id);
    expect((await context.job((await next).job)).status).toBe('cancelled');
  });

  it('takes everything away again when the store cannot be added', async () => {
    const refuse = async (): Promise<Store> => {
      throw new LarderError('INVALID_INPUT', 'No.', { hint: 'Elsewhere.' });
    };
    const path = join(context.folder, 'new', 'sample');
    const { job } = await createSample(context, refuse).handlers.create({ path }, call);
    const ended = await context.job(job);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT', hint: 'Elsewhere.' } });
    expect(readdirSync(context.folder)).toEqual([]);
  });
});

it('takes everything away again when cancelled half-way', async () => {
  const context: TestContext = createTestContext({
    pool: createInlinePool({
      ...nodeFs,
      // The person cancels while the tenth file is being made.
      fchmod: () => {
        made += 1;
        if (made === 10) context.jobs.cancel(context.jobs.running()[0]!.id);
      },
    }),
  });
  let made = 0;
  try {
    const path = join(context.folder, 'sample');
    const sample = createSample(context, async (folder, name) => context.stores.add({ path: folder, name }));
    const { job } = await sample.handlers.create({ path }, call);
    expect((await context.job(job)).status).toBe('cancelled');
    expect(made).toBe(10);
    expect(existsSync(path)).toBe(false);
    expect(context.stores.list()).toEqual([]);
  } finally {
    await context.close();
  }
});

it('names are distinct', () => {
  expect(distinctName('a', [])).toBe('a');
  expect(distinctName('a', ['a', 'a 2', 'b'])).toBe('a 3');
});
