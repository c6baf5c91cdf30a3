import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test as base } from '@playwright/test';
import { chromium as engine } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { findChromium } from '../scripts/chromium.ts';

/*
 * What the headless shell promises about other sites in the same browser, tried in a real browser against the built
 * `larder serve`. Each rule by itself is tested beside the server; here is what they add up to.
 */

interface Dashboard {
  readonly url: string;
  readonly port: number;
  /** A folder that an attacker would like to register. */
  readonly prize: string;
  /** A fresh sign-in address. */
  address(): Promise<string>;
}

interface Fixtures {
  readonly dashboard: Dashboard;
  /** A page of its own browser context. */
  readonly newPage: () => Promise<Page>;
  /** Signed in to the dashboard. */
  readonly signedIn: Page;
  /** Serves `html` on another port of this machine and returns its port. */
  readonly otherSite: (html: string) => Promise<number>;
}

const foreignName = 'rebound.example';

const test = base.extend<Fixtures, { readonly browserHere: Browser }>({
  browserHere: [
    async ({}, use) => {
      const executablePath = findChromium();
      if (executablePath === undefined) throw new Error('No Chromium was found. Name one in LARDER_CHROMIUM.');
      const browser = await engine.launch({
        executablePath,
        chromiumSandbox: process.getuid?.() !== 0,
        args: [`--host-resolver-rules=MAP ${foreignName} 127.0.0.1`],
      });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  async dashboard({}, use) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'larder-headless-')));
    const prize = join(folder, 'prize');
    mkdirSync(prize);
    const entry = join(import.meta.dirname, '../dist/cli/larder.js');
    const child = spawn(process.execPath, [entry, 'serve', '--port', '0', '--json'], {
      env: { ...process.env, LARDER_HOME: join(folder, 'home') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<{ url: string; signInUrl: string }> => {
      const line = await lines.next();
      if (line.done === true) throw new Error('larder serve ended.');
      return JSON.parse(line.value) as { url: string; signInUrl: string };
    };
    const { url } = await next();
    await use({
      url,
      port: Number(new URL(url).port),
      prize,
      async address() {
        child.stdin.write('\n');
        return (await next()).signInUrl;
      },
    });
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  },
  async newPage({ browserHere }, use) {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async () => {
      const context = await browserHere.newContext();
      contexts.push(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
  async signedIn({ dashboard, newPage }, use) {
    const page = await newPage();
    await page.goto(await dashboard.address());
    await expect.poll(() => isSignedIn(page)).toBe(true);
    await use(page);
  },
  async otherSite({}, use) {
    const servers: ReturnType<typeof createServer>[] = [];
    await use(async (html) => {
      const server = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(html);
      });
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    });
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  },
});

/** Asked from the dashboard's own page. */
function isSignedIn(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const answer = await fetch('/api/session');
    return ((await answer.json()) as { signedIn: boolean }).signedIn;
  });
}

