import { ByteWriter } from './bytes.ts';
import { float32Bytes } from './weights.ts';

/**
 * A FAISS `IndexFlatL2` as `faiss.write_index` writes it (faiss/impl/index_write.cpp): the code `IxF2`, dimension,
 * number of vectors, two unused words, trained, metric (1 = L2), then the vectors. Exactly 45 + vectors × dimension × 4
 * bytes.
 */
export function encodeFlatIndex(vectors: Float32Array, dimension: number): Buffer {
  if (vectors.length % dimension !== 0) throw new RangeError('the vectors do not fill whole rows');
  const unused = 1 << 20;
  return new ByteWriter(45 + vectors.byteLength)
    .text('IxF2')
    .u32(dimension)
    .u64(vectors.length / dimension)
    .u64(unused)
    .u64(unused)
    .u8(1)
    .u32(1)
    .u64(vectors.length)
    .bytes(float32Bytes(vectors))
    .finish();
}
