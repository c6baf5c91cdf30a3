import { LarderError } from '../contract/errors.ts';
import type { CallFrame, ReplyFrame } from '../contract/frames.ts';
import { parseOutgoing } from './frame-transport.ts';
import { SseParser } from './sse.ts';
import type { Subscriber, Transport } from './transport.ts';

/** The part of a `Response` that is used, so that shared code needs neither DOM nor Node types. */
export interface HttpResponse {
  readonly status: number;
  text(): Promise<string>;
  readonly body: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> };
  } | null;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  /** Aborts the request when told to. */
  signal: unknown;
}

export interface HttpTransportOptions {
  /** `''` for the page's own origin, else `http://127.0.0.1:8420`. */
  readonly base: string;
  readonly fetch: (url: string, request: HttpRequest) => Promise<HttpResponse>;
  /** Makes something whose `signal` aborts a request: `() => new AbortController()`. */
  readonly abortController: () => { readonly signal: unknown; abort(): void };
  /** Streaming UTF-8 decoder: `() => new TextDecoder()`. */
  readonly textDecoder: () => { decode(bytes: Uint8Array, options: { stream: boolean }): string };
  /** Runs `work` after a while: `setTimeout`. */
  readonly after: (delayMs: number, work: () => void) => void;
  /** Sent with every request; how a program signs in without a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the server says that nobody is signed in (any more). */
  readonly onSignedOut?: () => void;
}

const firstRetryMs = 250;
const lastRetryMs = 10_000;

/**
 * The HTTP carrier: a POST a call, events as server-sent events. A lost stream is opened again with growing pauses and
 * asks for what it missed by `Last-Event-ID`; what the server cannot replay shows as a gap.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const calls = new Map<string, { abort(): void }>();
  const subscribers = new Set<Subscriber>();
  let stream: { abort(): void } | undefined;
  let lastEventId: string | undefined;
  let position: { epoch: string; seq: number } | undefined;
  let retryMs = firstRetryMs;
  let closed = false;

  const url = (path: string): string => `${options.base}/api/${path}`;
  const postHeaders = { 'content-type': 'application/json', 'x-larder-csrf': '1', ...options.headers };

  async function request(frame: CallFrame): Promise<ReplyFrame> {
    if (closed) throw unreachable('closed');
    const controller = options.abortController();
    calls.set(frame.id, controller);
    try {
      const response = await options.fetch(url(`call/${frame.name}`), {
        method: 'POST',
        headers: postHeaders,
        body: JSON.stringify(frame),
        signal: controller.signal,
      });
      if (response.status === 401) options.onSignedOut?.();
      const reply = parseOutgoing(await response.text());
      if (reply.t === 'result' && reply.id === frame.id) return reply;
      if (reply.t === 'error') return reply;
      throw new LarderError('INTERNAL', 'The server answered another question.');
    } catch (error) {
      if (error instanceof LarderError) throw error;
      if (!calls.has(frame.id)) throw new LarderError('CANCELLED', `${frame.name} was cancelled.`);
      throw unreachable(error instanceof Error ? error.message : String(error));
    } finally {
      calls.delete(frame.id);
    }
  }

  function lost(reason: string): void {
    for (const subscriber of [...subscribers]) subscriber.disconnected(reason);
    if (closed || subscribers.size === 0) return;
    options.after(retryMs, () => {
      if (!closed && subscribers.size > 0 && stream === undefined) void open();
    });
    retryMs = Math.min(lastRetryMs, retryMs * 2);
  }

  function take(data: string): void {
    const frame = parseOutgoing(data);
    if (frame.t === 'hello') {
      position = { epoch: frame.epoch, seq: frame.seq };
      for (const subscriber of [...subscribers]) subscriber.hello(frame);
    } else if (frame.t === 'event') {
      if (position !== undefined) position.seq = frame.seq;
      for (const subscriber of [...subscribers]) subscriber.event(frame);
    } else if (frame.t === 'disconnected') {
      for (const subscriber of [...subscribers]) subscriber.disconnected(frame.reason);
    }
  }

  async function open(): Promise<void> {
    const controller = options.abortController();
    stream = controller;
    let reason = 'the connection ended';
    try {
      const response = await options.fetch(url('events'), {
        method: 'GET',
        headers: {
          accept: 'text/event-stream',
          ...options.headers,
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal: controller.signal,
      });
      if (response.status === 401) {
        options.onSignedOut?.();
        reason = 'not signed in';
      } else if (response.status !== 200 || response.body === null) reason = `the server answered ${response.status}`;
      else {
        const reader = response.body.getReader();
        const decoder = options.textDecoder();
        const parser = new SseParser();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          for (const event of parser.push(decoder.decode(value ?? new Uint8Array(), { stream: true }))) {
            retryMs = firstRetryMs;
            lastEventId = event.id;
            take(event.data);
          }
        }
      }
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (stream !== controller) return;
    stream = undefined;
    lost(reason);
  }

  return {
    request,
    cancel(id) {
      const call = calls.get(id);
      if (call === undefined) return;
      calls.delete(id);
      call.abort();
    },
    subscribe(subscriber) {
      subscribers.add(subscriber);
      if (stream === undefined) void open();
      else if (position !== undefined) subscriber.hello({ t: 'hello', ...position });
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size > 0) return;
        const current = stream;
        stream = undefined;
        current?.abort();
      };
    },
    close() {
      closed = true;
      for (const call of calls.values()) call.abort();
      const current = stream;
      stream = undefined;
      current?.abort();
      for (const subscriber of [...subscribers]) subscriber.disconnected('closed');
      subscribers.clear();
    },
  };
}

function unreachable(reason: string): LarderError {
  return new LarderError('INTERNAL', `Larder cannot be reached: ${reason}`, {
    hint: 'Check that larder serve still runs; this page reconnects by itself.',
    retryable: true,
  });
}
