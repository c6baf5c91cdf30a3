import type { Task } from '../pool/index.ts';
import { checkTask, embeddedTask, stretchTask } from './check-task.ts';
import { groupTask } from './group-task.ts';
import { heldTask } from './held-task.ts';
import { pieceTask } from './piece-task.ts';
import { rebuildTask } from './rebuild.ts';
import { textTask } from './text-task.ts';

/** What this capability runs in pool workers. */
export const archiveTasks: readonly Task<never, unknown>[] = [
  groupTask,
  pieceTask,
  heldTask,
  textTask,
  checkTask,
  stretchTask,
  embeddedTask,
  rebuildTask,
];
