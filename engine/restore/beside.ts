import type { BigIntStats } from 'node:fs';
import { canBeDatabase, journalsOf } from '../capture/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Extra } from './extras.ts';
import { hash53, stampOf } from './live.ts';

/**
 * What lies beside a database and would be worked into whatever takes its place: SQLite replays a WAL or a journal by
 * its name alone. It belongs to the database that is replaced and goes aside together with it.
 */

export const besideReason =
  'It belongs to the database that is replaced, would damage the one put in its place, and is moved aside.';

/** A stamp as `stampOf` gives, but for the index of a WAL, which every reader writes to: that only is the same file. */
export function besideStamp(path: string, stat: BigIntStats): number {
  return path.endsWith('-shm') && stat.isFile() ? hash53(`index:${stat.dev}:${stat.ino}`) : stampOf(stat);
}

export interface Beside {
  readonly files: readonly Extra[];
  /** When the last of them was written to. */
  readonly newestNs: bigint;
}

/** What SQLite would work into a file of `size` bytes put at `path`; undefined when there is nothing. `at`: absolute. */
export function lookBeside(fs: FileSystem, at: string, path: string, size: number): Beside | undefined {
  if (!canBeDatabase(size)) return undefined;
  const found = journalsOf(fs, at);
  if (found.length === 0) return undefined;
  const files = found.map(({ path: absolute, stats }): Extra => {
    const own = path + absolute.slice(at.length);
    return { path: own, type: 'file', entries: 1, bytes: Number(stats.size), stamp: besideStamp(own, stats) };
  });
  const written = found.filter(({ path: absolute }) => !absolute.endsWith('-shm')).map(({ stats }) => stats.mtimeNs);
  return { files, newestNs: written.reduce((newest, time) => (time > newest ? time : newest), 0n) };
}
