import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../shared/content-policy.ts';
import { allowedHosts } from './request-rules.ts';
import { startHarness } from './testing/harness.ts';
import type { Harness } from './testing/harness.ts';
import { ask, statusOf } from './testing/http.ts';

let h: Harness;
let cookie: string;
beforeAll(async () => {
  h = await startHarness();
  cookie = await h.signIn();
});
afterAll(() => h.close());

const echo = JSON.stringify({ t: 'call', id: '1', name: 'echo', input: {} });
const callWith = (headers: Record<string, string>): Promise<{ status: number; text: string }> =>
  ask(h.server.port, { method: 'POST', path: '/api/call/echo', headers, body: echo });

describe('Host', () => {
  it('accepts the address it listens on and localhost, in any case', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
      expect((await h.get('/', { host: `${name}:${h.server.port}` })).status).toBe(200);
    }
  });

  it.each(['/', '/assets/app-1234.js', '/api/session', '/api/events'])(
    'refuses any other name for %s',
    async (path) => {
      for (const host of [
        'evil.example',
        `evil.example:${h.server.port}`,
        '127.0.0.1',
        `127.0.0.1:${h.server.port + 1}`,
        `127.0.0.1.evil.example:${h.server.port}`,
      ]) {
        const answer = await h.get(path, { host, cookie });
        expect([host, answer.status]).toEqual([host, 403]);
        expect(answer.headers['content-security-policy']).toBe(contentSecurityPolicy);
      }
    },
  );

  it('refuses a request with none, two, or a second one in its target', async () => {
    const { port } = h.server;
    const own = `Host: 127.0.0.1:${port}`;
    expect(await statusOf(port, 'GET / HTTP/1.1')).toBe(400);
    expect(await statusOf(port, 'GET / HTTP/1.0')).toBe(403);
    expect(await statusOf(port, 'GET / HTTP/1.1', 'Host:')).toBe(403);
    expect(await statusOf(port, 'GET / HTTP/1.1', own, 'Host: evil.example')).toBe(403);
    expect(await statusOf(port, 'GET / HTTP/1.1', 'Host: evil.example', own)).toBe(403);
    expect(await statusOf(port, 'GET http://evil.example/ HTTP/1.1', own)).toBe(400);
    expect(await statusOf(port, 'GET //evil.example/ HTTP/1.1', own)).toBe(400);
    expect(await statusOf(port, 'nonsense')).toBe(400);
    expect(await statusOf(port, 'GET / HTTP/1.1', own)).toBe(200);
  });

  it('leaves out the default port where browsers do', () => {
    expect([...allowedHosts({ addresses: ['::1', 'Box'], port: 443, scheme: 'https' })]).toEqual([
      '[::1]:443',
      '[::1]',
      'box:443',
      'box',
    ]);
  });
});

describe('Origin and Sec-Fetch-Site', () => {
  it('accepts a call from the dashboard itself', async () => {
    expect((await callWith(h.postHeaders({ cookie }))).status).toBe(200);
  });

  it('refuses a POST from another origin, another port, the null origin, or none', async () => {
    const origins = [
      'http://evil.example',
      `http://127.0.0.1:${h.server.port + 1}`,
      'null',
      `https://127.0.0.1:${h.server.port}`,
    ];
    for (const origin of origins) {
      const answer = await callWith(h.postHeaders({ cookie, origin }));
      expect([origin, answer.status]).toEqual([origin, 403]);
      expect(JSON.parse(answer.text)).toMatchObject({ t: 'error', error: { code: 'PERMISSION' } });
    }
    const { origin: _none, ...rest } = h.postHeaders({ cookie });
    expect((await callWith(rest)).status).toBe(403);
    expect((await h.post('/api/sign-in', { code: 'x' }, { origin: 'http://evil.example' })).status).toBe(403);
  });

  it('refuses what a browser says comes from another site or another port', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect((await callWith(h.postHeaders({ cookie, 'sec-fetch-site': site }))).status).toBe(403);
      expect((await h.get('/api/events', { cookie, 'sec-fetch-site': site })).status).toBe(403);
      expect((await h.get('/assets/app-1234.js', { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' })).status).toBe(
        403,
      );
    }
  });

  it('lets a link from elsewhere open the page, and nothing else', async () => {
    const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await h.get('/', navigation)).status).toBe(200);
    expect((await h.get('/', { ...navigation, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
    expect((await h.get('/api/session', navigation)).status).toBe(403);
  });
});

describe('POST', () => {
  it('needs the CSRF header and JSON, on every address', async () => {
    const good = h.postHeaders({ cookie });
    const { 'x-larder-csrf': _csrf, ...noCsrf } = good;
    expect((await callWith(noCsrf)).status).toBe(403);
    expect((await callWith({ ...good, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await callWith({ ...good, 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await callWith({ ...good, 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await callWith({ ...good, 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
    for (const path of ['/api/sign-in', '/api/sign-out', '/api/cancel']) {
      expect((await ask(h.server.port, { method: 'POST', path, headers: noCsrf, body: '{}' })).status).toBe(403);
    }
  });
});

describe('methods and CORS', () => {
  it('refuses other methods and answers no preflight', async () => {
    for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      const answer = await ask(h.server.port, { method, path: '/api/call/echo', headers: { origin: h.server.url } });
      expect([method, answer.status]).toEqual([method, 405]);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect((await h.get('/api/call/echo', { cookie })).status).toBe(405);
    expect((await ask(h.server.port, { method: 'POST', path: '/', headers: h.postHeaders(), body: '{}' })).status).toBe(
      405,
    );
    expect((await h.get('/api/unknown', { cookie })).status).toBe(404);
    expect((await h.post('/api/unknown', {}, { cookie })).status).toBe(404);
  });

  it('switches to no other protocol', async () => {
    await expect(h.get('/', { connection: 'upgrade', upgrade: 'websocket' })).rejects.toThrow();
    expect((await h.get('/')).status).toBe(200);
  });
});

describe('headers of every answer', () => {
  it('are the same for a page, a refusal, an error and an API answer', async () => {
    expect(contentSecurityPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
        "object-src 'none'",
    );
    for (const path of ['/', '/assets/missing.js', '/api/session', '/api/unknown', '/api/events']) {
      const { headers } = await h.get(path);
      expect(headers).toMatchObject({
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});
