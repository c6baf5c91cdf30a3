import { defineTask } from '../pool/index.ts';
import { writeSample } from './write.ts';
import type { WrittenSample } from './write.ts';

export interface WriteSampleInput {
  readonly path: string;
  readonly now: number;
  readonly seed: number;
}

/** Writes the sample; posts `SampleProgress` before each file. */
export const writeSampleTask = defineTask<WriteSampleInput, WrittenSample>({
  name: 'sample.write',
  run: ({ path, now, seed }, context) =>
    writeSample(context.fs, path, {
      now,
      seed,
      throwIfCancelled: () => context.throwIfCancelled(),
      onProgress: (progress) => context.post(progress),
    }),
});

export const sampleTasks = [writeSampleTask] as const;
