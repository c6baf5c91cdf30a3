export { FixDialog } from './fix-dialog.tsx';
export { HealthRunsProvider, useHealthRuns, type HealthRun } from './health-runs.tsx';
export {
  attention,
  attentionWords,
  byUrgency,
  checkKey,
  groupNames,
  isOpen,
  placeWords,
  restWords,
} from './health-words.ts';
export { NextStep } from './next-step.tsx';
export { ScoreRing } from './score-ring.tsx';
export { StatusMark } from './status-mark.tsx';
export { useAllHealth, useHealth } from './use-health.ts';
