import { LarderError, events as eventSchemas } from '../contract/index.ts';
import type { EventData, EventName, Input, Output, ProcedureName } from '../contract/index.ts';
import type { Transport } from './transport.ts';

/** The part of `AbortSignal` that Larder uses, so that shared code needs neither DOM nor Node types. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface CallOptions {
  signal?: CancelSignal | undefined;
}

export type Connection = 'connecting' | 'connected' | 'disconnected';

/** What a shell gives to everything that talks to an engine: the renderer, the command line, tests. */
export interface Client {
  /** Calls a procedure. Throws `LarderError`. */
  call<N extends ProcedureName>(name: N, input: Input<N>, options?: CallOptions): Promise<Output<N>>;
  /** Hears an event from now on; the returned function stops that. */
  on<N extends EventName>(name: N, listener: (data: EventData<N>) => void): () => void;
  /** Called when events may have been missed (a gap, a reconnect, a new engine): whatever was fetched must be again. */
  onGap(listener: () => void): () => void;
  readonly connection: Connection;
  onConnection(listener: (connection: Connection, reason?: string) => void): () => void;
  close(): void;
}

type AnyListener = (data: unknown) => void;

/** Builds a {@link Client} over any carrier. */
export function createClient(transport: Transport): Client {
  const listeners = new Map<string, Set<AnyListener>>();
  const gapListeners = new Set<() => void>();
  const connectionListeners = new Set<(connection: Connection, reason?: string) => void>();
  let connection: Connection = 'connecting';
  let nextId = 1;
  let epoch: string | undefined;
  let seq = 0;

  function setConnection(next: Connection, reason?: string): void {
    if (connection === next) return;
    connection = next;
    for (const listener of [...connectionListeners]) listener(next, reason);
  }

  function announceGap(): void {
    for (const listener of [...gapListeners]) listener();
  }

  const unsubscribe = transport.subscribe({
    hello(frame) {
      const missed = epoch !== undefined && (frame.epoch !== epoch || frame.seq !== seq);
      epoch = frame.epoch;
      seq = frame.seq;
      setConnection('connected');
      if (missed) announceGap();
    },
    event(frame) {
      // After a reconnect a carrier may replay events it cannot know were delivered.
      if (frame.seq <= seq) return;
      const missed = frame.seq !== seq + 1;
      seq = frame.seq;
      if (missed) announceGap();
      if (!(frame.name in eventSchemas)) return;
      for (const listener of [...(listeners.get(frame.name) ?? [])]) listener(frame.data);
    },
    disconnected(reason) {
      setConnection('disconnected', reason);
    },
  });

  return {
    async call(name, input, options = {}) {
      const { signal } = options;
      const cancelled = (): LarderError => new LarderError('CANCELLED', `${name} was cancelled.`);
      if (signal?.aborted) throw cancelled();
      const id = `c${nextId++}`;
      const onAbort = (): void => transport.cancel(id);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        const reply = await transport.request({ t: 'call', id, name, input });
        if (reply.t === 'error') throw LarderError.fromData(reply.error);
        return reply.output as Output<typeof name>;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set<AnyListener>();
      listeners.set(name, set);
      set.add(listener as AnyListener);
      return () => set.delete(listener as AnyListener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    get connection() {
      return connection;
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    close() {
      unsubscribe();
      transport.close();
      setConnection('disconnected', 'closed');
    },
  };
}
