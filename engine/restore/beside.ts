import type { BigIntStats } from 'node:fs';
import { canBeDatabase, journalsOf } from '../capture/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Extra } from './extras.ts';
import type { OldBeside } from './journal.ts';
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

interface Placed {
  readonly type: 'file' | 'dir' | 'symlink';
  readonly path: string;
  readonly size: number;
  readonly beside?: readonly OldBeside[];
}

/**
 * Whether a program has begun to use the database at a path since a restore began: its file need not show it yet. What
 * the restore itself knows of is not counted.
 */
export function usedSince(fs: FileSystem, at: string, placed: Placed, atMs: number): boolean {
  if (placed.type !== 'file') return false;
  const beside = lookBeside(fs, at, placed.path, placed.size);
  if (beside === undefined || beside.newestNs <= BigInt(Math.floor(atMs)) * 1_000_000n) return false;
  const known = new Set(placed.beside?.map(({ path }) => path));
  return beside.files.some(({ path }) => !known.has(path));
}

interface DatabaseEntry {
  readonly path: string;
  /** Place and size of the database's own entry. */
  readonly index: number;
  readonly size: number;
  /** Whether any of it was written to after what the backup holds. */
  readonly newer: boolean;
  readonly files: Map<string, Extra>;
}

/** What lies beside databases, gathered while the entries of a backup pass in the order of paths. */
export class Besides {
  private readonly found = new Map<string, DatabaseEntry>();
  private readonly databaseOf = new Map<string, string>();

  /** An entry of the backup, which is dealt with by itself. It comes after the database that it lies beside. */
  pass(path: string): void {
    const database = this.databaseOf.get(path);
    if (database !== undefined) this.found.get(database)?.files.delete(path);
  }

  add(
    path: string,
    entry: { readonly index: number; readonly size: number; readonly mtimeNs: bigint },
    beside: Beside,
  ): void {
    const files = new Map(beside.files.map((file) => [file.path, file]));
    const { index, size, mtimeNs } = entry;
    this.found.set(path, { path, index, size, newer: beside.newestNs > mtimeNs, files });
    for (const name of files.keys()) this.databaseOf.set(name, path);
  }

  /** Databases beside which something is left that the backup does not hold. */
  entries(): DatabaseEntry[] {
    return [...this.found.values()].filter(({ files }) => files.size > 0);
  }
}
