import { hasRawBytes } from '../../shared/path-text.ts';

/**
 * The byte side of path text (see shared/path-text.ts): PEP 383's `surrogateescape` between file name bytes and strings.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Name bytes as path text. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeEscaping(bytes);
  }
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    const length = validSequenceLength(bytes, index);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
      index += 1;
    } else {
      text += strict.decode(bytes.subarray(index, index + length));
      index += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `index`, or 0 (RFC 3629, section 4). */
function validSequenceLength(bytes: Uint8Array, index: number): number {
  const first = bytes[index] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || index + length > bytes.length) return 0;
  try {
    strict.decode(bytes.subarray(index, index + length));
    return length;
  } catch {
    return 0;
  }
}

/** Path text as name bytes. Throws `RangeError` for a lone surrogate that stands for no byte. */
export function encodeName(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  let plain = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) {
      parts.push(Buffer.from(plain, 'utf8'), Buffer.from([code - 0xdc00]));
      plain = '';
    } else if (code >= 0xd800 && code <= 0xdfff) {
      throw new RangeError('The name holds a lone surrogate that stands for no byte.');
    } else plain += character;
  }
  parts.push(Buffer.from(plain, 'utf8'));
  return Buffer.concat(parts);
}

// Read once: this property of `process` is slow, and a count asks for every file.
const isWindows = process.platform === 'win32';

/** What to give to `node:fs` for a path: the string itself, or bytes where a string cannot say it. */
export function fsPath(text: string): string | Buffer {
  if (isWindows || !hasRawBytes(text)) return text;
  return encodeName(text);
}
