import type { Live, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import type { UsageTree } from '../scan/index.ts';
import { planWatch, queuedEventsLimit, StoreWatch, watchLimitError } from '../watch/index.ts';
import type { OpenWatcher, WatchDirectory } from '../watch/index.ts';
import { findMount, readMounts } from './mount-table.ts';
import { isNetworkType } from './mounts.ts';
import type { MountsBelow } from './mounts.ts';

export interface LiveWatchOptions {
  context: Pick<EngineContext, 'fs' | 'log'>;
  store: Pick<Store, 'id' | 'path'>;
  /** Something may have changed directly in this directory. */
  onDirty(path: string): void;
  /** Changes may have been missed. */
  onOverflow(): void;
  /** Another part of the store than before is watched. */
  onPartial(): void;
  watchDirectory?: WatchDirectory | undefined;
  openWatcher?: OpenWatcher | undefined;
}

/** The watch of one store, as far as changes are told there at all, and what keeps it from being a whole one. */
export class LiveWatch {
  readonly #options: LiveWatchOptions;
  #watch: StoreWatch | undefined;
  #limitReason: string | undefined;
  #networkReason: string | undefined;
  /** The root itself lies on a network file system. */
  #networkRoot = false;

  constructor(options: LiveWatchOptions) {
    this.#options = options;
  }

  /** Whether changes are told for all of the store. */
  get live(): Live {
    const reasons = [this.#networkReason, this.#limitReason].filter((reason) => reason !== undefined);
    return reasons.length === 0 ? { state: 'live' } : { state: 'partial', reason: reasons.join(' ') };
  }

  /** Whether some of the store lies on a network file system, whose server may not answer. */
  get network(): boolean {
    return this.#networkReason !== undefined;
  }

  get networkRoot(): boolean {
    return this.#networkRoot;
  }

  get isOpen(): boolean {
    return this.#watch !== undefined;
  }

  /** Directories watched. */
  get size(): number {
    return this.#watch?.size ?? 0;
  }

  /** Watches what can be watched. What changed before this resolves may not have been told. */
  async open(tree: UsageTree, { crossed }: MountsBelow): Promise<void> {
    const { context, store, onDirty, onOverflow, watchDirectory, openWatcher } = this.#options;
    const { type } = findMount(context.fs, readMounts(context.fs), store.path);
    this.#networkRoot = isNetworkType(type);
    if (this.#networkRoot) {
      this.#networkReason = `It lies on a network file system (${type}), which does not tell of changes, so it is counted again from time to time.`;
      return;
    }
    const untold = [...crossed].filter(([, mount]) => isNetworkType(mount.type));
    if (untold.length > 0) {
      const where = untold.map(([path, mount]) => `${displayName(path)} (${mount.type})`).join(', ');
      this.#networkReason = `Network file systems do not tell of changes, so these are counted again from time to time: ${where}.`;
    }
    const unwatched = new Set(untold.map(([path]) => path));
    this.#watch = new StoreWatch({
      root: store.path,
      plan: planWatch(tree, unwatched),
      unwatched,
      queuedEvents: queuedEventsLimit(context.fs),
      onDirty,
      onOverflow,
      onLimit: (error) => this.#limited(error),
      watchDirectory,
      openWatcher,
    });
    await this.#watch.open();
  }

  /**
   * Watches directories that a count found and no event had told of, and forgets those that are gone. Where a limit had
   * been reached all are tried again. Returns those now watched that were not before: to be read again.
   */
  follow(tree: UsageTree): string[] {
    const watch = this.#watch;
    if (watch === undefined) return [];
    const wasLimited = watch.retry();
    const known = new Set<string>();
    const fresh: string[] = [];
    for (const { path } of tree.walk()) {
      known.add(path);
      if (watch.ensure(path)) fresh.push(path);
    }
    watch.retain(known);
    if (wasLimited && !watch.limited) {
      this.#limitReason = undefined;
      this.#options.onPartial();
    }
    return fresh;
  }

  /** Sees that a directory is watched. */
  ensure(path: string): void {
    this.#watch?.ensure(path);
  }

  /** Forgets directories that are gone. */
  remove(paths: Iterable<string>): void {
    this.#watch?.remove(paths);
  }

  async close(): Promise<void> {
    const watch = this.#watch;
    this.#watch = undefined;
    this.#limitReason = this.#networkReason = undefined;
    this.#networkRoot = false;
    await watch?.close();
  }

  #limited(error: unknown): void {
    const { context, store, onPartial } = this.#options;
    const { message, hint = '' } = watchLimitError(context.fs, error);
    const reason = `${message} The rest is counted again from time to time. ${hint}`.trim();
    if (this.#limitReason === reason) return;
    this.#limitReason = reason;
    context.log.warn({ store: store.id, reason: message }, 'watching is limited');
    onPartial();
  }
}
