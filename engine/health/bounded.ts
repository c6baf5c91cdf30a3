/** A list that keeps its first entries and counts the others, so that a store of any size costs the same. */
export interface Bounded<T> {
  readonly first: readonly T[];
  /** All there were. */
  readonly count: number;
}

export class BoundedList<T> {
  readonly #limit: number;
  readonly #first: T[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: T): void {
    this.#count++;
    if (this.#first.length < this.#limit) this.#first.push(entry);
  }

  done(): Bounded<T> {
    return { first: this.#first, count: this.#count };
  }
}

/** How many paths a result lists. */
const listedPaths = 20;

/** Paths for a result: the first few, and how many more. Undefined when there are none. */
export function pathsOf(bounded: Bounded<{ readonly path: string }>): { first: string[]; more: number } | undefined {
  if (bounded.count === 0) return undefined;
  const first = bounded.first.slice(0, listedPaths).map(({ path }) => path);
  return { first, more: bounded.count - first.length };
}

export function bounded<T>(entries: readonly T[]): Bounded<T> {
  return { first: entries, count: entries.length };
}
