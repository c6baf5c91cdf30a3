/** A value as text; see {@link codec}. */
export type Encoded =
  | { t: 'u' }
  | { t: 'v'; v: string | number | boolean | null }
  | { t: 'a'; v: Encoded[] }
  | { t: 'o'; v: [string, Encoded][] }
  | { t: 'e'; v: string }
  | { t: 'x'; v: string; id: number };

/** What to do with values that cannot be copied. */
export interface CodecHooks {
  /** Gives a function or promise a number under which the other side may use it; undefined to refuse it. */
  lend(value: unknown): { kind: string; id: number } | undefined;
  borrow(kind: string, id: number): unknown;
}

/**
 * Copies plain values (what a structured clone of them would be) to text and back. Anything else is refused with the
 * words Electron uses. Runs in Node and, by its source, in the page: it may use nothing from outside itself.
 */
export function codec(hooks?: CodecHooks): { encode(value: unknown): Encoded; decode(value: Encoded): unknown } {
  function encode(value: unknown): Encoded {
    if (value === undefined) return { t: 'u' };
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return { t: 'v', v: value };
    if (typeof value === 'number' && Number.isFinite(value)) return { t: 'v', v: value };
    if (Array.isArray(value)) return { t: 'a', v: value.map((item) => encode(item)) };
    if (value instanceof Error) return { t: 'e', v: value.message };
    const lent = hooks?.lend(value);
    if (lent !== undefined) return { t: 'x', v: lent.kind, id: lent.id };
    if (typeof value === 'object') {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === null || prototype === Object.prototype) {
        return { t: 'o', v: Object.entries(value).map(([key, item]) => [key, encode(item)]) };
      }
    }
    throw new Error('An object could not be cloned.');
  }

  function decode(value: Encoded): unknown {
    switch (value.t) {
      case 'u':
        return undefined;
      case 'v':
        return value.v;
      case 'a':
        return value.v.map((item) => decode(item));
      case 'o':
        return Object.fromEntries(value.v.map(([key, item]) => [key, decode(item)]));
      case 'e':
        return new Error(value.v);
      case 'x':
        return hooks?.borrow(value.v, value.id);
    }
  }

  return { encode, decode };
}
