import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { aead } from './chacha.ts';
import type { Aead } from './chacha.ts';
import { chunkBytes, chunkNonce, payloadNonceBytes, sealedChunkBytes } from './chunks.ts';
import { corrupt, cutOff } from './errors.ts';
import { hkdf } from './header.ts';
import { readLayout } from './layout.ts';

/** Chunks read at once: a MiB stays near the processor while it is decrypted. */
const readAtOnce = 16;
/** Chunks kept, for neighbours that begin in the chunk where another ended. */
const keptChunks = 4;

/**
 * The plain bytes of the age file open as `fd`. Throws `CORRUPT` naming `path`, with `details.damage` (`truncated |
 * digest`), here only where its beginning is damaged: of a file that is damaged elsewhere, the rest can be read.
 */
export function openAge(fs: FileSystem, fd: number, fileKey: Uint8Array, path: string): AgeReader {
  return new AgeReader(fs, fd, fileKey, path);
}

/**
 * Reads anywhere in the plain bytes of an age file; only the chunks needed are decrypted, and each is checked: it is what
 * was written, at its place. That the file ends where it should is only known after {@link checkEnd}.
 */
export class AgeReader {
  /** Plain bytes, as far as the file's length tells. */
  readonly size: number;
  private readonly fits: boolean;
  private ended = false;
  private readonly fs: FileSystem;
  private readonly fd: number;
  private readonly path: string;
  private readonly begin: number;
  private readonly chunks: number;
  private readonly cipher: Aead;
  private readonly nonce = new Uint8Array(12);
  /** What was read last, as it lies in the file. */
  private sealed: Uint8Array = new Uint8Array(0);
  /** The most lately used comes last. */
  private readonly kept = new Map<number, Uint8Array>();

  constructor(fs: FileSystem, fd: number, fileKey: Uint8Array, path: string) {
    this.fs = fs;
    this.fd = fd;
    this.path = path;
    const layout = readLayout(fs, fd, path);
    this.begin = layout.header.length + payloadNonceBytes;
    this.chunks = layout.chunks;
    this.size = layout.size;
    this.fits = layout.fits;
    const nonce = this.readSealed(layout.header.length, payloadNonceBytes);
    this.cipher = aead(hkdf(fileKey, nonce, 'payload'));
  }

  /** Reads into `into` at `offset`; gives how many bytes, fewer than `length` only where the file truly ends before. */
  read(into: Uint8Array, offset: number, length: number, position: number): number {
    if (position + length > this.size) this.checkEnd();
    const end = Math.min(position + length, this.size);
    let at = position;
    while (at < end) {
      const number = Math.floor(at / chunkBytes);
      const within = at - number * chunkBytes;
      const kept = this.kept.get(number);
      if (kept === undefined && within === 0 && end - at >= this.lengthOf(number)) {
        at += this.readWhole(number, into.subarray(offset + at - position, offset + end - position));
        continue;
      }
      const chunk = kept ?? this.decrypt(number);
      this.keep(number, chunk);
      const part = chunk.subarray(within, within + end - at);
      into.set(part, offset + at - position);
      at += part.length;
    }
    return Math.max(0, end - position);
  }

  /** As many whole chunks as fit, straight to where they are wanted. */
  private readWhole(first: number, into: Uint8Array): number {
    let count = 0;
    let length = 0;
    while (count < readAtOnce && first + count < this.chunks && length + this.lengthOf(first + count) <= into.length) {
      length += this.lengthOf(first + count);
      count += 1;
    }
    const sealed = this.readSealed(
      this.begin + first * sealedChunkBytes,
      length + count * (sealedChunkBytes - chunkBytes),
    );
    for (let index = 0; index < count; index++) {
      const from = index * chunkBytes;
      this.open(
        first + index,
        sealed.subarray(index * sealedChunkBytes, (index + 1) * sealedChunkBytes),
        into.subarray(from, from + this.lengthOf(first + index)),
      );
    }
    return length;
  }

  private decrypt(number: number): Uint8Array {
    const plain = new Uint8Array(this.lengthOf(number));
    const length = plain.length + sealedChunkBytes - chunkBytes;
    this.open(number, this.readSealed(this.begin + number * sealedChunkBytes, length), plain);
    return plain;
  }

  private open(number: number, sealed: Uint8Array, into: Uint8Array): void {
    const isLast = number === this.chunks - 1;
    if (this.cipher.open(chunkNonce(number, isLast, this.nonce), sealed, into)) return;
    // Of a file cut off behind it, a whole chunk is still what it was.
    if (isLast && this.cipher.open(chunkNonce(number, false, this.nonce), sealed, into)) return;
    if (isLast) throw corrupt(this.path, 'is cut off, or damaged at its end', 'truncated');
    const at = this.begin + number * sealedChunkBytes;
    throw corrupt(this.path, `is damaged at byte ${at}: it cannot be decrypted there`, 'digest');
  }

  /** Throws `CORRUPT` unless the last chunk there is was written as the last. */
  checkEnd(): void {
    if (this.ended) return;
    if (!this.fits) throw corrupt(this.path, cutOff, 'truncated');
    const last = this.chunks - 1;
    const length = this.lengthOf(last);
    const sealed = this.readSealed(this.begin + last * sealedChunkBytes, length + sealedChunkBytes - chunkBytes);
    const plain = new Uint8Array(length);
    if (!this.cipher.open(chunkNonce(last, true, this.nonce), sealed, plain)) {
      this.open(last, sealed, plain);
      throw corrupt(this.path, cutOff, 'truncated');
    }
    this.ended = true;
    this.keep(last, plain);
  }

  private lengthOf(number: number): number {
    return number === this.chunks - 1 ? this.size - number * chunkBytes : chunkBytes;
  }

  private keep(number: number, chunk: Uint8Array): void {
    this.kept.delete(number);
    this.kept.set(number, chunk);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= keptChunks) break;
      this.kept.delete(oldest);
    }
  }

  /** Good until the next call. */
  private readSealed(position: number, length: number): Uint8Array {
    if (this.sealed.length < length) this.sealed = Buffer.allocUnsafeSlow(length);
    const bytes = this.sealed.subarray(0, length);
    let done = 0;
    while (done < length) {
      let got: number;
      try {
        got = this.fs.read(this.fd, bytes, done, length - done, position + done);
      } catch (error) {
        throw toLarderError(error, this.path);
      }
      if (got === 0) throw corrupt(this.path, cutOff, 'truncated');
      done += got;
    }
    return bytes;
  }
}
