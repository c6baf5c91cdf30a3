import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

const readFlags =
  constants.O_RDONLY |
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0) |
  ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** First bytes of a rollback journal and of a WAL that hold something (sqlite.org/fileformat.html, sections 3 and 4.1). */
const journalMagic = 'd9d505f920a163d7';
const walMagics = ['377f0682', '377f0683'];
const magicBytes = 8;

/** A file that SQLite takes for part of the database it is named after. */
export interface JournalFile {
  readonly path: string;
  readonly stats: BigIntStats;
}

/**
 * What SQLite would work into the database at `path` when it is opened next: its WAL, with the index of that, and its
 * rollback journal. Not files that are only named like that, nor journals with nothing in them. Links are not followed.
 */
export function journalsOf(fs: FileSystem, path: string): JournalFile[] {
  const wal = look(fs, `${path}-wal`, walMagics);
  const journal = look(fs, `${path}-journal`, [journalMagic]);
  const index = wal === undefined ? undefined : look(fs, `${path}-shm`, undefined);
  return [wal, index, journal].filter((found) => found !== undefined);
}

function look(fs: FileSystem, path: string, magics: readonly string[] | undefined): JournalFile | undefined {
  try {
    const stats = fs.lstat(path);
    if (!stats.isFile()) return undefined;
    if (magics === undefined) return { path, stats };
    const fd = fs.open(path, readFlags);
    try {
      const head = Buffer.alloc(magicBytes);
      fs.read(fd, head, 0, magicBytes, 0);
      const text = head.toString('hex');
      return magics.some((magic) => text.startsWith(magic)) ? { path, stats } : undefined;
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Whether a file of this size can be a database: whole pages, of at least 512 bytes. */
export function canBeDatabase(size: number): boolean {
  return size > 0 && size % 512 === 0;
}
