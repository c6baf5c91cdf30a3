import { json } from './config.ts';
import { dayMs } from './days.ts';
import { kerasModel } from './keras.ts';
import { languageModel } from './language-model.ts';
import { encodeNpy, encodeNpz } from './npy.ts';
import { encodePickle } from './pickle.ts';
import { featureNames } from './prices.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { encodeSafetensors } from './safetensors.ts';
import type { Tensor } from './safetensors.ts';
import type { SampleFile } from './tree.ts';
import { bfloat16Bytes, float32Bytes, normals } from './weights.ts';

function constants(count: number, value: number): Float32Array {
  return new Float32Array(count).fill(value);
}

interface EncoderShape {
  readonly layers: number;
  readonly hidden: number;
  readonly inner: number;
  readonly matrices: Tensor['dtype'];
}

function matrix(random: Random, name: string, rows: number, columns: number, dtype: Tensor['dtype']): Tensor {
  const values = normals(random, rows * columns, 0.02);
  const data = dtype === 'BF16' ? bfloat16Bytes(values) : float32Bytes(values);
  return { name, dtype, shape: [rows, columns], data };
}

function vector(name: string, length: number, value: number): Tensor {
  return { name, dtype: 'F32', shape: [length], data: float32Bytes(constants(length, value)) };
}

/** A transformer encoder named as Hugging Face's BERT names its parts. */
function encoder(random: Random, { layers, hidden, inner, matrices }: EncoderShape): Tensor[] {
  const tensors: Tensor[] = [];
  for (let layer = 0; layer < layers; layer += 1) {
    const at = `encoder.layer.${layer}`;
    for (const part of ['self.query', 'self.key', 'self.value', 'output.dense']) {
      tensors.push(matrix(random, `${at}.attention.${part}.weight`, hidden, hidden, matrices));
      tensors.push(vector(`${at}.attention.${part}.bias`, hidden, 0));
    }
    tensors.push(matrix(random, `${at}.intermediate.dense.weight`, inner, hidden, matrices));
    tensors.push(matrix(random, `${at}.output.dense.weight`, hidden, inner, matrices));
    tensors.push(vector(`${at}.output.LayerNorm.weight`, hidden, 1));
    tensors.push(vector(`${at}.output.LayerNorm.bias`, hidden, 0));
  }
  return tensors;
}

const vocabulary = 4096;

function newsEmbedder(random: Random): Buffer {
  const shape: EncoderShape = { layers: 3, hidden: 384, inner: 1536, matrices: 'BF16' };
  return encodeSafetensors(
    [
      matrix(random, 'embeddings.word_embeddings.weight', vocabulary, shape.hidden, 'BF16'),
      matrix(random, 'embeddings.position_embeddings.weight', 256, shape.hidden, 'BF16'),
      vector('embeddings.LayerNorm.weight', shape.hidden, 1),
      vector('embeddings.LayerNorm.bias', shape.hidden, 0),
      ...encoder(random, shape),
    ],
    { format: 'pt' },
  );
}

function priceTransformer(random: Random): Buffer {
  const shape: EncoderShape = { layers: 3, hidden: 128, inner: 512, matrices: 'F32' };
  return encodeSafetensors(
    [
      matrix(random, 'input.weight', shape.hidden, featureNames.length, 'F32'),
      ...encoder(random, shape),
      matrix(random, 'head.weight', 3, shape.hidden, 'F32'),
      vector('head.bias', 3, 0),
    ],
    { format: 'pt', task: 'return regression', horizons: '1d,5d,20d' },
  );
}

function trainingHistory(random: Random): Buffer {
  const epochs = 64;
  const curve = (floor: number): Float32Array =>
    Float32Array.from(
      { length: epochs },
      (_, epoch) => floor + 0.08 * Math.exp(-epoch / 11) + 0.0006 * Math.abs(random.gaussian()),
    );
  return encodeNpz({ loss: encodeNpy(curve(0.0021), [epochs]), val_loss: encodeNpy(curve(0.0034), [epochs]) });
}

/** Symbols with a model of their own, and how many days ago it was trained. */
const recurrent = [
  { symbol: 'NVDA', trainedDays: 19 },
  { symbol: 'TSLA', trainedDays: 26 },
  { symbol: 'AAPL', trainedDays: 33 },
] as const;

function recurrentModel(
  seed: number,
  nowMs: number,
  { symbol, trainedDays }: (typeof recurrent)[number],
): SampleFile[] {
  const folder = `ml_models/${symbol.toLowerCase()}_lstm_model`;
  const mtimeMs = nowMs - trainedDays * dayMs;
  const file = (name: string, content: SampleFile['content'], earlierMs = 0): SampleFile => ({
    kind: 'file',
    path: `${folder}/${name}`,
    mtimeMs: mtimeMs - earlierMs,
    content,
  });
  // A stream of its own, not the file's: the best checkpoint of a training is the model it ended with.
  const model = (): Buffer => kerasModel(createRandom(seed, folder), `${symbol.toLowerCase()}_lstm`);
  const files = [
    file('model.h5', model),
    file('training_history.npz', trainingHistory),
    file('model_config.json', () =>
      json({
        name: `${symbol.toLowerCase()}_lstm_model`,
        symbol,
        framework: 'keras',
        trained_at: new Date(mtimeMs).toISOString(),
        sequence_length: 60,
        features: featureNames,
        weights: 'model.h5',
        scaler: `scalers/feature_scalers/${symbol}_features.pkl`,
      }),
    ),
  ];
  if (symbol === 'NVDA') files.push(file('checkpoints/best.h5', model, 400_000));
  return files;
}

export function modelFiles(seed: number, nowMs: number): SampleFile[] {
  const file = (path: string, ageDays: number, content: SampleFile['content']): SampleFile => ({
    kind: 'file',
    path: `ml_models/${path}`,
    mtimeMs: nowMs - ageDays * dayMs,
    content,
  });
  const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  return [
    ...recurrent.flatMap((model) => recurrentModel(seed, nowMs, model)),
    file('news_embedder/model.safetensors', 47, newsEmbedder),
    file('news_embedder/config.json', 47, () =>
      json({
        architectures: ['BertModel'],
        model_type: 'bert',
        hidden_size: 384,
        intermediate_size: 1536,
        num_attention_heads: 12,
        num_hidden_layers: 3,
        max_position_embeddings: 256,
        torch_dtype: 'bfloat16',
        vocab_size: vocabulary,
      }),
    ),
    file('news_embedder/vocab.txt', 47, () => {
      const pieces = Array.from({ length: vocabulary - words.length }, (_, index) => `token${index}`);
      return `${[...words, ...pieces].join('\n')}\n`;
    }),
    file('price_transformer/model.safetensors', 12, priceTransformer),
    file('price_transformer/model_config.json', 12, () =>
      json({ name: 'price_transformer', layers: 3, hidden: 128, inner: 512, features: featureNames }),
    ),
    file('finance_llm/finance-llm-q8_0.gguf', 54, languageModel),
    file('finance_llm/model_config.json', 54, () =>
      json({ name: 'finance_llm', file: 'finance-llm-q8_0.gguf', context_length: 2048, temperature: 0.2 }),
    ),
    file('ensemble_weights.pkl', 6, (random) =>
      encodePickle(
        new Map(
          recurrent.map(({ symbol }) => [
            symbol,
            new Map([
              ['lstm', random.between(0.4, 0.6)],
              ['transformer', random.between(0.2, 0.3)],
              ['news', random.between(0.1, 0.2)],
            ]),
          ]),
        ),
      ),
    ),
  ];
}
