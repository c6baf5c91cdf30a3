import { LarderError } from '../../shared/contract/index.ts';
import { defineTask } from '../pool/index.ts';
import { captureSteps } from './steps.ts';
import type { CaptureResult } from './types.ts';

export interface CaptureInput {
  readonly step: string;
  /** Absolute. */
  readonly path: string;
  readonly into: string;
}

/** Copies one file of a live store through its own program. */
export const captureTask = defineTask<CaptureInput, CaptureResult>({
  name: 'capture.one',
  run({ step, path, into }, context) {
    const found = captureSteps.find(({ name }) => name === step);
    if (found === undefined) throw new LarderError('INTERNAL', `Nothing captures ${step}.`);
    return found.capture(path, into, context);
  },
});

export const captureTasks = [captureTask] as const;
