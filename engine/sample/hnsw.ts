import { ByteWriter } from './bytes.ts';
import { float32Bytes } from './weights.ts';

/** The four files Chroma's fork of hnswlib keeps a graph in. */
export interface HnswFiles {
  readonly header: Buffer;
  readonly data: Buffer;
  readonly lengths: Buffer;
  readonly links: Buffer;
}

/** Neighbours of an element on the ground level (hnswlib's `maxM0` for M = 16). */
const neighbours = 32;

/**
 * A graph of one level in which each element knows those beside it in a ring: not a good graph, but a whole one that
 * every element can be reached in. Layout as hnswlib's `saveIndex` (hnswalg.h): each element is a count, its
 * neighbours, its vector and its label, all of fixed size.
 */
export function encodeHnsw(vectors: Float32Array, dimension: number): HnswFiles {
  const count = vectors.length / dimension;
  const linkBytes = 4 + neighbours * 4;
  const elementBytes = linkBytes + dimension * 4 + 8;
  const data = new ByteWriter(count * elementBytes);
  const lengths = new ByteWriter(count * 4);
  for (let index = 0; index < count; index += 1) {
    data.u32(neighbours);
    for (let step = 1; step <= neighbours / 2; step += 1) {
      data.u32((index + step) % count).u32((index - step + count) % count);
    }
    data.bytes(float32Bytes(vectors.subarray(index * dimension, (index + 1) * dimension))).u64(index + 1);
    lengths.u32(0);
  }
  const header = new ByteWriter(100)
    .u32(1) // version of the file
    .u64(0) // offset of the ground level's links
    .u64(count) // room
    .u64(count) // elements
    .u64(elementBytes)
    .u64(elementBytes - 8) // offset of the label
    .u64(linkBytes) // offset of the vector
    .u32(0) // highest level
    .u32(0) // element to enter by
    .u64(neighbours / 2)
    .u64(neighbours)
    .u64(neighbours / 2)
    .f64(1 / Math.log(neighbours / 2))
    .u64(100) // candidates while building
    .finish();
  return { header, data: data.finish(), lengths: lengths.finish(), links: Buffer.alloc(0) };
}
