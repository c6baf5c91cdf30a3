import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { makeFrame, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { freshOf, stretchesOf } from './delta.ts';
import type { Stretch } from './delta.ts';
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
  /** Memory to read into, given back with the output. */
  readonly buffer?: ArrayBuffer;
  /** What older archives hold, where it need not be stored again: anywhere, and at this place of the same file. */
  readonly earlier?: { readonly held: SharedArrayBuffer; readonly old: readonly HeldStretch[] };
}

/** What was read is in `buffer` from its beginning. */
export type PieceOutput =
  | { readonly t: 'read'; readonly frame: StoredFrame; readonly buffer: ArrayBuffer; readonly changed: boolean }
  | { readonly t: 'held'; readonly held: Held; readonly buffer: ArrayBuffer; readonly changed: boolean }
  | {
      readonly t: 'partly-held';
      readonly stretches: readonly Stretch[];
      /** All that is new, put together; absent when nothing is. */
      readonly frame: StoredFrame | undefined;
      /** Bytes of it, without padding. */
      readonly fresh: number;
      readonly buffer: ArrayBuffer;
      readonly changed: boolean;
    }
  | { readonly t: 'changed' }
  | { readonly t: 'left-out'; readonly reason: string };

export const pieceTask = defineTask<PieceInput, PieceOutput>({
  name: 'archive.piece',
  run(input, context) {
    context.throwIfCancelled();
    const { length, buffer } = input;
    const padded = paddedLength(length);
    const memory = buffer !== undefined && buffer.byteLength >= padded ? buffer : new ArrayBuffer(padded);
    const plain = new Uint8Array(memory, 0, padded);
    const read = readPiece(input, plain, context);
    if (read.t !== 'read') return read;
    return { ...frameOf(input, plain, context), buffer: memory, changed: read.changed };
  },
  transfer(output) {
    if (output.t === 'changed' || output.t === 'left-out') return [];
    const frame = output.t === 'held' ? undefined : output.frame;
    return frame === undefined ? [output.buffer] : [frame.stored.buffer as ArrayBuffer, output.buffer];
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

function frameOf({ format, length, earlier }: PieceInput, plain: Uint8Array, { fs }: TaskContext): Framed {
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
  return { t: 'read', frame: makeFrame(plain, format, digest) };
}
