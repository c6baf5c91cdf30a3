/**
 * Numbers that look random and depend on a seed alone, so that the same sample is written byte for byte. Not for
 * anything secret.
 */
export interface Random {
  /** An integer of 32 bits, unsigned. */
  uint32(): number;
  /** At least 0 and below 1. */
  next(): number;
  /** An integer of at least 0 and below `bound`. */
  int(bound: number): number;
  between(low: number, high: number): number;
  /** Normally distributed: mean 0, deviation 1. */
  gaussian(): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** A UUID of version 4. */
  uuid(): string;
}

/** FNV-1a over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hash(text: string, basis: number): number {
  let value = basis;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/**
 * The stream of numbers that belongs to `name` under `seed` (generator: sfc32, of PractRand). Each file has a stream of
 * its own, so that one file's content does not depend on which were written before it.
 */
export function createRandom(seed: number, name: string): Random {
  let a = hash(name, 0x811c9dc5);
  let b = hash(name, 0x2f0b4c47);
  let c = seed | 0;
  let counter = 1;
  const uint32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round += 1) uint32();
  const next = (): number => uint32() / 0x1_0000_0000;
  const int = (bound: number): number => Math.floor(next() * bound);
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += uint32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  };
  return {
    uint32,
    next,
    int,
    hex,
    between: (low, high) => low + next() * (high - low),
    // Box-Muller; 1 - next() is never 0.
    gaussian: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[int(items.length)] ?? items[0],
    uuid() {
      const variant = (8 + int(4)).toString(16);
      return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
    },
  };
}
