import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { encodeFlatIndex } from './faiss.ts';
import { encodeHnsw } from './hnsw.ts';
import { lookup3 } from './lookup3.ts';
import { encodeNpy, encodeNpz } from './npy.ts';
import { encodePickle, float } from './pickle.ts';
import { createRandom } from './random.ts';
import { encodeSafetensors } from './safetensors.ts';
import { bfloat16Bytes, float16Bits, float32Bytes, normals, q8Bytes, unitVectors } from './weights.ts';

describe('checksums', () => {
  it('lookup3 gives the values of its author', () => {
    expect(lookup3(Buffer.from('Four score and seven years ago'))).toBe(0x17770551);
    expect(lookup3(new Uint8Array())).toBe(0xdeadbeef);
  });

  it('CRC-32C gives the values of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  });
});

describe('numbers', () => {
  it('depend on seed and name alone', () => {
    const draw = (seed: number, name: string): number[] => {
      const random = createRandom(seed, name);
      return Array.from({ length: 5 }, () => random.uint32());
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  });

  it('look like weights', () => {
    const values = normals(createRandom(1, 'weights'), 100_001, 0.02);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean)).toBeLessThan(0.001);
    expect(deviation).toBeCloseTo(0.02, 2);
  });

  it('are converted as the formats want', () => {
    expect(float16Bits(1)).toBe(0x3c00);
    expect(float16Bits(65504)).toBe(0x7bff);
    expect(() => float16Bits(1e-6)).toThrow(RangeError);
    expect([...bfloat16Bytes(Float32Array.of(1, -2))]).toEqual([0x80, 0x3f, 0x00, 0xc0]);
    const block = q8Bytes(Float32Array.from({ length: 32 }, (_, index) => (index === 0 ? -127 : index)));
    expect(block).toHaveLength(34);
    expect(block.readUInt16LE(0)).toBe(0x3c00);
    expect([block.readInt8(2), block.readInt8(3), block.readInt8(33)]).toEqual([-127, 1, 31]);
    expect(() => q8Bytes(new Float32Array(33))).toThrow(RangeError);
  });

  it('rows of embeddings have length 1', () => {
    const row = unitVectors(createRandom(1, 'rows'), 3, 16).subarray(16, 32);
    expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
  });
});

describe('safetensors', () => {
  it('has an aligned header whose tensors tile the data', () => {
    const file = encodeSafetensors(
      [
        { name: 'a', dtype: 'F32', shape: [2, 3], data: new Uint8Array(24) },
        { name: 'b', dtype: 'BF16', shape: [5], data: new Uint8Array(10) },
      ],
      { format: 'pt' },
    );
    const length = Number(file.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(file.subarray(8, 8 + length).toString())).toEqual({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      b: { dtype: 'BF16', shape: [5], data_offsets: [24, 34] },
    });
    expect(file).toHaveLength(8 + length + 34);
  });
});

describe('npy and npz', () => {
  it('npy: header ends at a multiple of 64 and the data fills the shape', () => {
    const file = encodeNpy(Float32Array.from([1, 2, 3, 4, 5, 6]), [2, 3]);
    expect(file.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
    const start = 10 + file.readUInt16LE(8);
    expect(start % 64).toBe(0);
    const header = file.subarray(10, start).toString('latin1');
    expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/);
    expect(file).toHaveLength(start + 24);
    expect(file.readFloatLE(start + 20)).toBe(6);
    expect(encodeNpy(new Float32Array(3), [3]).toString('latin1')).toContain("'shape': (3,)");
    expect(() => encodeNpy(new Float32Array(5), [2, 3])).toThrow(RangeError);
  });

  it('npz: a zip whose directory names each entry with size and checksum', () => {
    const loss = encodeNpy(Float32Array.of(1, 2), [2]);
    const file = encodeNpz({ loss, val_loss: encodeNpy(Float32Array.of(3), [1]) });
    const end = file.length - 22;
    expect(file.readUInt32LE(end)).toBe(0x06054b50);
    expect(file.readUInt16LE(end + 10)).toBe(2);
    const directory = file.readUInt32LE(end + 16);
    expect(directory + file.readUInt32LE(end + 12)).toBe(end);
    expect(file.readUInt32LE(directory)).toBe(0x02014b50);
    expect(file.readUInt32LE(directory + 16)).toBe(crc32(loss));
    expect(file.readUInt32LE(directory + 24)).toBe(loss.length);
    expect(file.subarray(directory + 46, directory + 54).toString()).toBe('loss.npy');
    expect(file.subarray(38, 38 + loss.length)).toEqual(loss);
  });
});

describe('vector indexes', () => {
  it('FAISS: 45 bytes and the vectors', () => {
    const file = encodeFlatIndex(
      Float32Array.from({ length: 12 }, (_, index) => index),
      4,
    );
    expect(file).toHaveLength(45 + 3 * 4 * 4);
    expect(file.subarray(0, 4).toString()).toBe('IxF2');
    expect(file.readInt32LE(4)).toBe(4);
    expect(file.readBigInt64LE(8)).toBe(3n);
    expect(file.readInt32LE(33)).toBe(1);
    expect(file.readBigUInt64LE(37)).toBe(12n);
    expect(file.readFloatLE(file.length - 4)).toBe(11);
    expect(() => encodeFlatIndex(new Float32Array(5), 4)).toThrow(RangeError);
  });

  it('HNSW: the sizes in the header are those of the other files', () => {
    const { header, data, lengths, links } = encodeHnsw(new Float32Array(40 * 8), 8);
    expect(header).toHaveLength(100);
    const [count, elementBytes] = [Number(header.readBigUInt64LE(20)), Number(header.readBigUInt64LE(28))];
    expect(count).toBe(40);
    expect(data).toHaveLength(count * elementBytes);
    expect(lengths).toHaveLength(count * 4);
    expect(links).toHaveLength(0);
    expect(data.readBigUInt64LE(Number(header.readBigUInt64LE(36)))).toBe(1n);
    expect(float32Bytes(new Float32Array(8))).toHaveLength(32);
  });
});

describe('pickle', () => {
  it('is protocol 4 in one frame and calls nothing', () => {
    const file = encodePickle(
      new Map<string, Parameters<typeof encodePickle>[0]>([
        ['mean', [0.5, float(2), 3, 300, -70_000]],
        ['ok', true],
        ['none', null],
      ]),
    );
    expect(file.subarray(0, 3)).toEqual(Buffer.from([0x80, 4, 0x95]));
    expect(Number(file.readBigUInt64LE(3))).toBe(file.length - 11);
    // As `pickletools.dis` reads it: dict, mark, key, list, …, setitems, stop.
    expect(file.subarray(11).toString('hex')).toBe(
      [
        ['7d', '94', '28'],
        ['8c', '04', '6d65616e', '94', '5d', '94', '28'],
        ['47', '3fe0000000000000', '47', '4000000000000000', '4b', '03', '4d', '2c01', '4a', '90eefeff', '65'],
        ['8c', '02', '6f6b', '94', '88'],
        ['8c', '04', '6e6f6e65', '94', '4e'],
        ['75', '2e'],
      ]
        .flat()
        .join(''),
    );
  });

  it('refuses integers it has no opcode for', () => {
    expect(() => encodePickle(2 ** 40)).toThrow(RangeError);
  });
});
