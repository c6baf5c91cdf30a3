import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { LarderError } from '../shared/contract/index.ts';
import { parseJson, readText } from './body.ts';
import { maxCallBytes, parseCall, replyText } from './calls.ts';
import type { Calls } from './calls.ts';
import { cookieName, readCookie, sessionCookie } from './cookies.ts';
import type { EventHub } from './event-hub.ts';
import { isApi, refusePost, refuseRequest } from './request-rules.ts';
import type { OriginRules, Refusal, RequestHead } from './request-rules.ts';
import { securityHeaders } from './security-headers.ts';
import type { Session, Sessions } from './sessions.ts';
import { openStatic } from './static-files.ts';
import { RateLimit } from '../shared/rate-limit.ts';

/** Bodies other than calls are a few words. */
const smallBodyBytes = 4_096;
/** Requests from one address at once, and a second after that. */
const requestBurst = 1_000;
const requestsPerSecond = 500;
/** Sign-in attempts at once, and a second after that, from everywhere together. */
const signInBurst = 5;
const signInsPerSecond = 0.5;

const signInSchema = z.strictObject({ code: z.string().min(1).max(200) });
const signOutSchema = z.strictObject({});
const cancelSchema = z.strictObject({ id: z.string().min(1).max(64) });
/** Which tab of a session a call is from; optional. */
const tabHeader = 'x-larder-tab';

export interface HandlerParts {
  readonly rules: OriginRules;
  readonly port: number;
  readonly staticDir: string;
  readonly sessions: Sessions;
  readonly calls: Calls;
  readonly hub: EventHub;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Told of defects; what it is given may be shown to the person running the server, not to the browser. */
  readonly onDefect: (error: unknown) => void;
}

type Answer = (response: ServerResponse) => void;

function isRefusal(value: object): value is Refusal {
  return 'status' in value;
}

function json(value: unknown, options: { status?: number; headers?: Record<string, string> } = {}): Answer {
  return (response) => text(JSON.stringify(value), options)(response);
}

function text(body: string, options: { status?: number; headers?: Record<string, string> } = {}): Answer {
  return (response) => {
    response.writeHead(options.status ?? 200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...options.headers,
    });
    response.end(body);
  };
}

function refused({ status, error, headers, id }: Refusal): Answer {
  const frame = { t: 'error', ...(id === undefined ? {} : { id }), error: error.toData() };
  return json(frame, { status, ...(headers === undefined ? {} : { headers }) });
}

const notFound: Refusal = { status: 404, error: new LarderError('NOT_FOUND', 'There is nothing at this address.') };

function notAllowed(allow: string): Refusal {
  return {
    status: 405,
    error: new LarderError('INVALID_INPUT', 'That method is not allowed here.'),
    headers: { allow },
  };
}

const notSignedIn: Refusal = {
  status: 401,
  error: new LarderError('PERMISSION', 'You are not signed in to this Larder.', {
    hint: 'Open the sign-in address that larder serve prints.',
  }),
};

function tooMany(waitMs: number, message: string): Refusal {
  return {
    status: 429,
    error: new LarderError('LIMIT_REACHED', message, { hint: 'Wait a moment and try again.', retryable: true }),
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  };
}

/** Answers requests, each rule in its order: who may ask at all, then how often, then as whom, then what. */
export class Handler {
  readonly #parts: HandlerParts;
  readonly #signIns: RateLimit;
  readonly #byAddress = new Map<string, RateLimit>();

