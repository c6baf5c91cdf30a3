import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { chunkBytes } from './chunks.ts';
import { readLayout, withOpen } from './layout.ts';
import { openAge } from './reader.ts';
import { byIdentity, decrypted, encrypted, fileOf, makeFolder, pattern, removeFolder } from './test-files.ts';
import { unlock } from './unlock.ts';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

describe('damage of an age file', () => {
  const plain = pattern(2 * chunkBytes + 500);

  it('is found wherever a bit is flipped', () => {
    const whole = encrypted(plain);
    const header = whole.indexOf('--- ') + 48;
    const regions = [
      0,
      5,
      21,
      25,
      30,
      75,
      header - 20,
      header - 2,
      header - 1,
      header,
      header + 15,
      header + 16,
      header + 70_000,
      header + 16 + chunkBytes + 3,
      whole.length - 300,
      whole.length - 17,
      whole.length - 1,
    ];
    for (const at of regions) {
      for (const bit of [0, 5, 7]) {
        const flipped = Buffer.from(whole);
        flipped[at] = (whole[at] ?? 0) ^ (1 << bit);
        const path = fileOf(folder, flipped);
        expect(() => decrypted(path), `bit ${bit} of byte ${at}`).toThrow(
          expect.objectContaining({
            // A stanza of another type is one for somebody else.
            code: expect.stringMatching(/^(?:CORRUPT|PERMISSION|UNSUPPORTED)$/) as string,
            message: expect.stringContaining(path) as string,
          }),
        );
      }
    }
  });

  it('of any kind is an error that names the file, or does not touch what is read', () => {
    const small = pattern(300);
    const whole = encrypted(small);
    const places = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(places, fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }), (bytes, cut, inserted) => {
        const changed = Buffer.concat([whole.subarray(0, cut), inserted, whole.subarray(cut)]);
        for (const [at, byte] of bytes) changed[at] = byte;
        const path = fileOf(folder, changed);
        try {
          expect(decrypted(path).equals(small)).toBe(true);
          expect(changed.equals(whole)).toBe(true);
        } catch (error) {
          if (!isLarderError(error)) throw error;
          expect(error.message).toContain(path);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is found wherever the file is cut off, at the border of a chunk too', () => {
    const whole = encrypted(plain);
    const begin = whole.indexOf('--- ') + 48 + 16;
    const ends = [
      1,
      21,
      22,
      40,
      begin - 60,
      begin - 17,
      begin - 16,
      begin - 1,
      begin,
      begin + 15,
      begin + 16,
      begin + 17,
    ];
    ends.push(begin + chunkBytes, begin + chunkBytes + 16, begin + chunkBytes + 17, begin + chunkBytes + 33);
    ends.push(begin + 2 * (chunkBytes + 16), begin + 2 * (chunkBytes + 16) + 16, whole.length - 16, whole.length - 1);
    for (const end of ends) {
      const path = fileOf(folder, whole.subarray(0, end));
      expect(() => decrypted(path), `cut at ${end}`).toThrow(
        expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining(path) as string }),
      );
    }
    const path = fileOf(folder, whole.subarray(0, begin + chunkBytes + 16));
    expect(() => decrypted(path)).toThrow(
      expect.objectContaining({ message: `${path} is cut off.`, details: { path, damage: 'truncated' } }),
    );
  });

  it('is found when chunks change places, are doubled, or something follows', () => {
    const whole = encrypted(plain);
    const begin = whole.indexOf('--- ') + 48 + 16;
    const chunk = (number: number): Buffer =>
      whole.subarray(begin + number * (chunkBytes + 16), begin + (number + 1) * (chunkBytes + 16));
    const head = whole.subarray(0, begin);
    for (const chunks of [[1, 0, 2], [0, 2], [0, 0, 1, 2], [0, 1, 2, 2], [2]]) {
      expect(() => decrypted(fileOf(folder, Buffer.concat([head, ...chunks.map(chunk)])))).toThrow();
    }
    expect(() => decrypted(fileOf(folder, Buffer.concat([whole, Buffer.from('x')])))).toThrow();
  });

  it('leaves the rest readable and names its place', () => {
    const whole = encrypted(plain);
    const begin = whole.indexOf('--- ') + 48 + 16;
    const at = begin + chunkBytes + 16 + 10;
    whole[at] = (whole[at] ?? 0) ^ 4;
    const path = fileOf(folder, whole);
    withOpen(nodeFs, path, (fd) => {
      const reader = openAge(nodeFs, fd, unlock(readLayout(nodeFs, fd, path), byIdentity, path), path);
      const into = Buffer.alloc(500);
      expect(reader.read(into, 0, 500, 2 * chunkBytes)).toBe(500);
      expect(into.equals(plain.subarray(2 * chunkBytes))).toBe(true);
      const damage = {
        code: 'CORRUPT',
        message: expect.stringContaining(`damaged at byte ${begin + chunkBytes + 16}`) as string,
      };
      expect(() => reader.read(into, 0, 500, chunkBytes + 1)).toThrow(expect.objectContaining(damage));
      expect(() => reader.read(Buffer.alloc(plain.length), 0, plain.length, 0)).toThrow(
        expect.objectContaining(damage),
      );
    });
  });

  it('behind a chunk leaves that chunk readable, and its end is told when it is reached', () => {
    const whole = encrypted(plain);
    const begin = whole.indexOf('--- ') + 48 + 16;
    for (const more of [0, 1, 16, 17, 400]) {
      const path = fileOf(folder, whole.subarray(0, begin + chunkBytes + 16 + more));
      withOpen(nodeFs, path, (fd) => {
        const reader = openAge(nodeFs, fd, unlock(readLayout(nodeFs, fd, path), byIdentity, path), path);
        const into = Buffer.alloc(chunkBytes);
        expect(reader.read(into, 0, chunkBytes, 0)).toBe(chunkBytes);
        expect(into.equals(plain.subarray(0, chunkBytes))).toBe(true);
        const damage = { code: 'CORRUPT', details: { path, damage: 'truncated' } };
        expect(() => reader.read(into, 0, chunkBytes, chunkBytes - 1)).toThrow(expect.objectContaining(damage));
        expect(() => reader.checkEnd()).toThrow(expect.objectContaining(damage));
      });
    }
  });
});
