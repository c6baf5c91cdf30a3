import { LarderError } from '../../shared/contract/index.ts';

/** Work in steps: each `yield` is a moment at which others may have the thread. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** How long the engine thread may be held at a time, ms: other calls and events wait no longer than this. */
const sliceMs = 8;

/** Runs steps to their end, giving the thread away every few milliseconds. Rejects with `CANCELLED` when `signal` aborts. */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (signal?.aborted === true) throw new LarderError('CANCELLED', 'Cancelled.');
    const until = performance.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs steps to their end at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Entries or directories looked at between two steps: well under a millisecond. */
export const entriesAStep = 2_000;
