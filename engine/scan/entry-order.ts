import type { Listing } from './listing.ts';
import { NameOrder } from './name-order.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';

export type SortKey = 'name' | 'bytes' | 'allocated' | 'files' | 'newest';

const digits = 2 ** 16;

/**
 * Entries of a listing in an order: largest or newest first, and by name where that is the same. Those with the same key
 * are put in the order of their names only where somebody looks.
 */
export class EntryOrder {
  readonly #listing: Listing;
  readonly #keys: Float64Array | undefined;
  readonly #order: Uint32Array;
  /** Groups with the same key that somebody has looked at, by their first place. */
  readonly #groups = new Map<number, NameOrder>();

  private constructor(listing: Listing, keys: Float64Array | undefined, order: Uint32Array) {
    this.#listing = listing;
    this.#keys = keys;
    this.#order = order;
  }

  /** Brings `entries` in order; they are taken over. */
  static *of(listing: Listing, sort: SortKey, entries: Uint32Array): Steps<EntryOrder> {
    if (sort === 'name') return new EntryOrder(listing, undefined, entries);
    const keys = listing[sort];
    return new EntryOrder(listing, keys, yield* sortDescending(keys, entries));
  }

  get size(): number {
    return this.#order.length;
  }

  /** Entry numbers from one place up to another. */
  *page(from: number, to: number): Steps<Uint32Array> {
    const end = Math.min(to, this.#order.length);
    for (let place = from; place < end;) {
      const [first, last] = this.#groupAt(place);
      if (last - first > 1) {
        const comparable = yield* this.#listing.comparable();
        let group = this.#groups.get(first);
        if (group === undefined) {
          group = new NameOrder(comparable, this.#order.subarray(first, last));
          this.#groups.set(first, group);
        }
        yield* group.sort(place - first, Math.min(end, last) - first);
      }
      place = last;
    }
    return this.#order.slice(from, end);
  }

  /** The places of entries with the same key as the one at `place`. */
  #groupAt(place: number): [number, number] {
    const [order, keys] = [this.#order, this.#keys];
    if (keys === undefined) return [0, order.length];
    const keyAt = (at: number): number | undefined => keys[order[at] ?? -1];
    const key = keyAt(place);
    let [first, end] = [place, place + 1];
    while (first > 0 && keyAt(first - 1) === key) first--;
    while (end < order.length && keyAt(end) === key) end++;
    return [first, end];
  }

  /** Sums over the entries from one place up to another. */
  *sum(from: number, to: number): Steps<{ entries: number; bytes: number; allocated: number }> {
    const { bytes, allocated } = this.#listing;
    const sum = { entries: Math.max(0, to - from), bytes: 0, allocated: 0 };
    for (let place = from; place < to; place++) {
      const entry = this.#order[place] ?? 0;
      sum.bytes += bytes[entry] ?? 0;
      sum.allocated += allocated[entry] ?? 0;
      if (place % entriesAStep === 0) yield;
    }
    return sum;
  }
}

/** Sorts by whole numbers, largest first, sixteen bits at a time from the lowest (LSD radix sort). */
function* sortDescending(keys: Float64Array, entries: Uint32Array): Steps<Uint32Array> {
  const size = entries.length;
  let [highest, lowest] = [-Infinity, Infinity];
  for (let place = 0; place < size; place++) {
    const key = keys[entries[place] ?? 0] ?? 0;
    if (key > highest) highest = key;
    if (key < lowest) lowest = key;
    if (place % entriesAStep === 0) yield;
  }
  let from: Digits = { entries, rest: new Float64Array(size) };
  let into: Digits = { entries: new Uint32Array(size), rest: new Float64Array(size) };
  for (let place = 0; place < size; place++) {
    from.rest[place] = highest - (keys[entries[place] ?? 0] ?? 0);
    if (place % entriesAStep === 0) yield;
  }
  for (let range = highest - lowest; range > 0; range = Math.floor(range / digits)) {
    yield* sortByDigit(from, into);
    [from, into] = [into, from];
  }
  return from.entries;
}

interface Digits {
  entries: Uint32Array;
  /** What is left of each key once its lower digits are taken off. */
  rest: Float64Array;
}

function* sortByDigit(from: Digits, into: Digits): Steps<void> {
  const size = from.entries.length;
  const begins = new Uint32Array(digits);
  for (let place = 0; place < size; place++) {
    const digit = (from.rest[place] ?? 0) & (digits - 1);
    begins[digit] = (begins[digit] ?? 0) + 1;
    if (place % entriesAStep === 0) yield;
  }
  let begin = 0;
  for (let digit = 0; digit < digits; digit++) {
    const own = begins[digit] ?? 0;
    begins[digit] = begin;
    begin += own;
  }
  for (let place = 0; place < size; place++) {
    const rest = from.rest[place] ?? 0;
    const digit = rest & (digits - 1);
    const target = begins[digit] ?? 0;
    begins[digit] = target + 1;
    into.entries[target] = from.entries[place] ?? 0;
    into.rest[target] = (rest - digit) / digits;
    if (place % entriesAStep === 0) yield;
  }
}
