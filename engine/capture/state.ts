import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { LiveState } from './types.ts';

/** A database and what SQLite keeps beside it. */
export interface DatabaseFiles {
  readonly database: BigIntStats;
  readonly wal: BigIntStats | undefined;
  readonly shm: BigIntStats | undefined;
  readonly journal: BigIntStats | undefined;
}

/** Looks at the files of the database at `path`; undefined when it is none. Throws as the system does. */
export function filesOf(fs: FileSystem, path: string): DatabaseFiles | undefined {
  const at = (ending: string): BigIntStats | undefined => {
    try {
      const stats = fs.lstat(path + ending);
      return stats.isFile() ? stats : undefined;
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  };
  const database = at('');
  if (database === undefined) return undefined;
  return { database, wal: at('-wal'), shm: at('-shm'), journal: at('-journal') };
}

/**
 * What tells that nothing was committed to a database since. All that is committed is in it and its WAL; the index of the
 * WAL is made from that. Undefined where there is a journal, as then it depends on that and on who holds a lock.
 */
export function stateOf(fs: FileSystem, path: string): LiveState | undefined {
  const files = filesOf(fs, path);
  if (files === undefined || (files.journal !== undefined && files.journal.size > 0n)) return undefined;
  const { database, wal } = files;
  const text = [database, wal].map((stats) => (stats === undefined ? '-' : timesOf(stats))).join('\n');
  const hash = createHash('sha256').update(text).digest().readBigInt64LE(0);
  return {
    // Below zero, where no file's own change time is.
    id: hash < 0n ? hash : -hash - 1n,
    // Not the WAL's change time: as root SQLite sets its owner whenever it opens it, to what that is.
    touchedNs: [database.mtimeNs, database.ctimeNs, wal?.mtimeNs ?? 0n].reduce((last, at) => (at > last ? at : last)),
  };
}

/** Whether nothing was written between two looks, the second of which may come after SQLite opened the files. */
export function isStill(before: DatabaseFiles, now: DatabaseFiles | undefined): boolean {
  if (now === undefined || timesOf(before.database) !== timesOf(now.database)) return false;
  const { wal } = before;
  if (wal === undefined || now.wal === undefined) return wal === now.wal;
  return wal.ino === now.wal.ino && wal.size === now.wal.size && wal.mtimeNs === now.wal.mtimeNs;
}

function timesOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
