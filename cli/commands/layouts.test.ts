import { describe, expect, it } from 'vitest';
import type { Layout, LayoutPlan, StoreLayout } from '../../shared/contract/index.ts';
import { runCommand, store } from '../testing/world.ts';

const layout: Layout = {
  id: 'tiny',
  title: 'Tiny',
  summary: 'Two folders',
  group: 'project',
  root: 'data',
  directoryMode: '755',
  containerRoot: '/app/data',
  areas: [
    {
      id: 'logs',
      path: 'logs',
      role: 'log',
      required: true,
      backup: { recentDays: 7 },
      cleanup: { olderThanDays: 30 },
    },
    {
      id: 'web',
      path: 'web',
      role: 'frontend',
      required: false,
      backup: 'always',
      cleanup: { olderThanHours: 24, only: ['*.tmp'] },
      fileMode: '640',
    },
  ],
  environment: [{ name: 'TTL', value: '1h' }],
  mounts: [],
  marks: [],
  names: [],
  places: [],
  moves: [],
  services: [
    { name: 'm', kind: 'mongodb', database: 'd', collections: [{ name: 'games', keepDays: 3 }, { name: 'x' }] },
  ],
};

const ofStore: StoreLayout = {
  store: store.id,
  source: 'layout',
  layout: { id: 'tiny', title: 'Tiny' },
  areas: [
    ...layout.areas.map((area) => ({
      ...area,
      source: 'layout' as const,
      exists: area.path === 'logs',
      backupRule: { rule: area.backup, from: 'layout' as const },
    })),
    {
      ...{ id: 'odd', path: 'odd', role: 'vector', required: false, backup: 'always', cleanup: 'never', exists: true },
      ...{ source: 'guess', guess: true, why: 'it holds 1.faiss', backupRule: { rule: 'never', from: 'yours' } },
    },
  ],
  environment: [],
  mounts: [],
  moves: [],
  services: [],
  file: 'broken',
  problems: [{ message: 'There is nothing called "roel" in areas.logs.', hint: 'Check.', line: 4, column: 5 }],
};

const planned: LayoutPlan = {
  plan: 'plan-1',
  store: store.id,
  path: '/data/project/larder.yaml',
  creates: true,
  diff: '--- /dev/null\n+++ b/larder.yaml\n@@ -0,0 +1 @@\n+version: 1\n',
  text: 'version: 1\n',
  areas: [],
};

const answers = {
  'layouts.list': () => ({ layouts: [layout] }),
  'layouts.show': () => layout,
  'layouts.ofStore': () => ofStore,
  'layouts.plan': () => planned,
  'layouts.apply': () => ({ layout: ofStore }),
  'layouts.undo': () => ({ layout: ofStore }),
};

describe('larder layouts', () => {
  it('lists them, as text and as the JSON scripts rely on', async () => {
    expect((await runCommand(['layouts'], { answers })).out).toMatch(/^tiny +Tiny +2 +Two folders$/m);
    expect((await runCommand(['layouts', '--json'], { answers })).json()).toMatchObject({
      layouts: [{ id: 'tiny', title: 'Tiny', root: 'data', areas: [{ id: 'logs', path: 'logs', role: 'log' }, {}] }],
    });
  });

  it('shows one', async () => {
    const { out } = await runCommand(['layouts', 'show', 'tiny'], { answers });
    expect(out).toMatch(/^logs +log +yes +last 7 d +older than 30 d$/m);
    expect(out).toMatch(/^web +frontend +always +older than 24 h \(\*\.tmp\) +640$/m);
    expect(out).toContain('mongodb d: games 3 d, x');
  });

  it('shows the areas of a store with where they come from, and what is wrong with larder.yaml', async () => {
    const { out } = await runCommand(['layouts', 'of', 'project'], { answers });
    expect(out).toMatch(/^web .* layout, not there$/m);
    expect(out).toMatch(/^odd +vector +never \(yours\) +never +a guess: it holds 1\.faiss$/m);
    expect(out).toContain('larder.yaml:4:5  There is nothing called "roel" in areas.logs. Check.');
    expect((await runCommand(['layouts', 'of', 'project', '--json'], { answers })).json()).toMatchObject({
      store: store.id,
      file: 'broken',
    });
  });

  it('says why a folder may be of a layout, and when it is of none', async () => {
    const candidate = {
      ...{ id: 'tiny', title: 'Tiny', score: 0.876, convincing: true },
      ...{ speaksFor: ['logs is there'], speaksAgainst: ['web is not there'] },
    };
    const detect = (candidates: (typeof candidate)[]) => ({
      'layouts.detect': ({ path }: { path: string }) => ({ path, candidates, layout: 'tiny', areas: [] }),
    });
    const { out } = await runCommand(['layouts', 'detect', 'data'], { answers: detect([candidate]) });
    expect(out).toBe('Tiny  tiny  88 %  would be taken\n  for      logs is there\n  against  web is not there\n');
    const none = await runCommand(['layouts', 'detect', '/x'], { answers: detect([{ ...candidate, score: 0.01 }]) });
    expect(none.out).toBe('/x is of no layout Larder knows.\n');
  });
});

