import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { at } from './entry-index.ts';
import type { IndexData } from './entry-index.ts';
import { IndexView } from './index-view.ts';

/** How an entry of a backup stands against the live store. The order is the code in a result. */
export const liveStates = ['same', 'differs', 'missing', 'unknown'] as const;
export type LiveState = (typeof liveStates)[number];

export interface CompareInput {
  readonly index: IndexData;
  /** Absolute root of the live store. */
  readonly root: string;
  readonly entries: Uint32Array;
}

/** A restored time is exact to about a microsecond only (see `FileSystem.lutimes`). */
const mtimeToleranceNs = 2_000n;

/** Compares by type, size and modification time; a link by its target. What cannot be looked at is `unknown`. */
export function compareEntries(input: CompareInput, context: TaskContext): Uint8Array {
  const comparison = new Comparison(input, context);
  return Uint8Array.from(input.entries, (entry) => liveStates.indexOf(comparison.state(entry)));
}

class Comparison {
  readonly #view: IndexView;
  readonly #root: string;
  readonly #context: TaskContext;
  /** Folders by entry: whether a real folder stands there. Nothing is looked at through a link. */
  readonly #folders = new Map<number, LiveState>();

  constructor({ index, root }: CompareInput, context: TaskContext) {
    this.#view = new IndexView(index);
    this.#root = root;
    this.#context = context;
  }

  /** Of a directory, with everything below it. */
  state(entry: number): LiveState {
    const own = this.#own(entry);
    if (own !== 'same' || this.#view.type(entry) !== 'dir') return own;
    const { from, to } = this.#view.below(entry);
    for (let below = from; below < to; below += 1) {
      this.#context.throwIfCancelled();
      const state = this.#own(below);
      if (state !== 'same') return state === 'unknown' ? 'unknown' : 'differs';
    }
    return 'same';
  }

  #own(entry: number): LiveState {
    if (this.#view.type(entry) === 'dir') return this.#folder(entry);
    const folder = this.#folder(at(this.#view.data.parent, entry));
    if (folder === 'unknown') return 'unknown';
    return folder === 'same' ? this.#look(entry) : 'missing';
  }

  #folder(entry: number): LiveState {
    const known = this.#folders.get(entry);
    if (known !== undefined) return known;
    const above = entry === 0 ? 'same' : this.#folder(at(this.#view.data.parent, entry));
    const state = above === 'same' ? this.#look(entry) : above === 'unknown' ? 'unknown' : 'missing';
    this.#folders.set(entry, state);
    return state;
  }

  #look(entry: number): LiveState {
    const { fs } = this.#context;
    const path = entry === 0 ? this.#root : `${this.#root}/${this.#view.path(entry)}`;
    try {
      const stats = fs.lstat(path);
      switch (this.#view.type(entry)) {
        case 'dir':
          return stats.isDirectory() ? 'same' : 'differs';
        case 'symlink':
          if (!stats.isSymbolicLink()) return 'differs';
          return fs.readLink(path) === this.#view.data.targets.get(entry) ? 'same' : 'differs';
        case 'file':
          return stats.isFile() && this.#sameFile(entry, stats) ? 'same' : 'differs';
      }
    } catch (error) {
      // With the root itself gone (a disk not mounted) nothing is known of what it holds.
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return entry === 0 ? 'unknown' : 'missing';
      if (isSystemError(error)) return 'unknown';
      throw error;
    }
  }

  #sameFile(entry: number, stats: BigIntStats): boolean {
    const { bytes, mtimeNs } = this.#view.data;
    if (Number(stats.size) !== at(bytes, entry)) return false;
    const apart = stats.mtimeNs - (mtimeNs[entry] ?? 0n);
    return apart <= mtimeToleranceNs && apart >= -mtimeToleranceNs;
  }
}
