import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoopback, startServer } from './index.ts';
import type { ServerOptions } from './index.ts';
import { FakeEngine } from './testing/fake-engine.ts';
import { startHarness } from './testing/harness.ts';
import { selfSigned } from './testing/self-signed.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'larder-listen-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const options = (more: Partial<ServerOptions> = {}): ServerOptions => ({
  engine: new FakeEngine(),
  port: 0,
  staticDir: dir,
  onDefect: () => {},
  ...more,
});

describe('where it listens', () => {
  it('is loopback unless told otherwise', async () => {
    const server = await startServer(options());
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    await server.close();
  });

  it.each(['0.0.0.0', '::', '192.0.2.1'])('is not %s without TLS and an explicit flag', async (host) => {
    const tls = selfSigned();
    const refused = { code: 'INVALID_INPUT', hint: expect.stringContaining('--tls-cert') as string };
    await expect(startServer(options({ host }))).rejects.toMatchObject(refused);
    await expect(startServer(options({ host, allowRemote: true }))).rejects.toMatchObject(refused);
    await expect(startServer(options({ host, tls }))).rejects.toMatchObject(refused);
  });

  it('needs a name when it listens on every address', async () => {
    const attempt = startServer(options({ host: '0.0.0.0', tls: selfSigned(), allowRemote: true }));
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringContaining('--allow-host') as string });
  });

  it.each(['example.org', '127.0.0.1:80', ''])('must be an address: %j', async (host) => {
    await expect(startServer(options({ host }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('says which port is in use and what to do', async () => {
    const first = await startServer(options());
    const second = startServer(options({ port: first.port }));
    await expect(second).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(String(first.port)) as string,
      hint: expect.stringContaining('--port') as string,
    });
    await first.close();
  });

  it('says so when the address is not of this machine', async () => {
    const attempt = startServer(options({ host: '192.0.2.1', tls: selfSigned(), allowRemote: true }));
    await expect(attempt).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('192.0.2.1') as string,
    });
  });

  it('says so when the dashboard was not built', async () => {
    const attempt = startServer(options({ staticDir: join(dir, 'missing') }));
    await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('knows which addresses only this machine reaches', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', '::ffff:1.2.3.4'].map(isLoopback)).not.toContain(true);
  });
});

describe('TLS', () => {
  it('serves over it, with a cookie that never leaves it', async () => {
    const tls = selfSigned();
    const h = await startHarness({ tls });
    expect(h.server.url).toMatch(/^https:/);
    const code = new URLSearchParams(new URL(h.server.signInUrl()).hash.slice(1)).get('code');
    const cookie = await new Promise<string | undefined>((resolve, reject) => {
      const sent = request(
        `${h.server.url}/api/sign-in`,
        { method: 'POST', headers: h.postHeaders(), ca: tls.cert, agent: false },
        (response) => {
          response.resume();
          resolve(response.headers['set-cookie']?.[0]);
        },
      );
      sent.on('error', reject);
      sent.end(JSON.stringify({ code }));
    });
    expect(cookie).toContain('; Secure');
    await h.close();
  });

  it('says so when certificate and key do not belong together', async () => {
    const tls = { cert: selfSigned().cert, key: selfSigned().key };
    await expect(startServer(options({ tls }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(startServer(options({ tls: { cert: 'x', key: 'y' } }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
