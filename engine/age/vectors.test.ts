import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import * as vectors from 'cctv-age';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { decodeBech32 } from './bech32.ts';
import { decrypted, fileOf, makeFolder, removeFolder } from './test-files.ts';

/** The published test vectors (C2SP CCTV, "age test vectors"), but for ASCII armor and other kinds of keys. */

interface Vector {
  readonly expect: string;
  readonly payload: string | undefined;
  readonly passphrases: readonly string[];
  readonly identities: readonly Uint8Array[];
  readonly file: Buffer;
}

function parse(bytes: Uint8Array): Vector | undefined {
  const all = Buffer.from(bytes);
  const split = all.indexOf('\n\n');
  const lines = all.toString('latin1', 0, split).split('\n');
  const values = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const identities = values('identity').map((text) => decodeBech32(text));
  if (values('armored').length > 0 || identities.some((each) => each?.prefix !== 'age-secret-key-')) return undefined;
  const file = all.subarray(split + 2);
  return {
    expect: values('expect')[0] ?? '',
    payload: values('payload')[0],
    passphrases: values('passphrase'),
    identities: identities.flatMap((each) => (each === undefined ? [] : [each.bytes])),
    file: values('compressed')[0] === 'zlib' ? inflateSync(file) : file,
  };
}

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

const cases = Object.entries(vectors as unknown as Record<string, unknown>).flatMap(([name, bytes]) => {
  const vector = bytes instanceof Uint8Array ? parse(bytes) : undefined;
  return vector === undefined ? [] : [{ name, vector }];
});

/** The error a vector leads to: its code and what it says. */
function failureOf({ file, passphrases, identities }: Vector): { code: string; fix: unknown; message: string } {
  try {
    decrypted(fileOf(folder, file), { passphrases, identities });
  } catch (error) {
    if (!isLarderError(error)) throw error;
    return { code: error.code, fix: error.details?.['fix'], message: error.message };
  }
  throw new Error('It was read.');
}

const wanted: Record<string, unknown> = {
  'no match': { code: 'PERMISSION', fix: 'unlock' },
  'HMAC failure': { code: 'CORRUPT', message: expect.stringContaining('changed after it was made') as unknown },
  'header failure': { code: expect.stringMatching(/^(?:CORRUPT|UNSUPPORTED|LIMIT_REACHED)$/) as unknown },
  'payload failure': { code: 'CORRUPT', message: expect.stringMatching(/cut off|damaged/) as unknown },
};

describe('published vectors', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(80);
  });

  it.each(cases)('$name', ({ vector }) => {
    if (vector.expect === 'success') {
      const plain = decrypted(fileOf(folder, vector.file), vector);
      expect(createHash('sha256').update(plain).digest('hex')).toBe(vector.payload);
    } else expect(failureOf(vector)).toMatchObject(wanted[vector.expect] as object);
  });
});
