import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import type { Bridge } from '../shared/client/index.ts';
import { maxCallLength } from '../shared/contract/frames.ts';
import { toChromium } from './standin/addresses.ts';
import { test } from './standin/fixtures.ts';
import type { FrameInfo } from './standin/launch.ts';

/*
 * Every line of the security rules for the desktop shell that does not need packaging, tried on the built main and
 * preload. The page plays the part of one that has been taken over.
 */

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

type Reply = { t: string; id?: string; error?: { code: string; message: string }; output?: unknown };

/** Says something to the engine the way a page that was taken over would: past the interface's own client. */
async function ask(page: Page, name: string, input: unknown): Promise<Reply> {
  const frame = JSON.stringify({ t: 'call', id: `test-${name}`, name, input });
  return JSON.parse(await sendRaw(page, frame)) as Reply;
}

function sendRaw(page: Page, frame: string): Promise<string> {
  return page.evaluate((text) => (window as unknown as { larder: Bridge }).larder.request(text), frame);
}

test('windows are sandboxed and isolated, without Node and without webviews', async ({ desktop }) => {
  const { page, electron } = desktop;
  expect((await electron.main.ask('facts')).sandboxEnabled).toBe(true);
  expect(electron.windows).toHaveLength(1);
  expect(electron.windows[0]!.options['webPreferences']).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
  });
  const found = await page.evaluate(() =>
    ['require', 'module', 'process', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer'].filter(
      (name) => name in globalThis,
    ),
  );
  expect(found).toEqual([]);
  expect(await electron.main.ask('contentsEvent', 1, 'will-attach-webview', {})).toBe(true);
});

test('the scheme is a standard and secure one that does not get round the policy', async ({ desktop }) => {
  const { schemes } = await desktop.electron.main.ask('facts');
  expect(schemes).toEqual([
    {
      scheme: 'app',
      privileges: expect.objectContaining({ standard: true, secure: true, supportFetchAPI: true }) as unknown,
    },
  ]);
  const { privileges } = schemes[0] as { privileges: Record<string, unknown> };
  for (const name of ['bypassCSP', 'corsEnabled', 'allowServiceWorkers']) expect(privileges[name] ?? false).toBe(false);
});

test('the interface is all that is served, with the policy on every answer', async ({ desktop }) => {
  const { page, electron } = desktop;
  const request = (url: string, method = 'GET') => electron.main.ask('request', url, method, {}, undefined);

  const document = await request('app://ui/');
  expect(document.status).toBe(200);
  expect(document.headers['content-type']).toBe('text/html; charset=utf-8');
  expect((await request('app://ui/', 'HEAD')).body).toHaveLength(0);

  const refused = [
    await request('app://ui/', 'POST'),
    await request('app://ui/', 'PUT'),
    await request('app://other/'),
    await request('app://ui.other/'),
    await request('app://ui:1/'),
    await request('app://ui/../electron/main.js'),
    await request('app://ui/..%2felectron%2fmain.js'),
    await request('app://ui/%2e%2e%2f%2e%2e%2fpackage.json'),
    await request('app://ui/..%5celectron%5cmain.js'),
    await request('app://ui//etc/passwd'),
    await request('app://ui/none.js'),
    await request('app://ui/index.html%00.js'),
  ];
  expect(refused.map(({ status }) => status)).toEqual([405, 405, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]);

  for (const { headers } of [document, ...refused]) {
    expect(headers).toMatchObject({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  }
  // What the browser itself was given, not only what the handler says it gave.
  const seen = await page.evaluate(async () => Object.fromEntries((await fetch('/')).headers));
  expect(seen['content-security-policy']).toBe(policy);
});

test('the interface breaks its own policy nowhere', async ({ desktop }) => {
  const { page, electron } = desktop;
  await expect(page.getByRole('navigation').first()).toBeVisible();
  for (const name of ['Overview', 'Stores', 'Backups', 'Restore', 'Activity', 'Settings']) {
    const link = page.getByRole('navigation').getByRole('link', { name }).first();
    if ((await link.count()) > 0) await link.click();
  }
  expect(electron.violations).toEqual([]);
  expect(electron.refusedRequests).toEqual([]);
  expect(electron.networkRequests).toEqual([]);
});

test('the policy is enforced against a page that was taken over', async ({ desktop }) => {
  const { page, electron } = desktop;
  const before = electron.violations.length;
  await page.evaluate(() => {
    const add = (tag: string, attributes: Record<string, string>, text = ''): void => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.textContent = text;
      document.body.append(element);
    };
    add('script', {}, 'window.inline = true;');
    add('script', { src: 'https://evil.example/x.js' });
    add('style', {}, 'body { display: none }');
    add('link', { rel: 'stylesheet', href: 'https://evil.example/x.css' });
    add('img', { src: 'https://evil.example/x.png' });
    add('iframe', { src: 'https://evil.example/' });
    add('object', { data: 'https://evil.example/x.swf' });
    add('base', { href: 'https://evil.example/' });
    fetch('https://evil.example/').catch(() => undefined);
    try {
      new WebSocket('wss://evil.example/');
    } catch {
      // Reported as a violation, which is what counts.
    }
    document.body.setAttribute('onclick', 'window.inline = true');
    document.body.click();
  });
  await expect
    .poll(() => [...new Set(electron.violations.slice(before).map(({ directive }) => directive))].toSorted())
    .toEqual([
      'base-uri',
      'connect-src',
      'frame-src',
      'img-src',
      'object-src',
      'script-src-attr',
      'script-src-elem',
      'style-src-elem',
    ]);
  expect(await page.evaluate(() => 'inline' in window)).toBe(false);
  expect(electron.networkRequests).toEqual([]);
  // Evaluating text is refused to the page; the test's own `evaluate` is the debugger's and goes around that.
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.src = 'data:text/javascript,window.inline=true';
    document.body.append(script);
  });
  expect(await page.evaluate(() => 'inline' in window)).toBe(false);
});

