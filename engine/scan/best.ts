import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';

/** An entry that may be shown: its key, where its name lies, and which entry it is. */
export interface Candidate {
  index: number;
  key: number;
  buffer: Buffer;
  nameStart: number;
  nameEnd: number;
}

/**
 * The order of two names as {@link comparePaths} has it. Where they first differ in ASCII the bytes tell, which is nearly
 * always; only else are they decoded.
 */
function compareNames(a: Candidate, b: Candidate): number {
  const aLength = a.nameEnd - a.nameStart;
  const bLength = b.nameEnd - b.nameStart;
  const shorter = Math.min(aLength, bLength);
  let at = 0;
  while (at < shorter && a.buffer[a.nameStart + at] === b.buffer[b.nameStart + at]) at++;
  const aByte = at < aLength ? (a.buffer[a.nameStart + at] ?? 0) : -1;
  const bByte = at < bLength ? (b.buffer[b.nameStart + at] ?? 0) : -1;
  if (aByte < 128 && bByte < 128) return aByte - bByte;
  return comparePaths(
    decodeName(a.buffer.subarray(a.nameStart, a.nameEnd)),
    decodeName(b.buffer.subarray(b.nameStart, b.nameEnd)),
  );
}

function compare(a: Candidate, b: Candidate): number {
  return b.key - a.key || compareNames(a, b);
}

/** Holds the first `limit` of what it is offered: largest key first, then by name. */
export class Best {
  readonly #limit: number;
  #kept: Candidate[] = [];
  /** The last of the first `limit` so far. */
  #last: Candidate | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether an entry with this key may be among them. */
  wants(key: number): boolean {
    return this.#last === undefined || key >= this.#last.key;
  }

  add(candidate: Candidate): void {
    if (this.#last !== undefined && compare(candidate, this.#last) >= 0) return;
    this.#kept.push(candidate);
    if (this.#kept.length >= this.#limit * 2 + 64) this.#cut();
  }

  /** In order. */
  list(): readonly Candidate[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept.sort(compare);
    if (this.#kept.length < this.#limit) return;
    this.#kept.length = this.#limit;
    this.#last = this.#kept.at(-1);
  }
}