/** A call the way the dashboard makes it. */
function call(page: Page, name: string, input: object): Promise<{ status: number; frame: { output?: unknown } }> {
  return page.evaluate(
    async ([procedure, body]) => {
      const answer = await fetch(`/api/call/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-larder-csrf': '1' },
        body,
      });
      return { status: answer.status, frame: (await answer.json()) as { output?: unknown } };
    },
    [name, JSON.stringify({ t: 'call', id: 'test', name, input })] as const,
  );
}

async function storesOf(page: Page): Promise<unknown> {
  const { frame } = await call(page, 'stores.list', {});
  return frame.output;
}

test('the address signs in once, leaves no trace, and gives scripts nothing to steal', async ({
  dashboard,
  newPage,
}) => {
  const address = await dashboard.address();
  const page = await newPage();
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  await page.goto(address);
  await expect.poll(() => isSignedIn(page)).toBe(true);
  expect(page.url()).not.toContain('code');
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const code = new URL(address).hash.slice('#code='.length);
  expect(sent.filter((line) => line.split('#')[0]!.includes(code))).toEqual([]);

  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: `larder_session_${dashboard.port}`, httpOnly: true, sameSite: 'Strict' });

  const second = await newPage();
  await second.goto(address);
  await expect(second.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await isSignedIn(second)).toBe(false);
});

test('without a session the page says how to get one and nothing else answers', async ({ dashboard, newPage }) => {
  const page = await newPage();
  await page.goto(dashboard.url);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect((await call(page, 'stores.list', {})).status).toBe(401);
  expect(await page.evaluate(async () => (await fetch('/api/events')).status)).toBe(401);
});

test('signing out ends the session', async ({ signedIn }) => {
  await signedIn.evaluate(() =>
    fetch('/api/sign-out', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-larder-csrf': '1' },
      body: '{}',
    }),
  );
  expect((await call(signedIn, 'stores.list', {})).status).toBe(401);
  await expect(signedIn.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
});

for (const [what, host] of [
  ['another port of this machine, which browsers call the same site', '127.0.0.1'],
  ['another site', 'localhost'],
] as const) {
  test(`${what} can neither act nor read nor frame`, async ({ dashboard, signedIn, otherSite }) => {
    const port = await otherSite('<!doctype html><title>elsewhere</title>');
    const page = await signedIn.context().newPage();
    await page.goto(`http://${host}:${port}/`);
    const body = JSON.stringify({ t: 'call', id: 'x', name: 'stores.add', input: { path: dashboard.prize } });
    const outcomes = await page.evaluate(
      async ({ url, text }) => {
        const attempt = async (path: string, init: RequestInit): Promise<string> =>
          fetch(url + path, { credentials: 'include', ...init }).then(
            (answer) => answer.type,
            () => 'failed',
          );
        const json = { 'content-type': 'application/json', 'x-larder-csrf': '1' };
        const loaded = async (kind: 'script' | 'img', path: string): Promise<string> =>
          new Promise((resolve) => {
            const element = document.createElement(kind);
            element.addEventListener('load', () => resolve('loaded'));
            element.addEventListener('error', () => resolve('failed'));
            // An image loads from here on, in the document or not.
            element.src = url + path;
            document.body.append(element);
          });
        return {
          withHeaders: await attempt('/api/call/stores.add', { method: 'POST', headers: json, body: text }),
          simple: await attempt('/api/call/stores.add', { method: 'POST', mode: 'no-cors', body: text }),
          read: await attempt('/api/session', {}),
          stream: await attempt('/api/events', {}),
          page: await attempt('/', {}),
          script: await loaded('script', '/api/session'),
          image: await loaded('img', '/favicon.svg'),
        };
      },
      { url: dashboard.url, text: body },
    );
    // "opaque" is an answer the page cannot look at; the server has refused it.
    expect(outcomes).toEqual({
      withHeaders: 'failed',
      simple: expect.stringMatching(/^(opaque|failed)$/) as unknown,
      read: 'failed',
      stream: 'failed',
      page: 'failed',
      script: 'failed',
      image: 'failed',
    });

    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener('load', resolve));
    }, dashboard.url);
    const framed = page.frames()[1];
    expect(await framed?.evaluate(() => document.querySelectorAll('#root, main').length).catch(() => 0)).toBe(0);

    await page.evaluate(
      ({ url, text }) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.enctype = 'text/plain';
        form.action = `${url}/api/call/stores.add`;
        const input = document.createElement('input');
        input.name = text;
        form.append(input);
        document.body.append(form);
        form.submit();
      },
      { url: dashboard.url, text: body },
    );
    await page.waitForURL(`${dashboard.url}/**`);
    expect(await page.locator('body').innerText()).toContain('PERMISSION');
    expect(await storesOf(signedIn)).toEqual({ stores: [] });
  });
}

test('a foreign name that resolves to this machine gets nothing, not even the page', async ({ dashboard, newPage }) => {
  const page = await newPage();
  for (const path of ['/', '/api/session', '/index.html']) {
    const response = await page.goto(`http://${foreignName}:${dashboard.port}${path}`);
    expect(response?.status()).toBe(403);
  }
  expect(await page.locator('#root').count()).toBe(0);
});

test('a link from elsewhere opens the dashboard, but as somebody who is not signed in', async ({
  dashboard,
  signedIn,
  otherSite,
}) => {
  const port = await otherSite(`<!doctype html><a href="${dashboard.url}/">go</a>`);
  const page = await signedIn.context().newPage();
  await page.goto(`http://localhost:${port}/`);
  await page.getByRole('link').click();
  await page.waitForURL(`${dashboard.url}/**`);
  await expect(page.locator('#root')).toBeAttached();
});

test('the policy is on the page and holds', async ({ dashboard, signedIn }) => {
  const answer = await signedIn.request.get(`${dashboard.url}/`);
  expect(answer.headers()['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
      "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  );
  const broken = await signedIn.evaluate(async (elsewhere) => {
    const violations: string[] = [];
    const both = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        if (violations.push(event.effectiveDirective) === 2) resolve();
      });
    });
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    await fetch(elsewhere).catch(() => undefined);
    await both;
    return { ran: 'ran' in window, violations: violations.sort() };
  }, 'http://127.0.0.1:1/');
  expect(broken).toEqual({ ran: false, violations: ['connect-src', 'script-src-elem'] });
});
