import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { decrypting } from '../age/index.ts';
import type { FileKeys } from '../age/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { heldTask } from './held-task.ts';
import { openUnchecked } from './manifest-reader.ts';
import { toldKeys } from './told-keys.ts';
import type { BackupReader, FileEntry, HeldStretch, ManifestEntry, SourceEntry } from './types.ts';

/**
 * How long before the parent began a file must have been left alone to count as unchanged by its times. Clocks of file
 * systems tick in steps of milliseconds: a file written in the same tick in which it was read shows the same times.
 */
const tickMs = 1_000;

/** An older backup in the same folder, whose content a new one need not store again. */
export class Parent {
  readonly reader: BackupReader;
  /** What it holds, see `HeldContent`. */
  readonly held: SharedArrayBuffer;
  private readonly trustedBeforeNs: bigint;

  private constructor(reader: BackupReader, held: SharedArrayBuffer) {
    this.reader = reader;
    this.held = held;
    this.trustedBeforeNs = BigInt(Math.floor(reader.header.startedAtMs) - tickMs) * 1_000_000n;
  }

  /**
   * Opens it, its manifest checked by the pool. `keysOf` gives the keys of those files that are encrypted. Throws as
   * `openBackup` does.
   */
  static async open(
    fs: FileSystem,
    pool: Pool,
    manifestPath: string,
    signal?: AbortSignal,
    keysOf?: (paths: readonly string[]) => Promise<FileKeys | undefined>,
  ): Promise<Parent> {
    const keys = await keysOf?.([manifestPath]);
    const { memory, digest } = await pool.run(heldTask, { manifest: manifestPath }, { signal, keys });
    const reader = openUnchecked(decrypting(fs, keys), manifestPath);
    const told = toldKeys(reader);
    const all = { ...keys, ...told, ...(await keysOf?.(reader.archivePaths.filter((path) => !(path in told)))) };
    if (reader.digest === digest) return new Parent({ ...reader, keys: all }, memory);
    throw new LarderError('CHANGED_ON_DISK', `${displayName(manifestPath)} changed while it was read.`);
  }

  /** Looks entries up that come in path order. */
  lookup(): (path: string) => ManifestEntry | undefined {
    const entries = this.reader.entries()[Symbol.iterator]();
    let next = entries.next();
    let before: string | undefined;
    return (path) => {
      if (before !== undefined && comparePaths(before, path) >= 0) {
        throw new LarderError('INTERNAL', `The list of files to back up is out of order at ${JSON.stringify(path)}.`);
      }
      before = path;
      while (next.done !== true) {
        const order = comparePaths(next.value.path, path);
        if (order > 0) return undefined;
        const entry = next.value;
        next = entries.next();
        if (order === 0) return entry;
      }
      return undefined;
    };
  }

  /** Whether the file was not touched since: same size, times and inode, and last changed well before it was read. */
  isUnchanged(old: FileEntry, now: SourceEntry): boolean {
    return (
      now.contentFrom === undefined &&
      old.size === now.size &&
      old.mtimeNs === now.mtimeNs &&
      old.ctimeNs === now.ctimeNs &&
      old.inode === now.inode &&
      now.ctimeNs < this.trustedBeforeNs
    );
  }

  /** Where the file's content lies. */
  stretches(old: FileEntry): HeldStretch[] {
    const { frames, archives, archivePaths } = this.reader;
    return old.pieces.map(({ frame: number, offset, length }) => {
      const frame = frames[number];
      const archive = frame === undefined ? undefined : archivePaths[frame.archive];
      const format = frame === undefined ? undefined : archives[frame.archive]?.format;
      if (frame === undefined || archive === undefined || format === undefined) {
        throw new LarderError('INTERNAL', `A piece of ${old.path} is of no known frame.`);
      }
      return { archive, format, frame, number, offset, length };
    });
  }
}
