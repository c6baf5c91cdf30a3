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
 * The plain bytes of the age file open as `fd`. Its last chunk is checked at once, so that a file cut off is noticed
 * whatever is read of it. Throws `CORRUPT` naming `path`, with `details.damage` (`truncated | digest`).
 */
export function openAge(fs: FileSystem, fd: number, fileKey: Uint8Array, path: string): AgeReader {
  return new AgeReader(fs, fd, fileKey, path);
}

/** Reads anywhere in the plain bytes of an age file; only the chunks needed are decrypted, and each is checked. */
export class AgeReader {
  readonly size: number;
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
    const nonce = this.readSealed(layout.header.length, payloadNonceBytes);
    this.cipher = aead(hkdf(fileKey, nonce, 'payload'));
    this.checkEnd();
  }

  /** Reads into `into` at `offset`; gives how many bytes, fewer than `length` only where the plain bytes end before. */
  read(into: Uint8Array, offset: number, length: number, position: number): number {
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
    const last = number === this.chunks - 1;
    if (this.cipher.open(chunkNonce(number, last, this.nonce), sealed, into)) return;
    const at = this.begin + number * sealedChunkBytes;
    throw corrupt(this.path, `is damaged at byte ${at}: it cannot be decrypted there`, 'digest');
  }

  private checkEnd(): void {
    const last = this.chunks - 1;
    const length = this.lengthOf(last);
    const sealed = this.readSealed(this.begin + last * sealedChunkBytes, length + sealedChunkBytes - chunkBytes);
    const plain = new Uint8Array(length);
    if (this.cipher.open(chunkNonce(last, true, this.nonce), sealed, plain)) return this.keep(last, plain);
    // A whole chunk, but not the last one there was.
    if (this.cipher.open(chunkNonce(last, false, this.nonce), sealed, plain))
      throw corrupt(this.path, cutOff, 'truncated');
    throw corrupt(this.path, 'is cut off, or damaged at its end', 'truncated');
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