test('no request leaves the shell, even where the policy would not stop it', async ({ desktop }) => {
  const { electron } = desktop;
  const cancelled = async (url: string) => (await electron.main.ask('beforeRequest', url, 'xhr')).cancel;
  for (const url of ['https://github.com/', 'http://127.0.0.1:1/', 'file:///etc/passwd', 'ws://ui/', 'app://other/']) {
    expect(await cancelled(url), url).toBe(true);
  }
  expect(await cancelled('app://ui/')).toBe(false);
  expect(await electron.main.ask('startDownload')).toBe(true);
});

test('the window stays where it is', async ({ desktop }) => {
  const { page, electron } = desktop;
  const address = page.url();
  const targets = ['https://github.com/', 'http://evil.example/', '/elsewhere', 'mailto:someone@evil.example'];
  for (const target of targets) {
    await page.evaluate((url) => {
      location.href = url;
    }, target);
    await expect.poll(() => electron.attempts.length, target).toBe(targets.indexOf(target) + 1);
  }
  expect(electron.attempts).toEqual([
    { kind: 'navigate', url: 'https://github.com/', stopped: true },
    { kind: 'navigate', url: 'http://evil.example/', stopped: true },
    { kind: 'navigate', url: 'app://ui/elsewhere', stopped: true },
    { kind: 'navigate', url: 'mailto:someone@evil.example', stopped: true },
  ]);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://huggingface.co/';
    document.body.append(link);
    link.click();
  });
  await expect.poll(() => electron.attempts.length).toBe(5);
  expect(electron.attempts.at(-1)).toEqual({ kind: 'navigate', url: 'https://huggingface.co/', stopped: true });
  expect(page.url()).toBe(address);
  expect(electron.openedExternally).toEqual([]);

  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
    for (const url of ['https://github.com/', 'app://ui/', 'about:blank']) {
      expect(await electron.main.ask('contentsEvent', 1, name, { url, isMainFrame: false }), name).toBe(true);
    }
  }
});

