import { LarderError } from '../../shared/contract/index.ts';
import type { Live, Store, UsageSummary } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { rescan, scanStore } from '../scan/index.ts';
import type { ScanBounds, ScanProgress, UsageTree } from '../scan/index.ts';
import { planWatch, queuedEventsLimit, StoreWatch, watchLimitError } from '../watch/index.ts';
import type { OpenWatcher, WatchDirectory } from '../watch/index.ts';
import { DirtySet } from './dirty.ts';
import { findMount, readMounts } from './disks.ts';
import { isNetworkType, mountsBelow } from './mounts.ts';
import { rootTrouble, summarise } from './summary.ts';
import { Throttle } from './throttle.ts';

export interface StoreUsageOptions {
  context: Pick<EngineContext, 'fs' | 'pool' | 'clock' | 'log'>;
  store: Pick<Store, 'id' | 'path'>;
  /** Figures moved; `paths` are the directories concerned. */
  onChange(paths: readonly string[]): void;
  /** The live state changed. */
  onLive(): void;
  /** Replaced in tests. */
  timing?: Partial<UsageTiming> | undefined;
  watchDirectory?: WatchDirectory | undefined;
  openWatcher?: OpenWatcher | undefined;
}

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

const defaultTiming: UsageTiming = {
  gatherMs: 15,
  announceMs: 200,
  rootCheckMs: 2_000,
  pollMs: 30_000,
  reconcileMs: 30 * 60_000,
};

/** Reading on the engine thread may take this long at a time, ms. */
const inlineMs = 8;
/** Directories read in one round. */
const roundLimit = 2_000;
/** A directory that took t to read is left alone for this many t. */
const restFactor = 10;
const longestRestMs = 5_000;
/** Paths kept for one announcement (contract: usage.changed). */
const announcedPaths = 50;

const nothingYet: ScanProgress = { directoriesRead: 0, directoriesFound: 1, files: 0, bytes: 0 };

export type CountProgress = (progress: ScanProgress) => void;

/**
 * The usage of one store: counted once, then kept true by reading again what changed.
 *
 * The order that makes it true: directories are watched, then counted; every change after a directory was read raises an
 * event, and every event leads to another read. What a watcher may lose (a full event queue, a reached limit) leads to a
 * whole new count.
 */
export class StoreUsage {
  readonly #options: StoreUsageOptions;
  readonly #timing: UsageTiming;
  readonly #dirty = new DirtySet();
  readonly #announce: Throttle;
  readonly #changedPaths = new Set<string>();
  #tree: UsageTree | undefined;
  #bounds: ScanBounds | undefined;
  #countedAtMs = 0;
  #live: Live = { state: 'off' };
  #watch: StoreWatch | undefined;
  /** Reason why changes are not told for all of the store. */
  #partial: string | undefined;
  #network = false;
  #running = false;
  #openAgain = false;
  #opening: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #counting: Promise<void> | undefined;
  #abort = new AbortController();
  #readTimer: NodeJS.Timeout | undefined;
  #recountTimer: NodeJS.Timeout | undefined;
  #recountDue = 0;
  #rootTimer: NodeJS.Timeout | undefined;
  #lastCountMs = 0;
  #progress: ScanProgress = nothingYet;
  /** Set while a count runs: what became dirty since it began must be read again in its tree. */
  #dirtyMeanwhile: Set<string> | undefined;

