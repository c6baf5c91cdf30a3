import type { EntryKind } from './record.ts';

/** The figures of a directory with everything below it. */
export interface Figures {
  /** Apparent size of regular files. */
  bytes: number;
  /** Blocks of files and directories, the directory's own included, in bytes. */
  allocated: number;
  /** Names of regular files. */
  files: number;
  /** Directories below. */
  dirs: number;
  /** Newest modification of anything but a directory, ms; 0 when there is none. */
  newest: number;
}

/** One entry of a directory as it is shown. */
export interface Row extends Figures {
  kind: 'dir' | EntryKind;
  /** Errno name. */
  unreadable?: string | undefined;
  /** The file has other names. */
  hardLinked?: boolean | undefined;
  /** It has fewer blocks than its size needs. */
  sparse?: boolean | undefined;
}
