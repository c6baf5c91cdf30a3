import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { layoutPlanSchema, layoutSchema, storeLayoutSchema } from '../../shared/contract/index.ts';
import type { LayoutChange, LayoutPlan, StoreLayout } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { createLayouts, layoutMigrations, Layouts } from './index.ts';
import { makeTree } from './test-folders.ts';

const call = { signal: new AbortController().signal };
let context: TestContext;
let layouts: ReturnType<typeof createLayouts>;
let root: string;
let store: string;

function open(fs: FileSystem = nodeFs): void {
  const made = createTestContext({ migrations: layoutMigrations });
  const known = new Layouts({ fs, pool: made.pool });
  context = { ...made, fs, layouts: known };
  layouts = createLayouts(context, known);
  void layouts.start?.();
  root = join(context.folder, 'store');
  mkdirSync(root);
  makeTree(root, ['logs/a.log', 'odd/']);
  store = context.stores.add({ path: root }).id;
}
beforeEach(() => open());
afterEach(async () => {
  await layouts.stop?.();
  await context.close();
});

const at = (name = 'larder.yaml'): string => join(root, name);
const plan = async (...changes: LayoutChange[]): Promise<LayoutPlan> =>
  layoutPlanSchema.parse(await layouts.handlers.plan({ store, changes }, call));
const apply = async (planned: LayoutPlan): Promise<StoreLayout> =>
  (await layouts.handlers.apply({ plan: planned.plan }, call)).layout;
const undo = async (): Promise<StoreLayout> => (await layouts.handlers.undo({ store }, call)).layout;

it('lists and shows what it knows', async () => {
  const { layouts: all } = await layouts.handlers.list({}, call);
  expect(all.map((each) => layoutSchema.parse(each).id)).toEqual(expect.arrayContaining(['aura', 'ted', 'ollama']));
  expect(await layouts.handlers.show({ id: 'ted' }, call)).toMatchObject({
    areas: [],
    services: [{ database: 'rugs_tracker' }],
  });
  expect(() => layouts.handlers.show({ id: 'nope' }, call)).toThrow('There is no layout called nope.');
  expect(storeLayoutSchema.parse(await layouts.handlers.ofStore({ store }, call))).toMatchObject({ source: 'guess' });
});

