import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { makeFrame, release, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { freshOf, stretchesOf } from './delta.ts';
import type { Stretch } from './delta.ts';
import { pieceBytes } from './limits.ts';
import { HeldContent } from './held.ts';
import type { Held } from './held.ts';
import { readHeld } from './old-content.ts';
import { noLongerAFile, isSame, openForReading, readFully, skipReason } from './read-file.ts';
import type { FileIdentity } from './read-file.ts';
import { paddedLength } from './tar-header.ts';
import type { HeldStretch } from './types.ts';

/** One piece of a large file, read and compressed into a frame of its own inside a pool worker. */

export interface PieceInput {
  readonly file: string;
  readonly format: ArchiveFormat;
  readonly offset: number;
  /** Content bytes; the frame holds these and, after the file's last piece, the padding to a tar block. */
  readonly length: number;
  readonly identity: FileIdentity;
  /** Take what is there, zeros where nothing is: the last try at a file that keeps changing. */
  readonly lenient: boolean;
  /** What {@link pieceMemory} gave: the content is read into it, and its frame, where it is new, is put behind that. */
  readonly memory: SharedArrayBuffer;
  /** What older archives hold, where it need not be stored again: anywhere, and at this place of the same file. */
  readonly earlier?: { readonly held: SharedArrayBuffer; readonly old: readonly HeldStretch[] };
}

/** A compressor adds far less to what it cannot shrink. */
const frameRoom = pieceBytes + 64 * 1024;

/**
 * Memory for one piece and its frame. It is shared, so that the digest of the whole file can be taken elsewhere and the
 * frame be written from there, and used for one piece after another: memory that is moved between threads counts as new
 * for each of them, which keeps their collectors busy.
 */
export function pieceMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(pieceBytes + frameRoom);
}

export type PieceOutput =
  | { readonly t: 'read'; readonly frame: StoredFrame; readonly changed: boolean }
  | { readonly t: 'held'; readonly held: Held; readonly changed: boolean }
  | {
      readonly t: 'partly-held';
      readonly stretches: readonly Stretch[];
      /** All that is new, put together; absent when nothing is. */
      readonly frame: StoredFrame | undefined;
      /** Bytes of it, without padding. */
      readonly fresh: number;
      readonly changed: boolean;
    }
  | { readonly t: 'changed' }
  | { readonly t: 'left-out'; readonly reason: string };

export const pieceTask = defineTask<PieceInput, PieceOutput>({
  name: 'archive.piece',
  run(input, context) {
    context.throwIfCancelled();
    const plain = new Uint8Array(input.memory, 0, paddedLength(input.length));
    const read = readPiece(input, plain, context);
    if (read.t !== 'read') return read;
    return { ...frameOf(input, plain, context), changed: read.changed };
  },
  transfer(output) {
    const frame = 'frame' in output ? output.frame : undefined;
    return frame?.stored.buffer instanceof ArrayBuffer ? [frame.stored.buffer] : [];
  },
});

function readPiece(
  { file, offset, length, identity, lenient }: PieceInput,
  plain: Uint8Array,
  { fs }: TaskContext,
): { readonly t: 'read'; readonly changed: boolean } | Extract<PieceOutput, { t: 'changed' | 'left-out' }> {
  let fd: number;
  try {
    fd = openForReading(fs, file);
  } catch (error) {
    return { t: 'left-out', reason: skipReason(error) };
  }
  try {
    const before = fs.fstat(fd);
    if (!before.isFile()) return { t: 'left-out', reason: noLongerAFile };
    let changed = !isSame(before, identity);
    if (changed && !lenient) return { t: 'changed' };
    const got = readFully(fs, fd, plain, 0, length, offset);
    changed ||= got < length || !isSame(fs.fstat(fd), identity);
    if (changed && !lenient) return { t: 'changed' };
    plain.fill(0, got);
    return { t: 'read', changed };
  } catch (error) {
    return { t: 'left-out', reason: skipReason(error) };
  } finally {
    fs.close(fd);
  }
}

type Framed =
  | { readonly t: 'read'; readonly frame: StoredFrame }
  | { readonly t: 'held'; readonly held: Held }
  | {
      readonly t: 'partly-held';
      readonly stretches: readonly Stretch[];
      readonly frame: StoredFrame | undefined;
      readonly fresh: number;
    };

function frameOf({ format, length, earlier, memory }: PieceInput, plain: Uint8Array, { fs }: TaskContext): Framed {
  const digest = sha256(plain);
  if (earlier !== undefined) {
    const held = new HeldContent(earlier.held).find(digest);
    if (held !== undefined && held.length >= length) return { t: 'held', held };
    const before = earlier.old.length === 0 ? undefined : readHeld(fs, earlier.old);
    const content = plain.subarray(0, length);
    const stretches = before === undefined ? undefined : stretchesOf(content, before);
    if (stretches !== undefined) {
      const fresh = freshOf(content, stretches);
      const frame = fresh.length === 0 ? undefined : makeFrame(fresh.padded, format, sha256(fresh.padded));
      return { t: 'partly-held', stretches, frame, fresh: fresh.length };
    }
  }
  return { t: 'read', frame: keptIn(memory, makeFrame(plain, format, digest)) };
}

function keptIn(memory: SharedArrayBuffer, frame: StoredFrame): StoredFrame {
  if (frame.stored.length > frameRoom) return frame;
  const stored = new Uint8Array(memory, pieceBytes, frame.stored.length);
  stored.set(frame.stored);
  release(frame.stored);
  return { ...frame, stored };
}
