import { createHash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { maxFileBytes } from './parse.ts';
import type { Reader } from './load.ts';

/** Reads small text files; those in `instead` as they would be after a change. */
export class DiskReader implements Reader {
  private readonly fs: FileSystem;
  private readonly instead: ReadonlyMap<string, string>;

  constructor(fs: FileSystem, instead: ReadonlyMap<string, string> = new Map()) {
    this.fs = fs;
    this.instead = instead;
  }

  /** Throws `NOT_FOUND`, `PERMISSION`, `LIMIT_REACHED` for what is too large, `INVALID_INPUT` for what is no text. */
  read(path: string): string {
    return this.instead.get(path) ?? decode(path, readSmall(this.fs, path));
  }
}

/** The bytes of a file of at most half a megabyte. A device or pipe is never opened, so nothing waits for it. */
export function readSmall(fs: FileSystem, path: string): Buffer {
  try {
    const stat = fs.stat(path);
    if (!stat.isFile()) throw new LarderError('INVALID_INPUT', `${displayName(path)} is not a file.`);
    if (stat.size > BigInt(maxFileBytes)) {
      throw new LarderError('LIMIT_REACHED', `${displayName(path)} is larger than ${maxFileBytes / 1024} KiB.`, {
        hint: 'Compose files and env files that large are not read.',
      });
    }
    return fs.readFile(path);
  } catch (error) {
    throw toLarderError(error, path);
  }
}

export function decode(path: string, bytes: Uint8Array): string {
  try {
    // The mark of UTF-8 stays, so that offsets and what is written back are right.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LarderError('INVALID_INPUT', `${displayName(path)} is not UTF-8 text.`);
  }
}

/** SHA-256 of a file's bytes, in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
