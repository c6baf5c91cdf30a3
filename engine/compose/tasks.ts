import { defineTask } from '../pool/index.ts';
import { runFix } from './fix.ts';
import type { FixRequest } from './fix.ts';
import { runCheck, runSource } from './run.ts';
import type { CheckRequest, SourceRequest } from './run.ts';
import { applyChanges, undoChanges } from './write.ts';
import type { Change } from './write.ts';

export const checkTask = defineTask({
  name: 'compose.check',
  run: (request: CheckRequest, { fs }) => runCheck(fs, request),
});

export const sourceTask = defineTask({
  name: 'compose.source',
  run: (request: SourceRequest, { fs }) => runSource(fs, request),
});

export const fixTask = defineTask({
  name: 'compose.fix',
  run: (request: FixRequest, { fs }) => runFix(fs, request),
});

export const applyTask = defineTask({
  name: 'compose.apply',
  run: ({ changes, folder }: { changes: readonly Change[]; folder: string }, { fs }) =>
    applyChanges(fs, changes, folder),
});

export const undoTask = defineTask({
  name: 'compose.undo',
  run: ({ folder }: { folder: string }, { fs }) => undoChanges(fs, folder),
});

export const composeTasks = [checkTask, sourceTask, fixTask, applyTask, undoTask];