  constructor(parts: HandlerParts) {
    this.#parts = parts;
    this.#signIns = new RateLimit(signInsPerSecond, signInBurst, parts.now());
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders))
      if (value !== undefined) response.setHeader(name, value);
    try {
      const answer = await this.#answer(request, response);
      answer?.(response);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      this.#parts.onDefect(error);
      if (response.headersSent) response.destroy();
      else {
        const defect = new LarderError('INTERNAL', 'Something went wrong inside Larder.');
        refused({ status: 500, error: defect })(response);
      }
    }
  }

  /** What to answer; undefined when it was answered on the way (a file, an event stream). */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const head: RequestHead = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      hosts: request.headersDistinct['host'] ?? [],
    };
    const refusal = refuseRequest(head, this.#parts.rules) ?? this.#limitRate(request);
    if (refusal !== undefined) return refused(refusal);
    if (!isApi(head.target)) {
      if (head.method === 'POST') return refused(notAllowed('GET, HEAD'));
      return this.#static(head, response);
    }
    const [path = ''] = head.target.split('?', 1);
    return head.method === 'POST'
      ? this.#post(head, path, request, response)
      : this.#get(head, path, request, response);
  }

  #limitRate(request: IncomingMessage): Refusal | undefined {
    const address = request.socket.remoteAddress ?? '';
    const now = this.#parts.now();
    let bucket = this.#byAddress.get(address);
    if (bucket === undefined) {
      // Bounded: forgetting only gives an address its burst again.
      if (this.#byAddress.size >= 1_000) this.#byAddress.clear();
      bucket = new RateLimit(requestsPerSecond, requestBurst, now);
      this.#byAddress.set(address, bucket);
    }
    const waitMs = bucket.takeOrWait(now);
    return waitMs === 0 ? undefined : tooMany(waitMs, 'Too many requests at once.');
  }

  #session(head: RequestHead): Session | undefined {
    return this.#parts.sessions.find(readCookie(head.headers.cookie, cookieName(this.#parts.port)));
  }

  async #static(head: RequestHead, response: ServerResponse): Promise<Answer | undefined> {
    const file = await openStatic(this.#parts.staticDir, head.target);
    if (file === undefined) return refused(notFound);
    response.writeHead(200, { ...file.headers, 'content-length': file.bytes });
    if (head.method === 'HEAD') {
      await file.handle.close();
      response.end();
      return undefined;
    }
    if (file.bytes === 0) {
      await file.handle.close();
      response.end();
      return undefined;
    }
    // Closes the handle. No more than was announced, should the file grow meanwhile.
    const stream = file.handle.createReadStream({ end: file.bytes - 1 });
    await pipeline(stream, response).catch((error: unknown) => {
      // The browser went away: nothing to tell anyone.
      if (!response.destroyed) throw error;
    });
    return undefined;
  }

  #get(head: RequestHead, path: string, request: IncomingMessage, response: ServerResponse): Answer | undefined {
    const session = this.#session(head);
    if (path === '/api/session') return json({ signedIn: session !== undefined });
    if (path !== '/api/events') return refused(path.startsWith('/api/call/') ? notAllowed('POST') : notFound);
    if (head.method !== 'GET') return refused(notAllowed('GET'));
    if (session === undefined) return refused(notSignedIn);
    const refusal = this.#parts.hub.refuse(session);
    if (refusal !== undefined) return refused(refusal);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    const lastEventId = request.headers['last-event-id'];
    const close = this.#parts.hub.open(session, typeof lastEventId === 'string' ? lastEventId : undefined, {
      write: (chunk) => void response.write(chunk),
      behindBytes: () => response.writableLength,
      end: () => void response.end(),
    });
    response.on('close', close);
    return undefined;
  }

  async #post(
    head: RequestHead,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer | undefined> {
    const refusal = refusePost(head);
    if (refusal !== undefined) return refused(refusal);
    if (path === '/api/sign-in') return this.#signIn(request);
    const session = this.#session(head);
    if (session === undefined) return refused(notSignedIn);
    if (path === '/api/sign-out') return this.#signOut(session, request);
    if (path === '/api/cancel') return this.#cancel(session, head, request);
    if (path.startsWith('/api/call/')) {
      return this.#call({ session, head, procedure: path.slice('/api/call/'.length) }, request, response);
    }
    return refused(notFound);
  }

  async #signIn(request: IncomingMessage): Promise<Answer> {
    const waitMs = this.#signIns.takeOrWait(this.#parts.now());
    if (waitMs > 0) return refused(tooMany(waitMs, 'Too many attempts to sign in.'));
    const body = await this.#small(request, signInSchema);
    if (isRefusal(body)) return refused(body);
    const secret = this.#parts.sessions.signIn(body.value.code);
    if (secret === undefined) {
      return refused({
        status: 401,
        error: new LarderError('PERMISSION', 'This sign-in code was used already or is older than a minute.', {
          hint: 'Press Enter where larder serve runs to get a new address.',
        }),
      });
    }
    this.#signIns.giveBack();
    return json({ signedIn: true }, { headers: { 'set-cookie': this.#cookie(secret) } });
  }

  async #signOut(session: Session, request: IncomingMessage): Promise<Answer> {
    const body = await this.#small(request, signOutSchema);
    if (isRefusal(body)) return refused(body);
    this.#parts.sessions.signOut(session);
    return json({ signedIn: false }, { headers: { 'set-cookie': this.#cookie('') } });
  }

  #cookie(secret: string): string {
    return sessionCookie({ port: this.#parts.port, secret, secure: this.#parts.rules.scheme === 'https' });
  }

  async #cancel(session: Session, head: RequestHead, request: IncomingMessage): Promise<Answer> {
    const body = await this.#small(request, cancelSchema);
    if (isRefusal(body)) return refused(body);
    this.#parts.calls.cancel(session, tabOf(head), body.value.id);
    return json({ ok: true });
  }

  async #call(
    asked: { session: Session; head: RequestHead; procedure: string },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer> {
    const { session, head, procedure } = asked;
    const refusal = this.#parts.calls.refuse(session);
    if (refusal !== undefined) return refused(refusal);
    const body = await readText(request, maxCallBytes);
    if (typeof body !== 'string') return refused(body);
    const frame = parseCall(body, procedure);
    if (isRefusal(frame)) return refused(frame);
    const reply = await this.#parts.calls.run({ session, tab: tabOf(head), frame }, (cancel) => {
      response.on('close', () => {
        if (!response.writableFinished) cancel();
      });
    });
    return isRefusal(reply) ? refused(reply) : text(replyText(reply));
  }

  async #small<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<{ value: T } | Refusal> {
    const body = await readText(request, smallBodyBytes);
    if (typeof body !== 'string') return body;
    const parsed = parseJson(body === '' ? '{}' : body);
    if (isRefusal(parsed)) return parsed;
    const checked = schema.safeParse(parsed.value);
    if (checked.success) return { value: checked.data };
    return { status: 400, error: new LarderError('INVALID_INPUT', 'The request has unknown or missing fields.') };
  }
}

function tabOf(head: RequestHead): string {
  const value = head.headers[tabHeader];
  return typeof value === 'string' ? value.slice(0, 64) : '';
}
