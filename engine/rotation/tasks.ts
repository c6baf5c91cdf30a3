import { copyFrames, moveFrames } from '../archive/index.ts';
import type { CopiedFrames, CopyFrames, MoveFrames } from '../archive/index.ts';
import { createInlinePool, defineTask } from '../pool/index.ts';
import { readGround } from './ground.ts';
import type { Ground } from './ground.ts';
import { findTwin, readUsages } from './usage.ts';
import type { Twin, TwinInput, UsageInput, UsageResult } from './usage.ts';

/** Reads what a destination holds. */
export const groundTask = defineTask<string, Ground>({
  name: 'rotation.ground',
  run: (directory, context) => readGround(context.fs, directory, () => context.throwIfCancelled()),
});

/** Reads which frames of archives are needed. */
export const usageTask = defineTask<UsageInput, UsageResult[]>({
  name: 'rotation.usage',
  run: (input, context) => readUsages(context.fs, input, () => context.throwIfCancelled()),
});

/** Looks for a copy of frames that is there already. */
export const twinTask = defineTask<TwinInput, Twin | undefined>({
  name: 'rotation.twin',
  run: (input, context) => findTwin(context.fs, input, () => context.throwIfCancelled()),
});

export type CopyInput = Omit<CopyFrames, 'fs' | 'pool' | 'throwIfCancelled' | 'onCopied'>;

/** Copies frames into a new archive; posts the stored bytes of each. */
export const copyTask = defineTask<CopyInput, CopiedFrames>({
  name: 'rotation.copy',
  run: (input, context) =>
    copyFrames({
      ...input,
      fs: context.fs,
      pool: createInlinePool(context.fs, 1),
      throwIfCancelled: () => context.throwIfCancelled(),
      onCopied: (bytes) => context.post(bytes),
    }),
});

/** Writes a manifest anew whose frames moved. */
export const moveTask = defineTask<Omit<MoveFrames, 'fs' | 'pool'>, undefined>({
  name: 'rotation.move',
  async run(input, context) {
    await moveFrames({ ...input, fs: context.fs, pool: createInlinePool(context.fs, 1) });
    return undefined;
  },
});

export const rotationTasks = [groundTask, usageTask, twinTask, copyTask, moveTask] as const;
