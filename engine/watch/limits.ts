import { LarderError } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

function setting(fs: FileSystem, name: string): number | undefined {
  try {
    const value = Number(fs.readFile(`/proc/sys/fs/inotify/${name}`).toString('latin1').trim());
    return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  } catch {
    // Not Linux, or /proc is hidden: the remedy is told without the present value.
    return undefined;
  }
}

/** Events the kernel keeps for one watcher before it drops some, silently as far as Node tells (inotify(7)). */
export function queuedEventsLimit(fs: FileSystem): number {
  return setting(fs, 'max_queued_events') ?? 16_384;
}

/** Whether a failed watch means that a limit of the machine is reached: `ENOSPC` or `EMFILE` (inotify_add_watch(2)). */
export function isWatchLimit(error: unknown): boolean {
  return isSystemError(error, 'ENOSPC', 'EMFILE', 'ENFILE');
}

/** What a reached limit means and the exact remedy. */
export function watchLimitError(fs: FileSystem, error: unknown): LarderError {
  const instances = isSystemError(error, 'EMFILE', 'ENFILE');
  const name = instances ? 'max_user_instances' : 'max_user_watches';
  const current = setting(fs, name);
  const wanted = Math.max(instances ? 1_024 : 1_048_576, (current ?? 0) * 2);
  const now = current === undefined ? '' : ` (now ${current})`;
  const linux = process.platform === 'linux';
  return new LarderError(
    'LIMIT_REACHED',
    linux
      ? `Not all folders can be watched: the system's limit fs.inotify.${name}${now} is reached.`
      : "Not all folders can be watched: the system's limit of open files is reached.",
    {
      hint: linux ? `Run: sudo sysctl fs.inotify.${name}=${wanted}` : 'Raise it with: ulimit -n 65536',
      cause: error,
    },
  );
}
