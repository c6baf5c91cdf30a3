import { LarderError } from '../../shared/contract/index.ts';
import type { Live, Store, UsageSummary } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { Rescanned, ScanBounds, ScanProgress, UsageTree } from '../scan/index.ts';
import type { OpenWatcher, WatchDirectory } from '../watch/index.ts';
import { Announcer } from './announcer.ts';
import type { LayoutAreas } from './areas.ts';
import { countStore } from './count-store.ts';
import { readMounts } from './mount-table.ts';
import { LiveWatch } from './live-watch.ts';
import { movedMounts, mountsBelow } from './mounts.ts';
import type { MountsBelow } from './mounts.ts';
import { Rereading } from './rereading.ts';
import { rootTrouble, summarise } from './summary.ts';
import { defaultTiming, EarliestTimer } from './timing.ts';
import type { UsageTiming } from './timing.ts';

export interface StoreUsageOptions {
  context: Pick<EngineContext, 'fs' | 'pool' | 'clock' | 'log'>;
  store: Pick<Store, 'id' | 'path'>;
  /** Count other file systems mounted inside, too; not by default. */
  crossMounts?: boolean | undefined;
  /** Figures moved; `paths` are the directories concerned. */
  onChange(paths: readonly string[]): void;
  /** The live state changed. */
  onLive(): void;
  /** Replaced in tests. */
  timing?: Partial<UsageTiming> | undefined;
  watchDirectory?: WatchDirectory | undefined;
  openWatcher?: OpenWatcher | undefined;
}

