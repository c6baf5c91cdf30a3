import { ByteWriter } from './bytes.ts';

/** What a harmless pickle may hold: nothing here names a class or function to be called. */
export type PickleValue =
  | string
  | boolean
  | null
  | number
  | { readonly float: number }
  | readonly PickleValue[]
  | ReadonlyMap<string | number, PickleValue>;

/** A number that Python is to see as a float even where it is whole. */
export const float = (value: number): PickleValue => ({ float: value });

/** Opcodes of pickle protocol 4 (CPython's Lib/pickletools.py). */
const op = {
  proto: 0x80,
  frame: 0x95,
  stop: 0x2e,
  none: 0x4e,
  true: 0x88,
  false: 0x89,
  binInt1: 0x4b,
  binInt2: 0x4d,
  binInt: 0x4a,
  binFloat: 0x47,
  shortUnicode: 0x8c,
  unicode: 0x58,
  emptyList: 0x5d,
  emptyDict: 0x7d,
  memoize: 0x94,
  mark: 0x28,
  appends: 0x65,
  setItems: 0x75,
};

function isMap(value: PickleValue): value is ReadonlyMap<string | number, PickleValue> {
  return value instanceof Map;
}

function isList(value: PickleValue): value is readonly PickleValue[] {
  return Array.isArray(value);
}

function writeNumber(out: ByteWriter, value: number): void {
  if (!Number.isInteger(value)) out.u8(op.binFloat).f64be(value);
  else if (value >= 0 && value < 0x100) out.u8(op.binInt1, value);
  else if (value >= 0 && value < 0x10000) out.u8(op.binInt2).u16(value);
  else if (value === (value | 0)) out.u8(op.binInt).u32(value);
  else throw new RangeError(`${value} does not fit an integer of 32 bits`);
}

function write(out: ByteWriter, value: PickleValue): void {
  if (value === null) out.u8(op.none);
  else if (typeof value === 'boolean') out.u8(value ? op.true : op.false);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length < 0x100) out.u8(op.shortUnicode, bytes.length);
    else out.u8(op.unicode).u32(bytes.length);
    out.bytes(bytes).u8(op.memoize);
  } else if (isMap(value)) {
    out.u8(op.emptyDict, op.memoize, op.mark);
    for (const [key, item] of value) {
      write(out, key);
      write(out, item);
    }
    out.u8(op.setItems);
  } else if (isList(value)) {
    out.u8(op.emptyList, op.memoize, op.mark);
    for (const item of value) write(out, item);
    out.u8(op.appends);
  } else out.u8(op.binFloat).f64be(value.float);
}

/** The value as a pickle of protocol 4, in one frame. */
export function encodePickle(value: PickleValue): Buffer {
  const body = new ByteWriter();
  write(body, value);
  body.u8(op.stop);
  const bytes = body.finish();
  return new ByteWriter(bytes.length + 11).u8(op.proto, 4, op.frame).u64(bytes.length).bytes(bytes).finish();
}
