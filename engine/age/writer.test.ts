import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkBytes } from './chunks.ts';
import { decrypted, fileOf, forIdentity, makeFolder, pattern, removeFolder } from './test-files.ts';
import { AgeWriter, startAge } from './writer.ts';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

describe('marks in an age file', () => {
  function writing(limit: number) {
    const sealed: Buffer[] = [];
    const writer = new AgeWriter(startAge(forIdentity), (bytes) => sealed.push(Buffer.from(bytes)), limit);
    return { writer, sealed, length: () => sealed.reduce((sum, part) => sum + part.length, 0) };
  }

  it('can be gone back to while nothing after them is sealed', () => {
    const { writer, sealed, length } = writing(4 * chunkBytes);
    const plain = pattern(9 * chunkBytes);
    writer.append(plain.subarray(0, 100_000));
    const mark = writer.mark();
    const before = length();
    writer.append(plain.subarray(0, 4 * chunkBytes));
    expect(length()).toBe(before);
    expect(writer.rewind(mark)).toBe(true);
    expect(writer.offset).toBe(100_000);
    writer.append(plain.subarray(100_000, 200_000));
    expect(writer.rewind(mark)).toBe(true);
    writer.append(plain.subarray(100_000));
    writer.finish();
    expect(decrypted(fileOf(folder, Buffer.concat(sealed))).equals(plain)).toBe(true);
  });

  it('cannot once something is: nothing sealed is ever sealed again', () => {
    const { writer, sealed, length } = writing(4 * chunkBytes);
    const plain = pattern(5 * chunkBytes);
    const mark = writer.mark();
    writer.append(plain.subarray(0, 4 * chunkBytes));
    writer.append(plain.subarray(4 * chunkBytes));
    expect(length()).toBeGreaterThan(4 * chunkBytes);
    expect(writer.rewind(mark)).toBe(false);
    expect(writer.offset).toBe(plain.length);
    const second = writer.mark();
    expect(writer.rewind(mark)).toBe(false);
    expect(writer.rewind(second)).toBe(true);
    writer.finish();
    expect(decrypted(fileOf(folder, Buffer.concat(sealed))).equals(plain)).toBe(true);
  });

  it('keep their own copy of what is appended', () => {
    const { writer, sealed } = writing(4 * chunkBytes);
    const memory = Buffer.from('before');
    writer.mark();
    writer.append(memory);
    memory.write('after!');
    writer.finish();
    expect(decrypted(fileOf(folder, Buffer.concat(sealed))).toString()).toBe('before');
  });
});
