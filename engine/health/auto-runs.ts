import type { Store } from '../../shared/contract/index.ts';

/** When checks run by themselves. All ms. */
export interface AutoTiming {
  /** After a change, until nothing changed for this long. */
  readonly quietMs: number;
  /** Of a store that is never quiet. */
  readonly longestMs: number;
  /** Runs after changes lie at least this far apart. */
  readonly leastGapMs: number;
  /** How often it is looked whether a run is due. */
  readonly lookMs: number;
}

export const defaultAutoTiming: AutoTiming = {
  quietMs: 10_000,
  longestMs: 15 * 60_000,
  leastGapMs: 60_000,
  lookMs: 60_000,
};

/** A run after a change may take a fiftieth of the time, so that looking costs little beside what is looked at. */
const gapPerRun = 50;

export interface AutoOptions {
  readonly timing: AutoTiming;
  readonly clock: () => number;
  readonly stores: () => readonly Store[];
  /** Between scheduled runs; undefined when there is no schedule. */
  readonly everyMs: () => number | undefined;
  /** When a store's last report was made, whoever made it. */
  readonly lastReportMs: (store: string) => number | undefined;
  /** Runs all checks of a store; resolves with how long it took and whether to look again. Never rejects. */
  readonly run: (store: Store) => Promise<{ readonly tookMs: number; readonly again: boolean }>;
}

interface Waiting {
  timer: NodeJS.Timeout | undefined;
  /** The first change since the last run; undefined without one. */
  sinceMs: number | undefined;
  endedMs: number;
  tookMs: number;
}

/** Runs checks by themselves: after changes, once it is quiet, and on schedule. */
export class AutoRuns {
  readonly #options: AutoOptions;
  readonly #waiting = new Map<string, Waiting>();
  #schedule: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = true;

  constructor(options: AutoOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#schedule = setInterval(() => this.#runDue(), this.#options.timing.lookMs);
    this.#schedule.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#schedule);
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await this.#last;
  }

  /** Something in a store changed. */
  changed(store: string): void {
    if (this.#stopped) return;
    const { clock, timing } = this.#options;
    const now = clock();
    let waiting = this.#waiting.get(store);
    if (waiting === undefined) {
      this.#waiting.set(store, (waiting = { timer: undefined, sinceMs: undefined, endedMs: -Infinity, tookMs: 0 }));
    }
    waiting.sinceMs ??= now;
    const quietAt = Math.min(now + timing.quietMs, waiting.sinceMs + timing.longestMs);
    const allowedAt = waiting.endedMs + Math.max(timing.leastGapMs, waiting.tookMs * gapPerRun);
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#run(store), Math.max(0, quietAt - now, allowedAt - now));
    waiting.timer.unref();
  }

  /** What is due by the schedule; a machine that slept through several times does it once. */
  #runDue(): void {
    const everyMs = this.#options.everyMs();
    if (everyMs === undefined) return;
    const now = this.#options.clock();
    for (const { id } of this.#options.stores()) {
      const last = this.#options.lastReportMs(id);
      // A report from the future is one of a clock that was set back.
      if (last === undefined || now - last >= everyMs || last > now) this.#run(id);
    }
  }

  /** One store after another: two at once would only take the disk from each other. */
  #run(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      waiting.timer = undefined;
      waiting.sinceMs = undefined;
    }
    this.#last = this.#last.then(async () => {
      const store = this.#options.stores().find((each) => each.id === id);
      if (this.#stopped || store === undefined) return;
      const { tookMs, again } = await this.#options.run(store);
      const known = this.#waiting.get(id) ?? { timer: undefined, sinceMs: undefined, endedMs: 0, tookMs };
      known.endedMs = this.#options.clock();
      known.tookMs = tookMs;
      this.#waiting.set(id, known);
      if (again) this.changed(id);
    });
  }
}
