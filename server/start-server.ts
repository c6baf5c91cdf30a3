import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions as HttpOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { realpath } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Transport } from '../shared/client/index.ts';
import { LarderError } from '../shared/contract/index.ts';
import { Calls } from './calls.ts';
import { EventHub } from './event-hub.ts';
import { Handler } from './handler.ts';
import { allowedHosts } from './request-rules.ts';
import { Sessions } from './sessions.ts';
import type { CodeState } from './sessions.ts';

/*
 * Plain node:http(s) and no framework. There are seven routes, and what matters is what happens before routing and on
 * the edges: raw Host values, limits on heads, bodies and connections, refusals with the same headers as answers,
 * event streams that notice a slow reader. A framework's request and response objects stand in the way of each.
 */

export interface ServerOptions {
  /** The engine, reached with any path allowed: who is signed in acts as the user Larder runs as. */
  readonly engine: Transport;
  /** 0 for any free one. */
  readonly port: number;
  /** Address to listen on; `127.0.0.1` when not given. */
  readonly host?: string | undefined;
  /** Further names (without port) by which browsers reach this server. */
  readonly allowHosts?: readonly string[] | undefined;
  /** PEM texts. Needed, together with {@link allowRemote}, for any address that is not loopback. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly allowRemote?: boolean | undefined;
  /** Folder of the built interface, with its `index.html`. */
  readonly staticDir: string;
  readonly onDefect: (error: unknown) => void;
  /** Monotonic clock in ms; tests pass their own. */
  readonly now?: (() => number) | undefined;
  /** How often event streams are pinged and checked, in ms. */
  readonly pingIntervalMs?: number | undefined;
}

export interface RunningServer {
  /** `http://127.0.0.1:7420`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** An address that signs in whoever opens it first within a minute. The one issued before it stops working. */
  signInUrl(): string;
  /** What became of the address issued last. */
  signInState(): CodeState;
  /** Ends all connections. The engine is left alone. */
  close(): Promise<void>;
}

const limits: HttpOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  /** For receiving a request whole; answering may take as long as it takes. */
  requestTimeout: 60_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  noDelay: true,
};
const maxConnections = 512;
const maxHeaders = 64;

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function checkAddress(options: ServerOptions, host: string): void {
  if (host !== 'localhost' && isIP(host) === 0) {
    throw new LarderError('INVALID_INPUT', `${host} is not an address to listen on.`, {
      hint: 'Give an IP address, for example --host 127.0.0.1.',
    });
  }
  if (isLoopback(host)) return;
  if (options.tls === undefined || options.allowRemote !== true) {
    throw new LarderError('INVALID_INPUT', `Larder does not listen on ${host} without encryption.`, {
      hint:
        'Other machines could reach it. Give --tls-cert FILE, --tls-key FILE and --allow-remote; ' +
        'or keep 127.0.0.1 and forward the port over SSH (ssh -L).',
    });
  }
  if (isAnyAddress(host) && (options.allowHosts ?? []).length === 0) {
    throw new LarderError('INVALID_INPUT', `Listening on ${host} needs the name by which browsers will reach it.`, {
      hint: 'Give it with --allow-host, for example --allow-host gpu-box.example.org.',
    });
  }
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): LarderError {
  const where = `${host} port ${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new LarderError('BUSY', `Port ${port} on ${host} is in use by another program.`, {
        hint: 'Another Larder may be running there. Choose a different port with --port, or --port 0 for any free one.',
        cause: error,
      });
    case 'EACCES':
      return new LarderError('PERMISSION', `This user may not listen on ${where}.`, {
        hint: 'Choose a port from 1024 on with --port.',
        cause: error,
      });
    case 'EADDRNOTAVAIL':
      return new LarderError('INVALID_INPUT', `${host} is not an address of this machine.`, { cause: error });
    default:
      return new LarderError('INTERNAL', `Cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}

function createListener(options: ServerOptions, listener: RequestListener): Server {
  if (options.tls === undefined) return createServer(limits, listener);
  try {
    return createTlsServer({ ...limits, ...options.tls, minVersion: 'TLSv1.2' }, listener);
  } catch (error) {
    throw new LarderError('INVALID_INPUT', 'The TLS certificate and key cannot be used together.', {
      hint: 'Both must be PEM files, and the key must belong to the certificate.',
      cause: error,
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new LarderError('INTERNAL', 'The server has no port.');
  return address.port;
}

/** Serves the dashboard. Throws `LarderError`: `INVALID_INPUT` (address or TLS), `BUSY` (port), `NOT_FOUND` (files). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1';
  checkAddress(options, host);
  const staticDir = await realpath(options.staticDir).catch((cause: unknown) => {
    throw new LarderError('NOT_FOUND', `The dashboard's files are not at ${options.staticDir}.`, {
      hint: 'Build them with npm run build.',
      cause,
    });
  });
  const now = options.now ?? (() => performance.now());
  const scheme = options.tls === undefined ? 'http' : 'https';

  const starting: { handler?: Handler } = {};
  const server = createListener(options, (request, response) => {
    if (starting.handler === undefined) response.destroy();
    else void starting.handler.handle(request, response);
  });
  server.maxConnections = maxConnections;
  server.maxHeadersCount = maxHeaders;
  // No protocol is ever switched to, and nothing is proxied.
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  const port = await listen(server, host, options.port);
  server.on('error', options.onDefect);

  const sessions = new Sessions({ now, ended: (session) => hub.endSession(session) });
  const hub = new EventHub({ engine: options.engine, alive: (session) => sessions.alive(session) });
  const calls = new Calls({ engine: options.engine, now });
  const names = [
    ...(isAnyAddress(host) ? ['127.0.0.1', '::1'] : [host]),
    ...(isLoopback(host) || isAnyAddress(host) ? ['localhost'] : []),
    ...(options.allowHosts ?? []),
  ];
  const hosts = allowedHosts({ addresses: names, port, scheme });
  starting.handler = new Handler({
    rules: { allowedHosts: hosts, scheme },
    port,
    staticDir,
    sessions,
    calls,
    hub,
    now,
    onDefect: options.onDefect,
  });
  const pings = setInterval(() => hub.ping(), options.pingIntervalMs ?? 15_000);

  const shownHost = isAnyAddress(host) ? (options.allowHosts?.[0] ?? host) : host;
  const url = `${scheme}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`;
  return {
    url,
    port,
    signInUrl: () => `${url}/#code=${sessions.issueCode()}`,
    signInState: () => sessions.codeState(),
    async close() {
      clearInterval(pings);
      hub.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
