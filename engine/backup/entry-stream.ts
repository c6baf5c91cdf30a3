import type { BigIntStats } from 'node:fs';
import type { TaskContext } from '../pool/index.ts';
import { batchEntries, EntryEncoder } from './entry-codec.ts';
import { archiveBound } from './space.ts';
import type { WalkMessage } from './walk.ts';

/** What a walk hands out as it goes: entries in batches, and figures over them. */
export class EntryStream {
  readonly totals = { files: 0, dirs: 0, bytes: 0, needed: 0 };
  readonly #context: TaskContext;
  #encoder: EntryEncoder | undefined;
  #sinceMessage = 0;

  /** `entries`: whether they are wanted, or only the figures. */
  constructor(context: TaskContext, entries: boolean) {
    this.#context = context;
    this.#encoder = entries ? new EntryEncoder(0n) : undefined;
  }

  /** Throws `RangeError` for a path that stands for no bytes. */
  add(path: string, stats: BigIntStats, type: 'file' | 'dir' | 'symlink'): void {
    const size = Number(stats.size);
    if (this.#encoder !== undefined) {
      if (this.#encoder.device !== stats.dev) {
        this.#post(path);
        this.#encoder = new EntryEncoder(stats.dev);
      }
      this.#encoder.add({
        path,
        type,
        mode: Number(stats.mode) & 0o7777,
        uid: Number(stats.uid),
        gid: Number(stats.gid),
        mtimeNs: stats.mtimeNs,
        ctimeNs: stats.ctimeNs,
        size,
        inode: stats.ino,
        links: Number(stats.nlink),
      });
    }
    this.totals.needed += archiveBound(path, type === 'file' ? size : 0);
    if (type === 'file') {
      this.totals.files += 1;
      this.totals.bytes += size;
    } else if (type === 'dir') this.totals.dirs += 1;
    this.#sinceMessage += 1;
    if (this.#sinceMessage >= batchEntries) this.#tell(path);
  }

  /** Hands out what is left. */
  end(): void {
    this.#tell('');
  }

  #tell(current: string): void {
    if (this.#post(current)) return;
    const { files, bytes } = this.totals;
    this.#sinceMessage = 0;
    this.#context.post({ files, bytes, current } satisfies WalkMessage);
  }

  /** Posts the batch so far; false when there is none. */
  #post(current: string): boolean {
    if (this.#encoder === undefined || this.#encoder.count === 0) return false;
    const { files, bytes } = this.totals;
    const batch = this.#encoder.take();
    this.#sinceMessage = 0;
    this.#context.post({ files, bytes, current, batch } satisfies WalkMessage, [batch.bytes.buffer]);
    return true;
  }
}