describe('larder layouts set', () => {
  const set = (...options: string[]) => runCommand(['layouts', 'set', 'project', ...options], { answers });

  it('plans what was asked for, shows it, and does it', async () => {
    const ran = await set(
      ...[
        './stock_data/cache/',
        '--role',
        'cache',
        '--backup',
        '7d',
        '--cleanup',
        '24h',
        '--no-required',
        '--mode',
        '750',
      ],
      ...['--file-mode', 'default', '--owner', '1:2', '--title', 'T', '--live', '--immutable'],
    );
    expect(ran.code).toBe(0);
    expect(ran.engine.asked.find(({ name }) => name === 'layouts.plan')?.input).toEqual({
      store: store.id,
      changes: [
        {
          kind: 'set',
          path: 'stock_data/cache',
          role: 'cache',
          title: 'T',
          required: false,
          backup: { recentDays: 7 },
          cleanup: { olderThanHours: 24 },
          directoryMode: '750',
          fileMode: null,
          owner: '1:2',
          capture: 'live',
          immutable: true,
        },
      ],
    });
    expect(ran.engine.asked.at(-1)).toEqual({ name: 'layouts.apply', input: { plan: 'plan-1' } });
    expect(ran.out).toBe(`${planned.diff}Made /data/project/larder.yaml.\n`);
  });

  it('only shows it with --dry-run', async () => {
    const ran = await set('.', '--backup', 'never', '--dry-run');
    expect(ran.out).toBe(planned.diff);
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('layouts.apply');
    expect((await set('x', '--remove', '--dry-run', '--json')).json()).toEqual({
      ...{ store: store.id, path: planned.path, changed: false, creates: true, diff: planned.diff },
    });
  });

  it('says when there is nothing to do', async () => {
    const ran = await runCommand(['layouts', 'set', 'project', 'logs', '--role', 'log'], {
      answers: { ...answers, 'layouts.plan': () => ({ ...planned, diff: '' }) },
    });
    expect(ran.out).toBe('/data/project/larder.yaml says so already.\n');
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('layouts.apply');
  });

  it.each([
    [['logs']],
    [['logs', '--backup', 'often']],
    [['logs', '--cleanup', '3x']],
    [['logs', '--mode', '799']],
    [['logs', '--owner', 'me']],
    [['logs', '--role', 'modell']],
    [['/', '--role', 'log']],
  ])('refuses %j', async (options) => {
    const ran = await set(...options);
    expect(ran.code).toBe(2);
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('layouts.plan');
  });

  it('takes an edit back', async () => {
    const { out } = await runCommand(['layouts', 'undo', 'project'], { answers });
    expect(out).toBe('larder.yaml of project is as it was before.\n');
  });
});

describe('the layout of a store', () => {
  it('is given, left out or detected when it is added', async () => {
    const adding = { ...answers, 'stores.add': () => store };
    const add = (...options: string[]) => runCommand(['stores', 'add', '/x', ...options], { answers: adding });
    const detected = await add();
    expect(detected.out).toMatch(/layout +Tiny \(by larder\.yaml\)|layout +Tiny \(detected\)/);
    expect(detected.engine.asked.find(({ name }) => name === 'stores.add')?.input).toEqual({ path: '/x' });
    const asked = async (...options: string[]): Promise<unknown> =>
      (await add(...options)).engine.asked.find(({ name }) => name === 'stores.add')?.input;
    expect(await asked('--layout', 'aura')).toEqual({ path: '/x', layout: 'aura' });
    expect(await asked('--layout', 'none')).toEqual({ path: '/x', layout: null });
  });

  it('is changed, and taken away', async () => {
    const asked = async (id: string): Promise<unknown> => {
      const ran = await runCommand(['stores', 'set', 'project', '--layout', id], {
        answers: { 'stores.update': () => ({ ...store, layout: id }) },
      });
      expect(ran.out).toMatch(new RegExp(`layout +${id}`));
      return ran.engine.asked.find(({ name }) => name === 'stores.update')?.input;
    };
    expect(await asked('aura')).toEqual({ store: store.id, layout: 'aura' });
    expect(await asked('none')).toEqual({ store: store.id, layout: null });
  });
});
