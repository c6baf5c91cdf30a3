import type { Random } from './random.ts';

/**
 * Bulk values that look like trained weights: normally distributed, in the number formats of model files. Tens of
 * millions are needed in a second or two, so they are drawn from a table of normal deviates.
 */

const tableBits = 14;

function normalTable(random: Random): Float32Array {
  return Float32Array.from({ length: 1 << tableBits }, () => random.gaussian());
}

/** `count` values with mean 0 and the given deviation. */
export function normals(random: Random, count: number, deviation: number): Float32Array {
  const table = normalTable(random);
  const mask = table.length - 1;
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const bits = random.uint32();
    values[index] = (table[bits & mask] ?? 0) * deviation;
    values[index + 1] = (table[(bits >>> tableBits) & mask] ?? 0) * deviation;
  }
  return values;
}

/** Rows of length 1, as embedding models give them: `count` rows of `dimension` values. */
export function unitVectors(random: Random, count: number, dimension: number): Float32Array {
  const values = normals(random, count * dimension, 1);
  for (let row = 0; row < count; row += 1) {
    const vector = values.subarray(row * dimension, (row + 1) * dimension);
    let squares = 0;
    for (const value of vector) squares += value * value;
    const scale = 1 / Math.sqrt(squares);
    for (let index = 0; index < dimension; index += 1) vector[index] = (vector[index] ?? 0) * scale;
  }
  return values;
}

/** The bytes of a float array, little-endian on every platform Node runs on. */
export function float32Bytes(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** bfloat16: the upper half of a float32. */
export function bfloat16Bytes(values: Float32Array): Buffer {
  const whole = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint16Array(values.length);
  for (let index = 0; index < upper.length; index += 1) upper[index] = (whole[index] ?? 0) >>> 16;
  return Buffer.from(upper.buffer);
}

const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

/** IEEE 754 half precision of a positive value in its normal range (6.1e-5 to 65504), cut off rather than rounded. */
export function float16Bits(value: number): number {
  one[0] = value;
  const bits = oneBits[0] ?? 0;
  const exponent = (bits >>> 23) - 127 + 15;
  if (exponent < 1 || exponent > 30) throw new RangeError(`${value} is outside the normal range of float16`);
  return (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

/** Values a block of ggml's Q8_0 holds, and the bytes of one: a float16 scale and 32 signed bytes. */
export const q8Block = { values: 32, bytes: 34 } as const;

/** ggml's Q8_0: value = scale × byte, a scale for each 32 values. The count must be a multiple of 32. */
export function q8Bytes(values: Float32Array): Buffer {
  if (values.length % q8Block.values !== 0) throw new RangeError('Q8_0 needs a multiple of 32 values');
  const out = Buffer.alloc((values.length / q8Block.values) * q8Block.bytes);
  let at = 0;
  for (let start = 0; start < values.length; start += q8Block.values) {
    let largest = 0;
    for (let index = start; index < start + q8Block.values; index += 1) {
      largest = Math.max(largest, Math.abs(values[index] ?? 0));
    }
    const scale = largest / 127;
    out.writeUInt16LE(float16Bits(scale), at);
    at += 2;
    for (let index = start; index < start + q8Block.values; index += 1) {
      out[at] = Math.round((values[index] ?? 0) / scale);
      at += 1;
    }
  }
  return out;
}
