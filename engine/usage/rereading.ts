import type { EngineContext } from '../context.ts';
import { rescan } from '../scan/index.ts';
import type { Rescanned, ScanBounds, UsageTree } from '../scan/index.ts';
import { DirtySet } from './dirty.ts';

/** Directories read in one round. */
const roundLimit = 2_000;
/** A directory that took t to read is left alone for this many t. */
const restFactor = 10;
const longestRestMs = 5_000;

/** What is read again, and how. */
export interface RereadingSource {
  tree: UsageTree;
  bounds: ScanBounds;
  /** Reading on the engine thread may take this long at a time, ms. */
  inlineMs: number;
  signal: AbortSignal;
}

export interface RereadingOptions {
  context: Pick<EngineContext, 'fs' | 'pool'>;
  /** From the first event to reading, ms. */
  gatherMs: number;
  /** Undefined while nothing is to be read: before the first count, while one runs, at the end. */
  source(): RereadingSource | undefined;
  /** Whether this tree is still the one that is kept. */
  isCurrent(tree: UsageTree): boolean;
  /** A directory is about to be read: the moment to see that it is watched. */
  beforeRead(path: string): void;
  /** A round is in the tree. */
  onRead(outcome: Rescanned): void;
  onFailed(error: unknown): void;
}

/** Reads directories again that became dirty, a moment after they did, and those that follow from them. */
export class Rereading {
  readonly #options: RereadingOptions;
  readonly #dirty = new DirtySet();
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RereadingOptions) {
    this.#options = options;
  }

  /** Whether nothing waits to be read. */
  get settled(): boolean {
    return this.#dirty.size === 0 && this.#reading === undefined;
  }

  /** Notes a directory; it is read once {@link soon} is called. */
  add(path: string): void {
    this.#dirty.add(path);
  }

  /** Sees that what is dirty will be read. */
  soon(): void {
    if (this.#timer !== undefined || this.#reading !== undefined || this.#options.source() === undefined) return;
    const nextAt = this.#dirty.nextAt();
    if (nextAt === undefined) return;
    const waitMs = Math.max(this.#options.gatherMs, nextAt - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
        this.soon();
      });
    }, waitMs);
    this.#timer.unref();
  }

  /** Forgets what is dirty. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty.clear();
  }

  /** Resolves when the round that is under way has ended. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  /** One round: reads what is dirty, until the round is full. */
  async #read(): Promise<void> {
    const { context, source, isCurrent, beforeRead, onRead, onFailed } = this.#options;
    const from = source();
    if (from === undefined) return;
    const { tree, bounds, inlineMs, signal } = from;
    try {
      const outcome = await rescan(tree, bounds, this.#dirty.take(performance.now(), roundLimit), {
        fs: context.fs,
        pool: context.pool,
        inlineMs,
        beforeRead,
        signal,
      });
      if (!isCurrent(tree)) return;
      if (!outcome.rootLost) {
        for (const path of outcome.removed) this.#dirty.forget(path);
        for (const path of outcome.next) this.#dirty.add(path);
        for (const { path, tookMs } of outcome.slow) {
          this.#dirty.putOff(path, performance.now() + Math.min(longestRestMs, tookMs * restFactor));
        }
      }
      onRead(outcome);
    } catch (error) {
      if (!signal.aborted) onFailed(error);
    }
  }
}
