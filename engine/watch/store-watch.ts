import { absolute } from '../scan/index.ts';
import { DirectoryWatches, watchDirectory } from './directories.ts';
import type { WatchDirectory } from './directories.ts';
import { isWatchLimit } from './limits.ts';
import { openOrdinaryWatch } from './ordinary.ts';
import type { OpenWatcher, OrdinaryWatch } from './ordinary.ts';
import { isAtOrBelow } from './plan.ts';
import type { WatchPlan } from './plan.ts';

export interface StoreWatchOptions {
  /** Absolute path of the store. */
  root: string;
  plan: WatchPlan;
  /** Directories (relative) that are not to be watched, nor what is below them. */
  unwatched?: ReadonlySet<string> | undefined;
  /** Events the kernel queues before it drops some. */
  queuedEvents: number;
  /**
   * Something may have changed directly in this directory (relative path). For the root also: it may have gone or been
   * replaced.
   */
  onDirty(path: string): void;
  /** So many events came at once that the kernel may have dropped some: everything must be counted again. */
  onOverflow(): void;
  /** A limit of the machine is reached; reported once. What is not watched stays out of date until counted again. */
  onLimit(error: unknown): void;
  /** Replaced in tests. */
  watchDirectory?: WatchDirectory | undefined;
  openWatcher?: OpenWatcher | undefined;
}

/** Watches set in one turn before others get theirs: about 5 ms. */
const watchesATurn = 50;

/** Watches one store: ordinary directories by chokidar, dense ones and those that came later one by one. */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  readonly #single: DirectoryWatches;
  readonly #ordinary: Set<string>;
  #chokidar: OrdinaryWatch | undefined;
  #closed = false;
  #limited = false;
  /** chokidar could not do something, and cannot be asked to try again. */
  #ordinaryFailed = false;
  #closing: Promise<void> | undefined;
  #burst = 0;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
    const { root, plan } = options;
    this.#ordinary = new Set([...plan.ordinary].map((path) => absolute(root, path)));
    this.#single = new DirectoryWatches({
      absolute: (path) => absolute(root, path),
      watch: options.watchDirectory ?? watchDirectory,
      onEvent: (path) => this.#event(path),
      onBroken: (path) => this.#event(path),
      onRefused: (error) => this.#limit(error),
    });
  }

  /** Directories watched. */
  get size(): number {
    return this.#single.size + this.#ordinary.size;
  }

  /** Whether a limit of the machine keeps some directories from being watched. */
  get limited(): boolean {
    return this.#limited;
  }

  /**
   * Lets {@link ensure} try again after a limit was reached. True when it had been. Where chokidar failed, what it was to
   * watch is watched one by one from then on, which takes fewer watches.
   */
  retry(): boolean {
    const was = this.#limited;
    this.#limited = false;
    if (this.#ordinaryFailed && this.#chokidar !== undefined) {
      this.#ordinaryFailed = false;
      this.#ordinary.clear();
      this.#closing = this.#chokidar.close();
      this.#chokidar = undefined;
    }
    return was;
  }

  /** Sets all watches of the plan. What changed before this resolves may not have been told. */
  async open(): Promise<void> {
    const { root, plan } = this.#options;
    if (plan.ordinary.size > 0) {
      const chokidar = await openOrdinaryWatch(
        {
          root,
          directories: this.#ordinary,
          onEvent: (directory) => this.#event(this.#relative(directory)),
          // Nobody knows what it no longer watches: counting again makes up for that once, and watches one by one.
          onError: (error) => {
            this.#ordinaryFailed = true;
            if (!this.#limit(error) && !this.#closed) this.#options.onOverflow();
          },
        },
        this.#options.openWatcher,
      );
      if (this.#closed) {
        await chokidar.close();
        return;
      }
      this.#chokidar = chokidar;
    }
    for (const [index, path] of plan.dense.entries()) {
      if (index % watchesATurn === watchesATurn - 1) await new Promise((resolve) => setImmediate(resolve));
      if (this.#closed || this.#limited) return;
      this.#single.ensure(path);
    }
  }

  /** Sees that a directory is watched. True when it was not before, so that it must be read (again). */
  ensure(path: string): boolean {
    const { root, unwatched } = this.#options;
    if (this.#closed || this.#limited || this.#ordinary.has(absolute(root, path))) return false;
    if (unwatched !== undefined && isAtOrBelow(path, unwatched)) return false;
    return this.#single.ensure(path);
  }

  /** Forgets directories that are gone. */
  remove(paths: Iterable<string>): void {
    for (const path of paths) this.#single.remove(path);
  }

  /** Forgets every single watch whose directory is not in `known`. */
  retain(known: ReadonlySet<string>): void {
    this.#single.retain(known);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#single.close();
    await this.#chokidar?.close();
    this.#chokidar = undefined;
    await this.#closing;
  }

  #relative(directory: string): string | undefined {
    const { root } = this.#options;
    if (directory === root) return '';
    return directory.startsWith(`${root}/`) ? directory.slice(root.length + 1) : undefined;
  }

  #event(path: string | undefined): void {
    if (this.#closed) return;
    if (this.#burst++ === 0) setImmediate(() => (this.#burst = 0));
    // Node reads the whole queue in one turn, so a turn with this many events had a queue close to its limit.
    if (this.#burst === Math.ceil(this.#options.queuedEvents / 2)) this.#options.onOverflow();
    // Above the root is where chokidar looks while the root is missing.
    this.#options.onDirty(path ?? '');
  }

  /** Whether the error is a reached limit; the first one is reported. */
  #limit(error: unknown): boolean {
    if (!isWatchLimit(error)) return false;
    if (this.#closed || this.#limited) return true;
    this.#limited = true;
    this.#options.onLimit(error);
    return true;
  }
}
