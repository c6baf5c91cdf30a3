import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { SseParser } from '../../shared/client/sse.ts';

/*
 * A client that sends exactly what a test says and nothing by itself: fetch would normalise paths and set or forbid the
 * very headers under test.
 */

export interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export function open(port: number, sent: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: sent.method ?? 'GET',
        path: sent.path,
        headers: sent.headers ?? {},
        agent: false,
      },
      resolve,
    );
    request.on('error', reject);
    request.end(sent.body);
  });
}

export async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function ask(port: number, sent: Sent): Promise<Received> {
  const response = await open(port, sent);
  return { status: response.statusCode ?? 0, headers: response.headers, text: await readAll(response) };
}

/** The status of a request of which every byte of the head is the test's, one line an argument. */
export async function statusOf(port: number, ...lines: string[]): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

export interface SseEvent {
  id: string | undefined;
  data: { t: string; [key: string]: unknown };
}

/** Reads the events of a stream one at a time. */
export class EventReader {
  readonly #iterator: AsyncIterator<Buffer>;
  readonly #parser = new SseParser();
  readonly #queue: SseEvent[] = [];

  constructor(response: IncomingMessage) {
    this.#iterator = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next event, or undefined when the stream has ended. */
  async next(): Promise<SseEvent | undefined> {
    while (this.#queue.length === 0) {
      const step = await this.#iterator.next();
      if (step.done === true) return undefined;
      for (const event of this.#parser.push(step.value.toString('utf8'))) {
        this.#queue.push({ id: event.id, data: JSON.parse(event.data) as SseEvent['data'] });
      }
    }
    return this.#queue.shift();
  }
}
