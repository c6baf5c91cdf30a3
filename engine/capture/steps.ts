import { sqliteStep } from './sqlite.ts';
import type { CaptureStep } from './types.ts';

/** Every kind of live store that is copied through its own program. */
export const captureSteps: readonly CaptureStep[] = [sqliteStep];

/** How much of a file's beginning tells whether it is one. */
export const headBytes = 16;
