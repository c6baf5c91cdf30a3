import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../index.ts';
import type { RunningServer, ServerOptions } from '../index.ts';
import { FakeEngine } from './fake-engine.ts';
import { ask, open } from './http.ts';
import type { Received } from './http.ts';

/** A server on a free port over a fake engine, with a clock that only the test moves. */
export interface Harness {
  readonly server: RunningServer;
  readonly engine: FakeEngine;
  readonly defects: unknown[];
  readonly dir: string;
  advance(ms: number): void;
  /** Headers a browser on the dashboard's own page would send with a POST. */
  postHeaders(more?: Record<string, string>): Record<string, string>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Received>;
  get(path: string, headers?: Record<string, string>): Promise<Received>;
  /** Signs in and returns the `Cookie` header. */
  signIn(): Promise<string>;
  call(cookie: string, frame: { id: string; name: string; input?: unknown }, headers?: object): Promise<Received>;
  events(cookie: string, headers?: Record<string, string>): Promise<IncomingMessage>;
  close(): Promise<void>;
}

export function codeOf(url: string): string {
  return new URLSearchParams(new URL(url).hash.slice(1)).get('code') ?? '';
}

export async function startHarness(options: Partial<ServerOptions> = {}): Promise<Harness> {
  const dir = await mkdtemp(join(tmpdir(), 'larder-server-'));
  const staticDir = join(dir, 'renderer');
  await mkdir(join(staticDir, 'assets', 'folder'), { recursive: true });
  await writeFile(join(staticDir, 'index.html'), '<!doctype html><title>Larder</title>');
  await writeFile(join(staticDir, 'assets', 'app-1234.js'), 'export {};');
  await writeFile(join(staticDir, 'assets', 'odd.xyz'), '<script>1</script>');
  await writeFile(join(staticDir, 'empty.txt'), '');
  await writeFile(join(staticDir, '.hidden.txt'), 'hidden');
  await writeFile(join(dir, 'secret.txt'), 'secret');
  await symlink(join(dir, 'secret.txt'), join(staticDir, 'assets', 'link.txt'));
  const engine = new FakeEngine();
  const defects: unknown[] = [];
  let nowMs = 1_000;
  const server = await startServer({
    engine,
    port: 0,
    staticDir,
    onDefect: (error) => void defects.push(error),
    now: () => nowMs,
    pingIntervalMs: 20,
    ...options,
  });
  const { port, url } = server;
  const postHeaders = (more: Record<string, string> = {}): Record<string, string> => ({
    origin: url,
    'content-type': 'application/json',
    'x-larder-csrf': '1',
    'sec-fetch-site': 'same-origin',
    ...more,
  });
  const harness: Harness = {
    server,
    engine,
    defects,
    dir,
    advance: (ms) => void (nowMs += ms),
    postHeaders,
    post: (path, body, headers = {}) =>
      ask(port, { method: 'POST', path, headers: postHeaders(headers), body: JSON.stringify(body) }),
    get: (path, headers = {}) => ask(port, { path, headers }),
    async signIn() {
      const answer = await harness.post('/api/sign-in', { code: codeOf(server.signInUrl()) });
      return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    },
    call: (cookie, frame, headers = {}) =>
      harness.post(`/api/call/${frame.name}`, { t: 'call', input: {}, ...frame }, { cookie, ...headers }),
    events: (cookie, headers = {}) => open(port, { path: '/api/events', headers: { cookie, ...headers } }),
    async close() {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return harness;
}
