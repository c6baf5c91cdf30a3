import { join } from 'node:path';
import type { ArchiveFormat, Skipped } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { makeFrame, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { freshOf, locate, stretchesOf } from './delta.ts';
import { HeldContent } from './held.ts';
import { frameRoom, pieceBytes } from './limits.ts';
import { encodeDirectory, encodeFile, encodeSymlink } from './lines.ts';
import { readHeld } from './old-content.ts';
import { changedWhileReading, readWhole, skipReason } from './read-file.ts';
import { paddedLength, pieceEntry, tarHeader } from './tar-header.ts';
import type { TarEntry } from './tar-header.ts';
import type { HeldStretch } from './types.ts';

/** Small entries read, hashed and compressed into one frame, inside a pool worker. */

/** Stands in manifest lines for the number of the frame that is being made. JSON text never holds it by itself. */
export const thisFrame = '\0';

/** Stands before and after the number of a frame of the older backup, in the same way. */
export const olderFrame = '\u0001';

/** A file's content as further hard links to it need it. `pieces` is JSON text; it may hold {@link thisFrame}. */
export interface LinkedContent {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly pieces: string;
  /** Whether the tar has an entry of that path that a link entry can lead to. */
  readonly inTar: boolean;
}

function older(frame: number): string {
  return olderFrame + String(frame) + olderFrame;
}

function piece(frame: string, offset: number, length: number): string {
  return `[${frame},${offset},${length}]`;
}

interface ItemMeta {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
}

/** `late`: its tar entry follows as a `late-dir`, which is nothing but that. */
export type OtherItem = ItemMeta & { readonly t: 'dir' | 'late-dir' | 'symlink'; readonly late?: true };

export type GroupItem =
  | OtherItem
  | {
      readonly t: 'file';
      readonly path: string;
      /** `device:inode`, of a file with more than one name. */
      readonly key?: string;
      /** The first name's content, when it was in an earlier frame. */
      readonly known?: LinkedContent;
      /** Where its content is to be read, when that is not the file itself, with what the file itself is. */
      readonly snapshot?: { readonly path: string; readonly stats: FileStats };
      /** What a file of the same content would have, too, by all one can see at a glance; and such a one's content. */
      readonly twin?: { readonly key: string; readonly known?: LinkedContent };
      /** Where its content was in the older backup. */
      readonly old?: readonly HeldStretch[];
    };

export type FileItem = Extract<GroupItem, { t: 'file' }>;

export interface GroupInput {
  readonly root: string;
  readonly format: ArchiveFormat;
  readonly items: readonly GroupItem[];
  /** What older archives hold and need not be stored again, see `HeldContent`. */
  readonly held?: SharedArrayBuffer;
}

export interface GroupOutput {
  /** Absent when everything in it was left out. */
  readonly frame: StoredFrame | undefined;
  /** Manifest lines, each with its newline. */
  readonly lines: string;
  /** How far in `lines` each item's reach. */
  readonly ends: readonly number[];
  /** How many of the items were dealt with. Less than all when files have grown since they were listed. */
  readonly taken: number;
  /** The first item not taken has become too long for a group. */
  readonly outgrown: boolean;
  readonly files: number;
  readonly dirs: number;
  readonly symlinks: number;
  readonly bytes: number;
  /** Of those, bytes that older archives hold. */
  readonly reused: number;
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
  private reused = 0;
  private readonly ends: number[] = [];
  /** Content in this frame by its digest, where equal content is stored once. */
  private readonly here = new Map<string, LinkedContent>();
  private readonly held: HeldContent | undefined;
  private readonly skipped: Skipped[] = [];
  private readonly linked = new Map<string, LinkedContent>();
  private readonly buffer: Uint8Array;
  private readonly input: GroupInput;
  private readonly context: TaskContext;

  constructor(input: GroupInput, context: TaskContext) {
    this.input = input;
    this.context = context;
    this.buffer = scratch ??= new Uint8Array(frameRoom);
    this.held = input.held === undefined ? undefined : new HeldContent(input.held);
  }

  run(): GroupOutput {
    for (const item of this.input.items) {
      this.context.throwIfCancelled();
      const fits = item.t === 'file' ? this.addFile(item) : this.addOther(item);
      if (!fits) break;
      this.taken += 1;
      this.ends.push(this.lines.length);
    }
    return {
      frame: this.frame(),
      lines: this.lines,
      ends: this.ends,
      taken: this.taken,
      outgrown: this.outgrown,
      files: this.files,
      dirs: this.dirs,
      symlinks: this.symlinks,
      bytes: this.bytes,
      reused: this.reused,
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

  private addOther({ t, late, path, mode, uid, gid, mtimeNs }: OtherItem): boolean {
    const meta = { path, mode, uid, gid, mtimeNs };
    if (t !== 'symlink') {
      if (late !== true && !this.put({ ...meta, type: 'dir', size: 0 })) return false;
      if (t === 'late-dir') return true;
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

  private addFile(item: FileItem): boolean {
    const { path, key, known, snapshot } = item;
    const first = key === undefined ? undefined : (this.linked.get(key) ?? known);
    if (key !== undefined && first !== undefined) {
      const added = this.addLink(join(this.input.root, path), path, key, first);
      if (added !== undefined) return added;
    }
    const start = this.at;
    const outcome = readWhole(this.context.fs, snapshot?.path ?? join(this.input.root, path), this.buffer, (stats) => {
      this.at = start;
      if (stats.size > pieceBytes) this.outgrown = true;
      else if (this.put(tarEntryOf(path, snapshot?.stats ?? stats, Number(stats.size)))) return this.at;
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
    const { length } = outcome;
    const stats = snapshot?.stats ?? outcome.stats;
    if (length !== Number(outcome.stats.size)) {
      // It shrank under the read; the header must say what follows it.
      this.at = start;
      this.put(tarEntryOf(path, stats, length));
    }
    const offset = this.at;
    this.endAt(offset, length);
    const content = this.buffer.subarray(offset, offset + length);
    const digest = sha256(content);
    const whole = length === 0 ? '' : piece(thisFrame, offset, length);
    const entry = tarEntryOf(path, stats, length);
    const other = this.held === undefined || length === 0 ? undefined : this.older(item, entry, content, digest, start);
    const pieces = other?.pieces ?? whole;
    this.lines += `${encodeFile({ ...fileLineOf(path, stats), size: length, sha256: digest }, pieces)}\n`;
    this.files += 1;
    this.bytes += length;
    this.reused += other?.reused ?? 0;
    if (outcome.changed) this.skipped.push({ path, reason: changedWhileReading });
    const stored = { path, size: length, sha256: digest, pieces, inTar: other?.inTar ?? true };
    if (key === `${stats.dev}:${stats.ino}`) this.linked.set(key, stored);
    if (item.twin !== undefined && item.twin.known === undefined && !this.linked.has(item.twin.key)) {
      this.linked.set(item.twin.key, stored);
    }
    if (this.held !== undefined && !this.here.has(digest)) this.here.set(digest, stored);
    return true;
  }

  /** Ends an entry whose content lies at `offset`. */
  private endAt(offset: number, length: number): void {
    this.at = offset + paddedLength(length);
    this.buffer.fill(0, offset + length, this.at);
  }

  /**
   * Where the content lies when not all of it is to be stored here; what was put into the frame since `start` is then
   * replaced by what is needed instead. Undefined when it stays as it is.
   */
  private older(
    { old, twin }: FileItem,
    entry: TarEntry,
    content: Uint8Array,
    digest: string,
    start: number,
  ): { readonly pieces: string; readonly reused: number; readonly inTar: boolean } | undefined {
    const { length } = content;
    const held = this.held?.find(digest);
    if (held?.length === length) {
      this.at = start;
      return { pieces: piece(older(held.frame), held.offset, length), reused: length, inTar: false };
    }
    const same = this.here.get(digest) ?? twin?.known;
    if (same?.inTar === true && same.sha256 === digest) {
      this.at = start;
      this.put({ ...entry, size: 0, type: 'link', linkTarget: same.path });
      return { pieces: same.pieces, reused: 0, inTar: true };
    }
    const before = old === undefined ? undefined : readHeld(this.context.fs, old);
    const stretches = before === undefined ? undefined : stretchesOf(content, before);
    if (old === undefined || stretches === undefined) return undefined;
    // A copy, because the place it came from is written over.
    const fresh = freshOf(content, stretches);
    this.at = start;
    if (fresh.length > 0) this.put(pieceEntry(sha256(fresh.padded), fresh.length));
    const offset = this.at;
    this.buffer.set(fresh.padded, offset);
    this.at += fresh.padded.length;
    const pieces = locate(stretches, old, offset).map((part) =>
      piece(part.older === undefined ? thisFrame : older(part.older), part.offset, part.length),
    );
    return { pieces: pieces.join(','), reused: length - fresh.length, inTar: false };
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
    // What is not in this tar cannot be linked to; the manifest says where it is.
    const entry: TarEntry = { ...tarEntryOf(path, stats, 0), type: 'link', linkTarget: first.path };
    if (first.inTar && !this.put(entry)) return false;
    const line = { ...fileLineOf(path, stats), size: first.size, sha256: first.sha256, linkTo: first.path };
    this.lines += `${encodeFile(line, first.pieces)}\n`;
    this.files += 1;
    this.bytes += first.size;
    if (!first.inTar) this.reused += first.size;
    return true;
  }
}

export interface FileStats {
  readonly dev: bigint;
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
