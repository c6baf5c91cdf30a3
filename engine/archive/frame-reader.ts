import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { reasonOf } from '../fs/index.ts';
import { release } from './codec.ts';
import { decodeFrame, plainOf, readStored } from './frames.ts';
import type { FrameRef } from './types.ts';

export interface ArchivePlace {
  readonly path: string;
  readonly format: ArchiveFormat;
}

/** Plain bytes kept where files are read: one of changed and unchanged stretches goes to and fro between a few frames. */
const keptForFiles = 16 * 1024 * 1024;

/**
 * Frames of several archives, these by their number in the manifest, read inside one task. Archives stay open and the
 * frames decoded last are kept, so that stretches that go to and fro between frames decode each once.
 */
export class FrameReader {
  private readonly fs: FileSystem;
  private readonly archives: ReadonlyMap<number, ArchivePlace>;
  private readonly keptBytes: number;
  private readonly open = new Map<number, number>();
  private readonly plain = new Map<FrameRef, Uint8Array>();
  private bytes = 0;

  constructor(fs: FileSystem, archives: ReadonlyMap<number, ArchivePlace>, keptBytes = keptForFiles) {
    this.keptBytes = keptBytes;
    this.fs = fs;
    this.archives = archives;
  }

  /**
   * The frame's plain bytes, checked; they are only there until the next is asked for. Throws as `decodeFrame` does, and
   * what the system says of the archive.
   */
  get(frame: FrameRef): Uint8Array {
    const known = this.plain.get(frame);
    if (known !== undefined) {
      this.plain.delete(frame);
      this.plain.set(frame, known);
      return known;
    }
    const plain = decodeFrame(this.fs, this.fd(frame.archive), frame, this.place(frame.archive).format);
    this.plain.set(frame, plain);
    this.bytes += plain.length;
    for (const [old, bytes] of this.plain) {
      if (this.bytes <= this.keptBytes || old === frame) break;
      this.plain.delete(old);
      this.bytes -= bytes.length;
      release(bytes);
    }
    return plain;
  }

  /** Both forms of the frame, checked by whichever digest it has. */
  both(frame: FrameRef): { readonly stored: Uint8Array; readonly plain: Uint8Array } {
    const stored = this.stored(frame);
    return { stored, plain: plainOf(stored, frame, this.place(frame.archive).format) };
  }

  /** The frame's stored bytes, checked as far as its digest is over them. */
  stored(frame: FrameRef): Uint8Array {
    return readStored(this.fs, this.fd(frame.archive), frame);
  }

  close(): void {
    for (const fd of this.open.values()) this.fs.close(fd);
    this.open.clear();
    for (const bytes of this.plain.values()) release(bytes);
    this.plain.clear();
  }

  private place(archive: number): ArchivePlace {
    const place = this.archives.get(archive);
    if (place === undefined) throw new LarderError('CORRUPT', 'A frame is of an archive not listed.');
    return place;
  }

  private fd(archive: number): number {
    let fd = this.open.get(archive);
    if (fd === undefined) {
      fd = this.fs.open(this.place(archive).path, 'r');
      this.open.set(archive, fd);
    }
    return fd;
  }
}

/** An error of a frame with its archive's name added. */
export function inArchive(error: unknown, path: string): LarderError {
  if (error instanceof LarderError) {
    if (error.code !== 'CORRUPT') return error;
    return new LarderError('CORRUPT', `${displayName(path)}: ${error.message}`, {
      details: { ...error.details, path },
      cause: error,
    });
  }
  return new LarderError('CORRUPT', `${displayName(path)} ${reasonOf(error)}.`, { details: { path }, cause: error });
}
