import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { nativeAead, portableAead } from './chacha.ts';
import { chunkBytes } from './chunks.ts';
import { createInlinePool } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { decrypting, keyed } from './decrypting-fs.ts';
import { plainSizeOf, readLayout, withOpen } from './layout.ts';
import { openAge } from './reader.ts';
import {
  byIdentity,
  decrypted,
  encrypted,
  fileOf,
  forIdentity,
  identity,
  makeFolder,
  otherIdentity,
  pattern,
  removeFolder,
} from './test-files.ts';
import { unlock } from './unlock.ts';
import { AgeWriter, startAge } from './writer.ts';
import { recipientOf } from './x25519.ts';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

/** Lengths near the borders of chunks, and some in between. */
const lengths = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }))
    .map(([chunks, more]) => Math.max(0, chunks * chunkBytes + more)),
  fc.integer({ min: 0, max: 300_000 }),
);

describe('ChaCha20-Poly1305', () => {
  it('is the same natively and in JavaScript', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (plain) => {
        const key = randomBytes(32);
        const nonce = randomBytes(12);
        const [a, b] = [new Uint8Array(plain.length + 16), new Uint8Array(plain.length + 16)];
        nativeAead(key).seal(nonce, plain, a);
        portableAead(key).seal(nonce, plain, b);
        expect(a).toEqual(b);
        for (const make of [nativeAead, portableAead]) {
          const back = new Uint8Array(plain.length);
          expect(make(key).open(nonce, a, back)).toBe(true);
          expect(back).toEqual(plain);
          const flipped = Uint8Array.from(a, (byte, at) => (at === a.length - 1 ? byte ^ 1 : byte));
          const nothing = new Uint8Array(plain.length);
          expect(make(key).open(nonce, flipped, nothing)).toBe(false);
          expect(nothing.every((byte) => byte === 0)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('an age file', () => {
  it('gives back what was appended, whatever the lengths', () => {
    fc.assert(
      fc.property(fc.array(lengths, { maxLength: 5 }), (parts) => {
        const plain = pattern(parts.reduce((sum, part) => sum + part, 0));
        const sealed: Buffer[] = [];
        const writer = new AgeWriter(startAge(forIdentity), (bytes) => sealed.push(Buffer.from(bytes)));
        let at = 0;
        for (const part of parts) {
          writer.append(plain.subarray(at, at + part));
          at += part;
          expect(writer.offset).toBe(at);
        }
        writer.finish();
        const path = fileOf(folder, Buffer.concat(sealed));
        expect(decrypted(path).equals(plain)).toBe(true);
        expect(plainSizeOf(nodeFs, path)).toBe(plain.length);
      }),
      { numRuns: 40 },
    );
  });

  it('reads anywhere what lies there', () => {
    const plain = pattern(5 * chunkBytes + 77);
    const path = fileOf(folder, encrypted(plain));
    withOpen(nodeFs, path, (fd) => {
      const reader = openAge(nodeFs, fd, unlock(readLayout(nodeFs, fd, path), byIdentity, path), path);
      fc.assert(
        fc.property(lengths, lengths, fc.integer({ min: 0, max: 9 }), (position, length, offset) => {
          const into = Buffer.alloc(offset + length);
          const got = reader.read(into, offset, length, position);
          const there = plain.subarray(position, position + length);
          expect(got).toBe(there.length);
          expect(into.subarray(offset, offset + got).equals(there)).toBe(true);
          expect(into.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
        }),
        { numRuns: 200 },
      );
    });
  });

  it('is opened by each of its recipients, and by a passphrase', () => {
    const plain = pattern(1000);
    const both = { kind: 'recipients', recipients: [recipientOf(otherIdentity), recipientOf(identity)] } as const;
    const path = fileOf(folder, encrypted(plain, both));
    for (const each of [identity, otherIdentity]) {
      expect(decrypted(path, { passphrases: ['not this'], identities: [randomBytes(32), each] }).equals(plain)).toBe(
        true,
      );
    }
    const secret = fileOf(folder, encrypted(plain, { kind: 'passphrase', passphrase: 'žába 🦊', workFactor: 10 }));
    expect(decrypted(secret, { passphrases: ['not this', 'žába 🦊'], identities: [identity] }).equals(plain)).toBe(
      true,
    );
  });

  it('says which key is missing, and nothing secret', () => {
    const forOther = { kind: 'recipients', recipients: [recipientOf(otherIdentity)] } as const;
    const locked = { code: 'PERMISSION', details: expect.objectContaining({ fix: 'unlock' }) as unknown };
    const path = fileOf(folder, encrypted(pattern(10), forOther));
    expect(() => decrypted(path)).toThrow(
      expect.objectContaining({
        ...locked,
        message: `${path} was encrypted for other recipients: no identity here opens it.`,
      }),
    );
    const none = { passphrases: [], identities: [] };
    expect(() => decrypted(path, none)).toThrow(
      expect.objectContaining({
        ...locked,
        message: `${path} is encrypted for public keys, and there is no identity here to open it.`,
      }),
    );
    const secret = fileOf(
      folder,
      encrypted(pattern(10), { kind: 'passphrase', passphrase: 'correct', workFactor: 10 }),
    );
    expect(() => decrypted(secret, none)).toThrow(
      expect.objectContaining({
        ...locked,
        message: `${secret} is encrypted with a passphrase, and it is not known here.`,
      }),
    );
    expect(() => decrypted(secret, { ...none, passphrases: ['hunter2'] })).toThrow(
      expect.objectContaining({
        ...locked,
        message: `${secret} was encrypted with another passphrase than those known here.`,
      }),
    );
  });

  it('is told from other files', () => {
    const named = (text: string): string => fileOf(folder, Buffer.from(text));
    const foreign = { code: 'CORRUPT', message: `${named('')} is not an age file.` };
    for (const text of ['', 'x', 'PK\x03\x04\n\n', '-----BEGIN AGE ENCRYPTED FILE-----\n']) {
      expect(() => decrypted(named(text))).toThrow(expect.objectContaining(foreign));
    }
    expect(() => decrypted(named('age-encryption.org/v2\n'))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    const endless = `age-encryption.org/v1\n-> ${'x'.repeat(300_000)}\n`;
    expect(() => decrypted(named(endless))).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
    const gone = `${folder}/gone`;
    expect(() => decrypted(gone)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});

describe('the decrypting file system', () => {
  it('shows the files it has keys for as their plain bytes, and no others', () => {
    const plain = pattern(chunkBytes + 5);
    const path = fileOf(folder, encrypted(plain));
    const other = fileOf(folder, encrypted(plain), 'other.age');
    const fileKey = withOpen(nodeFs, path, (fd) => unlock(readLayout(nodeFs, fd, path), byIdentity, path));
    const fs = decrypting(nodeFs, { [path]: fileKey });
    expect(fs.stat(path).size).toBe(BigInt(plain.length));
    expect(fs.lstat(path).size).toBe(nodeFs.lstat(path).size);
    expect(fs.stat(path).isFile()).toBe(true);
    expect(fs.stat(other).size).toBe(BigInt(statSync(other).size));
    const fd = fs.open(path, 'r');
    const into = Buffer.alloc(plain.length + 1);
    expect(fs.fstat(fd).size).toBe(BigInt(plain.length));
    expect(fs.read(fd, into, 0, 10, null)).toBe(10);
    expect(fs.read(fd, into, 10, plain.length, null)).toBe(plain.length - 10);
    expect(fs.read(fd, into, 0, 1, null)).toBe(0);
    expect(into.subarray(0, plain.length).equals(plain)).toBe(true);
    fs.close(fd);
    const raw = fs.open(other, 'r');
    expect(fs.read(raw, into, 0, 21, 0)).toBe(21);
    expect(into.toString('latin1', 0, 21)).toBe('age-encryption.org/v1');
    fs.close(raw);
    expect(decrypting(nodeFs, {})).toBe(nodeFs);
    const wrong = decrypting(nodeFs, { [path]: randomBytes(16) });
    const unreadable = wrong.open(path, 'r');
    expect(() => wrong.read(unreadable, into, 0, 1, 0)).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
    wrong.close(unreadable);
  });

  it('goes with a task to the pool', async () => {
    const path = fileOf(folder, encrypted(pattern(77)));
    const fileKey = withOpen(nodeFs, path, (fd) => unlock(readLayout(nodeFs, fd, path), byIdentity, path));
    const sizeTask = { name: 'size', run: (file: string, { fs }: TaskContext) => Number(fs.stat(file).size) };
    const { fs, pool } = keyed({ fs: nodeFs, pool: createInlinePool() }, { [path]: fileKey });
    expect(await pool.run(sizeTask, path)).toBe(77);
    expect(fs.stat(path).size).toBe(77n);
  });
});
