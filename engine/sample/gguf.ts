import { ByteWriter } from './bytes.ts';

/** GGUF version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), little-endian. */

const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8 } as const;
const arrayType = 9;
const tensorTypes = { F32: 0, Q8_0: 8 } as const;

export type GgufValue =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly of: 'f32' | 'i32'; readonly value: readonly number[] }
  | { readonly type: 'array'; readonly of: 'string'; readonly value: readonly string[] };

export interface GgufTensor {
  readonly name: string;
  readonly type: keyof typeof tensorTypes;
  /** Innermost dimension first, as ggml counts. */
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

export const ggufAlignment = 32;

function writeString(out: ByteWriter, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  out.u64(bytes.length).bytes(bytes);
}

function writeNumber(out: ByteWriter, type: 'u32' | 'i32' | 'f32', value: number): void {
  if (type === 'f32') out.f32(value);
  else out.u32(value);
}

function writeValue(out: ByteWriter, value: GgufValue): void {
  if (value.type === 'array') {
    out.u32(arrayType).u32(valueTypes[value.of]).u64(value.value.length);
    if (value.of === 'string') for (const item of value.value) writeString(out, item);
    else for (const item of value.value) writeNumber(out, value.of, item);
    return;
  }
  out.u32(valueTypes[value.type]);
  if (value.type === 'string') writeString(out, value.value);
  else if (value.type === 'bool') out.u8(value.value ? 1 : 0);
  else writeNumber(out, value.type, value.value);
}

/** Each tensor starts at a multiple of the alignment, counted from the (aligned) start of the data. */
export function encodeGguf(values: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const out = new ByteWriter(1 << 20);
  const entries = Object.entries(values);
  out.text('GGUF').u32(3).u64(tensors.length).u64(entries.length);
  for (const [key, value] of entries) {
    writeString(out, key);
    writeValue(out, value);
  }
  const padding = (bytes: number): number => (ggufAlignment - (bytes % ggufAlignment)) % ggufAlignment;
  let offset = 0;
  for (const tensor of tensors) {
    writeString(out, tensor.name);
    out.u32(tensor.dimensions.length);
    for (const dimension of tensor.dimensions) out.u64(dimension);
    out.u32(tensorTypes[tensor.type]).u64(offset);
    offset += tensor.data.length + padding(tensor.data.length);
  }
  out.align(ggufAlignment);
  const parts: Uint8Array[] = [out.finish()];
  for (const { data } of tensors) parts.push(data, Buffer.alloc(padding(data.length)));
  return Buffer.concat(parts);
}
