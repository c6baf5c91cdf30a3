import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { peer, quoted, shell } from '../command.ts';
import { treeQuestions } from '../count-questions.ts';
import type { CountReply, CountRequest } from '../count-child.ts';
import type { Row } from '../row.ts';

/** Counting and watching: against the disk counters, and against the bars of design/performance.md. */

class EngineProcess {
  #child: ChildProcess | undefined;
  /** Rejects when the process ends; one for all questions, or each would leave its listeners behind. */
  #ended: Promise<never> | undefined;

  async ask(request: CountRequest): Promise<CountReply> {
    if (this.#child === undefined) {
      this.#child = fork(new URL('../count-child.ts', import.meta.url), {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      this.#ended = once(this.#child, 'exit').then(() => {
        throw new Error('The engine of the benchmark ended.');
      });
      this.#ended.catch(() => undefined);
      await once(this.#child, 'message');
    }
    this.#child.send(request);
    const stop = new AbortController();
    const reply = once(this.#child, 'message', { signal: stop.signal }) as Promise<[CountReply]>;
    try {
      return (await Promise.race(this.#ended === undefined ? [reply] : [reply, this.#ended]))[0];
    } finally {
      reply.catch(() => undefined);
      stop.abort();
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    await this.ask({ act: 'close' });
    await ended;
    this.#child = undefined;
  }
}

export const count: Row = {
  id: 'count',
  title: 'Count tree',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new EngineProcess();
    let opened: Promise<CountReply> | undefined;
    return [
      {
        name: 'larder, running engine',
        async run() {
          await (opened ??= engine.ask({ act: 'open', root, live: false }));
          return engine.ask({ act: 'count' });
        },
        close: () => engine.close(),
      },
      peer('du', ['du'], () => shell(`du -sx ${quoted(root)}`)),
      peer('gdu', ['gdu'], () => shell(`gdu -npc ${quoted(root)}`)),
      peer('ncdu', ['ncdu'], () => shell(`ncdu -0xo /dev/null ${quoted(root)}`)),
    ];
  },
  bars: [{ of: 'larder, running engine', against: 'du', bar: 1.2, moonshot: 0.8 }],
};

/** Bars in seconds: ready in 2 (0.5) s and 250 (120) MB; a change shown in 0.25 (0.1) s; idle at 0.005 (0.001) of a core. */
export const watchTree: Row = {
  id: 'watch',
  title: 'Watch tree',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new EngineProcess();
    const [area = ''] = readdirSync(root);
    const [part = ''] = readdirSync(join(root, area));
    const folder = join(root, area, part);
    let opened: Promise<CountReply> | undefined;
    const open = (): Promise<CountReply> => (opened ??= engine.ask({ act: 'open', root, live: true }));
    return [
      {
        name: 'ready, from a store added to live',
        async run() {
          const once = new EngineProcess();
          const reply = await once.ask({ act: 'open', root, live: true });
          await once.close();
          return reply;
        },
      },
      {
        name: 'a change shown',
        async run() {
          await open();
          return engine.ask({ act: 'change', folder });
        },
      },
      {
        name: 'idle, CPU seconds in 5 s',
        async run() {
          await open();
          return engine.ask({ act: 'idle', forMs: 5_000 });
        },
        close: () => engine.close(),
      },
    ];
  },
  bars: [],
};

/** Bar: 30 ms an answer; the largest files, types and ages may take longer, a slice at a time. */
export const askTree: Row = {
  id: 'ask',
  title: 'Ask about tree',
  dataSet: 'tree',
  contenders({ root }) {
    const engine = new EngineProcess();
    let opened: Promise<CountReply> | undefined;
    return treeQuestions.map((what, index) => ({
      name: what,
      async run() {
        await (opened ??= engine.ask({ act: 'open', root, live: true }));
        return engine.ask({ act: 'ask', what });
      },
      ...(index === treeQuestions.length - 1 ? { close: () => engine.close() } : {}),
    }));
  },
  bars: [],
};
