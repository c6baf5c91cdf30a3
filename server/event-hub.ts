import type { Transport } from '../shared/client/index.ts';
import { LarderError } from '../shared/contract/index.ts';
import type { EventFrame, HelloFrame } from '../shared/contract/frames.ts';
import type { Refusal } from './request-rules.ts';
import type { Session } from './sessions.ts';

/** Events kept for those who come back after a short break… */
const keptEvents = 1_000;
/** …unless they take more than this, in UTF-16 code units. */
const keptLength = 16 * 1024 * 1024;
/** Streams one session may hold: a few tabs. */
export const maxStreamsPerSession = 8;
export const maxStreams = 64;
/** A reader this many bytes behind is dropped; it comes back and finds a gap. */
const maxBehindBytes = 8 * 1024 * 1024;

/** Where a stream's text goes; an HTTP response, in tests an array. */
export interface EventSink {
  write(text: string): void;
  /** Bytes written and not yet taken by the other side. */
  behindBytes(): number;
  end(): void;
}

interface Stream {
  readonly session: Session;
  readonly sink: EventSink;
}

type EngineState = { kind: 'starting' } | { kind: 'up'; epoch: string; seq: number } | { kind: 'down'; reason: string };

/** One server-sent event: a frame, with the id a reader names in `Last-Event-ID` when it comes back. */
function message(id: string, data: string): string {
  return `id: ${id}\ndata: ${data}\n\n`;
}

/**
 * One subscription to the engine, handed out to any number of event streams.
 *
 * A stream begins with a `hello` frame. A reader that names the last event it saw, from the same life of the engine and
 * not too long ago, is told of that number and then given what it missed; any other reader gets the newest number and
 * so finds out by itself that there is a gap.
 */
export class EventHub {
  readonly #streams = new Set<Stream>();
  readonly #alive: (session: Session) => boolean;
  readonly #unsubscribe: () => void;
  #state: EngineState = { kind: 'starting' };
  #kept: { seq: number; text: string }[] = [];
  #keptLength = 0;

  constructor(options: { engine: Transport; alive: (session: Session) => boolean }) {
    this.#alive = options.alive;
    this.#unsubscribe = options.engine.subscribe({
      hello: (frame) => this.#hello(frame),
      event: (frame) => this.#event(frame),
      disconnected: (reason) => this.#disconnected(reason),
    });
  }

  /** Whether a stream would be refused, and why. Asked before any header is sent. */
  refuse(session: Session): Refusal | undefined {
    if (this.#state.kind === 'down') return engineDown(this.#state.reason);
    const own = [...this.#streams].filter((stream) => stream.session.id === session.id).length;
    if (own < maxStreamsPerSession && this.#streams.size < maxStreams) return undefined;
    return {
      status: 429,
      error: new LarderError('LIMIT_REACHED', 'Too many windows are listening to this Larder.', {
        hint: 'Close one of its tabs.',
        retryable: true,
      }),
      headers: { 'retry-after': '5' },
    };
  }

  /** Starts a stream; the returned function ends it without a word. */
  open(session: Session, lastEventId: string | undefined, sink: EventSink): () => void {
    const stream = { session, sink };
    this.#streams.add(stream);
    if (this.#state.kind === 'up') this.#greet(sink, this.#state, lastEventId);
    return () => void this.#streams.delete(stream);
  }

  /** Keeps idle connections open, and ends the streams of sessions that are over. Called every few seconds. */
  ping(): void {
    for (const stream of [...this.#streams]) {
      if (this.#alive(stream.session)) this.#write(stream, ': ping\n\n');
      else this.#end(stream);
    }
  }

  endSession(session: Session): void {
    for (const stream of [...this.#streams]) if (stream.session.id === session.id) this.#end(stream);
  }

  close(): void {
    this.#unsubscribe();
    for (const stream of [...this.#streams]) this.#end(stream);
  }

  #greet(sink: EventSink, state: { epoch: string; seq: number }, lastEventId: string | undefined): void {
    const resumed = this.#resumable(state, lastEventId);
    const seq = resumed ?? state.seq;
    const hello: HelloFrame = { t: 'hello', epoch: state.epoch, seq };
    let text = message(`${state.epoch}-${seq}`, JSON.stringify(hello));
    for (const event of this.#kept) if (event.seq > seq) text += event.text;
    sink.write(text);
  }

  /** The number in `lastEventId`, when everything after it is still at hand. */
  #resumable(state: { epoch: string; seq: number }, lastEventId: string | undefined): number | undefined {
    if (lastEventId === undefined) return undefined;
    const at = lastEventId.lastIndexOf('-');
    if (at === -1 || lastEventId.slice(0, at) !== state.epoch) return undefined;
    const digits = lastEventId.slice(at + 1);
    if (!/^\d{1,15}$/.test(digits)) return undefined;
    const seq = Number(digits);
    const oldest = this.#kept[0]?.seq ?? state.seq + 1;
    return seq <= state.seq && seq >= oldest - 1 ? seq : undefined;
  }

  #hello(frame: HelloFrame): void {
    const continues = this.#state.kind === 'up' && this.#state.epoch === frame.epoch && this.#state.seq === frame.seq;
    if (!continues) this.#forget();
    this.#state = { kind: 'up', epoch: frame.epoch, seq: frame.seq };
    for (const stream of [...this.#streams]) {
      this.#write(stream, message(`${frame.epoch}-${frame.seq}`, JSON.stringify(frame)));
    }
  }

  #event(frame: EventFrame): void {
    if (this.#state.kind !== 'up') return;
    // After a hole, what is kept no longer reaches back without one.
    if (frame.seq !== this.#state.seq + 1) this.#forget();
    this.#state = { ...this.#state, seq: frame.seq };
    const text = message(`${this.#state.epoch}-${frame.seq}`, JSON.stringify(frame));
    this.#kept.push({ seq: frame.seq, text });
    this.#keptLength += text.length;
    while (this.#kept.length > keptEvents || this.#keptLength > keptLength) {
      this.#keptLength -= this.#kept.shift()?.text.length ?? 0;
    }
    for (const stream of [...this.#streams]) this.#write(stream, text);
  }

  #disconnected(reason: string): void {
    this.#state = { kind: 'down', reason };
    this.#forget();
    // Without an id: a reader that comes back names the last event it saw, not this.
    const text = `data: ${JSON.stringify({ t: 'disconnected', reason })}\n\n`;
    for (const stream of [...this.#streams]) {
      this.#write(stream, text);
      this.#end(stream);
    }
  }

  #forget(): void {
    this.#kept = [];
    this.#keptLength = 0;
  }

  #write(stream: Stream, text: string): void {
    if (stream.sink.behindBytes() > maxBehindBytes) this.#end(stream);
    else stream.sink.write(text);
  }

  #end(stream: Stream): void {
    if (this.#streams.delete(stream)) stream.sink.end();
  }
}

/** The answer while there is no engine to ask. */
export function engineDown(reason: string): Refusal {
  return {
    status: 503,
    error: new LarderError('INTERNAL', `Larder's engine is not running: ${reason}`, {
      hint: 'It is restarted by itself. Try again in a moment.',
      retryable: true,
    }),
    headers: { 'retry-after': '1' },
  };
}
