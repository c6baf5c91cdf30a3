import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { at, kinds } from './entry-index.ts';
import type { IndexData } from './entry-index.ts';

/** Questions to an index. Entries are named by their number in path order; 0 is the root. */
export class IndexView {
  readonly data: IndexData;

  constructor(data: IndexData) {
    this.data = data;
  }

  type(entry: number): (typeof kinds)[number] {
    return kinds[at(this.data.type, entry)] ?? 'file';
  }

  name(entry: number): string {
    const start = at(this.data.nameAt, entry);
    const end = entry + 1 < this.data.count ? at(this.data.nameAt, entry + 1) : this.data.names.length;
    // Copied, because text cannot be decoded from shared memory.
    return decodeName(Uint8Array.from(this.data.names.subarray(start, end - 1)));
  }

  path(entry: number): string {
    const names: string[] = [];
    for (let current = entry; current !== 0; current = at(this.data.parent, current)) names.push(this.name(current));
    return names.reverse().join('/');
  }

  /** The entry with this path. Throws `NOT_FOUND`. */
  find(path: string): number {
    let entry = 0;
    for (const name of path === '' ? [] : path.split('/')) {
      const child = this.#child(entry, name);
      if (child === undefined) throw new LarderError('NOT_FOUND', `${displayName(path)} is not in this backup.`);
      entry = child;
    }
    return entry;
  }

  children(entry: number): Uint32Array {
    return this.data.children.subarray(at(this.data.childAt, entry), at(this.data.childAt, entry + 1));
  }

  /** The stretch of everything below a directory, end exclusive. */
  below(entry: number): { from: number; to: number } {
    return { from: at(this.data.from, entry), to: at(this.data.to, entry) };
  }

  /** Entries below a directory whose whole path holds `text`, in any case; in path order. */
  search(directory: number, text: string): number[] {
    const matched = this.#matches(text.toLowerCase());
    const { from, to } = this.below(directory);
    const { parent } = this.data;
    // A path holds what its folder's path holds; folders stand before what is in them.
    for (let entry = 1; entry < this.data.count; entry += 1) {
      if (matched[at(parent, entry)] === 1) matched[entry] = 1;
    }
    const found: number[] = [];
    for (let entry = from; entry < to; entry += 1) if (matched[entry] === 1) found.push(entry);
    return found;
  }

  /** Marks the entries at which a match ends; what is below them is not marked. */
  #matches(text: string): Uint8Array {
    const matched = new Uint8Array(this.data.count);
    const parts = encodeParts(text);
    const last = parts.at(-1);
    if (last === undefined) return matched;
    if (parts.length === 1) this.#eachWith(last, (entry) => (matched[entry] = 1));
    else {
      // A match over several names ends in one that begins with the last part: only those are looked at further.
      const beginning = Buffer.concat([Buffer.from([0]), last]);
      this.#eachWith(beginning, (entry) => {
        if (this.#endsAt(entry, parts)) matched[entry] = 1;
      });
    }
    return matched;
  }

  /**
   * Calls `act` for each entry whose lower-case name holds `bytes`. A NUL stands before and after each name; one at the
   * beginning of `bytes` belongs to the name before.
   */
  #eachWith(bytes: Buffer, act: (entry: number) => void): void {
    const { lower, lowerAt, count } = this.data;
    const before = bytes[0] === 0 ? 1 : 0;
    const haystack = Buffer.from(lower.buffer, lower.byteOffset, lower.byteLength);
    let entry = 0;
    // The root has no name, so nothing is missed by beginning behind it.
    for (let position = haystack.indexOf(bytes); position >= 0;) {
      while (entry + 1 < count && at(lowerAt, entry + 1) <= position + before) entry += 1;
      act(entry);
      if (entry + 1 >= count) return;
      position = haystack.indexOf(bytes, at(lowerAt, entry + 1) - before);
    }
  }

  /** Whether `parts` are the end of a folder's name, whole names, and the beginning of this entry's name. */
  #endsAt(entry: number, parts: readonly Buffer[]): boolean {
    let current = entry;
    for (let part = parts.length - 1; part >= 0; part -= 1) {
      const wanted = parts[part];
      if (wanted === undefined || current === 0) return false;
      const name = this.#lowerName(current);
      const fits =
        part === parts.length - 1
          ? name.subarray(0, wanted.length).equals(wanted)
          : part === 0
            ? name.subarray(Math.max(0, name.length - wanted.length)).equals(wanted)
            : name.equals(wanted);
      if (!fits) return false;
      current = at(this.data.parent, current);
    }
    return true;
  }

  #lowerName(entry: number): Buffer {
    const { lower, lowerAt, count } = this.data;
    const start = at(lowerAt, entry);
    const end = entry + 1 < count ? at(lowerAt, entry + 1) : lower.length;
    return Buffer.from(lower.buffer, lower.byteOffset + start, end - 1 - start);
  }

  #child(directory: number, name: string): number | undefined {
    const children = this.children(directory);
    let low = 0;
    let high = children.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const child = at(children, middle);
      const order = comparePaths(this.name(child), name);
      if (order === 0) return child;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** The names a searched text is made of; none when it can be part of no name. */
function encodeParts(text: string): Buffer[] {
  if (text.includes('\0')) return [];
  try {
    return text.split('/').map((part) => encodeName(part));
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
