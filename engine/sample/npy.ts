import { crc32 } from 'node:zlib';
import { ByteWriter } from './bytes.ts';
import { float32Bytes } from './weights.ts';

/**
 * A float32 array as `.npy`, version 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): the
 * header is padded so that the data begins at a multiple of 64.
 */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Buffer {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (expected !== values.length) throw new RangeError(`${values.length} values do not fill ${shape.join('×')}`);
  const tuple = shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = 10;
  const padded = Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix;
  return new ByteWriter(prefix + padded + values.byteLength)
    .u8(0x93)
    .text('NUMPY')
    .u8(1, 0)
    .u16(padded)
    .text(`${header.padEnd(padded - 1)}\n`)
    .bytes(float32Bytes(values))
    .finish();
}

/** 1980-01-01 00:00, the date numpy's own archives carry, as MS-DOS writes it. */
const dosDate = 0x0021;

/** Arrays as `.npz`, as `numpy.savez` writes it: a zip (PKWARE APPNOTE 6.3) of uncompressed `.npy` entries. */
export function encodeNpz(arrays: Readonly<Record<string, Buffer>>): Buffer {
  const out = new ByteWriter(1 << 16);
  const directory = new ByteWriter();
  const entries = Object.entries(arrays);
  for (const [key, data] of entries) {
    const name = Buffer.from(`${key}.npy`, 'utf8');
    const offset = out.length;
    const common = new ByteWriter(26)
      .u16(20)
      .u16(0)
      .u16(0)
      .u16(0)
      .u16(dosDate)
      .u32(crc32(data))
      .u32(data.length)
      .u32(data.length)
      .u16(name.length)
      .u16(0)
      .finish();
    out.u32(0x04034b50).bytes(common).bytes(name).bytes(data);
    directory.u32(0x02014b50).u16(20).bytes(common).u16(0).u16(0).u16(0).u32(0).u32(offset).bytes(name);
  }
  const start = out.length;
  out.bytes(directory.finish());
  const size = out.length - start;
  return out.u32(0x06054b50).u16(0).u16(0).u16(entries.length).u16(entries.length).u32(size).u32(start).u16(0).finish();
}
