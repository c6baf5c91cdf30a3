import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { FrameTransport } from '../../shared/client/index.ts';
import type { Transport } from '../../shared/client/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { KeyFiles, KeyVault } from '../secrets/index.ts';
import { answerVault } from './vault-port.ts';
import type { GrantMessage, HostMessage, ThreadData, ThreadMessage } from './protocol.ts';

export interface EngineState {
  readonly state: 'starting' | 'running' | 'restarting' | 'failed' | 'stopped';
  readonly reason?: string;
}

export interface EngineConnection extends Transport {
  /** Lets this session name a path, because the person chose it in a native dialog. Survives an engine restart. */
  grant(path: string): void;
}

export interface EngineThread {
  /** Opens a session. It outlives engine restarts: calls under way fail as retryable, then it works again. */
  connect(options: { paths: 'any' | 'granted' }): EngineConnection;
  readonly state: EngineState;
  onState(listener: (state: EngineState) => void): () => void;
  /** Resolves when the engine runs; rejects with a `LarderError` when it refuses to start. */
  ready(): Promise<void>;
  /** Lets jobs settle, then ends the thread. */
  stop(): Promise<void>;
}

export interface EngineThreadOptions {
  /** Entry of the thread: `engine/thread`. */
  readonly threadUrl: URL;
  readonly home: string;
  readonly version: string;
  readonly live: boolean;
  /** Parse every answer of the engine too. */
  readonly validateOutput?: boolean;
  /** The keychain of the operating system, where the shell has one; asked at the moment of use. */
  readonly vault?: KeyVault | undefined;
  /** Keys that were named for this run. */
  readonly keyFiles?: KeyFiles | undefined;
  /** Pauses before a restart, in ms; after the last one it stays failed. The count starts anew after a minute of life. */
  readonly restartDelaysMs?: readonly number[];
}

const defaultRestartDelaysMs = [0, 500, 2_000, 5_000, 15_000];
const settledAfterMs = 60_000;
/** Room for what is new in the thread's heap, MiB, see the pool's workers. */
const maxYoungGenerationSizeMb = 32;

interface SessionRecord {
  readonly id: number;
  readonly paths: 'any' | 'granted';
  readonly transport: FrameTransport;
  readonly grants: Set<string>;
  port: MessagePort | undefined;
}

/** Runs the engine in a worker thread, watches over it, and starts it again when it dies. */
export function startEngineThread(options: EngineThreadOptions): EngineThread {
  const delays = options.restartDelaysMs ?? defaultRestartDelaysMs;
  const sessions = new Map<number, SessionRecord>();
  const listeners = new Set<(state: EngineState) => void>();
  let state: EngineState = { state: 'starting' };
  let worker: Worker | undefined;
  let nextSession = 1;
  let restarts = 0;
  let startedAtMs = 0;
  let restartTimer: NodeJS.Timeout | undefined;
  let refusal: LarderError | undefined;

  function setState(next: EngineState): void {
    state = next;
    for (const listener of [...listeners]) listener(next);
  }

  function post(target: Worker, message: HostMessage, transfer: MessagePort[] = []): void {
    target.postMessage(message, transfer);
  }

  function plug(target: Worker, session: SessionRecord): void {
    const { port1, port2 } = new MessageChannel();
    session.port = port1;
    port1.on('message', (frame: unknown) => session.transport.receive(frame));
    post(target, { t: 'connect', session: session.id, port: port2, paths: session.paths }, [port2]);
    for (const path of session.grants) port1.postMessage({ grant: path } satisfies GrantMessage);
    session.transport.reconnected();
  }

  function unplug(session: SessionRecord, reason: string): void {
    session.port?.close();
    session.port = undefined;
    session.transport.disconnected(reason);
  }

  function ended(target: Worker, reason: string): void {
    if (worker !== target) return;
    worker = undefined;
    for (const session of sessions.values()) unplug(session, reason);
    if (state.state === 'stopped') return;
    if (refusal !== undefined) {
      setState({ state: 'failed', reason: refusal.message });
      return;
    }
    if (performance.now() - startedAtMs > settledAfterMs) restarts = 0;
    const delay = delays[restarts];
    if (delay === undefined) {
      setState({ state: 'failed', reason });
      return;
    }
    restarts += 1;
    setState({ state: 'restarting', reason });
    restartTimer = setTimeout(start, delay);
  }

  function start(): void {
    const data: ThreadData = {
      home: options.home,
      version: options.version,
      live: options.live,
      validateOutput: options.validateOutput ?? false,
      hasVault: options.vault !== undefined,
      keyFiles: options.keyFiles,
    };
    const target = new Worker(options.threadUrl, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb } });
    worker = target;
    startedAtMs = performance.now();
    let failure = 'it ended';
    target.on('message', (message: ThreadMessage) => {
      if (message.t === 'vault') {
        // One that has ended meanwhile no longer hears.
        void answerVault(options.vault, message).then((answer) => post(target, answer));
      }
      if (message.t === 'refused') refusal = LarderError.fromData(message.error);
      if (message.t !== 'ready' || worker !== target) return;
      for (const session of sessions.values()) if (session.port === undefined) plug(target, session);
      setState({ state: 'running' });
    });
    target.on('error', (error: unknown) => {
      failure = error instanceof Error ? error.message : String(error);
    });
    target.on('exit', () => ended(target, failure));
  }

  start();

  return {
    connect({ paths }) {
      const id = nextSession++;
      const session: SessionRecord = {
        id,
        paths,
        grants: new Set(),
        port: undefined,
        transport: new FrameTransport(
          (frame) => session.port?.postMessage(frame),
          () => {
            sessions.delete(id);
            session.port?.close();
          },
        ),
      };
      sessions.set(id, session);
      // Frames posted before the thread listens wait in the port; only a lost engine refuses them.
      if (worker !== undefined && state.state !== 'failed') plug(worker, session);
      else session.transport.disconnected(state.reason ?? 'it is not running');
      const connection: EngineConnection = {
        request: (frame) => session.transport.request(frame),
        cancel: (callId) => session.transport.cancel(callId),
        subscribe: (subscriber) => session.transport.subscribe(subscriber),
        close: () => session.transport.close(),
        grant(path) {
          session.grants.add(path);
          session.port?.postMessage({ grant: path } satisfies GrantMessage);
        },
      };
      return connection;
    },
    get state() {
      return state;
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready() {
      return new Promise((resolve, reject) => {
        const check = (current: EngineState): boolean => {
          if (current.state === 'running') resolve();
          else if (current.state === 'failed' || current.state === 'stopped') {
            reject(
              refusal ?? new LarderError('INTERNAL', `Larder's engine did not start: ${current.reason ?? 'stopped'}`),
            );
          } else return false;
          return true;
        };
        if (check(state)) return;
        const listener = (current: EngineState): void => {
          if (check(current)) listeners.delete(listener);
        };
        listeners.add(listener);
      });
    },
    async stop() {
      clearTimeout(restartTimer);
      const target = worker;
      setState({ state: 'stopped' });
      for (const session of sessions.values()) unplug(session, 'Larder is stopping');
      if (target === undefined) return;
      const exited = new Promise((resolve) => target.once('exit', resolve));
      post(target, { t: 'stop' });
      await exited;
    },
  };
}