test('there is no second window, and only listed sites open outside', async ({ desktop }) => {
  const { page, electron } = desktop;
  const open = async (url: string, count: number): Promise<void> => {
    await page.evaluate((target) => void window.open(target), url);
    await expect.poll(() => electron.attempts.length, url).toBe(count);
  };
  await open('https://github.com/huggingface/safetensors', 1);
  await open('https://evil.example/', 2);
  await open('http://github.com/', 3);
  await open('/index.html', 4);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://huggingface.co/models';
    link.target = '_blank';
    document.body.append(link);
    link.click();
  });
  await expect.poll(() => electron.attempts.length).toBe(5);
  expect(electron.attempts.map(({ kind, stopped }) => `${kind} ${stopped}`)).toEqual(Array(5).fill('window true'));
  await expect.poll(() => page.context().pages().length).toBe(1);
  expect(electron.windows).toHaveLength(1);
  expect(electron.openedExternally).toEqual([
    'https://github.com/huggingface/safetensors',
    'https://huggingface.co/models',
  ]);
  for (const url of ['file:///etc/passwd', 'javascript:1', 'smb://github.com/x', 'https://github.com@evil.example/']) {
    expect(await electron.main.ask('windowOpen', 1, { url }), url).toBe('deny');
  }
  expect(electron.openedExternally).toHaveLength(2);
});

test('every permission is denied', async ({ desktop }) => {
  const { page, electron } = desktop;
  const names = ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem', 'unknown'];
  for (const name of names) {
    expect(await electron.main.ask('askPermission', 'request', name), name).toBe(false);
    expect(await electron.main.ask('askPermission', 'check', name), name).toBe(false);
  }
  for (const name of ['hid', 'serial', 'usb']) {
    expect(await electron.main.ask('askPermission', 'device', name), name).toBe(false);
  }
  const states = await page.evaluate(async () => {
    const query = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state;
    return [await query('geolocation'), await query('notifications'), await query('clipboard-read')];
  });
  expect(states).toEqual(['denied', 'denied', 'denied']);
});

test('IPC answers the main frame of our window at our address and nobody else', async ({ desktop, folder }) => {
  const { electron } = desktop;
  const { ipcChannels } = await electron.main.ask('facts');
  expect(ipcChannels).toEqual([
    'larder:cancel',
    'larder:pick-file',
    'larder:pick-folder',
    'larder:request',
    'larder:reveal-path',
    'larder:subscribe',
    'larder:unsubscribe',
  ]);
  const good: FrameInfo = { url: 'app://ui/', origin: 'app://ui', main: true };
  const call = JSON.stringify({ t: 'call', id: 'x', name: 'stores.list', input: {} });
  const reply = (await electron.invokeAs(1, good, 'larder:request', call)) as string;
  expect(JSON.parse(reply)).toMatchObject({ t: 'result', id: 'x' });

  const strangers: [string, number | undefined, FrameInfo | null][] = [
    ['a window we did not create', undefined, good],
    ['a frame that is gone', 1, null],
    ['a subframe', 1, { ...good, main: false }],
    ['an empty URL with an inherited origin', 1, { ...good, url: '' }],
    ['about:blank', 1, { ...good, url: 'about:blank' }],
    ['another origin', 1, { ...good, url: 'https://evil.example/', origin: 'https://evil.example' }],
    ['another host', 1, { ...good, url: 'app://evil/', origin: 'app://evil' }],
    ['an origin that begins alike', 1, { ...good, url: 'app://ui.evil/', origin: 'app://ui.evil' }],
    ['an opaque origin', 1, { ...good, origin: 'null' }],
    ['a file', 1, { ...good, url: 'file:///x/index.html', origin: 'file://' }],
  ];
  for (const [who, window, frame] of strangers) {
    for (const [channel, argument] of [
      ['larder:request', call],
      ['larder:pick-folder', { title: 'x' }],
      ['larder:pick-file', { title: 'x', mode: 'open' }],
      ['larder:reveal-path', folder],
    ] as const) {
      await expect(electron.invokeAs(window, frame, channel, argument), who).rejects.toThrow('may not speak to Larder');
    }
    for (const channel of ['larder:cancel', 'larder:subscribe', 'larder:unsubscribe']) {
      await electron.main.ask('send', window, frame, channel, JSON.stringify({ t: 'a', v: [] }));
    }
  }
  await expect(electron.invokeAs(1, good, 'larder:request', call, 'more')).rejects.toThrow('may not speak to Larder');
  await expect(electron.invokeAs(1, good, 'larder:nothing', call)).rejects.toThrow('No handler registered');
  expect(electron.dialogs).toEqual([]);
  // Nobody's listening was ended by a stranger.
  expect(electron.output()).toContain('Refused larder:subscribe');
});

