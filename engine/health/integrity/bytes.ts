import { constants } from 'node:fs';
import type { FileSystem } from '../../fs/index.ts';

/** A file as the parsers see it: its size, and any stretch of it. */
export interface Bytes {
  readonly size: number;
  /** Fewer bytes only where the file ends. */
  read(at: number, length: number): Buffer;
}

/** What a look at header and size says. */
export type Verdict =
  | { readonly state: 'whole' }
  | { readonly state: 'damaged'; readonly reason: string }
  /** It cannot be told, and why. */
  | { readonly state: 'unknown'; readonly reason: string }
  /** It is not of the kind its name suggests, which is no fault of it. */
  | { readonly state: 'other' };

export const whole: Verdict = { state: 'whole' };
export const other: Verdict = { state: 'other' };
export const damaged = (reason: string): Verdict => ({ state: 'damaged', reason });
export const unknown = (reason: string): Verdict => ({ state: 'unknown', reason });

/** Opens a file for `look`. A link in its place is not followed, and a pipe does not block. Throws as `open` does. */
export function withBytes<T>(fs: FileSystem, path: string, look: (bytes: Bytes) => T): T {
  // Windows has neither flag; undefined adds nothing.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = fs.open(path, flags);
  try {
    const size = Number(fs.fstat(fd).size);
    return look({
      size,
      read(at, length) {
        const into = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
        let done = 0;
        while (done < into.length) {
          const got = fs.read(fd, into, done, into.length - done, at + done);
          if (got === 0) break;
          done += got;
        }
        return into.subarray(0, done);
      },
    });
  } finally {
    fs.close(fd);
  }
}

/** A buffer as {@link Bytes}. */
export function bytesOf(buffer: Buffer): Bytes {
  return { size: buffer.length, read: (at, length) => buffer.subarray(at, at + length) };
}

/** Thrown by {@link Cursor} where the file ends early. */
export class EndOfFile extends Error {}
/** Thrown by {@link Cursor} when a header is longer than it reads. */
export class TooLong extends Error {}

/** Reads little-endian fields one after another, a block at a time. */
export class Cursor {
  readonly #bytes: Bytes;
  readonly #most: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;
  at: number;

  constructor(bytes: Bytes, at: number, most: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#most = at + most;
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }
  u32(): number {
    return this.#take(4).readUInt32LE();
  }
  /** As a number; one from 2^53 comes out as infinite. */
  u64(): number {
    const value = this.#take(8).readBigUInt64LE();
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
  }
  text(length: number): string {
    return this.#take(length).toString('utf8');
  }
  skip(length: number): void {
    if (this.at + length > this.#bytes.size) throw new EndOfFile();
    if (this.at + length > this.#most) throw new TooLong();
    this.at += length;
  }

  #take(length: number): Buffer {
    if (this.at + length > this.#bytes.size) throw new EndOfFile();
    if (this.at + length > this.#most) throw new TooLong();
    const inBlock = this.at - this.#blockAt;
    if (inBlock < 0 || inBlock + length > this.#block.length) {
      this.#block = this.#bytes.read(this.at, Math.max(length, 64 * 1024));
      this.#blockAt = this.at;
      if (this.#block.length < length) throw new EndOfFile();
    }
    const from = this.at - this.#blockAt;
    this.at += length;
    return this.#block.subarray(from, from + length);
  }
}