it('makes a larder.yaml as planned, with the schema beside it, and takes both back', async () => {
  const planned = await plan({ kind: 'set', path: 'logs', backup: { recentDays: 7 } });
  expect(planned).toMatchObject({ path: at(), creates: true });
  expect(planned.diff).toContain('--- /dev/null\n+++ b/larder.yaml\n');
  expect(planned.areas.find(({ path }) => path === 'logs')).toMatchObject({ role: 'log', source: 'larder.yaml' });
  expect(existsSync(at())).toBe(false);
  expect((await apply(planned)).source).toBe('larder.yaml');
  expect(readFileSync(at(), 'utf8')).toBe(planned.text);
  expect(readFileSync(at('larder.schema.json'), 'utf8')).toContain('"$schema"');
  expect(context.events.filter(({ name }) => name === 'layouts.changed').map(({ data }) => data)).toContainEqual({
    store,
  });
  expect((await undo()).source).toBe('guess');
  expect(existsSync(at())).toBe(false);
  expect(existsSync(at('larder.schema.json'))).toBe(false);
  await expect(undo()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('changes one that is there, keeping its permission, and takes edits back one by one', async () => {
  const text = '# ours\nversion: 1\nareas:\n  logs: {role: log} # here\n';
  writeFileSync(at(), text);
  chmodSync(at(), 0o664);
  const first = await plan({ kind: 'set', path: 'logs', required: true });
  expect(first).toMatchObject({ creates: false });
  await apply(first);
  await apply(await plan({ kind: 'set', path: 'odd', role: 'vector' }));
  expect(lstatSync(at()).mode & 0o777).toBe(0o664);
  expect(existsSync(at('larder.schema.json'))).toBe(false);
  await undo();
  expect(readFileSync(at(), 'utf8')).toBe(first.text);
  await undo();
  expect(readFileSync(at(), 'utf8')).toBe(text);
  expect(lstatSync(at()).mode & 0o777).toBe(0o664);
});

it('writes nothing when nothing would change', async () => {
  writeFileSync(at(), 'version: 1\nareas:\n  logs: {role: log}\n');
  const { ino } = lstatSync(at());
  const planned = await plan({ kind: 'set', path: 'logs', role: 'log' });
  expect(planned.diff).toBe('');
  await apply(planned);
  expect(lstatSync(at()).ino).toBe(ino);
  await expect(undo()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('refuses where the ground moved: changed, made or gone meanwhile, and before taking back', async () => {
  const made = await plan({ kind: 'set', path: 'logs', role: 'log' });
  writeFileSync(at(), 'version: 1\n');
  await expect(apply(made)).rejects.toMatchObject({ code: 'CHANGED_ON_DISK' });
  const changed = await plan({ kind: 'set', path: 'logs', role: 'log' });
  rmSync(at());
  await expect(apply(changed)).rejects.toMatchObject({ code: 'CHANGED_ON_DISK' });
  // Each plan is for one try.
  await expect(apply(changed)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await apply(await plan({ kind: 'set', path: 'logs', role: 'log' }));
  writeFileSync(at(), `${readFileSync(at(), 'utf8')}# mine\n`);
  await expect(undo()).rejects.toMatchObject({ code: 'CHANGED_ON_DISK' });
});

it('keeps a schema that was there', async () => {
  writeFileSync(at('larder.schema.json'), '{}');
  await apply(await plan({ kind: 'set', path: 'logs', role: 'log' }));
  await undo();
  expect(readFileSync(at('larder.schema.json'), 'utf8')).toBe('{}');
});

it('does not write through a link, nor over what is not text', async () => {
  writeFileSync(join(context.folder, 'elsewhere.yaml'), 'version: 1\n');
  symlinkSync('../elsewhere.yaml', at());
  await expect(plan({ kind: 'set', path: 'logs', role: 'log' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  rmSync(at());
  writeFileSync(at(), Buffer.from([0x76, 0xff, 0xfe]));
  await expect(plan({ kind: 'set', path: 'logs', role: 'log' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

it('refuses changes that would leave it broken', async () => {
  writeFileSync(at(), 'version: 1\nlayout: aura\nwithout: [redis]\n');
  await expect(plan({ kind: 'layout', layout: 'ollama' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('would not be valid') as unknown,
  });
});

/** Opens everything anew over a disk that is full from when `left` writes were made. */
async function openOverDisk(): Promise<{ left: number }> {
  await layouts.stop?.();
  await context.close();
  const disk = { left: Infinity };
  open({
    ...nodeFs,
    write(fd, data, position) {
      disk.left -= 1;
      if (disk.left < 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      nodeFs.write(fd, data, position);
    },
  });
  return disk;
}

it('leaves the old content when the disk is full', async () => {
  const disk = await openOverDisk();
  writeFileSync(at(), 'version: 1\n');
  const planned = await plan({ kind: 'set', path: 'logs', role: 'log' });
  disk.left = 0;
  await expect(apply(planned)).rejects.toMatchObject({ code: 'NO_SPACE' });
  expect(readFileSync(at(), 'utf8')).toBe('version: 1\n');
  expect(nodeFs.readNames(root).sort()).toEqual(['larder.yaml', 'logs', 'odd']);
  disk.left = Infinity;
  await expect(undo()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it.each([0, 1])('leaves nothing behind when the disk is full after %i files', async (files) => {
  const disk = await openOverDisk();
  const planned = await plan({ kind: 'set', path: 'logs', role: 'log' });
  disk.left = files;
  await expect(apply(planned)).rejects.toMatchObject({ code: 'NO_SPACE' });
  expect(nodeFs.readNames(root).sort()).toEqual(['logs', 'odd']);
});

it('tells when the rules of a store, or its layout, changed', async () => {
  await layouts.handlers.ofStore({ store }, call);
  const told = (): number => context.events.filter(({ name }) => name === 'layouts.changed').length;
  context.stores.update(store, { name: 'other' });
  expect(told()).toBe(0);
  context.stores.update(store, { layout: 'aura' });
  context.stores.update(store, { rules: { areas: { redis: 'never' } } });
  expect(told()).toBe(2);
  context.stores.remove(store);
  expect(told()).toBe(2);
});

it('forgets the edits of a store that is gone', async () => {
  await apply(await plan({ kind: 'set', path: 'logs', role: 'log' }));
  const edits = (): unknown => context.db.sqlite.prepare('SELECT count(*) AS n FROM layout_edits').get()?.['n'];
  expect(edits()).toBe(1);
  context.stores.update(store, { name: 'other' });
  expect(edits()).toBe(1);
  context.stores.remove(store);
  expect(edits()).toBe(0);
});
