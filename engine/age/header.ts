import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** The text at the beginning of an age file (age-encryption.org/v1, section "Header"). */

/** The file key wrapped for one recipient. */
export interface Stanza {
  readonly args: readonly [string, ...string[]];
  readonly body: Uint8Array;
}

export interface Header {
  readonly stanzas: readonly Stanza[];
  /** What the MAC goes over: everything up to and including `---`. */
  readonly covered: Uint8Array;
  readonly mac: Uint8Array;
  /** Bytes of the header; the payload begins there. */
  readonly length: number;
}

const versionLine = 'age-encryption.org/v1';
const anyVersion = /^age-encryption\.org\/[\x21-\x7e]+$/;
const macBytes = 32;
const bodyColumns = 64;
const bodyLineBytes = 48;
export const fileKeyBytes = 16;

/** Why a header cannot be read, as a clause after the file's name. */
export class HeaderError extends Error {
  readonly kind: 'foreign' | 'version' | 'damaged';

  constructor(kind: HeaderError['kind'], clause: string) {
    super(clause);
    this.kind = kind;
  }
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** Undefined unless it is the one right way to write the bytes: no padding, no stray bits. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return encodeBase64(bytes) === text ? bytes : undefined;
}

export function hkdf(key: Uint8Array, salt: Uint8Array, info: string, length = 32): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, info, length));
}

function macOf(covered: Uint8Array, fileKey: Uint8Array): Buffer {
  return createHmac('sha256', hkdf(fileKey, new Uint8Array(0), 'header'))
    .update(covered)
    .digest();
}

export function encodeHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Buffer {
  const lines = [versionLine];
  for (const { args, body } of stanzas) {
    lines.push(`-> ${args.join(' ')}`);
    const text = encodeBase64(body);
    // The last line is shorter than the others, so it is empty where the text just fills one.
    for (let from = 0; from <= text.length; from += bodyColumns) lines.push(text.slice(from, from + bodyColumns));
  }
  lines.push('---');
  const covered = Buffer.from(lines.join('\n'), 'latin1');
  return Buffer.concat([covered, Buffer.from(` ${encodeBase64(macOf(covered, fileKey))}\n`, 'latin1')]);
}

export function isAuthentic({ covered, mac }: Header, fileKey: Uint8Array): boolean {
  return timingSafeEqual(macOf(covered, fileKey), mac);
}

/** The header at the beginning of `bytes`; undefined when it goes on after them. Throws {@link HeaderError}. */
export function parseHeader(bytes: Uint8Array): Header | undefined {
  // Latin-1 keeps every byte a character, so that positions in the text are positions in the file.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let at = 0;
  const nextLine = (): string | undefined => {
    const end = text.indexOf('\n', at);
    if (end < 0) return undefined;
    const line = text.slice(at, end);
    at = end + 1;
    return line;
  };
  const first = nextLine();
  if (!text.startsWith('age-encryption.org/')) throw new HeaderError('foreign', 'is not an age file');
  if (first === undefined) return undefined;
  if (first !== versionLine) {
    if (anyVersion.test(first)) throw new HeaderError('version', 'is an age file of a later version than v1');
    throw new HeaderError('foreign', 'is not an age file');
  }
  const stanzas: Stanza[] = [];
  for (;;) {
    const begin = at;
    const line = nextLine();
    if (line === undefined) return undefined;
    if (line.startsWith('---')) {
      const mac = line.startsWith('--- ') ? decodeBase64(line.slice(4)) : undefined;
      if (mac?.length !== macBytes || stanzas.length === 0) throw damaged();
      return { stanzas, covered: bytes.subarray(0, begin + 3), mac, length: at };
    }
    const args = argumentsOf(line);
    const body: Uint8Array[] = [];
    let part: Uint8Array | undefined;
    do {
      const column = nextLine();
      if (column === undefined) return undefined;
      part = decodeBase64(column);
      if (part === undefined || part.length > bodyLineBytes) throw damaged();
      body.push(part);
    } while (part.length === bodyLineBytes);
    stanzas.push({ args, body: Buffer.concat(body) });
  }
}

function argumentsOf(line: string): Stanza['args'] {
  const [arrow, first, ...more] = line.split(' ');
  if (arrow !== '->' || first === undefined || ![first, ...more].every((arg) => /^[\x21-\x7e]+$/.test(arg))) {
    throw damaged();
  }
  return [first, ...more];
}

export function damaged(): HeaderError {
  return new HeaderError('damaged', 'has a damaged header');
}
