export { capture } from './capture.ts';
export type { CaptureOptions } from './capture.ts';
export { canBeDatabase, journalsOf } from './journals.ts';
export type { JournalFile } from './journals.ts';
export { captureSteps, headBytes } from './steps.ts';
export type { Candidate, Captured, CaptureOutcome, CaptureResult, CaptureStep, LiveState } from './types.ts';
