import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import { joinRelative } from './read-directory.ts';
import { header } from './record.ts';

/**
 * The records of a directory and of everything below it, held while they are looked through in slices.
 *
 * Records are never written to once they are in a tree, only replaced, so that holding them is enough for one answer to
 * be about one moment.
 */
export class Snapshot {
  /** Directories in it, parents before their children; the first is the top. */
  size = 0;
  readonly #top: string;
  readonly #buffers: Buffer[] = [];
  readonly #offsets: Uint32Array;
  readonly #parents: Int32Array;
  readonly #ids: Int32Array;

  constructor(directories: number, top: string) {
    this.#top = top;
    this.#offsets = new Uint32Array(directories);
    this.#parents = new Int32Array(directories);
    this.#ids = new Int32Array(directories);
  }

  add(buffer: Buffer, at: number, parent: number, id: number): number {
    const index = this.size++;
    this.#buffers.push(buffer);
    this.#offsets[index] = at;
    this.#parents[index] = parent;
    this.#ids[index] = id;
    return index;
  }

  buffer(index: number): Buffer {
    const buffer = this.#buffers[index];
    if (buffer === undefined) throw new RangeError(`No directory ${index} in this snapshot.`);
    return buffer;
  }

  at(index: number): number {
    return this.#offsets[index] ?? 0;
  }

  /** The id it had in the tree. */
  id(index: number): number {
    return this.#ids[index] ?? 0;
  }

  /** Path relative to the root of the store. */
  path(index: number): string {
    const names: string[] = [];
    for (let at = index; at > 0; at = this.#parents[at] ?? 0) {
      names.push(decodeName(header.name(this.buffer(at), this.at(at))));
    }
    return names.reverse().reduce(joinRelative, this.#top);
  }
}

/** These paths, each once and in order, without those that lie below another of them. */
export function withoutNested(paths: readonly string[]): string[] {
  const kept: string[] = [];
  const chosen = new Set(paths);
  for (const path of chosen) {
    let above = path;
    let covered = false;
    while (above !== '' && !covered) {
      above = above.slice(0, Math.max(0, above.lastIndexOf('/')));
      covered = chosen.has(above);
    }
    if (!covered) kept.push(path);
  }
  return kept.sort(comparePaths);
}
