import { watch } from 'chokidar';
import type { FSWatcher } from 'chokidar';

export interface OrdinaryWatchOptions {
  /** Absolute path of the root. */
  root: string;
  /** Absolute paths of the directories to watch; anything else is ignored. What is not watched here is taken out. */
  directories: Set<string>;
  /** Something changed directly in this directory (absolute path). */
  onEvent(directory: string): void;
  onError(error: unknown): void;
}

export interface OrdinaryWatch {
  close(): Promise<void>;
}

/** Makes the watcher; replaced in tests that need one to fail. */
export type OpenWatcher = typeof watch;

/**
 * chokidar on the root and its ordinary subtrees.
 *
 * Its `raw` events are what the operating system said and come without delay; its own events follow after it has looked
 * itself, and tell what raw events may miss. Both only mark a directory. `atomic` is off because it hides editors' backup
 * files, which take space like any other.
 */
export function openOrdinaryWatch(
  { root, directories, onEvent, onError }: OrdinaryWatchOptions,
  open: OpenWatcher = watch,
): Promise<OrdinaryWatch> {
  const watcher: FSWatcher = open(root, {
    followSymlinks: false,
    ignoreInitial: true,
    atomic: false,
    persistent: false,
    // What cannot be read is told by the scanner.
    ignorePermissionErrors: true,
    ignored: (path, stats) => stats?.isDirectory() === true && !directories.has(path),
  });
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  watcher.on('raw', (_event, _name, details) => {
    const { watchedPath } = details as { watchedPath?: unknown };
    if (typeof watchedPath === 'string') onEvent(watchedPath);
  });
  watcher.on('all', (event, path) => {
    if (event === 'unlinkDir') {
      // Should it come back, it is watched one by one.
      if (path !== root) directories.delete(path);
    }
    if (path !== root) onEvent(parentOf(path));
    if (event === 'addDir' || event === 'unlinkDir') onEvent(path);
  });
  watcher.on('error', onError);
  return new Promise((resolve) => {
    watcher.once('ready', () => {
      // Over one entry it cannot follow, a link through a file for example, chokidar gives up the rest of a directory,
      // often without an error. What it has not found is watched one by one.
      const watched = new Set(Object.keys(watcher.getWatched()));
      for (const path of directories) if (!watched.has(path)) directories.delete(path);
      resolve({ close: () => watcher.close() });
    });
  });
}
