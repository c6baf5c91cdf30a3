import { toLarderError } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { Action } from './actions.ts';
import { moveIn, settleMove, undoMove } from './move.ts';
import type { Moved, MoveRequest, Settled, UndoneMove } from './move.ts';
import type { MoveJournal } from './move-journal.ts';
import { doStep, undoStep } from './step.ts';
import type { Undone } from './step.ts';
import { survey } from './survey.ts';
import type { Survey, SurveyRequest } from './survey-types.ts';

export const surveyTask = defineTask<SurveyRequest, Survey>({
  name: 'setup.survey',
  run: (request, { fs, throwIfCancelled }) => survey(fs, request, throwIfCancelled),
});

export interface StepRequest {
  readonly root: string;
  readonly action: Exclude<Action, { t: 'move' }>;
}

export const stepTask = defineTask({
  name: 'setup.step',
  run({ root, action }: StepRequest, { fs }): void {
    try {
      doStep(fs, root, action);
    } catch (error) {
      throw toLarderError(error, action.path);
    }
  },
});

export const undoStepTask = defineTask<StepRequest, Undone>({
  name: 'setup.undoStep',
  run({ root, action }, { fs }) {
    try {
      return undoStep(fs, root, action);
    } catch (error) {
      throw toLarderError(error, action.path);
    }
  },
});

/** What a move posts: how far it is, or that it can no longer be cancelled. */
export type MoveMessage =
  | {
      readonly t: 'progress';
      readonly phase: string;
      readonly files: number;
      readonly bytes: number;
      readonly current: string;
    }
  | { readonly t: 'switching' };

export const moveTask = defineTask<MoveRequest, Moved>({
  name: 'setup.move',
  run: (request, { fs, throwIfCancelled, post }) =>
    moveIn(request, {
      fs,
      check: throwIfCancelled,
      progress: (progress) => post({ t: 'progress', ...progress } satisfies MoveMessage),
      switching: () => post({ t: 'switching' } satisfies MoveMessage),
    }),
});

export interface JournalRequest {
  readonly home: string;
  readonly journal: MoveJournal;
}

export const undoMoveTask = defineTask<JournalRequest, UndoneMove>({
  name: 'setup.undoMove',
  run: ({ home, journal }, { fs }) => undoMove(fs, home, journal),
});

export const settleMoveTask = defineTask<JournalRequest, Settled>({
  name: 'setup.settleMove',
  run: ({ home, journal }, { fs }) => settleMove(fs, home, journal),
});

export const setupTasks = [surveyTask, stepTask, undoStepTask, moveTask, undoMoveTask, settleMoveTask] as const;
