import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from '@playwright/test';
import type { Bridge } from '../shared/client/index.ts';
import { test } from './standin/fixtures.ts';

/* The desktop shell's manners: what a person meets beside the pages. */

test('the window opens with the interface, on the ground of the theme', async ({ launch }) => {
  const { page, electron } = await launch();
  await expect(page).toHaveTitle(/Larder/);
  expect(electron.windows[0]!.options).toMatchObject({ show: false, backgroundColor: '#f6f5f2', minWidth: 1024 });
  expect(await electron.main.ask('windowState', 1)).toMatchObject({ shown: true, maximized: false });
});

test('the window comes back where it was', async ({ launch, home }) => {
  const first = await launch();
  const bounds = { x: 200, y: 120, width: 1300, height: 800 };
  await first.electron.main.ask('moveWindow', 1, bounds);
  await first.electron.main.ask('closeWindow', 1);
  expect(await first.electron.exited).toBe(0);
  expect(JSON.parse(readFileSync(join(home, 'window.json'), 'utf8'))).toEqual({
    bounds,
    maximized: false,
    theme: 'system',
  });
  const second = await launch();
  expect(second.electron.windows[0]!.options).toMatchObject(bounds);
});

test('a damaged window state is forgotten, and said', async ({ launch, home }) => {
  mkdirSync(home);
  writeFileSync(join(home, 'window.json'), '{"bounds":');
  const { electron } = await launch();
  expect(electron.windows[0]!.options).toMatchObject({ width: 1280, height: 860 });
  expect(electron.output()).toContain('unreadable');
});

test('the chosen theme is remembered for the next start', async ({ launch }) => {
  const first = await launch();
  await first.page.evaluate(() =>
    (window as unknown as { larder: Bridge }).larder.request(
      JSON.stringify({ t: 'call', id: 'theme', name: 'settings.set', input: { theme: 'dark' } }),
    ),
  );
  await expect.poll(() => first.electron.main.ask('theme')).toEqual({ themeSource: 'dark', dark: true });
  await expect.poll(async () => (await first.electron.main.ask('windowState', 1)).backgroundColor).toBe('#171613');
  await first.close();
  const second = await launch();
  expect(second.electron.windows[0]!.options['backgroundColor']).toBe('#171613');
});

test('the menu’s actions reach the page', async ({ launch }) => {
  const { page, electron } = await launch();
  await expect(page.getByRole('navigation').first()).toBeVisible();
  await electron.main.ask('chooseMenu', 'go.settings');
  await expect(page).toHaveURL(/#\/settings$/);
  await electron.main.ask('chooseMenu', 'go.overview');
  await expect(page).toHaveURL(/#\/$/);
});

test('every action of the menu is one the interface has', async ({ launch }) => {
  const { electron } = await launch();
  const { actions } = await import('../renderer/app/actions/actions.ts');
  const ids = new Set(actions.map(({ id }) => id));
  const offered: string[] = [];
  const collect = (items: ReturnType<typeof electron.menu>): void => {
    for (const item of items) {
      if (item.id !== undefined) offered.push(item.id);
      collect(item.submenu ?? []);
    }
  };
  collect(electron.menu());
  expect(offered.length).toBeGreaterThan(8);
  expect(offered.filter((id) => !ids.has(id))).toEqual([]);
});

test('a home that cannot be used is said in clear words', async ({ start, folder }) => {
  writeFileSync(join(folder, 'file'), '');
  const started = await start({ home: join(folder, 'file', 'home') });
  expect(await started.electron.exited).toBe(1);
  expect(started.electron.windows).toEqual([]);
  expect(started.electron.dialogs).toHaveLength(1);
  const [{ kind, options }] = started.electron.dialogs as [(typeof started.electron.dialogs)[number]];
  expect(kind).toBe('error');
  expect(options).toMatchObject({ title: 'Larder cannot start' });
  expect(options['content']).toContain('LARDER_HOME');
  expect(options['content']).not.toMatch(/\n\s+at /);
});

test('quitting while nothing runs asks nothing', async ({ launch }) => {
  const { electron } = await launch();
  await electron.main.ask('quit').catch(() => undefined);
  expect(await electron.exited).toBe(0);
  expect(electron.dialogs).toEqual([]);
});

test('quitting during a job asks, and stays when told to', async ({ launch, folder }) => {
  const { page, electron } = await launch();
  const target = join(folder, 'sample');
  mkdirSync(target);
  electron.answer({ paths: [target] });
  await page.evaluate(async () => {
    const { larder } = window as unknown as { larder: Bridge };
    const path = await larder.host.pickFolder({ title: 'Sample' });
    await larder.request(JSON.stringify({ t: 'call', id: 'sample', name: 'sample.create', input: { path } }));
  });
  await electron.main.ask('closeWindow', 1);
  await expect.poll(() => electron.dialogs.filter(({ kind }) => kind === 'message').length).toBe(1);
  const question = electron.dialogs.at(-1)!.options;
  expect(question).toMatchObject({ buttons: ['Keep working', 'Quit'], defaultId: 0, cancelId: 0 });
  expect(question['message']).toMatch(/still running/);
  // Trying again while the question is open asks no second one.
  await electron.main.ask('closeWindow', 1);
  electron.answer({ button: 0 });
  await expect.poll(() => page.evaluate(() => document.readyState)).toBe('complete');
  expect(electron.dialogs.filter(({ kind }) => kind === 'message')).toHaveLength(1);
});

test('a page that is loaded anew starts afresh', async ({ launch }) => {
  const { page, electron } = await launch();
  const hello = () =>
    page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          // The first page looks for stores meanwhile, and events of that come, too.
          (window as unknown as { larder: Bridge }).larder.subscribe((frame) => {
            if ((JSON.parse(frame) as { t: string }).t === 'hello') resolve(frame);
          });
        }),
    );
  expect(JSON.parse(await hello())).toMatchObject({ t: 'hello' });
  await page.evaluate(() => location.reload());
  await expect.poll(() => electron.attempts.at(-1)?.kind).toBe('navigate');
  expect(JSON.parse(await hello())).toMatchObject({ t: 'hello' });
});