/** Reading on the engine thread may take this long at a time, ms. */
const inlineMs = 8;
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
  readonly #watch: LiveWatch;
  readonly #rereading: Rereading;
  readonly #recount: EarliestTimer;
  readonly #announcer: Announcer;
  #tree: UsageTree | undefined;
  #bounds: ScanBounds | undefined;
  #crossMounts: boolean;
  /** What is mounted inside, as of the last count. */
  #mounts: MountsBelow = { closed: new Set(), crossed: new Map() };
  #countedAtMs = 0;
  #live: Live = { state: 'off' };
  #running = false;
  #openAgain = false;
  #opening: Promise<void> | undefined;
  #counting: Promise<void> | undefined;
  #abort = new AbortController();
  #rootTimer: NodeJS.Timeout | undefined;
  #lastCountMs = 0;
  #progress: ScanProgress = nothingYet;
  /** Set while a count runs: what became dirty since it began must be read again in its tree. */
  #dirtyMeanwhile: Set<string> | undefined;

  constructor(options: StoreUsageOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#crossMounts = options.crossMounts ?? false;
    this.#recount = new EarliestTimer(() => this.#countAgain());
    this.#watch = new LiveWatch({
      context: options.context,
      store: options.store,
      onDirty: (path) => this.#markDirty(path),
      onOverflow: () => this.#recountLater(Math.max(1_000, this.#lastCountMs * 5)),
      onPartial: () => {
        if (this.#live.state === 'live' || this.#live.state === 'partial') this.#setLive(this.#watch.live);
        this.#recountLater();
      },
      watchDirectory: options.watchDirectory,
      openWatcher: options.openWatcher,
    });
    this.#rereading = new Rereading({
      context: options.context,
      gatherMs: this.#timing.gatherMs,
      source: () => {
        const [tree, bounds] = [this.#tree, this.#bounds];
        if (!this.#running || this.#counting !== undefined || tree === undefined || bounds === undefined)
          return undefined;
        // A server that does not answer must not hold the engine thread.
        return { tree, bounds, inlineMs: this.#watch.network ? 0 : inlineMs, signal: this.#abort.signal };
      },
      isCurrent: (tree) => this.#tree === tree,
      beforeRead: (path) => this.#watch.ensure(path),
      onRead: (outcome) => this.#onRead(outcome),
      onFailed: (error) => {
        const { message } = toLarderError(error);
        options.context.log.error({ store: options.store.id, error: message }, 'reading again failed');
        this.#recountLater(1_000);
      },
    });
    this.#announcer = new Announcer(this.#timing.announceMs, (paths) => options.onChange(paths));
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
    return this.#watch.size;
  }

  /** Whether nothing is known to be out of date. */
  get settled(): boolean {
    return this.#rereading.settled && this.#counting === undefined;
  }

  /** How far the running count is; undefined while none runs. */
  get counting(): ScanProgress | undefined {
    return this.#counting === undefined ? undefined : this.#progress;
  }

  /** Resolves when the running count has ended, however it ended. */
  async counted(): Promise<void> {
    await this.#counting?.catch(() => undefined);
  }

  /** `areas`: those of the store's layout. */
  summary(areas: LayoutAreas = []): UsageSummary | undefined {
    if (this.#tree === undefined) return undefined;
    const crossed = this.#mounts.crossed.keys();
    return summarise(this.#options.store, this.#tree, areas, crossed, this.#countedAtMs, this.#live);
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
    this.#announcer.stop();
    await this.#closeWatch();
    await Promise.allSettled([this.#opening, this.#counting, this.#rereading.ended()]);
    await this.#closeWatch();
    this.#live = { state: 'off' };
  }

  /** Whether other file systems mounted inside are counted, too. Another answer than before has the store counted again. */
  set crossMounts(cross: boolean) {
    if (this.#crossMounts === cross) return;
    this.#crossMounts = cross;
    if (this.#running) this.#reopen();
    else this.#tree = undefined;
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
      this.#rereading.soon();
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
      const any = signal === undefined ? this.#abort.signal : AbortSignal.any([this.#abort.signal, signal]);
      const { tree, bounds, mounts } = await countStore(
        context,
        store.path,
        () => this.#crossMounts,
        any,
        (progress) => {
          this.#progress = progress;
          onProgress?.(progress);
        },
      );
      if (tree.rootTrouble !== undefined) throw rootTrouble(store.path, tree.rootTrouble);
      const replaced = this.#watch.isOpen && this.#tree?.inode(0) !== tree.inode(0);
      this.#tree = tree;
      this.#bounds = bounds;
      this.#mounts = mounts;
      this.#countedAtMs = context.clock();
      for (const path of this.#dirtyMeanwhile) this.#rereading.add(path);
      if (replaced) this.#reopen();
      else for (const path of this.#watch.follow(tree)) this.#rereading.add(path);
      this.#announcer.changed(['']);
    } finally {
      this.#dirtyMeanwhile = undefined;
      this.#lastCountMs = performance.now() - began;
      this.#recountLater();
    }
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
    if (this.#live.state === 'starting') this.#setLive(this.#watch.live);
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

  async #openWatch(): Promise<void> {
    const tree = this.#tree;
    if (!this.#running || tree === undefined) return;
    await this.#watch.open(tree, this.#mounts);
    // What changed between the first count and the watch raised no event.
    if (this.#watch.isOpen) await this.count();
    else this.#recountLater();
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
    this.#recount.cancel();
    this.#rereading.clear();
    await this.#watch.close();
  }

  #markDirty(path: string): void {
    this.#dirtyMeanwhile?.add(path);
    this.#rereading.add(path);
    this.#rereading.soon();
  }

  #onRead(outcome: Rescanned): void {
    if (outcome.rootLost) {
      this.#reopen();
      return;
    }
    this.#watch.remove(outcome.removed);
    if (outcome.changed.length > 0 || outcome.removed.length > 0) this.#announcer.changed(outcome.changed);
  }

  #setLive(live: Live): void {
    if (this.#live.state === live.state && this.#live.reason === live.reason) return;
    this.#live = live;
    this.#options.onLive();
    if (this.#tree !== undefined) this.#announcer.changed([]);
  }

  /** Counts again later: soon after a possible loss, now and then where changes are not told, else rarely. */
  #recountLater(afterMs?: number): void {
    if (!this.#running) return;
    const { pollMs, reconcileMs } = this.#timing;
    const partial = this.#watch.live.state === 'partial';
    this.#recount.in(afterMs ?? (partial ? Math.max(pollMs, this.#lastCountMs * 20) : reconcileMs));
  }

  #countAgain(): void {
    if (!this.#running) return;
    if (this.#opening !== undefined) this.#recountLater(1_000);
    else this.count().catch((error: unknown) => this.#countFailed(error));
  }

  #countFailed(error: unknown): void {
    if (this.#running && !this.#abort.signal.aborted) void this.#lost(error);
  }

  /** Notices what raises no event: a root that returned or was replaced, and mounts that came or went below it. */
  #lookAtRoot(): void {
    const { context, store } = this.#options;
    if (!this.#running || this.#opening !== undefined) return;
    // A server that does not answer must not hold the engine thread; there the next count tells.
    if (this.#watch.networkRoot && this.#live.state !== 'off') return;
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
    if (this.#bounds === undefined) return;
    const before = this.#mounts;
    this.#mounts = mountsBelow(readMounts(context.fs), store.path, this.#crossMounts);
    if (movedMounts([...before.crossed.values()], [...this.#mounts.crossed.values()]).length > 0) {
      // Watches below still belong to what was there before.
      this.#reopen();
      return;
    }
    const { closed } = this.#mounts;
    this.#bounds = { ...this.#bounds, mounts: closed };
    const moved = [...closed, ...before.closed].filter((path) => !closed.has(path) || !before.closed.has(path));
    for (const path of moved) {
      this.#markDirty(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    }
  }
}
