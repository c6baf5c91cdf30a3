import type { KeyFiles } from '../../engine/host/index.ts';
import { createClient } from '../../shared/client/index.ts';
import type { Subscriber, Transport } from '../../shared/client/index.ts';
import { defaultStoreRules, LarderError, jobSchema } from '../../shared/contract/index.ts';
import type { Input, Job, Notice, Output, ProcedureName, Store } from '../../shared/contract/index.ts';
import type { ReplyFrame } from '../../shared/contract/frames.ts';
import { main } from '../program.ts';
import type { World } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** 20 November 2026, noon UTC. */
export const nowMs = Date.UTC(2026, 10, 20, 12);

export const store: Store = {
  id: 'store-1',
  name: 'project',
  path: '/data/project',
  addedAtMs: nowMs,
  state: 'ok',
  destination: '/data/project-backups',
  live: { state: 'off' },
  rules: defaultStoreRules,
};

/** A job with the fields a test does not care about filled in. */
export function makeJob(fields: Partial<Job> = {}): Job {
  return jobSchema.parse({
    id: 'job-1',
    kind: 'backup',
    title: 'Back up project',
    status: 'done',
    phase: 'Reading files',
    bytesDone: 0,
    filesDone: 0,
    bytesPerSecond: 0,
    cancellable: false,
    startedAtMs: nowMs,
    warningCount: 0,
    ...fields,
  });
}

/** A Larder that has these notices. */
export function systemInfo(...notices: Notice[]): Output<'system.info'> {
  return {
    version: '1.2.3',
    platform: 'linux',
    node: '24.0.0',
    hostname: 'box',
    userHome: '/home/me',
    home: '/home/default',
    zstd: true,
    separator: '/',
    notices,
  };
}

type Answers = { [N in ProcedureName]?: (input: Input<N>) => Output<N> | Promise<Output<N>> };

/** An engine that answers with what the test says, and sends the events the test sends. */
export class ScriptedEngine implements Transport {
  readonly asked: { name: string; input: unknown }[] = [];
  readonly #answers: Answers;
  readonly #subscribers = new Set<Subscriber>();
  #seq = 0;
  closed = false;

  constructor(answers: Answers) {
    this.#answers = { 'stores.list': () => ({ stores: [store] }), 'system.info': () => systemInfo(), ...answers };
  }

  async request(frame: { id: string; name: string; input?: unknown }): Promise<ReplyFrame> {
    this.asked.push({ name: frame.name, input: frame.input });
    const answer = this.#answers[frame.name as ProcedureName] as ((input: unknown) => unknown) | undefined;
    try {
      if (answer === undefined) throw new LarderError('UNSUPPORTED', `${frame.name} is not scripted.`);
      return { t: 'result', id: frame.id, output: await answer(frame.input) };
    } catch (error) {
      if (!(error instanceof LarderError)) throw error;
      return { t: 'error', id: frame.id, error: error.toData() };
    }
  }

  cancel(): void {}

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    subscriber.hello({ t: 'hello', epoch: 'one', seq: this.#seq });
    return () => this.#subscribers.delete(subscriber);
  }

  close(): void {
    this.closed = true;
  }

  /** Tells how a job stands. */
  tell(job: Job): void {
    this.#seq += 1;
    const frame = { t: 'event', seq: this.#seq, name: 'jobs.changed', data: { job } } as const;
    for (const subscriber of this.#subscribers) subscriber.event(frame);
  }

  disconnect(reason: string): void {
    for (const subscriber of this.#subscribers) subscriber.disconnected(reason);
  }
}

export interface Ran {
  code: number;
  out: string;
  err: string;
  /** stdout as JSON. */
  json: () => unknown;
  engine: ScriptedEngine;
  home: string | undefined;
  /** The keys the engine was opened with. */
  keyFiles: KeyFiles | undefined;
}

export interface RunOptions {
  answers?: Answers;
  engine?: ScriptedEngine;
  terminal?: Partial<Terminal>;
  signal?: AbortSignal;
  openEngine?: World['openEngine'];
}

/** Runs a command line against a scripted engine. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const engine = options.engine ?? new ScriptedEngine(options.answers ?? {});
  let out = '';
  let err = '';
  let home: string | undefined;
  let keyFiles: KeyFiles | undefined;
  const terminal: Terminal = {
    out: (text) => void (out += text),
    outBytes: async (bytes) => void (out += Buffer.from(bytes).toString('latin1')),
    outClosed: false,
    err: (text) => void (err += text),
    flush: async () => {},
    outIsTty: false,
    errIsTty: false,
    inIsTty: false,
    columns: 80,
    env: {},
    cwd: '/srv',
    now: () => nowMs,
    ask: async () => 'n',
    askSecret: async () => '',
    ...options.terminal,
  };
  const code = await main(args, {
    terminal,
    version: '1.2.3',
    defaultHome: '/home/default',
    signal: options.signal ?? new AbortController().signal,
    dashboard: {
      version: '1.2.3',
      threadUrl: new URL('file:///unused'),
      staticDir: '/unused',
      onNewAddress: () => () => {},
      openInBrowser: async () => {},
    },
    openEngine:
      options.openEngine ??
      (async (chosen, keys) => {
        home = chosen;
        keyFiles = keys;
        const client = createClient(engine);
        return { client, close: async () => client.close() };
      }),
  });
  return { code, out, err, json: () => JSON.parse(out) as unknown, engine, home, keyFiles };
}

/** Answers that make a job which has ended by the time it is asked for. */
export function endedJob(job: Job, warnings: { path: string; reason: string }[] = []): Answers {
  return { 'jobs.get': () => ({ job, warnings }) };
}
