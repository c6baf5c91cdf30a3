import type { MoveLeaves, SetupPart, SetupStep, StoreLayout } from '../../shared/contract/index.ts';
import type { Action } from './actions.ts';
import type { FoundMove } from './found-moves.ts';
import type { Owner } from './wanted.ts';

/** Who would do it; undefined where files have no owners and modes (Windows). */
export interface Actor extends Owner {
  readonly groups: readonly number[];
}

export interface SurveyRequest {
  /** Real path of the root; its last folders may be missing. */
  readonly root: string;
  readonly layout: StoreLayout;
  readonly layoutId: string;
  readonly title: string;
  readonly parts: readonly SetupPart[];
  /** Instead of the layout's, as `UID:GID`. */
  readonly owner: string | undefined;
  readonly actor: Actor | undefined;
  readonly code: string;
  readonly move: 'all' | readonly string[];
  readonly leave: MoveLeaves;
  readonly day: string;
}

export interface PlannedStep {
  readonly shown: SetupStep;
  /** Absent when there is nothing to do, or nothing that can be done. */
  readonly action?: Action;
  /** It changes something of the person's that is there. */
  readonly changes?: boolean;
}

export interface Survey {
  readonly steps: readonly PlannedStep[];
  readonly moves: readonly FoundMove[];
  /** Bytes that moves write, and what is free where they go. */
  readonly bytesToCopy: number;
  readonly free: number;
  readonly notes: readonly string[];
  readonly fingerprint: string;
}
