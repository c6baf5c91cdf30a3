import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { defineTask } from '../pool/index.ts';
import { makeFrame } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { noLongerAFile, isSame, openForReading, readFully, skipReason } from './read-file.ts';
import type { FileIdentity } from './read-file.ts';
import { paddedLength } from './tar-header.ts';

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
}

export type PieceOutput =
  | {
      readonly t: 'read';
      readonly frame: StoredFrame;
      /** Holds the plain bytes from its beginning. */
      readonly buffer: ArrayBuffer;
      readonly changed: boolean;
    }
  | { readonly t: 'changed' }
  | { readonly t: 'left-out'; readonly reason: string };

export const pieceTask = defineTask<PieceInput, PieceOutput>({
  name: 'archive.piece',
  run({ file, format, offset, length, identity, lenient, buffer }, context) {
    context.throwIfCancelled();
    const { fs } = context;
    const padded = paddedLength(length);
    const memory = buffer !== undefined && buffer.byteLength >= padded ? buffer : new ArrayBuffer(padded);
    const plain = new Uint8Array(memory, 0, padded);
    let fd: number;
    try {
      fd = openForReading(fs, file);
    } catch (error) {
      return { t: 'left-out', reason: skipReason(error) };
    }
    let changed: boolean;
    try {
      const before = fs.fstat(fd);
      if (!before.isFile()) return { t: 'left-out', reason: noLongerAFile };
      changed = !isSame(before, identity);
      if (changed && !lenient) return { t: 'changed' };
      const got = readFully(fs, fd, plain, 0, length, offset);
      changed ||= got < length || !isSame(fs.fstat(fd), identity);
      if (changed && !lenient) return { t: 'changed' };
      plain.fill(0, got);
    } catch (error) {
      return { t: 'left-out', reason: skipReason(error) };
    } finally {
      fs.close(fd);
    }
    return { t: 'read', frame: makeFrame(plain, format), buffer: memory, changed };
  },
  transfer: (output) => (output.t === 'read' ? [output.frame.stored.buffer as ArrayBuffer, output.buffer] : []),
});
