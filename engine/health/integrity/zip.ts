import { damaged, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

const endLength = 22;
const longestComment = 65_535;
const end64Locator = 0x07064b50;
const end64 = 0x06064b50;
const entry = 0x02014b50;
const endMark = Buffer.from('PK\x05\x06', 'latin1');

export function isZip(bytes: Bytes): boolean {
  const start = bytes.read(0, 4).toString('latin1');
  return start === 'PK\x03\x04' || start === 'PK\x05\x06';
}

/** zip: the end record names the directory, which lies before it and is whole (APPNOTE.TXT 6.3.10, 4.3.12 to 4.3.16). */
export function lookAtZip(bytes: Bytes): Verdict {
  if (!isZip(bytes)) return damaged('does not begin as a zip file');
  const tailAt = Math.max(0, bytes.size - endLength - longestComment);
  const tail = bytes.read(tailAt, bytes.size - tailAt);
  let found = tail.lastIndexOf(endMark);
  while (found !== -1 && found + endLength + (tail[found + 20] ?? 0) + (tail[found + 21] ?? 0) * 256 !== tail.length) {
    found = found === 0 ? -1 : tail.lastIndexOf(endMark, found - 1);
  }
  if (found === -1) return damaged('ends before its list of contents');
  let endAt = tailAt + found;
  let count = tail.readUInt16LE(found + 10);
  let length = tail.readUInt32LE(found + 12);
  let at = tail.readUInt32LE(found + 16);
  if (count === 0xffff || length === 0xffffffff || at === 0xffffffff) {
    const locator = bytes.read(endAt - 20, 20);
    if (endAt < 20 || locator.readUInt32LE() !== end64Locator)
      return damaged('has a list of contents that makes no sense');
    const long = bytes.read(Number(locator.readBigUInt64LE(8)), 56);
    if (long.length < 56 || long.readUInt32LE() !== end64) return damaged('has a list of contents that makes no sense');
    endAt = Number(locator.readBigUInt64LE(8));
    count = Number(long.readBigUInt64LE(32));
    length = Number(long.readBigUInt64LE(40));
    at = Number(long.readBigUInt64LE(48));
  }
  if (at + length > endAt) return damaged('lacks a part before its list of contents');
  if (count === 0) return whole;
  // Something may stand before the zip itself; then all its places are off by as much.
  const first = bytes.read(endAt - length, 4);
  if (first.length < 4 || first.readUInt32LE() !== entry) return damaged('has a list of contents that makes no sense');
  return at + length === endAt ? whole : unknown('has something else before it');
}
