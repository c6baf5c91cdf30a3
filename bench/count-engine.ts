import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { builtChild } from './built.ts';
import type { CountReply, CountRequest } from './count-child.ts';

/** One engine in a process with nothing else in it, started when first asked. */
export class CountEngine {
  #child: ChildProcess | undefined;
  #opened: Promise<CountReply> | undefined;
  /** Rejects when the process ends; one for all questions, or each would leave its listeners behind. */
  #ended: Promise<never> | undefined;

  /** Adds the store, once; gives how long it took. */
  open(root: string, live: boolean): Promise<CountReply> {
    this.#opened ??= this.ask({ act: 'open', root, live });
    return this.#opened;
  }

  async ask(request: CountRequest): Promise<CountReply> {
    if (this.#child === undefined) {
      this.#child = fork(await builtChild('count-child'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
