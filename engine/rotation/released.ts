import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/**
 * Archives of a destination that belong to no backup any more: `.larder/released.json`.
 *
 * An archive comes in here before the manifest of its backup is removed, and one that only keeps frames for others before
 * it is put in place. It may go as soon as no backup draws on it, so whatever moment Larder is killed at, the next run
 * knows what it may clear away. An archive that merely lost its manifest is never in here and never touched.
 */

const fileName = 'released.json';

const releasedSchema = z.strictObject({ version: z.literal(1), archives: z.array(z.string().min(1)) });

function pathIn(directory: string): string {
  return join(directory, '.larder', fileName);
}

/**
 * Names of the released archives. A list that cannot be understood counts as empty: then nothing is cleared away on its
 * word, and the archives stay.
 */
export function readReleased(fs: FileSystem, directory: string): Set<string> {
  const path = pathIn(directory);
  let content: Buffer;
  try {
    content = fs.readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return new Set();
    throw toLarderError(error, path);
  }
  try {
    return new Set(releasedSchema.parse(JSON.parse(content.toString('utf8'))).archives);
  } catch {
    return new Set();
  }
}

/** The list of a destination whose lock is held. */
export class ReleasedList {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #names: Set<string>;
  #saved: string;

  /** `saved` is what the file says, `names` what it is to say. */
  constructor(fs: FileSystem, directory: string, saved: Iterable<string>, names: Iterable<string>) {
    this.#fs = fs;
    this.#directory = directory;
    this.#names = new Set(names);
    this.#saved = encode(saved);
  }

  add(name: string): void {
    this.#names.add(name);
  }

  delete(name: string): void {
    this.#names.delete(name);
  }

  /** Writes the list durably when it changed. */
  save(): void {
    const text = encode(this.#names);
    if (text === this.#saved) return;
    const path = pathIn(this.#directory);
    try {
      writeFileDurable(this.#fs, path, Buffer.from(text));
    } catch (error) {
      throw toLarderError(error, path);
    }
    this.#saved = text;
  }
}

function encode(names: Iterable<string>): string {
  return `${JSON.stringify({ version: 1, archives: [...names].sort() })}\n`;
}
