import { hourMs } from './days.ts';
import { encodeFlatIndex } from './faiss.ts';
import { encodePickle } from './pickle.ts';
import type { SampleFile } from './tree.ts';
import { unitVectors } from './weights.ts';

const dimension = 384;
const vectors = 3600;

/** A flat index of old news, with the file that says which row is which article; the two belong together. */
export function faissFiles(nowMs: number): SampleFile[] {
  const mtimeMs = nowMs - 29 * hourMs;
  const folder = 'vector_store/news_faiss';
  return [
    {
      kind: 'file',
      path: `${folder}/index.faiss`,
      mtimeMs,
      content: (random) => encodeFlatIndex(unitVectors(random, vectors, dimension), dimension),
    },
    {
      kind: 'file',
      path: `${folder}/index.pkl`,
      mtimeMs: mtimeMs + 400,
      content: () =>
        encodePickle(
          new Map(
            Array.from(
              { length: vectors },
              (_, row) => [row, `article-${(880_000 + row * 7).toString()}`] satisfies [number, string],
            ),
          ),
        ),
    },
  ];
}
