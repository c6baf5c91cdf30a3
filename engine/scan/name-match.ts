import { decodeName } from '../fs/index.ts';

/** Tells whether a name, given as bytes of a buffer, contains a text. */
export type NameMatcher = (buffer: Uint8Array, start: number, end: number) => boolean;

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/**
 * Looks for a text whatever the case. Text in ASCII is looked for in the bytes, without decoding a name; other text as
 * Unicode composes it, because some systems keep `é` as two characters.
 */
export function nameMatcher(text: string): NameMatcher {
  if (/^[\0-\x7f]*$/.test(text)) {
    const wanted = Buffer.from(text.toLowerCase(), 'latin1');
    const first = wanted[0] ?? 0;
    return (buffer, start, end) => {
      const last = end - wanted.length;
      for (let at = start; at <= last; at++) {
        if (lower(buffer[at] ?? 0) !== first) continue;
        let same = 1;
        while (same < wanted.length && lower(buffer[at + same] ?? 0) === wanted[same]) same++;
        if (same >= wanted.length) return true;
      }
      return false;
    };
  }
  const wanted = text.normalize('NFC').toLowerCase();
  return (buffer, start, end) =>
    decodeName(buffer.subarray(start, end)).normalize('NFC').toLowerCase().includes(wanted);
}
