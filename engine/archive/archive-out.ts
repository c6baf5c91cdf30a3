import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { AgeWriter } from '../age/index.ts';
import type { AgeStart } from '../age/index.ts';
import { NewFile } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

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
  private readonly file: NewFile;
  private hash = createHash('sha256');
  private at = 0;
  private readonly age: AgeWriter | undefined;

  /** With `start` the file is an age file. */
  constructor(fs: FileSystem, path: string, start?: AgeStart) {
    this.path = path;
    this.file = new NewFile(fs, path);
    this.age = start === undefined ? undefined : new AgeWriter(start, (bytes) => this.file.append(bytes));
  }

  get offset(): number {
    return this.at;
  }

  /** `digest`: SHA-256 of the bytes, hex. They are copied; {@link room} waits for the disk. */
  write(bytes: Uint8Array, digest: string): void {
    if (this.age === undefined) this.file.append(bytes);
    else this.age.append(bytes);
    this.hash.update(digest, 'hex');
    this.at += bytes.length;
  }

  /** Waits while the disk is behind; to be called between frames. */
  room(): Promise<void> {
    return this.file.room();
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
  async rollback(mark: Mark): Promise<boolean> {
    if (this.age === undefined) await this.file.truncate(mark.offset);
    else if (!this.age.rewind(mark.offset)) return false;
    this.hash = mark.hash.copy();
    this.at = mark.offset;
    return true;
  }

  /** Makes everything durable and closes; gives size and digest, and the size of the file itself. */
  async finish(): Promise<{ size: number; sha256: string; stored: number }> {
    this.age?.finish();
    const stored = await this.file.finish();
    return { size: this.at, sha256: this.hash.digest('hex'), stored };
  }

  /** Closes what {@link finish} did not. Never throws. */
  abandon(): Promise<void> {
    return this.file.abandon();
  }
}
