import type { Difference } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';

/** Differences laid out in columns, sorted by path: a million of them take some 60 MB and move between threads. */
export interface DiffData {
  readonly count: number;
  /** `changes` and `kinds` of each: change × 4 + kind. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** Sizes; -1 where there is none. */
  readonly before: Float64Array<ArrayBuffer>;
  readonly after: Float64Array<ArrayBuffer>;
  /** Paths one after another: that of row i ends at `ends[i]`. */
  readonly paths: Uint8Array<ArrayBuffer>;
  readonly ends: Float64Array<ArrayBuffer>;
}

export const changes = ['added', 'removed', 'modified', 'metadata'] as const;
export type Change = (typeof changes)[number];
const kinds = ['file', 'dir', 'symlink'] as const;
type Kind = (typeof kinds)[number];

export interface DiffRow {
  readonly path: string;
  readonly type: Kind;
  readonly change: Change;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

/** Takes rows in path order. */
export class DiffRows {
  #codes = new Uint8Array(1_024);
  #before = new Float64Array(1_024);
  #after = new Float64Array(1_024);
  #ends = new Float64Array(1_024);
  #paths = new Uint8Array(64 * 1_024);
  #length = 0;
  count = 0;

  add({ path, type, change, before, after }: DiffRow): number {
    const bytes = encodeName(path);
    const row = this.count;
    if (row === this.#codes.length) this.#grow();
    while (this.#length + bytes.length > this.#paths.length) this.#paths = larger(this.#paths, Uint8Array);
    this.#paths.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#ends[row] = this.#length;
    this.#codes[row] = changes.indexOf(change) * 4 + kinds.indexOf(type);
    this.#before[row] = before ?? -1;
    this.#after[row] = after ?? -1;
    this.count += 1;
    return row;
  }

  /** All but the rows in `without`. */
  take(without: ReadonlySet<number>): DiffData {
    const kept = this.count - without.size;
    const data: DiffData = {
      count: kept,
      codes: new Uint8Array(kept),
      before: new Float64Array(kept),
      after: new Float64Array(kept),
      paths: new Uint8Array(this.#length),
      ends: new Float64Array(kept),
    };
    let row = 0;
    let length = 0;
    for (let from = 0; from < this.count; from++) {
      if (without.has(from)) continue;
      const path = this.#paths.subarray(from === 0 ? 0 : this.#ends[from - 1], this.#ends[from]);
      data.paths.set(path, length);
      length += path.length;
      data.ends[row] = length;
      data.codes[row] = this.#codes[from] ?? 0;
      data.before[row] = this.#before[from] ?? -1;
      data.after[row] = this.#after[from] ?? -1;
      row += 1;
    }
    return data;
  }

  #grow(): void {
    this.#codes = larger(this.#codes, Uint8Array);
    this.#before = larger(this.#before, Float64Array);
    this.#after = larger(this.#after, Float64Array);
    this.#ends = larger(this.#ends, Float64Array);
  }
}

function larger<T extends Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  array: T,
  kind: new (length: number) => T,
): T {
  const next = new kind(array.length * 2);
  next.set(array);
  return next;
}

export interface DiffPage {
  readonly added: number;
  readonly removed: number;
  readonly modified: number;
  readonly metadata: number;
  readonly entries: Difference[];
  readonly total: number;
}

export interface DiffQuery {
  /** Only at and below this. */
  readonly path: string;
  readonly changes?: readonly Change[] | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Questions to a difference. */
export class DiffView {
  readonly data: DiffData;

  constructor(data: DiffData) {
    this.data = data;
  }

  get bytes(): number {
    const { codes, before, after, paths, ends } = this.data;
    return [codes, before, after, paths, ends].reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** The file at this path has the content it had after all. */
  sameContent(path: string): void {
    const row = this.#first(path);
    const code = this.data.codes[row] ?? 0;
    this.data.codes[row] = changes.indexOf('metadata') * 4 + (code & 3);
  }

  path(row: number): string {
    const { paths, ends } = this.data;
    return decodeName(paths.subarray(row === 0 ? 0 : ends[row - 1], ends[row]));
  }

  page({ path, changes: wanted, offset, limit }: DiffQuery): DiffPage {
    const counts = { added: 0, removed: 0, modified: 0, metadata: 0 };
    const entries: Difference[] = [];
    let total = 0;
    for (const { from, to } of this.#below(path)) {
      for (let row = from; row < to; row++) {
        const change = this.#change(row);
        counts[change] += 1;
        if (wanted !== undefined && !wanted.includes(change)) continue;
        if (total >= offset && entries.length < limit) entries.push(this.#row(row));
        total += 1;
      }
    }
    return { ...counts, entries, total };
  }

  #change(row: number): Change {
    return changes[(this.data.codes[row] ?? 0) >> 2] ?? 'modified';
  }

  #row(row: number): Difference {
    const { codes, before, after } = this.data;
    const sizes = { before: before[row] ?? -1, after: after[row] ?? -1 };
    return {
      path: this.path(row),
      type: kinds[(codes[row] ?? 0) & 3] ?? 'file',
      change: this.#change(row),
      ...(sizes.before < 0 ? {} : { before: sizes.before }),
      ...(sizes.after < 0 ? {} : { after: sizes.after }),
    };
  }

  /** The row of a path itself and the stretch of those below; other paths may stand between the two. */
  #below(path: string): { from: number; to: number }[] {
    if (path === '') return [{ from: 0, to: this.data.count }];
    const own = this.#first(path);
    const isThere = own < this.data.count && this.path(own) === path;
    const from = this.#first(`${path}/`);
    // '0' is the character after '/'.
    const to = this.#first(`${path}0`);
    return [...(isThere ? [{ from: own, to: own + 1 }] : []), { from, to }];
  }

  /** The first row whose path is not before `path`. */
  #first(path: string): number {
    let low = 0;
    let high = this.data.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePaths(this.path(middle), path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