test('the page is given one frozen client and nothing of Electron', async ({ desktop }) => {
  const { page } = desktop;
  const found = await page.evaluate(async () => {
    'use strict';
    const { larder } = window as unknown as { larder: Bridge };
    const functions = [larder.request, larder.cancel, larder.subscribe, ...Object.values(larder.host)].filter(
      (value) => typeof value === 'function',
    );
    const attempts: (() => void)[] = [
      () => Object.assign(larder, { request: () => Promise.resolve('forged') }),
      () => Object.assign(larder.host, { extra: 1 }),
      () => Object.defineProperty(window, 'larder', { value: {} }),
      () => Reflect.deleteProperty(window, 'larder') || Reflect.set(window, 'larder', {}) || fail(),
      () => Object.setPrototypeOf(larder, {}) as unknown,
      () => Object.assign(larder.request, { extra: 1 }),
    ];
    function fail(): never {
      throw new TypeError('refused');
    }
    const refused = attempts.map((attempt) => {
      try {
        attempt();
        return false;
      } catch (error) {
        return error instanceof TypeError;
      }
    });
    const heard: unknown[][] = [];
    const stop = larder.subscribe((...args: unknown[]) => void heard.push(args));
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop();
    return {
      keys: Object.keys(larder),
      hostKeys: Object.keys(larder.host),
      frozen: [larder, larder.host, ...functions].every((value) => Object.isFrozen(value)),
      refused,
      heard: heard.map((args) => args.map((value) => typeof value)),
      sources: functions.some((value) => /larder:|ipc/i.test(String(value))),
    };
  });
  expect(found).toEqual({
    keys: ['request', 'cancel', 'subscribe', 'host'],
    hostKeys: ['platform', 'pickFolder', 'pickFile', 'revealPath', 'onMenuAction'],
    frozen: true,
    refused: Array(6).fill(true),
    heard: [['string']],
    sources: false,
  });
});

test('the preload adds one name to the page', async ({ desktop }) => {
  const { page } = desktop;
  // The same address in the same browser, without a preload.
  const bare = await page.context().newPage();
  await bare.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await bare.goto(toChromium('app://ui/'));
  const usual = new Set(await bare.evaluate(() => Object.getOwnPropertyNames(window)));
  const names = await page.evaluate(() => Object.getOwnPropertyNames(window));
  // Zod keeps its own registry in a global; that is the interface's, not the preload's.
  expect(names.filter((name) => !usual.has(name) && !name.startsWith('__zod'))).toEqual(['larder']);
});

test('every frame is parsed, and bounded in size and rate', async ({ desktop }) => {
  const { page } = desktop;
  const codeOf = async (frame: string) => (JSON.parse(await sendRaw(page, frame)) as Reply).error?.code;
  expect(await codeOf('not json')).toBe('INVALID_INPUT');
  expect(await codeOf('{"t":"subscribe"}')).toBe('INVALID_INPUT');
  expect(await codeOf('{"t":"call","id":"a","name":"stores.list","input":{},"more":1}')).toBe('INVALID_INPUT');
  expect(await codeOf('{"t":"call","id":"a","name":"stores.list","input":{"more":1}}')).toBe('INVALID_INPUT');
  expect(await codeOf('{"t":"call","id":"a","name":"no.such","input":{}}')).toBe('INVALID_INPUT');
  const long = JSON.stringify({ t: 'call', id: 'long', name: 'stores.list', input: '' });
  expect(JSON.parse(await sendRaw(page, long.replace('""', `"${'x'.repeat(maxCallLength)}"`)))).toMatchObject({
    id: 'long',
    error: { code: 'LIMIT_REACHED' },
  });
  const codes = await page.evaluate(async () => {
    const { larder } = window as unknown as { larder: Bridge };
    const replies = await Promise.all(Array.from({ length: 2_000 }, () => larder.request('{')));
    return replies.map((reply) => (JSON.parse(reply) as Reply).error?.code);
  });
  expect(codes.filter((code) => code === 'INVALID_INPUT').length).toBeGreaterThan(0);
  expect(codes.filter((code) => code === 'LIMIT_REACHED').length).toBeGreaterThan(500);
  // It was held up, not cut off.
  await expect.poll(async () => (await ask(page, 'stores.list', {})).t).toBe('result');
});