test('a page whose process ended is offered to be loaded again', async ({ launch }) => {
  const { page, electron } = await launch();
  await page.evaluate(() => {
    document.title = 'before';
  });
  electron.answer({ button: 0 });
  await electron.main.ask('contentsEvent', 1, 'render-process-gone', { reason: 'crashed', exitCode: 5 });
  await expect(page).toHaveTitle(/Larder/);
  expect(electron.dialogs).toHaveLength(1);
  expect(electron.dialogs[0]!.options).toMatchObject({ buttons: ['Load again', 'Close'] });
});

test('an engine that dies is said to the window and comes back', async ({ launch, folder, home }) => {
  // The built shell, with an engine thread that ends when told to by a file.
  const dist = join(folder, 'dist');
  cpSync(join(import.meta.dirname, '..', 'dist'), dist, { recursive: true });
  renameSync(join(dist, 'engine', 'thread.js'), join(dist, 'engine', 'thread-itself.js'));
  writeFileSync(join(dist, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(dist, 'engine', 'thread.js'),
    `import { watch } from 'node:fs';
     import { workerData } from 'node:worker_threads';
     watch(workerData.home, (_event, name) => { if (name === 'end-the-engine') process.exit(1); });
     await import('./thread-itself.js');`,
  );
  const { page, electron } = await launch({ dist });
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    (window as unknown as { larder: Bridge }).larder.subscribe((frame) => {
      const { t } = JSON.parse(frame) as { t: string };
      if (t !== 'event') heard.push(t);
    });
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await expect.poll(heard).toContain('hello');
  writeFileSync(join(home, 'end-the-engine'), '');
  await expect.poll(heard).toEqual(expect.arrayContaining(['disconnected']));
  await expect
    .poll(async () => (await heard()).lastIndexOf('hello') > (await heard()).lastIndexOf('disconnected'))
    .toBe(true);
  const reply = await page.evaluate(() =>
    (window as unknown as { larder: Bridge }).larder.request(
      JSON.stringify({ t: 'call', id: 'after', name: 'stores.list', input: {} }),
    ),
  );
  expect(JSON.parse(reply)).toMatchObject({ t: 'result', id: 'after' });
  expect(electron.output()).toContain('The engine stopped');
});

test('a database of a newer Larder is said in clear words', async ({ launch, start, home }) => {
  const first = await launch();
  await first.close();
  const database = new DatabaseSync(join(home, 'larder.db'));
  database.exec("INSERT INTO migrations VALUES ('from-the-future', 0)");
  database.close();
  const { electron } = await start();
  expect(await electron.exited).toBe(1);
  expect(electron.dialogs).toEqual([
    {
      kind: 'error',
      options: { title: 'Larder cannot start', content: expect.stringContaining('newer Larder') as unknown },
    },
  ]);
});
