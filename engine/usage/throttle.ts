/** Calls `act` at once, and then at most once every `everyMs` however often it is requested. */
export class Throttle {
  readonly #everyMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = -Infinity;
  #stopped = false;

  constructor(everyMs: number, act: () => void) {
    this.#everyMs = everyMs;
    this.#act = act;
  }

  request(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const waitMs = Math.max(0, this.#lastAt + this.#everyMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#lastAt = performance.now();
      this.#act();
    }, waitMs);
    this.#timer.unref();
  }

  /** For good: nothing is called after this. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