test('a path of the page’s own invention does nothing', async ({ desktop, folder }) => {
  const { page, electron } = desktop;
  const secret = join(folder, 'secret');
  mkdirSync(secret);
  for (const [name, input] of [
    ['stores.probe', { path: secret }],
    ['stores.add', { path: secret }],
    ['stores.add', { path: join(secret, '..', 'secret') }],
    ['sample.create', { path: join(folder, 'sample') }],
    ['system.browse', {}],
    ['system.browse', { path: '/' }],
  ] as const) {
    expect((await ask(page, name, input)).error?.code, name).toBe('PERMISSION');
  }
  const reveal = (path: string) =>
    page.evaluate(
      (named) =>
        (window as unknown as { larder: Bridge }).larder.host.revealPath(named).then(
          () => 'shown',
          (error: unknown) => String(error),
        ),
      path,
    );
  expect(await reveal(secret)).toContain('is not in a registered store');
  expect(await reveal('/etc/passwd')).toContain('is not in a registered store');
  expect(electron.revealed).toEqual([]);
});

test('a chosen folder is granted by its real path, checked again at use', async ({ desktop, folder }) => {
  const { page, electron } = desktop;
  const [real, other] = [join(folder, 'data'), join(folder, 'other')];
  for (const path of [real, other]) {
    mkdirSync(path);
    writeFileSync(join(path, 'file.txt'), 'x');
  }
  symlinkSync(real, join(folder, 'alias'));
  electron.answer({ paths: [join(folder, 'alias')] });
  const chosen = await page.evaluate(() =>
    (window as unknown as { larder: Bridge }).larder.host.pickFolder({ title: 'Choose a folder' }),
  );
  expect(chosen).toBe(real);
  expect(electron.dialogs).toEqual([
    { kind: 'open', options: expect.objectContaining({ title: 'Choose a folder' }) as Record<string, unknown> },
  ]);
  expect((await ask(page, 'stores.probe', { path: real })).t).toBe('result');
  expect((await ask(page, 'stores.probe', { path: other })).error?.code).toBe('PERMISSION');

  // The ground moves: what was chosen now leads elsewhere.
  renameSync(real, `${real}-moved`);
  symlinkSync(other, real);
  expect((await ask(page, 'stores.probe', { path: real })).error?.code).toBe('PERMISSION');
  rmSync(real);
  renameSync(`${real}-moved`, real);

  expect((await ask(page, 'stores.add', { path: real })).t).toBe('result');
  const reveal = (path: string) =>
    page.evaluate(
      (named) =>
        (window as unknown as { larder: Bridge }).larder.host.revealPath(named).then(
          () => 'shown',
          (error: unknown) => String(error),
        ),
      path,
    );
  expect(await reveal(join(real, 'file.txt'))).toBe('shown');
  symlinkSync(other, join(real, 'way-out'));
  expect(await reveal(join(real, 'way-out'))).toContain('is not in a registered store');
  expect(electron.revealed).toEqual([join(real, 'file.txt')]);
});

test('a closed dialog and a second one at the same time grant nothing', async ({ desktop }) => {
  const { page, electron } = desktop;
  const pick = () =>
    page.evaluate(async () => {
      const { larder } = window as unknown as { larder: Bridge };
      const results = await Promise.all([
        larder.host.pickFolder({ title: 'a' }),
        larder.host.pickFolder({ title: 'b' }),
      ]);
      return results.map((result) => result ?? 'none');
    });
  electron.answer('closed');
  expect(await pick()).toEqual(['none', 'none']);
  expect(electron.dialogs).toHaveLength(1);
});

test('a second instance brings the first window to the front and ends', async ({ desktop, start }) => {
  const { electron } = desktop;
  await electron.main.ask('minimize', 1);
  const second = await start();
  expect(await second.electron.exited).toBe(0);
  expect(second.electron.windows).toEqual([]);
  expect(second.electron.output()).toContain('open already');
  await expect.poll(() => electron.main.ask('windowState', 1)).toMatchObject({ minimized: false, focused: true });
  expect(electron.windows).toHaveLength(1);
});

test('the address the page has stands for the one the main process checks', async ({ desktop }) => {
  expect(desktop.page.url().startsWith(toChromium('app://ui/'))).toBe(true);
});
