import type { EngineContext } from '../context.ts';
import { scanStore } from '../scan/index.ts';
import type { ScanBounds, ScanProgress, UsageTree } from '../scan/index.ts';
import { readMounts } from './mount-table.ts';
import { mountsBelow } from './mounts.ts';
import type { MountsBelow } from './mounts.ts';

export interface Counted {
  tree: UsageTree;
  bounds: ScanBounds;
  /** What was mounted inside when the count began. */
  mounts: MountsBelow;
}

/** Counts a folder by the rule of its store; again when the rule changed meanwhile. */
export async function countStore(
  { fs, pool }: Pick<EngineContext, 'fs' | 'pool'>,
  path: string,
  crossesMounts: () => boolean,
  signal: AbortSignal,
  onProgress: (progress: ScanProgress) => void,
): Promise<Counted> {
  for (;;) {
    const crossMounts = crossesMounts();
    const mounts = mountsBelow(readMounts(fs), path, crossMounts);
    const scanned = await scanStore(path, mounts.closed, { fs, pool, crossMounts, signal, onProgress });
    if (crossMounts === crossesMounts()) return { ...scanned, mounts };
  }
}
