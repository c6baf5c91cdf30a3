/** One message between the test and the main process. */
type Wire =
  | { t: 'ask'; id: number; name: string; args: unknown[] }
  | { t: 'answer'; id: number; value: unknown }
  | { t: 'failure'; id: number; message: string };

/** A process's end of `fork`'s channel: `process` or a `ChildProcess`. */
export interface ProcessEnd {
  send(message: unknown, done: (error: Error | null) => void): void;
  listen(listener: (message: unknown) => void): void;
}

// The shape a table of functions has to have; what each takes and gives is known to the table itself.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments are checked where the table is declared
type Functions = { [name: string]: (...args: any[]) => unknown };
type Answer<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;

/** Calls functions of the other process by name, and answers its calls. In order of sending. */
export class Channel<Theirs extends Functions> {
  private readonly end: ProcessEnd;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private nextId = 1;
  private pendingSends = 0;
  private onFlushed: (() => void) | undefined;

  constructor(end: ProcessEnd, mine: Functions) {
    this.end = end;
    end.listen((message) => {
      const wire = message as Wire;
      if (wire.t === 'ask') void this.answer(mine, wire);
      else if (wire.t === 'answer') this.take(wire.id)?.resolve(wire.value);
      else this.take(wire.id)?.reject(new Error(wire.message));
    });
  }

  ask<N extends keyof Theirs & string>(name: N, ...args: Arguments<Theirs[N]>): Promise<Answer<Theirs[N]>> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.post({ t: 'ask', id, name, args });
    });
  }

  /** Resolves when everything said so far has been handed to the system. */
  flushed(): Promise<void> {
    if (this.pendingSends === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onFlushed = resolve;
    });
  }

  /** The other process is gone. */
  fail(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }

  private take(id: number): { resolve(value: unknown): void; reject(error: Error): void } | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private async answer(mine: Functions, { id, name, args }: Extract<Wire, { t: 'ask' }>): Promise<void> {
    try {
      const run = mine[name];
      if (run === undefined) throw new Error(`The stand-in has no ${name}.`);
      this.post({ t: 'answer', id, value: await run(...args) });
    } catch (error) {
      this.post({ t: 'failure', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  private post(wire: Wire): void {
    this.pendingSends += 1;
    this.end.send(wire, (error) => {
      this.pendingSends -= 1;
      if (error !== null && wire.t === 'ask') this.take(wire.id)?.reject(error);
      if (this.pendingSends === 0) this.onFlushed?.();
    });
  }
}
