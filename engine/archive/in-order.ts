import type { Pool, Task } from '../pool/index.ts';

/** Tasks that run side by side and whose results are taken in the order they were started. */
export class InOrder {
  /** How many tasks keep the pool busy. */
  readonly width: number;
  private readonly pool: Pool;
  private readonly signal: AbortSignal;
  private readonly onTaken: () => void;
  private readonly waiting: Promise<() => void>[] = [];

  constructor(pool: Pool, signal: AbortSignal, onTaken: () => void = () => undefined) {
    this.pool = pool;
    this.signal = signal;
    this.onTaken = onTaken;
    this.width = pool.size * 2;
  }

  /** `explain` may say more of an error. */
  start<I, O>(
    task: Task<I, O>,
    input: I,
    take: (output: O) => void,
    explain: (error: unknown) => unknown = (error) => error,
  ): void {
    const done = this.pool.run(task, input, { signal: this.signal }).then(
      (output) => () => take(output),
      (error: unknown) => {
        throw explain(error);
      },
    );
    // A failure is seen where the result is taken.
    done.catch(() => undefined);
    this.waiting.push(done);
  }

  /** Takes results until no more than `left` tasks are under way. */
  async drain(left: number): Promise<void> {
    while (this.waiting.length > left) {
      const take = await this.waiting.shift();
      take?.();
      this.onTaken();
    }
  }
}
