/**
 * A token bucket: `burst` at once, `perSecond` in the long run.
 *
 * Times are monotonic and in ms, passed in so that nothing here waits or reads a clock.
 */
export class RateLimit {
  private readonly perSecond: number;
  private readonly burst: number;
  private tokens: number;
  private lastMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.tokens = burst;
    this.lastMs = nowMs;
  }

  /** Takes `amount`, one unless told otherwise; false, and nothing taken, when there are not as many. */
  take(nowMs: number, amount = 1): boolean {
    return this.takeOrWait(nowMs, amount) === 0;
  }

  /** Takes `amount` and returns 0; or takes nothing and returns how many ms until there are as many. */
  takeOrWait(nowMs: number, amount = 1): number {
    this.tokens = Math.min(this.burst, this.tokens + (Math.max(0, nowMs - this.lastMs) / 1_000) * this.perSecond);
    this.lastMs = nowMs;
    if (this.tokens < amount) return Math.ceil(((amount - this.tokens) / this.perSecond) * 1_000);
    this.tokens -= amount;
    return 0;
  }

  /** Puts one back that should not have counted. */
  giveBack(): void {
    this.tokens = Math.min(this.burst, this.tokens + 1);
  }
}