  constructor(options: StoreUsageOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#announce = new Throttle(this.#timing.announceMs, () => {
      const paths = [...this.#changedPaths];
      this.#changedPaths.clear();
      options.onChange(paths);
    });
  }

  get live(): Live {
    return this.#live;
  }

  /** The tree as it is now; undefined before the first count. */
  get tree(): UsageTree | undefined {
    return this.#tree;
  }

  /** Directories watched. */
  get watched(): number {
    return this.#watch?.size ?? 0;
  }

  /** Whether nothing is known to be out of date. */
  get settled(): boolean {
    return this.#dirty.size === 0 && this.#reading === undefined && this.#counting === undefined;
  }

  /** How far the running count is; undefined while none runs. */
  get counting(): ScanProgress | undefined {
    return this.#counting === undefined ? undefined : this.#progress;
  }

  /** Resolves when the running count has ended, however it ended. */
  async counted(): Promise<void> {
    await this.#counting?.catch(() => undefined);
  }

  summary(): UsageSummary | undefined {
    if (this.#tree === undefined) return undefined;
    return summarise(this.#options.store, this.#tree, this.#countedAtMs, this.#live);
  }

  /** Begins to count and watch. Resolves when the store is live, or cannot be. */
  start(): Promise<void> {
    this.#running = true;
    this.#rootTimer ??= setInterval(() => this.#lookAtRoot(), this.#timing.rootCheckMs);
    this.#rootTimer.unref();
    return this.#open();
  }

  /** Ends everything; no handle is left open. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#abort.abort();
    clearInterval(this.#rootTimer);
    this.#rootTimer = undefined;
    this.#announce.stop();
    await this.#closeWatch();
    await Promise.allSettled([this.#opening, this.#counting, this.#reading]);
    await this.#closeWatch();
    this.#live = { state: 'off' };
  }

  /** Counts the whole store. Shares a count that is running. */
  async count(onProgress?: CountProgress, signal?: AbortSignal): Promise<void> {
    while (this.#counting !== undefined) {
      // A count that began before this request may have passed what the request is about.
      await this.#counting.catch(() => undefined);
      if (signal?.aborted === true) throw new LarderError('CANCELLED', 'Cancelled.');
    }
    const counting = this.#countNow(onProgress, signal);
    this.#counting = counting;
    try {
      await counting;
    } finally {
      this.#counting = undefined;
      this.#readSoon();
    }
  }

  /** Sees that the store was counted at least once; joins the count that is running. */
  async ensureCounted(signal?: AbortSignal): Promise<UsageTree> {
    if (this.#tree === undefined && this.#counting !== undefined) await this.#counting.catch(() => undefined);
    if (this.#tree === undefined) await this.count(undefined, signal);
    if (this.#tree === undefined) throw new LarderError('CANCELLED', 'The count was stopped.');
    return this.#tree;
  }

  async #countNow(onProgress?: CountProgress, signal?: AbortSignal): Promise<void> {
    const { context, store } = this.#options;
    const began = performance.now();
    this.#dirtyMeanwhile = new Set();
    this.#progress = nothingYet;
    try {
      const mounts = mountsBelow(readMounts(context.fs), store.path);
      const any = signal === undefined ? this.#abort.signal : AbortSignal.any([this.#abort.signal, signal]);
      const { tree, bounds } = await scanStore(store.path, mounts, {
        fs: context.fs,
        pool: context.pool,
        signal: any,
        onProgress: (progress) => {
          this.#progress = progress;
          onProgress?.(progress);
        },
      });
      if (tree.rootTrouble !== undefined) throw rootTrouble(store.path, tree.rootTrouble);
      const replaced = this.#watch !== undefined && this.#tree?.inode(0) !== tree.inode(0);
      this.#tree = tree;
      this.#bounds = bounds;
      this.#countedAtMs = context.clock();
      for (const path of this.#dirtyMeanwhile) this.#dirty.add(path);
      if (replaced) this.#reopen();
      else this.#watchAll(tree);
      this.#changed(['']);
    } finally {
      this.#dirtyMeanwhile = undefined;
      this.#lastCountMs = performance.now() - began;
      this.#recountLater();
    }
  }

  /** Watches directories that a count found and no event had told of, and forgets those that are gone. */
  #watchAll(tree: UsageTree): void {
    const watch = this.#watch;
    if (watch === undefined) return;
    const wasLimited = watch.retry();
    const known = new Set<string>();
    for (const { path } of tree.walk()) {
      known.add(path);
      if (watch.ensure(path)) this.#dirty.add(path);
    }
    watch.retain(known);
    if (!wasLimited || watch.limited) return;
    this.#partial = undefined;
    if (this.#live.state === 'partial') this.#setLive({ state: 'live' });
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    for (let again = true; again; again = this.#takeOpenAgain()) {
      this.#abort = new AbortController();
      this.#partial = undefined;
      this.#network = false;
      await this.#closeWatch();
      if (this.#stopped()) return;
      this.#setLive({ state: 'starting' });
      try {
        await this.count();
        await this.#openWatch();
      } catch (error) {
        if (this.#running) await this.#lost(error);
      }
      if (this.#stopped()) return;
    }
    if (this.#live.state === 'starting') this.#setLive(this.#liveOrPartial());
  }

  #stopped(): boolean {
    return !this.#running;
  }

  /** Whether the root was replaced while the store was being opened, so that all is to be done again. */
  #takeOpenAgain(): boolean {
    const again = this.#openAgain;
    this.#openAgain = false;
    return again;
  }

  #liveOrPartial(): Live {
    return this.#partial === undefined ? { state: 'live' } : { state: 'partial', reason: this.#partial };
  }

  async #openWatch(): Promise<void> {
    const { context, store } = this.#options;
    const tree = this.#tree;
    if (!this.#running || tree === undefined) return;
    const { type } = findMount(context.fs, readMounts(context.fs), store.path);
    this.#network = isNetworkType(type);
    if (this.#network) {
      this.#partial = `It lies on a network file system (${type}), which does not tell of changes, so it is counted again from time to time.`;
      this.#recountLater();
      return;
    }
    const watch = new StoreWatch({
      root: store.path,
      plan: planWatch(tree),
      queuedEvents: queuedEventsLimit(context.fs),
      onDirty: (path) => this.#markDirty(path),
      onOverflow: () => this.#recountLater(Math.max(1_000, this.#lastCountMs * 5)),
      onLimit: (error) => this.#limited(error),
      watchDirectory: this.#options.watchDirectory,
      openWatcher: this.#options.openWatcher,
    });
    this.#watch = watch;
    await watch.open();
    // What changed between the first count and the watch raised no event.
    await this.count();
  }

  /** The root is gone or cannot be read: what is known stays shown, and the root check waits for its return. */
  async #lost(error: unknown): Promise<void> {
    const { message, hint } = toLarderError(error, this.#options.store.path);
    await this.#closeWatch();
    if (this.#running) this.#setLive({ state: 'off', reason: hint === undefined ? message : `${message} ${hint}` });
  }

  /** Starts over: the root is another directory than before, or is gone. */
  #reopen(): void {
    if (this.#opening !== undefined) {
      this.#openAgain = true;
      return;
    }
    void this.#open();
  }

  async #closeWatch(): Promise<void> {
    clearTimeout(this.#readTimer);
    clearTimeout(this.#recountTimer);
    this.#readTimer = this.#recountTimer = undefined;
    this.#dirty.clear();
    const watch = this.#watch;
    this.#watch = undefined;
    await watch?.close();
  }

  #limited(error: unknown): void {
    const { context, store } = this.#options;
    const limit = watchLimitError(context.fs, error);
    this.#partial = `${limit.message} The rest is counted again from time to time. ${limit.hint ?? ''}`.trim();
    context.log.warn({ store: store.id, reason: limit.message }, 'watching is limited');
    if (this.#live.state === 'live') this.#setLive({ state: 'partial', reason: this.#partial });
    this.#recountLater();
  }

  #markDirty(path: string): void {
    this.#dirtyMeanwhile?.add(path);
    this.#dirty.add(path);
    this.#readSoon();
  }

  #readSoon(): void {
    if (this.#readTimer !== undefined || this.#reading !== undefined || this.#counting !== undefined) return;
    if (!this.#running || this.#tree === undefined) return;
    const nextAt = this.#dirty.nextAt();
    if (nextAt === undefined) return;
    const waitMs = Math.max(this.#timing.gatherMs, nextAt - performance.now());
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined;
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
        this.#readSoon();
      });
    }, waitMs);
    this.#readTimer.unref();
  }

  /** One round: reads what is dirty, directories found new included, until the round is full. */
  async #read(): Promise<void> {
    const { context } = this.#options;
    const [tree, bounds] = [this.#tree, this.#bounds];
    if (tree === undefined || bounds === undefined) return;
    const now = performance.now();
    try {
      const outcome = await rescan(tree, bounds, this.#dirty.take(now, roundLimit), {
        fs: context.fs,
        pool: context.pool,
        inlineMs,
        beforeRead: (path) => void this.#watch?.ensure(path),
        signal: this.#abort.signal,
      });
      if (this.#tree !== tree) return;
      if (outcome.rootLost) {
        this.#reopen();
        return;
      }
      for (const path of outcome.removed) this.#dirty.forget(path);
      this.#watch?.remove(outcome.removed);
      for (const path of outcome.next) this.#dirty.add(path);
      for (const { path, tookMs } of outcome.slow) {
        this.#dirty.putOff(path, performance.now() + Math.min(longestRestMs, tookMs * restFactor));
      }
      if (outcome.changed.length > 0 || outcome.removed.length > 0) this.#changed(outcome.changed);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      context.log.error({ store: this.#options.store.id, error: toLarderError(error).message }, 'reading again failed');
      this.#recountLater(1_000);
    }
  }

  #changed(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#changedPaths.size >= announcedPaths) break;
      this.#changedPaths.add(path);
    }
    this.#announce.request();
  }

  #setLive(live: Live): void {
    if (this.#live.state === live.state && this.#live.reason === live.reason) return;
    this.#live = live;
    this.#options.onLive();
    if (this.#tree !== undefined) this.#announce.request();
  }

  /** Counts again later: soon after a possible loss, now and then where changes are not told, else rarely. */
  #recountLater(afterMs?: number): void {
    if (!this.#running) return;
    const { pollMs, reconcileMs } = this.#timing;
    const usual = this.#partial === undefined ? reconcileMs : Math.max(pollMs, this.#lastCountMs * 20);
    const due = performance.now() + (afterMs ?? usual);
    // What was asked for first comes first, or a lasting storm would put the count off for ever.
    if (this.#recountTimer !== undefined && this.#recountDue <= due) return;
    clearTimeout(this.#recountTimer);
    this.#recountDue = due;
    this.#recountTimer = setTimeout(() => {
      this.#recountTimer = undefined;
      if (!this.#running) return;
      if (this.#opening !== undefined) this.#recountLater(1_000);
      else this.count().catch((error: unknown) => this.#countFailed(error));
    }, due - performance.now());
    this.#recountTimer.unref();
  }

  #countFailed(error: unknown): void {
    if (this.#running && !this.#abort.signal.aborted) void this.#lost(error);
  }

  /** Notices what raises no event: a root that returned or was replaced, and mounts that came or went below it. */
  #lookAtRoot(): void {
    const { context, store } = this.#options;
    if (!this.#running || this.#opening !== undefined) return;
    // A server that does not answer must not hold the engine thread; there the next count tells.
    if (this.#network && this.#live.state !== 'off') return;
    let inode: bigint | undefined;
    try {
      const stats = context.fs.lstat(store.path);
      if (stats.isDirectory()) inode = stats.ino;
    } catch {
      // Not there, or not for this user: the same as far as watching goes.
    }
    if (this.#live.state === 'off') {
      if (inode !== undefined) void this.#open();
      return;
    }
    if (inode === undefined || inode !== this.#tree?.inode(0)) {
      this.#markDirty('');
      return;
    }
    const mounts = mountsBelow(readMounts(context.fs), store.path);
    const before = this.#bounds?.mounts ?? mounts;
    const moved = [...mounts]
      .filter((path) => !before.has(path))
      .concat([...before].filter((path) => !mounts.has(path)));
    if (moved.length === 0 || this.#bounds === undefined) return;
    this.#bounds = { ...this.#bounds, mounts };
    for (const path of moved) this.#markDirty(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  }
}
