/** A reading of a counter: how much was done at a time. */
interface Reading {
  readonly atMs: number;
  readonly done: number;
}

/**
 * Speed of a job over the last seconds, so that the remaining time follows what is happening now and not what happened
 * at the start.
 */
export class RateMeter {
  private readonly windowMs: number;
  private readings: Reading[] = [];

  constructor(windowMs = 5_000) {
    this.windowMs = windowMs;
  }

  /** Forgets all readings: another phase counts something else. */
  reset(): void {
    this.readings = [];
  }

  add(atMs: number, done: number): void {
    const last = this.readings.at(-1);
    if (last !== undefined && done < last.done) this.readings = [];
    this.readings.push({ atMs, done });
    while (this.readings.length > 2 && (this.readings[1]?.atMs ?? 0) < atMs - this.windowMs) this.readings.shift();
  }

  /** Units a second; 0 while there is too little to say. */
  perSecond(): number {
    const first = this.readings[0];
    const last = this.readings.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
  }

  /** Milliseconds until `total`; undefined while nothing can be said. */
  remainingMs(total: number | undefined): number | undefined {
    const last = this.readings.at(-1);
    const rate = this.perSecond();
    if (total === undefined || last === undefined || rate <= 0) return undefined;
    return Math.max(0, ((total - last.done) / rate) * 1_000);
  }
}
