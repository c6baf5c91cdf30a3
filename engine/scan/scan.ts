import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { exactInode, placeFigures } from './read-directory.ts';
import type { FoundDirectory, ScanBounds } from './read-directory.ts';
import { createSharedWork, maxScanWorkers, SharedWork } from './shared-work.ts';
import { scanTask } from './tasks.ts';
import { UsageTree } from './tree.ts';

export interface ScanProgress {
  directoriesRead: number;
  /** Directories found so far; grows while the scan goes on. */
  directoriesFound: number;
  files: number;
  bytes: number;
}

export interface ScanOptions {
  fs: FileSystem;
  pool: Pool;
  /** Count what other devices hold below the root; not by default. */
  crossMounts?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Called about ten times a second. */
  onProgress?: ((progress: ScanProgress) => void) | undefined;
}

/** Raw outcome of a scan: records of `directories` directories. */
export interface ScanResult {
  chunks: ArrayBuffer[];
  directories: number;
}

/** Directory to start at: its path relative to the root, and what `lstat` said of it. */
export interface ScanTop extends Omit<FoundDirectory, 'name'> {
  path: string;
}

/** More workers than this only wait for each other: the kernel's directory locks and the disk set the pace. */
const usefulWorkers = 8;

/** The root's own `lstat`, and the bounds that follow from it. Throws `NOT_FOUND` when it is not a directory. */
export function boundsOf(
  fs: FileSystem,
  root: string,
  mounts: ReadonlySet<string>,
  crossMounts = false,
): { bounds: ScanBounds; top: ScanTop } {
  let stats;
  let inode;
  try {
    stats = fs.lstatNumbers(root);
    inode = exactInode(fs, root, stats);
  } catch (error) {
    throw toLarderError(error, root);
  }
  if (!stats.isDirectory()) throw new LarderError('NOT_FOUND', `${displayName(root)} is not a folder.`);
  const top = { path: '', ...placeFigures(stats, BigInt(inode)) };
  return { bounds: { root, device: BigInt(stats.dev), crossMounts, mounts }, top };
}

/**
 * Reads `tops` and everything below them in the pool's workers. Scan ids 0 to `tops.length - 1` are the tops. Rejects
 * with `CANCELLED` as soon as `signal` aborts.
 */
export async function scanBelow(
  bounds: ScanBounds,
  tops: readonly ScanTop[],
  { pool, signal, onProgress }: Pick<ScanOptions, 'pool' | 'signal' | 'onProgress'>,
): Promise<ScanResult> {
  const memory = createSharedWork(tops.length);
  const work = new SharedWork(memory);
  const slots = Array.from({ length: Math.min(pool.size, usefulWorkers, maxScanWorkers) }, () => new AbortController());
  const stop = (): void => {
    work.abandon();
    for (const slot of slots) slot.abort();
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const report = (): void =>
    onProgress?.({ directoriesRead: work.read, directoriesFound: work.found, ...work.progress() });
  const timer = onProgress === undefined ? undefined : setInterval(report, 100);
  try {
    const shared = [...tops.entries()].filter(([id, top]) => work.put({ ...top, id, parent: -1 }));
    if (shared.length < tops.length) throw new LarderError('INTERNAL', 'Too many folders to begin with.');
    const chunks: ArrayBuffer[] = [];
    let failure: unknown;
    await Promise.all(
      slots.map(async (own, slot) => {
        try {
          const output = await pool.run(scanTask, { bounds, work: memory, slot }, { signal: own.signal });
          chunks.push(...output.chunks);
          if (!work.over) return;
          // The others that have begun end by themselves; those still waiting for a free thread are called off.
          for (const [other, controller] of slots.entries()) if (!work.entered(other)) controller.abort();
        } catch (error) {
          if (own.signal.aborted) return;
          failure ??= error;
          stop();
        }
      }),
    );
    if (signal?.aborted === true) throw new LarderError('CANCELLED', 'Cancelled.');
    if (failure !== undefined) throw toLarderError(failure);
    report();
    return { chunks, directories: work.found };
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Counts a whole store, `mounts` below it left out. Throws when its root is not there or not readable at all. */
export async function scanStore(
  root: string,
  mounts: ReadonlySet<string>,
  options: ScanOptions,
): Promise<{ tree: UsageTree; bounds: ScanBounds }> {
  const { bounds, top } = boundsOf(options.fs, root, mounts, options.crossMounts);
  const { chunks, directories } = await scanBelow(bounds, [top], options);
  return { tree: new UsageTree(chunks, directories), bounds };
}
