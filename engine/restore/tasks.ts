import type { Task } from '../pool/index.ts';
import { commitTask } from './commit-task.ts';
import { contentsTask } from './contents.ts';
import { flushTreeTask } from './flush.ts';
import { goBackTask, removeTreeTask } from './go-back-task.ts';
import { keepJournalTask } from './keep-journal-task.ts';
import { prepareTask } from './prepare-task.ts';
import { extrasTask, surveyTask } from './survey-task.ts';

/** What a restore has pool workers do. */
export const restoreTasks: readonly Task<never, unknown>[] = [
  surveyTask,
  extrasTask,
  contentsTask,
  prepareTask,
  commitTask,
  flushTreeTask,
  goBackTask,
  removeTreeTask,
  keepJournalTask,
];
