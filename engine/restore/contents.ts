import { hash, createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { decodeFrame, release } from '../archive/index.ts';
import type { FrameRef } from '../archive/index.ts';
import { reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { concernsOnePath, ContentFault, isCancelled } from './faults.ts';
import type { MetadataRules } from './metadata.ts';
import { toSeconds } from './times.ts';

export interface ContentFile {
  /** Place of the entry in the manifest. */
  readonly index: number;
  /** Absolute path to make; nothing is there. */
  readonly stage: string;
  readonly size: number;
  readonly sha256: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** `frame` is a place in the batch's own list. */
  readonly pieces: readonly { readonly frame: number; readonly offset: number; readonly length: number }[];
}

export interface ContentBatch extends MetadataRules {
  readonly archives: readonly { readonly path: string; readonly format: ArchiveFormat }[];
  readonly frames: readonly FrameRef[];
  readonly files: readonly ContentFile[];
  /** Whether each file is made durable on its own; otherwise the caller flushes the whole file system. */
  readonly sync: boolean;
  readonly nowSeconds: number;
}

export type ContentResult =
  | { readonly index: number; readonly inode: bigint; readonly mode: number; readonly mtimeNs: bigint }
  | { readonly index: number; readonly reason: string };

/** Told while a batch runs. */
export interface ContentProgress {
  readonly bytes: number;
  readonly files: number;
}

const holeBytes = 4096;
const zeros = Buffer.alloc(holeBytes);
const reportBytes = 4 * 1024 * 1024;
/** Plain frames kept at a time: the files of a frame follow one another, and a big file goes through its frames once. */
const keptFrames = 2;

/** Decodes frames and writes whole, checked files. A file that fails its check is removed and named; the others stand. */
export const contentsTask = defineTask({
  name: 'restore.contents',
  run(batch: ContentBatch, context: TaskContext): ContentResult[] {
    const frames = new Frames(batch, context.fs);
    let bytes = 0;
    let files = 0;
    const report = (): void => {
      context.post({ bytes, files } satisfies ContentProgress);
      bytes = 0;
      files = 0;
    };
    try {
      return batch.files.map((file) => {
        try {
          const result = writeFile(batch, file, frames, context, (length) => {
            bytes += length;
            if (bytes >= reportBytes) report();
          });
          files += 1;
          return result;
        } catch (error) {
          if (isCancelled(error)) throw error;
          if (error instanceof ContentFault) return { index: file.index, reason: error.message };
          if (concernsOnePath(error)) return { index: file.index, reason: `It ${reasonOf(error)}.` };
          throw error;
        }
      });
    } finally {
      report();
      frames.close();
    }
  },
});

/** The plain bytes of a batch's frames, the last few kept; a damaged one is remembered as such. */
class Frames {
  private readonly batch: ContentBatch;
  private readonly fs: FileSystem;
  private readonly open = new Map<number, number | ContentFault>();
  private readonly plain = new Map<number, Uint8Array | ContentFault>();

  constructor(batch: ContentBatch, fs: FileSystem) {
    this.batch = batch;
    this.fs = fs;
  }

  get(index: number): Uint8Array {
    let plain = this.plain.get(index);
    if (plain === undefined) {
      plain = this.decode(index);
      for (const [old, bytes] of this.plain) {
        if (this.plain.size < keptFrames) break;
        this.plain.delete(old);
        if (!(bytes instanceof ContentFault)) release(bytes);
      }
      this.plain.set(index, plain);
    }
    if (plain instanceof ContentFault) throw plain;
    return plain;
  }

  close(): void {
    for (const fd of this.open.values()) if (typeof fd === 'number') this.fs.close(fd);
    for (const bytes of this.plain.values()) if (!(bytes instanceof ContentFault)) release(bytes);
  }

  private decode(index: number): Uint8Array | ContentFault {
    const frame = this.batch.frames[index];
    const archive = frame === undefined ? undefined : this.batch.archives[frame.archive];
    if (frame === undefined || archive === undefined) {
      return new ContentFault('The backup does not say where its content lies.');
    }
    const fd = this.archive(frame.archive, archive.path);
    if (fd instanceof ContentFault) return fd;
    try {
      return decodeFrame(this.fs, fd, frame, archive.format);
    } catch (error) {
      return new ContentFault(`Its content in ${displayName(archive.path)} cannot be read: ${reasonOf(error)}`);
    }
  }

  private archive(index: number, path: string): number | ContentFault {
    let fd = this.open.get(index);
    if (fd === undefined) {
      try {
        fd = this.fs.open(path, 'r');
      } catch (error) {
        // An encrypted one is named by the error itself.
        const isNamed = error instanceof LarderError;
        fd = new ContentFault(isNamed ? error.message : `The archive ${displayName(path)} ${reasonOf(error)}.`);
      }
      this.open.set(index, fd);
    }
    return fd;
  }
}

function writeFile(
  batch: ContentBatch,
  file: ContentFile,
  frames: Frames,
  context: TaskContext,
  wrote: (bytes: number) => void,
): ContentResult {
  const { fs } = context;
  context.throwIfCancelled();
  const single = file.pieces.length === 1 ? file.pieces[0] : undefined;
  // The content of a small file is checked before there is a file.
  if (single !== undefined) checkWhole(file, hash('sha256', pieceOf(file, single, frames), 'hex'), single.length);
  const fd = fs.open(file.stage, 'wx', 0o600);
  let good = false;
  try {
    const digest: Hash | undefined = single === undefined ? createHash('sha256') : undefined;
    let position = 0;
    let endsInHole = false;
    for (const piece of file.pieces) {
      context.throwIfCancelled();
      const bytes = pieceOf(file, piece, frames);
      digest?.update(bytes);
      endsInHole = writeSparse(fs, fd, bytes, position);
      position += bytes.length;
      wrote(bytes.length);
    }
    if (digest !== undefined) checkWhole(file, digest.digest('hex'), position);
    if (endsInHole) fs.truncate(fd, file.size);
    const result = finish(batch, file, fs, fd);
    good = true;
    return result;
  } finally {
    fs.close(fd);
    if (!good) fs.unlink(file.stage);
  }
}

function checkWhole(file: ContentFile, sha256: string, length: number): void {
  if (length === file.size && sha256 === file.sha256) return;
  throw new ContentFault('Its content in the backup is not what was backed up: the digest does not match.');
}

function pieceOf(file: ContentFile, piece: ContentFile['pieces'][number], frames: Frames): Uint8Array {
  const plain = frames.get(piece.frame);
  const { offset, length } = piece;
  const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!fits || offset + length > plain.length || length > file.size) {
    throw new ContentFault('The backup says its content lies where there is none.');
  }
  return plain.subarray(offset, offset + length);
}

/** Writes all but runs of zeros that fill whole 4 KiB blocks of the file: those become holes. Tells whether it ends in one. */
function writeSparse(fs: FileSystem, fd: number, bytes: Uint8Array, position: number): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  let at = (holeBytes - (position % holeBytes)) % holeBytes;
  for (; at + holeBytes <= buffer.length; at += holeBytes) {
    if (buffer[at] !== 0 || buffer.compare(zeros, 0, holeBytes, at, at + holeBytes) !== 0) continue;
    if (at > from) fs.write(fd, buffer.subarray(from, at), position + from);
    from = at + holeBytes;
  }
  if (from < buffer.length) fs.write(fd, buffer.subarray(from), position + from);
  return from > 0 && from === buffer.length;
}

function finish(batch: ContentBatch, file: ContentFile, fs: FileSystem, fd: number): ContentResult {
  const mode = file.mode & 0o7777;
  if (batch.modes && mode !== 0o600) fs.fchmod(fd, mode);
  fs.lutimes(file.stage, batch.nowSeconds, toSeconds(file.mtimeNs));
  let stat = fs.fstat(fd);
  if (batch.owners && (stat.uid !== BigInt(file.uid) || stat.gid !== BigInt(file.gid))) {
    fs.lchown(file.stage, file.uid, file.gid);
    // A new owner clears the set-id bits.
    if (batch.modes) fs.fchmod(fd, mode);
    stat = fs.fstat(fd);
  }
  if (batch.sync) fs.fsync(fd);
  return { index: file.index, inode: stat.ino, mode: Number(stat.mode) & 0o7777, mtimeNs: stat.mtimeNs };
}
