import { defineTask } from '../pool/index.ts';
import { Walk } from './walk.ts';
import type { WalkInput, WalkOutput } from './walk.ts';

/** Lists a store's tree in path order; posts `WalkMessage`s on the way. */
export const walkTask = defineTask<WalkInput, WalkOutput>({
  name: 'backup.walk',
  run: (input, context) => new Walk(input, context).run(),
});

export const backupTasks = [walkTask] as const;
