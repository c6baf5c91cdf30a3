import { encodeGguf } from './gguf.ts';
import type { GgufTensor, GgufValue } from './gguf.ts';
import type { Random } from './random.ts';
import { float32Bytes, normals, q8Bytes } from './weights.ts';

const hidden = 512;
const inner = 1408;
const blocks = 4;
const heads = 8;
const vocabulary = 4096;

/** Token types as llama.cpp numbers them. */
const tokenType = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

interface Tokenizer {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
}

/** The special tokens, one token a byte, then made-up pieces of words. */
function tokenizer(): Tokenizer {
  const tokens = ['<unk>', '<s>', '</s>'];
  const types: number[] = [tokenType.unknown, tokenType.control, tokenType.control];
  for (let byte = 0; byte < 256; byte += 1) {
    tokens.push(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    types.push(tokenType.byte);
  }
  const starts = ['b', 'c', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v'];
  const vowels = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'];
  const ends = ['', 'n', 'r', 's', 't', 'l', 'm', 'nd', 'st', 'rk', 'ck', 'ng'];
  for (const prefix of ['\u2581', '', '\u2581re', 're']) {
    for (const start of starts) {
      for (const vowel of vowels) {
        for (const end of ends) {
          if (tokens.length === vocabulary) return { tokens, types };
          tokens.push(`${prefix}${start}${vowel}${end}`);
          types.push(tokenType.normal);
        }
      }
    }
  }
  throw new RangeError('too few pieces for the vocabulary');
}

function description(): Record<string, GgufValue> {
  const { tokens, types } = tokenizer();
  const u32 = (value: number): GgufValue => ({ type: 'u32', value });
  const text = (value: string): GgufValue => ({ type: 'string', value });
  return {
    'general.architecture': text('llama'),
    'general.type': text('model'),
    'general.name': text('Finance LLM'),
    'general.basename': text('finance-llm'),
    'general.size_label': text('17M'),
    'general.quantization_version': u32(2),
    'general.file_type': u32(7), // mostly Q8_0
    'general.alignment': u32(32),
    'llama.context_length': u32(2048),
    'llama.embedding_length': u32(hidden),
    'llama.block_count': u32(blocks),
    'llama.feed_forward_length': u32(inner),
    'llama.attention.head_count': u32(heads),
    'llama.attention.head_count_kv': u32(heads),
    'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
    'llama.rope.dimension_count': u32(hidden / heads),
    'llama.rope.freq_base': { type: 'f32', value: 10_000 },
    'llama.vocab_size': u32(vocabulary),
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.pre': text('default'),
    'tokenizer.ggml.tokens': { type: 'array', of: 'string', value: tokens },
    'tokenizer.ggml.scores': { type: 'array', of: 'f32', value: tokens.map((_, index) => -index) },
    'tokenizer.ggml.token_type': { type: 'array', of: 'i32', value: types },
    'tokenizer.ggml.unknown_token_id': u32(0),
    'tokenizer.ggml.bos_token_id': u32(1),
    'tokenizer.ggml.eos_token_id': u32(2),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
  };
}

/** A small model of the llama architecture, matrices in Q8_0, as llama.cpp's converter names its tensors. */
export function languageModel(random: Random): Buffer {
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name,
    type: 'Q8_0',
    dimensions: [columns, rows],
    data: q8Bytes(normals(random, columns * rows, 0.02)),
  });
  const norm = (name: string): GgufTensor => ({
    name,
    type: 'F32',
    dimensions: [hidden],
    data: float32Bytes(new Float32Array(hidden).fill(1)),
  });
  const tensors = [matrix('token_embd.weight', hidden, vocabulary)];
  for (let block = 0; block < blocks; block += 1) {
    const at = `blk.${block}`;
    tensors.push(
      norm(`${at}.attn_norm.weight`),
      matrix(`${at}.attn_q.weight`, hidden, hidden),
      matrix(`${at}.attn_k.weight`, hidden, hidden),
      matrix(`${at}.attn_v.weight`, hidden, hidden),
      matrix(`${at}.attn_output.weight`, hidden, hidden),
      norm(`${at}.ffn_norm.weight`),
      matrix(`${at}.ffn_gate.weight`, hidden, inner),
      matrix(`${at}.ffn_up.weight`, hidden, inner),
      matrix(`${at}.ffn_down.weight`, inner, hidden),
    );
  }
  tensors.push(norm('output_norm.weight'), matrix('output.weight', hidden, vocabulary));
  return encodeGguf(description(), tensors);
}
