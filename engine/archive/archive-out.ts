import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import { AgeWriter } from '../age/index.ts';
import type { AgeStart } from '../age/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** After this many bytes the system is asked to write out what it holds back, so that the last fsync is short. */
const flushEvery = 64 * 1024 * 1024;

export interface Mark {
  readonly offset: number;
  readonly hash: Hash;
}

/**
 * A file being written part by part, from its beginning to its end. Its digest goes over the parts' SHA-256 (32 bytes
 * each, in order) and not once more over the bytes: every byte is covered all the same, and the parts' digests were
 * taken side by side. Encrypted or not, offsets, size and digest are those of what is written here.
 */
export class ArchiveOut {
  readonly path: string;
  private readonly fs: FileSystem;
  private readonly fd: number;
  private hash = createHash('sha256');
  private at = 0;
  /** Bytes of the file itself. */
  private stored = 0;
  private readonly age: AgeWriter | undefined;
  private flushed = 0;
  private flushing: Promise<void> | undefined;
  private flushError: unknown;
  private open = true;

  /** With `start` the file is an age file. */
  constructor(fs: FileSystem, path: string, start?: AgeStart) {
    this.fs = fs;
    this.path = path;
    try {
      this.fd = fs.open(path, 'wx', 0o600);
    } catch (error) {
      throw toLarderError(error, path);
    }
    this.age = start === undefined ? undefined : new AgeWriter(start, (bytes) => this.store(bytes));
  }

  get offset(): number {
    return this.at;
  }

  /** `digest`: SHA-256 of the bytes, hex. */
  write(bytes: Uint8Array, digest: string): void {
    this.throwFlushError();
    if (this.age === undefined) this.store(bytes);
    else this.age.append(bytes);
    this.hash.update(digest, 'hex');
    this.at += bytes.length;
  }

  private store(bytes: Uint8Array): void {
    try {
      this.fs.write(this.fd, bytes, this.stored);
    } catch (error) {
      throw toLarderError(error, this.path);
    }
    this.stored += bytes.length;
    if (this.stored - this.flushed >= flushEvery && this.flushing === undefined) {
      this.flushed = this.stored;
      this.flushing = this.fs.fsyncAsync(this.fd).then(
        () => {
          this.flushing = undefined;
        },
        (error: unknown) => {
          this.flushing = undefined;
          this.flushError = error;
        },
      );
    }
  }

  /** A point to come back to. */
  mark(): Mark {
    this.age?.mark();
    return { offset: this.at, hash: this.hash.copy() };
  }

  /**
   * Takes back everything written since the last mark; false, and nothing is done, where the file is encrypted and some of
   * it is already sealed (see `AgeWriter`).
   */
  rollback(mark: Mark): boolean {
    if (this.age === undefined) this.truncate(mark.offset);
    else if (!this.age.rewind(mark.offset)) return false;
    this.hash = mark.hash.copy();
    this.at = mark.offset;
    return true;
  }

  private truncate(length: number): void {
    try {
      this.fs.truncate(this.fd, length);
    } catch (error) {
      throw toLarderError(error, this.path);
    }
    this.stored = length;
    this.flushed = Math.min(this.flushed, length);
  }

  /** Makes everything durable and closes; gives size and digest, and the size of the file itself. */
  async finish(): Promise<{ size: number; sha256: string; stored: number }> {
    this.age?.finish();
    await this.flushing;
    this.throwFlushError();
    try {
      await this.fs.fsyncAsync(this.fd);
    } catch (error) {
      throw toLarderError(error, this.path);
    }
    this.open = false;
    this.fs.close(this.fd);
    return { size: this.at, sha256: this.hash.digest('hex'), stored: this.stored };
  }

  /** Closes what {@link finish} did not. Never throws. */
  async abandon(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.flushing;
    try {
      this.fs.close(this.fd);
    } catch {
      // The file is about to be removed; what made the writing fail is the error to report.
    }
  }

  private throwFlushError(): void {
    if (this.flushError === undefined) return;
    throw this.flushError instanceof LarderError ? this.flushError : toLarderError(this.flushError, this.path);
  }
}
