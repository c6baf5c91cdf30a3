/**
 * A rate limit: `capacity` at once, then `perSecond`.
 *
 * `nowMs` is a monotonic time in ms, passed in so that nothing here waits or reads a clock.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(options: { capacity: number; perSecond: number; nowMs: number }) {
    this.#capacity = options.capacity;
    this.#perSecond = options.perSecond;
    this.#tokens = options.capacity;
    this.#atMs = options.nowMs;
  }

  /** Takes one. Returns 0 when there was one, else how many ms until there will be. */
  take(nowMs: number): number {
    const elapsed = Math.max(0, nowMs - this.#atMs);
    this.#tokens = Math.min(this.#capacity, this.#tokens + (elapsed / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  /** Puts one back that should not have counted. */
  giveBack(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }
}
