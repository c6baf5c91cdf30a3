/** How often things happen, ms. */
export interface UsageTiming {
  /** From the first event to reading, so that events of one change are taken together. */
  gatherMs: number;
  /** Between two announcements. */
  announceMs: number;
  /** Between two looks whether the root is there and what is mounted below it. */
  rootCheckMs: number;
  /** Least time between two counts where changes are not told. */
  pollMs: number;
  /** Between two counts that make up for what a watcher may have missed. */
  reconcileMs: number;
}

export const defaultTiming: UsageTiming = {
  gatherMs: 15,
  announceMs: 200,
  rootCheckMs: 2_000,
  pollMs: 30_000,
  reconcileMs: 30 * 60_000,
};

/** Calls `act` once, at the earliest of the times asked for. */
export class EarliestTimer {
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;

  constructor(act: () => void) {
    this.#act = act;
  }

  /** What was asked for first comes first, or a lasting storm would put it off for ever. */
  in(afterMs: number): void {
    const due = performance.now() + afterMs;
    if (this.#timer !== undefined && this.#due <= due) return;
    this.cancel();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#act();
    }, afterMs);
    this.#timer.unref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
