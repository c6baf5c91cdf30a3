import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngineThread } from '../engine/host/index.ts';
import { describeCarrier } from '../engine/testing/conformance.ts';
import { createHttpTransport } from '../shared/client/index.ts';
import type { HttpRequest } from '../shared/client/index.ts';
import { errorFrameSchema } from '../shared/contract/frames.ts';
import { startServer } from './index.ts';

/** The whole way of a browser: HTTP client, server, worker port, engine thread. */
describeCarrier({ name: 'HTTP and server-sent events', ownThread: true }, async () => {
  const staticDir = await mkdtemp(join(tmpdir(), 'larder-http-'));
  const thread = startEngineThread({
    threadUrl: new URL('../engine/testing/conformance-thread.ts', import.meta.url),
    home: '/unused',
    version: '0',
    live: false,
  });
  await thread.ready();
  const engine = thread.connect({ paths: 'any' });
  const server = await startServer({
    engine,
    port: 0,
    staticDir,
    onDefect: (error) => {
      throw error;
    },
  });
  const headers = { origin: server.url, 'content-type': 'application/json', 'x-larder-csrf': '1' };
  const code = new URLSearchParams(new URL(server.signInUrl()).hash.slice(1)).get('code');
  const signedIn = await fetch(`${server.url}/api/sign-in`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ code }),
  });
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    transport: createHttpTransport({
      base: server.url,
      fetch: (url, request: HttpRequest) => fetch(url, request as RequestInit),
      abortController: () => new AbortController(),
      textDecoder: () => new TextDecoder(),
      after: (delayMs, work) => void setTimeout(work, delayMs),
      headers: { origin: server.url, cookie },
    }),
    async sendRaw(text) {
      const answer = await fetch(`${server.url}/api/call/stores.list`, {
        method: 'POST',
        headers: { ...headers, cookie },
        body: String(text),
      });
      return errorFrameSchema.parse(await answer.json()).error;
    },
    async close() {
      await server.close();
      engine.close();
      await thread.stop();
      await rm(staticDir, { recursive: true, force: true });
    },
  };
});
