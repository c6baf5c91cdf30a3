import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import type { Directories } from './directories.ts';
import type { Figures } from './figures.ts';
import { joinRelative } from './read-directory.ts';
import { header } from './record.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';

/** Up to so many directories are gone through at once; of more the tree is copied first, so that others can have the thread. */
const walkedAtOnce = 2_000;

/**
 * The records and figures of a directory and of everything below it, held while they are looked through in slices.
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
  readonly #figures: Float64Array;

  private constructor(directories: number, top: string) {
    this.#top = top;
    this.#offsets = new Uint32Array(directories);
    this.#parents = new Int32Array(directories);
    this.#ids = new Int32Array(directories);
    this.#figures = new Float64Array(directories * figureNames.length);
  }

  static *of(directories: Directories, top: number): Steps<Snapshot> {
    const size = directories.figures(top).dirs + 1;
    const snapshot = new Snapshot(size, directories.path(top));
    const inSteps = size > walkedAtOnce;
    const from = inSteps ? directories.frozen() : directories;
    const stack = [{ id: top, parent: -1 }];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const { buffer, at: offset } = from.record(at.id);
      const index = snapshot.size++;
      snapshot.#buffers.push(buffer);
      snapshot.#offsets[index] = offset;
      snapshot.#parents[index] = at.parent;
      snapshot.#ids[index] = at.id;
      for (const [column, name] of figureNames.entries()) {
        snapshot.#figures[index * figureNames.length + column] = from.columns[name][at.id] ?? 0;
      }
      const { firstChild, nextSibling } = from.columns;
      for (let child = firstChild[at.id] ?? -1; child >= 0; child = nextSibling[child] ?? -1) {
        stack.push({ id: child, parent: index });
      }
      if (inSteps && index % entriesAStep === 0) yield;
    }
    return snapshot;
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

  figures(index: number): Figures {
    const at = index * figureNames.length;
    const [bytes = 0, allocated = 0, files = 0, dirs = 0, newest = 0] = this.#figures.subarray(
      at,
      at + figureNames.length,
    );
    return { bytes, allocated, files, dirs, newest };
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

const figureNames = ['bytes', 'allocated', 'files', 'dirs', 'newest'] as const;

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
