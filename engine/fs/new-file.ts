import { constants } from 'node:fs';
import { isSystemError, toLarderError } from './errors.ts';
import type { FileSystem } from './port.ts';

/** Bytes that go to the disk in one call; a multiple of the block size of any disk. */
const chunkBytes = 4 * 1024 * 1024;
/** Chunks that may be on their way to the disk before {@link NewFile.room} waits. */
const chunksUnderWay = 2;
/** What the system may hold back before it is asked to write it out, so that the last fsync is short. */
const flushEvery = 64 * 1024 * 1024;

const { O_WRONLY } = constants;
const { O_DIRECT } = constants as Partial<typeof constants>;

/**
 * A new file written from its beginning to its end, durably, without waiting for the disk at each step.
 *
 * Where the system can (Linux, most file systems), whole chunks go to the disk directly and not through the system's page
 * cache: a backup of hundreds of gigabytes then neither costs a copy of each byte nor drives from memory what other
 * programs read, and whoever reads it afterwards to verify it reads the disk. Elsewhere, and for the last part of the
 * file, it is written as usual. Errors are those of the file system as `LarderError`, at the next call.
 */
export class NewFile {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #fd: number;
  /** A second handle for whole chunks; null where that cannot be had. */
  #direct: number | null | undefined;
  #useDirect = O_DIRECT !== undefined;
  /** Where the chunk being filled begins: a multiple of its size. */
  #base = 0;
  #used = 0;
  #chunk = alignedBytes();
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #heldBack = 0;
  #flushing: Promise<void> | undefined;
  #error: unknown;
  #open = true;

  /** Throws where the file cannot be made or is there already. */
  constructor(fs: FileSystem, path: string, mode = 0o600) {
    this.#fs = fs;
    this.path = path;
    try {
      this.#fd = fs.open(path, 'wx+', mode);
    } catch (error) {
      throw toLarderError(error, path);
    }
  }

  /** Bytes so far. */
  get length(): number {
    return this.#base + this.#used;
  }

  /** The bytes are copied; see {@link room} for how not to gather more than the disk takes. */
  append(bytes: Uint8Array): void {
    this.#throwError();
    let from = 0;
    while (from < bytes.length) {
      const part = bytes.subarray(from, from + chunkBytes - this.#used);
      this.#chunk.set(part, this.#used);
      this.#used += part.length;
      from += part.length;
      if (this.#used === chunkBytes) this.#sendChunk();
    }
  }

  /** Waits while the disk is behind. */
  async room(): Promise<void> {
    while (this.#underWay.size > chunksUnderWay) await Promise.race(this.#underWay);
    this.#throwError();
  }

  /** Takes back everything behind the first `length` bytes. */
  async truncate(length: number): Promise<void> {
    if (length >= this.#base) {
      this.#used = length - this.#base;
      return;
    }
    // A chunk still under way would make the file longer again.
    await this.#settled();
    this.#throwError();
    try {
      this.#fs.truncate(this.#fd, length);
      this.#base = length - (length % chunkBytes);
      this.#used = 0;
      while (this.length < length) {
        const got = this.#fs.read(this.#fd, this.#chunk, this.#used, length - this.length, this.length);
        if (got === 0) throw Object.assign(new Error('EIO: it is shorter than what was written'), { code: 'EIO' });
        this.#used += got;
      }
    } catch (error) {
      throw toLarderError(error, this.path);
    }
  }

  /** Makes everything durable and closes; gives the length. */
  async finish(): Promise<number> {
    const { length } = this;
    await this.#settled();
    this.#throwError();
    try {
      if (this.#used > 0) await this.#fs.writeAsync(this.#fd, this.#chunk.subarray(0, this.#used), this.#base);
      await this.#fs.fsyncAsync(this.#fd);
    } catch (error) {
      throw toLarderError(error, this.path);
    }
    this.#close();
    return length;
  }

  /** Closes what {@link finish} did not. Never throws. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    await this.#settled();
    try {
      this.#close();
    } catch {
      // The file is about to be removed; what made the writing fail is the error to report.
    }
  }

  #close(): void {
    this.#open = false;
    for (const chunk of [this.#chunk, ...this.#free.splice(0)]) chunk.buffer.resize(0);
    try {
      this.#fs.close(this.#fd);
    } finally {
      if (this.#direct != null) this.#fs.close(this.#direct);
    }
  }

  #sendChunk(): void {
    const chunk = this.#chunk;
    const sent = this.#noted(this.#writeChunk(chunk, this.#base), () => {
      this.#underWay.delete(sent);
      this.#free.push(chunk);
    });
    this.#underWay.add(sent);
    this.#base += chunkBytes;
    this.#used = 0;
    this.#chunk = this.#free.pop() ?? alignedBytes();
  }

  async #writeChunk(chunk: Uint8Array, position: number): Promise<void> {
    const direct = this.#useDirect ? this.#directHandle() : null;
    if (direct !== null) {
      try {
        await this.#fs.writeAsync(direct, chunk, position);
        return;
      } catch (error) {
        // What a file system says that wants other blocks or cannot after all, also after a part of the chunk.
        if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
        // The handle stays open till the end: the next chunk may be on its way through it.
        this.#useDirect = false;
      }
    }
    await this.#fs.writeAsync(this.#fd, chunk, position);
    this.#heldBack += chunk.length;
    if (this.#heldBack < flushEvery || this.#flushing !== undefined) return;
    this.#heldBack = 0;
    this.#flushing = this.#noted(this.#fs.fsyncAsync(this.#fd), () => (this.#flushing = undefined));
  }

  #directHandle(): number | null {
    if (this.#direct !== undefined) return this.#direct;
    try {
      return (this.#direct = this.#fs.open(this.path, O_WRONLY | (O_DIRECT ?? 0)));
    } catch (error) {
      // The file itself is open and being written, so whatever is wrong, it is this way of writing.
      if (!isSystemError(error)) throw error;
      return (this.#direct = null);
    }
  }

  /** Keeps the error for the next call. */
  async #noted(work: Promise<unknown>, over: () => void): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#error ??= error;
    } finally {
      over();
    }
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#underWay, this.#flushing]);
    // A chunk just written may have begun a flush.
    await this.#flushing;
  }

  #throwError(): void {
    if (this.#error !== undefined) throw toLarderError(this.#error, this.path);
  }
}

/**
 * Memory that begins at a page, as direct writes need. That of a resizable `ArrayBuffer` does, because it is reserved in
 * pages; should that change, direct writes answer EINVAL and the usual ones take over.
 */
function alignedBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(chunkBytes, { maxByteLength: chunkBytes }));
}
