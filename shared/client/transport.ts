import type { CallFrame, EventFrame, HelloFrame, ReplyFrame } from '../contract/frames.ts';

/** Receives what the engine sends unasked. */
export interface Subscriber {
  hello(frame: HelloFrame): void;
  event(frame: EventFrame): void;
  /** The carrier lost the engine; a `hello` follows when it is back. */
  disconnected(reason: string): void;
}

/**
 * One way to reach an engine: in-process, a worker's port, Electron IPC, or HTTP with server-sent events.
 *
 * A carrier moves frames; it neither knows procedures nor repairs anything. The conformance suite holds for each.
 */
export interface Transport {
  /** Resolves with the engine's reply, an error frame included. Rejects with a `LarderError` only when no reply came. */
  request(frame: CallFrame): Promise<ReplyFrame>;
  /** Asks the engine to stop answering call `id`; its reply is then an error `CANCELLED`. Unknown ids are ignored. */
  cancel(id: string): void;
  /** Starts the flow of events; the returned function ends it. */
  subscribe(subscriber: Subscriber): () => void;
  close(): void;
}
