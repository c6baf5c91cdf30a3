import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { fsPath } from '../fs/index.ts';

/** Watches one directory, not what is below it. */
export type WatchDirectory = (
  path: string,
  listener: (event: string, name: string | null) => void,
) => Pick<FSWatcher, 'close' | 'on'>;

/** The operating system's own watch. */
export const watchDirectory: WatchDirectory = (path, listener) => watch(fsPath(path), { persistent: false }, listener);

export interface DirectoryWatchesOptions {
  /** Absolute path of a relative one. */
  absolute(path: string): string;
  watch: WatchDirectory;
  /** Something changed directly in this directory. */
  onEvent(path: string): void;
  /** A watch that was set broke. */
  onBroken(path: string): void;
  /** A watch could not be set: the directory is gone or unreadable, or a limit is reached. */
  onRefused(error: unknown): void;
}

/**
 * Plain watches, one a directory: a fifth of a second and little memory for two thousand directories, where a watcher
 * that tracks every file takes seconds and a gigabyte. An event only says that its directory must be read again.
 */
export class DirectoryWatches {
  readonly #options: DirectoryWatchesOptions;
  readonly #open = new Map<string, Pick<FSWatcher, 'close' | 'on'>>();

  constructor(options: DirectoryWatchesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  has(path: string): boolean {
    return this.#open.has(path);
  }

  /** Sees that a directory is watched. True when it was not before, so that it must be read (again). */
  ensure(path: string): boolean {
    if (this.#open.has(path)) return false;
    const { absolute, watch: open, onEvent, onBroken, onRefused } = this.#options;
    const base = path.slice(path.lastIndexOf('/') + 1);
    try {
      const watcher = open(absolute(path), (event, name) => {
        if (this.#open.get(path) !== watcher) return;
        // inotify tells a directory's own removal as a rename of its name; the watch is dead then. A child of that
        // name looks the same, and watching anew does no harm.
        if (event === 'rename' && (name === base || name === null)) this.remove(path);
        onEvent(path);
      });
      watcher.on('error', () => {
        if (this.#open.get(path) !== watcher) return;
        this.remove(path);
        onBroken(path);
      });
      this.#open.set(path, watcher);
      return true;
    } catch (error) {
      onRefused(error);
      return false;
    }
  }

  remove(path: string): void {
    const watcher = this.#open.get(path);
    this.#open.delete(path);
    watcher?.close();
  }

  /** Ends every watch whose directory is not in `known`. */
  retain(known: ReadonlySet<string>): void {
    for (const path of [...this.#open.keys()]) if (!known.has(path)) this.remove(path);
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.remove(path);
  }
}
