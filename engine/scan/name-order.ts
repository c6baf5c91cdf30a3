import { decodeName } from '../fs/index.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';

/** Names side by side in one buffer. */
export interface Names {
  buffer: Uint8Array;
  start: Uint32Array;
  length: Uint16Array;
}

/** Names as bytes whose order is the one `comparePaths` has: UTF-16, which differs from that of UTF-8 and of raw bytes. */
export function* comparableNames(names: Names): Steps<Names> {
  const { buffer, start, length } = names;
  let ascii = true;
  let units = 0;
  for (let index = 0; index < start.length; index++) {
    const from = start[index] ?? 0;
    const to = from + (length[index] ?? 0);
    for (let at = from; at < to; at++) if ((buffer[at] ?? 0) > 127) ascii = false;
    units += to - from;
    if (index % entriesAStep === 0) yield;
  }
  if (ascii) return names;
  const wide = {
    buffer: new Uint8Array(units * 2),
    start: new Uint32Array(start.length),
    length: new Uint16Array(length),
  };
  let at = 0;
  for (let index = 0; index < start.length; index++) {
    const from = start[index] ?? 0;
    const text = decodeName(buffer.subarray(from, from + (length[index] ?? 0)));
    wide.start[index] = at;
    wide.length[index] = text.length * 2;
    for (let unit = 0; unit < text.length; unit++) {
      const code = text.charCodeAt(unit);
      wide.buffer[at++] = code >> 8;
      wide.buffer[at++] = code & 0xff;
    }
    if (index % entriesAStep === 0) yield;
  }
  return wide;
}

/** Runs up to this are sorted at once: 5 bytes of each name and its place in the run make one exact number. */
const shortRun = 4_096;
const keyBytes = 5;

/** Places that hold the right names in an order yet to be found; `depth` bytes of all these names are the same. */
interface Run {
  from: number;
  to: number;
  depth: number;
}

/**
 * Brings numbers of names in the order of the names, as far as somebody looks.
 *
 * What all names of a run begin with is skipped; then two bytes divide a long run, and five a short one. So a byte is
 * looked at about once, and nothing is done for places nobody asks for. Several may ask at a time: each divides runs by
 * itself, and what is done first counts.
 */
export class NameOrder {
  readonly #names: Names;
  readonly #order: Uint32Array;
  readonly #runs = new Set<Run>();

  /** Names in all of `order`, which is sorted in place. */
  constructor(names: Names, order: Uint32Array) {
    this.#names = names;
    this.#order = order;
    if (order.length > 1) this.#runs.add({ from: 0, to: order.length, depth: 0 });
  }

  /** Sees that the places from one up to another hold what belongs there. */
  *sort(from: number, to: number): Steps<void> {
    const overlaps = (run: Run): boolean => run.from < to && run.to > from;
    const open = [...this.#runs].filter(overlaps);
    for (let run = open.pop(); run !== undefined; run = open.pop()) {
      const { order, runs } = yield* divide(this.#names, this.#order.subarray(run.from, run.to), run.depth);
      if (!this.#runs.delete(run)) {
        open.push(...[...this.#runs].filter((each) => overlaps(each) && !open.includes(each)));
        continue;
      }
      this.#order.set(order, run.from);
      for (const each of runs) {
        const part = { from: run.from + each.from, to: run.from + each.to, depth: each.depth };
        this.#runs.add(part);
        if (overlaps(part)) open.push(part);
      }
    }
  }
}

interface Divided {
  order: Uint32Array;
  runs: Run[];
}

function* divide(names: Names, order: Uint32Array, sameBytes: number): Steps<Divided> {
  const { buffer, start, length } = names;
  const first = order[0] ?? 0;
  const firstAt = start[first] ?? 0;
  let depth = length[first] ?? 0;
  let longest = depth;
  for (let place = 1; place < order.length; place++) {
    const name = order[place] ?? 0;
    const at = start[name] ?? 0;
    const own = length[name] ?? 0;
    if (own > longest) longest = own;
    if (own < depth) depth = own;
    let same = sameBytes;
    while (same < depth && buffer[at + same] === buffer[firstAt + same]) same++;
    depth = same;
    if (place % entriesAStep === 0) yield;
  }
  // Equal to the last byte.
  if (longest <= depth) return { order: order.slice(), runs: [] };
  return order.length <= shortRun ? divideShort(names, order, depth) : yield* divideLong(names, order, depth);
}

function divideShort({ buffer, start, length }: Names, order: Uint32Array, depth: number): Divided {
  const size = order.length;
  const keys = new Float64Array(size);
  for (let index = 0; index < size; index++) {
    const name = order[index] ?? 0;
    const at = start[name] ?? 0;
    const end = at + (length[name] ?? 0);
    let key = 0;
    for (let byte = at + depth; byte < at + depth + keyBytes; byte++) {
      key = key * 256 + (byte < end ? (buffer[byte] ?? 0) : 0);
    }
    keys[index] = key * shortRun + index;
  }
  keys.sort();
  const sorted = new Uint32Array(size);
  const runs: Run[] = [];
  let since = 0;
  let before = -1;
  for (let index = 0; index < size; index++) {
    const place = (keys[index] ?? 0) % shortRun;
    const key = ((keys[index] ?? 0) - place) / shortRun;
    sorted[index] = order[place] ?? 0;
    if (key !== before) {
      if (index - since > 1) runs.push({ from: since, to: index, depth: depth + keyBytes });
      since = index;
    }
    before = key;
  }
  if (size - since > 1) runs.push({ from: since, to: size, depth: depth + keyBytes });
  return { order: sorted, runs };
}

function* divideLong({ buffer, start, length }: Names, order: Uint32Array, depth: number): Steps<Divided> {
  const size = order.length;
  const digits = new Uint16Array(size);
  const begins = new Uint32Array(65_537);
  for (let place = 0; place < size; place++) {
    const name = order[place] ?? 0;
    const at = (start[name] ?? 0) + depth;
    const left = (length[name] ?? 0) - depth;
    const digit = left > 1 ? ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0) : left === 1 ? (buffer[at] ?? 0) << 8 : 0;
    digits[place] = digit;
    begins[digit] = (begins[digit] ?? 0) + 1;
    if (place % entriesAStep === 0) yield;
  }
  const runs: Run[] = [];
  let begin = 0;
  for (let digit = 0; digit < begins.length; digit++) {
    const own = begins[digit] ?? 0;
    begins[digit] = begin;
    if (own > 1) runs.push({ from: begin, to: begin + own, depth: depth + 2 });
    begin += own;
  }
  const sorted = new Uint32Array(size);
  for (let place = 0; place < size; place++) {
    const digit = digits[place] ?? 0;
    const target = begins[digit] ?? 0;
    begins[digit] = target + 1;
    sorted[target] = order[place] ?? 0;
    if (place % entriesAStep === 0) yield;
  }
  return { order: sorted, runs };
}
