import { ByteWriter } from './bytes.ts';
import { lookup3 } from './lookup3.ts';
import { float32Bytes } from './weights.ts';

/**
 * A small part of HDF5 (https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html): superblock version 2, version 2 object
 * headers with their links inside, contiguous float32 datasets, and attributes that are integers, strings, or lists of
 * strings of fixed length. Enough for a Keras model file.
 */

export type HdfAttribute = string | number | readonly string[];

export interface HdfDataset {
  readonly kind: 'dataset';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface HdfGroup {
  readonly kind: 'group';
  readonly attributes?: Readonly<Record<string, HdfAttribute>>;
  readonly children: Readonly<Record<string, HdfGroup | HdfDataset>>;
}

const undefinedAddress = 0xffff_ffff_ffff_ffffn;
const message = { dataspace: 1, linkInfo: 2, datatype: 3, fill: 5, link: 6, layout: 8, groupInfo: 10, attribute: 12 };
const superblockBytes = 48;

function dataspace(shape: readonly number[] | 'scalar'): Buffer {
  const out = new ByteWriter(64);
  if (shape === 'scalar') return out.u8(2, 0, 0, 0).finish();
  out.u8(2, shape.length, 0, 1);
  for (const size of shape) out.u64(size);
  return out.finish();
}

/** IEEE 754 single precision, little-endian: class 1, sign at bit 31, exponent 8 bits at 23 biased by 127. */
function float32Type(): Buffer {
  return new ByteWriter(20).u8(0x11, 0x20, 31, 0).u32(4).u16(0).u16(32).u8(23, 8, 0, 23).u32(127).finish();
}

function int64Type(): Buffer {
  return new ByteWriter(12).u8(0x10, 0x08, 0, 0).u32(8).u16(0).u16(64).finish();
}

/** Padded with NULs, UTF-8. */
function stringType(bytes: number): Buffer {
  return new ByteWriter(8).u8(0x13, 0x11, 0, 0).u32(bytes).finish();
}

function attribute(name: string, value: HdfAttribute): Buffer {
  let type: Buffer;
  let space: Buffer;
  const data = new ByteWriter();
  if (typeof value === 'number') {
    type = int64Type();
    space = dataspace('scalar');
    data.u64(value);
  } else {
    const list = (typeof value === 'string' ? [value] : value).map((text) => Buffer.from(text, 'utf8'));
    const width = Math.max(1, ...list.map((text) => text.length));
    type = stringType(width);
    space = typeof value === 'string' ? dataspace('scalar') : dataspace([list.length]);
    for (const text of list) data.bytes(Buffer.concat([text, Buffer.alloc(width - text.length)]));
  }
  const nameBytes = Buffer.from(`${name}\0`, 'utf8');
  const out = new ByteWriter().u8(3, 0).u16(nameBytes.length).u16(type.length).u16(space.length).u8(1);
  return out.bytes(nameBytes).bytes(type).bytes(space).bytes(data.finish()).finish();
}

function link(name: string, address: number): Buffer {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length > 255) throw new RangeError(`the link name ${name} is too long`);
  // Flags 0x10: the character set follows; the link is a hard one and the name's length takes one byte.
  return new ByteWriter().u8(1, 0x10, 1, bytes.length).bytes(bytes).u64(address).finish();
}

/** Appends an object header (version 2, chunk size in 4 bytes) and returns its address. */
function writeHeader(out: ByteWriter, messages: readonly (readonly [type: number, body: Buffer])[]): number {
  const header = new ByteWriter().text('OHDR').u8(2, 0x02);
  header.u32(messages.reduce((sum, [, body]) => sum + 4 + body.length, 0));
  for (const [type, body] of messages) header.u8(type).u16(body.length).u8(0).bytes(body);
  const bytes = header.finish();
  const address = out.align(8).length;
  out.bytes(bytes).u32(lookup3(bytes));
  return address;
}

function writeDataset(out: ByteWriter, { shape, data }: HdfDataset): number {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (expected !== data.length) throw new RangeError(`${data.length} values do not fill the shape ${shape.join('×')}`);
  const address = out.align(8).length;
  out.bytes(float32Bytes(data));
  return writeHeader(out, [
    [message.dataspace, dataspace(shape)],
    [message.datatype, float32Type()],
    // Version 3: space allocated late, fill value written if set, and none is.
    [message.fill, new ByteWriter(2).u8(3, 0x0a).finish()],
    // Version 3, contiguous.
    [message.layout, new ByteWriter(18).u8(3, 1).u64(address).u64(data.byteLength).finish()],
  ]);
}

function writeGroup(out: ByteWriter, group: HdfGroup): number {
  const links = Object.entries(group.children).map(
    ([name, child]) => [name, child.kind === 'group' ? writeGroup(out, child) : writeDataset(out, child)] as const,
  );
  return writeHeader(out, [
    [message.linkInfo, new ByteWriter(18).u8(0, 0).u64(undefinedAddress).u64(undefinedAddress).finish()],
    [message.groupInfo, new ByteWriter(2).u8(0, 0).finish()],
    ...Object.entries(group.attributes ?? {}).map(
      ([name, value]) => [message.attribute, attribute(name, value)] as const,
    ),
    ...links.map(([name, address]) => [message.link, link(name, address)] as const),
  ]);
}

/** The file's bytes; the superblock's end-of-file address equals their number. */
export function encodeHdf5(root: HdfGroup): Buffer {
  const out = new ByteWriter(1 << 20).bytes(Buffer.alloc(superblockBytes));
  const rootAddress = writeGroup(out, root);
  out.align(8);
  const file = out.finish();
  const superblock = new ByteWriter(superblockBytes)
    .bytes(Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]))
    .u8(2, 8, 8, 0)
    .u64(0)
    .u64(undefinedAddress)
    .u64(file.length)
    .u64(rootAddress)
    .finish();
  superblock.copy(file);
  file.writeUInt32LE(lookup3(superblock), superblock.length);
  return file;
}
