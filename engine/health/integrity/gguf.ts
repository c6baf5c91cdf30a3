import { formatBytes } from '../../../shared/format.ts';
import { Cursor, damaged, EndOfFile, TooLong, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

/** Tokenizers put hundreds of thousands of words into the header; beyond this it is no quick look. */
const mostHeader = 64 * 1024 * 1024;
const mostTensors = 100_000;
const mostValues = 100_000;

/** Bytes of the value types of the header that have a fixed size (ggml/docs/gguf.md, `gguf_metadata_value_type`). */
const valueBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const stringType = 8;
const arrayType = 9;

/** Elements and bytes of a block by tensor type (`ggml_type` and `GGML_QUANT_SIZES` in gguf-py/gguf/constants.py). */
const blocks: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 40],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
};

/** GGUF: magic, version, counts, values, tensor infos, then data from an aligned place on (ggml/docs/gguf.md). */
export function lookAtGguf(bytes: Bytes): Verdict {
  const magic = bytes.read(0, 4).toString('latin1');
  if (magic !== 'GGUF') return damaged('does not begin as a GGUF file');
  try {
    return lookInside(bytes);
  } catch (error) {
    if (error instanceof EndOfFile) return damaged('ends within its header');
    if (error instanceof TooLong) return unknown(`has a header of more than ${formatBytes(mostHeader)}`);
    throw error;
  }
}

function lookInside(bytes: Bytes): Verdict {
  const cursor = new Cursor(bytes, 4, mostHeader);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) return unknown(`is of a version of GGUF that is not known here`);
  const tensors = cursor.u64();
  const values = cursor.u64();
  if (tensors > mostTensors || values > mostValues) return damaged('has a header that makes no sense');
  let alignment = 32;
  for (let index = 0; index < values; index++) {
    const key = cursor.text(keyLength(cursor.u64()));
    const type = cursor.u32();
    if (key === 'general.alignment' && type === 4) alignment = cursor.u32();
    else if (!skipValue(cursor, type, 0)) return damaged('has a header that makes no sense');
  }
  if (alignment === 0 || alignment % 8 !== 0) return damaged('has a header that makes no sense');
  let end = 0;
  let isExact = true;
  for (let index = 0; index < tensors; index++) {
    cursor.skip(cursor.u64());
    const dimensions = cursor.u32();
    if (dimensions > 8) return damaged('has a header that makes no sense');
    let elements = 1;
    for (let dimension = 0; dimension < dimensions; dimension++) elements *= cursor.u64();
    const block = blocks[cursor.u32()];
    const offset = cursor.u64();
    if (block === undefined) isExact = false;
    const size = block === undefined ? 0 : Math.ceil(elements / block[0]) * block[1];
    end = Math.max(end, offset + size);
  }
  const dataAt = Math.ceil(cursor.at / alignment) * alignment;
  const missing = dataAt + end - bytes.size;
  if (tensors > 0 && missing > 0) {
    return damaged(
      Number.isFinite(missing)
        ? `ends ${formatBytes(missing)} before its last tensor does`
        : 'names tensors beyond any file',
    );
  }
  return isExact ? whole : unknown('has tensors of a type that is not known here');
}

/** Keys are at most 65,535 bytes long. */
function keyLength(length: number): number {
  if (length > 65_535) throw new EndOfFile();
  return length;
}

/** Passes over a value; false when its type is none. */
function skipValue(cursor: Cursor, type: number, depth: number): boolean {
  if (type === stringType) {
    cursor.skip(cursor.u64());
    return true;
  }
  const size = valueBytes[type];
  if (size !== undefined) {
    cursor.skip(size);
    return true;
  }
  if (type !== arrayType || depth > 4) return false;
  const element = cursor.u32();
  const count = cursor.u64();
  const elementSize = valueBytes[element];
  if (elementSize !== undefined) {
    cursor.skip(elementSize * count);
    return true;
  }
  for (let index = 0; index < count; index++) if (!skipValue(cursor, element, depth + 1)) return false;
  return true;
}
