export interface AskerOptions<A> {
  /** Puts the question; rejects or resolves at will once `signal` is aborted. */
  readonly ask: (signal: AbortSignal) => Promise<A>;
  readonly onAnswer: (answer: A) => void;
  /** How long to wait before asking, in ms. */
  readonly delayMs: number;
  /** Monotonic clock in ms. */
  readonly now: () => number;
}

/**
 * Asks one question, and again when told that the answer may have changed. A question under way is never given up for a
 * newer one of the same kind: where the ground keeps moving, no answer would ever come. Asking again waits at least as
 * long as the last answer took, so that it takes up at most half of the time. After `stop` no answer is passed on.
 */
export class Asker<A> {
  private readonly options: AskerOptions<A>;
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = false;
  private changed = false;
  private tookMs = 0;

  constructor(options: AskerOptions<A>) {
    this.options = options;
    this.askSoon();
  }

  /** The answer may be another one now. */
  again(): void {
    if (this.asking) this.changed = true;
    else this.askSoon();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private askSoon(): void {
    if (this.timer !== undefined || this.abort.signal.aborted) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.changed = false;
        void this.askNow();
      },
      Math.max(this.options.delayMs, this.tookMs),
    );
  }

  private async askNow(): Promise<void> {
    this.asking = true;
    const begun = this.options.now();
    const answer = await this.options.ask(this.abort.signal);
    this.asking = false;
    if (this.abort.signal.aborted) return;
    this.tookMs = this.options.now() - begun;
    this.options.onAnswer(answer);
    if (this.changed) this.askSoon();
  }
}
