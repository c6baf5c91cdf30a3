import { expect, it } from 'vitest';
import { languageModel } from './language-model.ts';
import { createRandom } from './random.ts';

interface Cursor {
  readonly file: Buffer;
  at: number;
}

const u32 = (cursor: Cursor): number => cursor.file.readUInt32LE((cursor.at += 4) - 4);
const u64 = (cursor: Cursor): number => Number(cursor.file.readBigUInt64LE((cursor.at += 8) - 8));
const text = (cursor: Cursor): string => {
  const length = u64(cursor);
  return cursor.file.subarray((cursor.at += length) - length, cursor.at).toString();
};

function value(cursor: Cursor, type: number): unknown {
  if (type === 4 || type === 5) return u32(cursor);
  if (type === 6) return cursor.file.readFloatLE((cursor.at += 4) - 4);
  if (type === 7) return cursor.file[(cursor.at += 1) - 1] === 1;
  if (type === 8) return text(cursor);
  if (type !== 9) throw new Error(`type ${type}`);
  const of = u32(cursor);
  return Array.from({ length: u64(cursor) }, () => value(cursor, of));
}

it('writes a GGUF of version 3 whose tensors lie aligned, in order, up to the end of the file', () => {
  const file = languageModel(createRandom(1, 'llm'));
  const cursor: Cursor = { file, at: 4 };
  expect(file.subarray(0, 4).toString()).toBe('GGUF');
  expect(u32(cursor)).toBe(3);
  const tensorCount = u64(cursor);
  const valueCount = u64(cursor);
  const values = new Map<string, unknown>();
  for (let index = 0; index < valueCount; index += 1) values.set(text(cursor), value(cursor, u32(cursor)));
  expect(values.size).toBe(valueCount);
  expect(values.get('general.architecture')).toBe('llama');
  expect(values.get('general.alignment')).toBe(32);
  const tokens = values.get('tokenizer.ggml.tokens') as string[];
  expect(new Set(tokens).size).toBe(values.get('llama.vocab_size'));
  expect(values.get('tokenizer.ggml.scores')).toHaveLength(tokens.length);
  expect(values.get('tokenizer.ggml.token_type')).toHaveLength(tokens.length);

  const tensors = Array.from({ length: tensorCount }, () => {
    const name = text(cursor);
    const dimensions = Array.from({ length: u32(cursor) }, () => u64(cursor));
    const type = u32(cursor);
    const elements = dimensions.reduce((product, size) => product * size, 1);
    return { name, offset: u64(cursor), bytes: type === 8 ? (elements / 32) * 34 : elements * 4 };
  });
  const start = Math.ceil(cursor.at / 32) * 32;
  let end = 0;
  for (const { offset, bytes } of tensors) {
    expect(offset).toBe(Math.ceil(end / 32) * 32);
    end = offset + bytes;
  }
  expect(file).toHaveLength(start + Math.ceil(end / 32) * 32);
  expect(new Set(tensors.map((tensor) => tensor.name)).size).toBe(tensorCount);
});
