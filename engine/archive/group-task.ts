import { join } from 'node:path';
import type { ArchiveFormat, Skipped } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { makeFrame, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { frameRoom, pieceBytes } from './limits.ts';
import { encodeDirectory, encodeFile, encodeSymlink } from './lines.ts';
import { changedWhileReading, readWhole, skipReason } from './read-file.ts';
import { paddedLength, tarHeader } from './tar-header.ts';
import type { TarEntry } from './tar-header.ts';

/** Small entries read, hashed and compressed into one frame, inside a pool worker. */

/** Stands in manifest lines for the number of the frame that is being made. JSON text never holds it by itself. */
export const thisFrame = '\0';

/** A file's content as further hard links to it need it. `pieces` is JSON text; it may hold {@link thisFrame}. */
export interface LinkedContent {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly pieces: string;
}

interface ItemMeta {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
}

export type GroupItem =
  | (ItemMeta & { readonly t: 'dir' | 'symlink' })
  | {
      readonly t: 'file';
      readonly path: string;
      /** `device:inode`, of a file with more than one name. */
      readonly key?: string;
      /** The first name's content, when it was in an earlier frame. */
      readonly known?: LinkedContent;
    };

export interface GroupInput {
  readonly root: string;
  readonly format: ArchiveFormat;
  readonly items: readonly GroupItem[];
}

export interface GroupOutput {
  /** Absent when everything in it was left out. */
  readonly frame: StoredFrame | undefined;
  /** Manifest lines, each with its newline. */
  readonly lines: string;
  /** How many of the items were dealt with. Less than all when files have grown since they were listed. */
  readonly taken: number;
  /** The first item not taken has become too long for a group. */
  readonly outgrown: boolean;
  readonly files: number;
  readonly dirs: number;
  readonly symlinks: number;
  readonly bytes: number;
  readonly skipped: readonly Skipped[];
  readonly linked: readonly (readonly [key: string, content: LinkedContent])[];
}

// One buffer a worker thread: a task runs to its end before the next begins.
let scratch: Uint8Array | undefined;

class Group {
  private at = 0;
  private lines = '';
  private taken = 0;
  private outgrown = false;
  private files = 0;
  private dirs = 0;
  private symlinks = 0;
  private bytes = 0;
  private readonly skipped: Skipped[] = [];
  private readonly linked = new Map<string, LinkedContent>();
  private readonly buffer: Uint8Array;
  private readonly input: GroupInput;
  private readonly context: TaskContext;

  constructor(input: GroupInput, context: TaskContext) {
    this.input = input;
    this.context = context;
    this.buffer = scratch ??= new Uint8Array(frameRoom);
  }

  run(): GroupOutput {
    for (const item of this.input.items) {
      this.context.throwIfCancelled();
      const fits = item.t === 'file' ? this.addFile(item) : this.addOther(item);
      if (!fits) break;
      this.taken += 1;
    }
    return {
      frame: this.frame(),
      lines: this.lines,
      taken: this.taken,
      outgrown: this.outgrown,
      files: this.files,
      dirs: this.dirs,
      symlinks: this.symlinks,
      bytes: this.bytes,
      skipped: this.skipped,
      linked: [...this.linked],
    };
  }

  private frame(): StoredFrame | undefined {
    if (this.at === 0) return undefined;
    return makeFrame(this.buffer.subarray(0, this.at), this.input.format);
  }

  private leaveOut(path: string, reason: string): true {
    this.skipped.push({ path, reason });
    return true;
  }

  /** Puts header blocks, when they fit together with `size` bytes of content. */
  private put(entry: TarEntry): boolean {
    const header = tarHeader(entry);
    if (this.at + header.length + paddedLength(entry.size) > this.buffer.length) return false;
    this.buffer.set(header, this.at);
    this.at += header.length;
    return true;
  }

  private addOther(item: ItemMeta & { readonly t: 'dir' | 'symlink' }): boolean {
    const { t, path, mode, uid, gid, mtimeNs } = item;
    const meta = { path, mode, uid, gid, mtimeNs };
    if (t === 'dir') {
      if (!this.put({ ...meta, type: 'dir', size: 0 })) return false;
      this.lines += `${encodeDirectory(meta)}\n`;
      this.dirs += 1;
      return true;
    }
    let target: string;
    try {
      target = this.context.fs.readLink(join(this.input.root, path));
    } catch (error) {
      const replaced = isSystemError(error, 'EINVAL');
      return this.leaveOut(path, replaced ? 'is no longer a symbolic link' : skipReason(error));
    }
    if (!this.put({ ...meta, type: 'symlink', size: 0, linkTarget: target })) return false;
    this.lines += `${encodeSymlink({ ...meta, target })}\n`;
    this.symlinks += 1;
    return true;
  }

  private addFile({ path, key, known }: GroupItem & { readonly t: 'file' }): boolean {
    const absolute = join(this.input.root, path);
    const first = key === undefined ? undefined : (this.linked.get(key) ?? known);
    if (key !== undefined && first !== undefined) {
      const added = this.addLink(absolute, path, key, first);
      if (added !== undefined) return added;
    }
    const start = this.at;
    const outcome = readWhole(this.context.fs, absolute, this.buffer, (stats) => {
      this.at = start;
      if (stats.size > pieceBytes) this.outgrown = true;
      else if (this.put(tarEntryOf(path, stats, Number(stats.size)))) return this.at;
      return undefined;
    });
    if (outcome.t === 'too-long') {
      this.at = start;
      return false;
    }
    if (outcome.t === 'left-out') {
      this.at = start;
      return this.leaveOut(path, outcome.reason);
    }
    const { stats, length } = outcome;
    if (length !== Number(stats.size)) {
      // It shrank under the read; the header must say what follows it.
      this.at = start;
      this.put(tarEntryOf(path, stats, length));
    }
    const offset = this.at;
    const end = offset + paddedLength(length);
    this.buffer.fill(0, offset + length, end);
    this.at = end;
    const digest = sha256(this.buffer.subarray(offset, offset + length));
    const pieces = length === 0 ? '' : `[${thisFrame},${offset},${length}]`;
    this.lines += `${encodeFile({ ...fileLineOf(path, stats), size: length, sha256: digest }, pieces)}\n`;
    this.files += 1;
    this.bytes += length;
    if (outcome.changed) this.skipped.push({ path, reason: changedWhileReading });
    if (key === `${stats.dev}:${stats.ino}`) this.linked.set(key, { path, size: length, sha256: digest, pieces });
    return true;
  }

  /** A further name of a file already stored. Undefined when it is that file no more and must be read. */
  private addLink(absolute: string, path: string, key: string, first: LinkedContent): boolean | undefined {
    let stats;
    try {
      stats = this.context.fs.lstat(absolute);
    } catch (error) {
      return this.leaveOut(path, skipReason(error));
    }
    if (!stats.isFile() || `${stats.dev}:${stats.ino}` !== key) return undefined;
    if (!this.put({ ...tarEntryOf(path, stats, 0), type: 'link', linkTarget: first.path })) return false;
    const line = { ...fileLineOf(path, stats), size: first.size, sha256: first.sha256, linkTo: first.path };
    this.lines += `${encodeFile(line, first.pieces)}\n`;
    this.files += 1;
    this.bytes += first.size;
    return true;
  }
}

export interface FileStats {
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

export function metaOf(path: string, stats: FileStats): ItemMeta {
  const mode = Number(stats.mode) & 0o7777;
  return { path, mode, uid: Number(stats.uid), gid: Number(stats.gid), mtimeNs: stats.mtimeNs };
}

export function fileLineOf(path: string, stats: FileStats) {
  return { ...metaOf(path, stats), ctimeNs: stats.ctimeNs, inode: stats.ino };
}

export function tarEntryOf(path: string, stats: FileStats, size: number): TarEntry {
  return { ...metaOf(path, stats), type: 'file', size };
}

export const groupTask = defineTask<GroupInput, GroupOutput>({
  name: 'archive.group',
  run: (input, context) => new Group(input, context).run(),
  transfer: ({ frame }) => (frame === undefined ? [] : [frame.stored.buffer as ArrayBuffer]),
});
