import { reasonOf } from '../engine/fs/index.ts';

/** A line on the terminal that Larder was started from. What concerns a person is shown in the window instead. */
export function warn(message: string, error?: unknown): void {
  process.stderr.write(`larder: ${message}${error === undefined ? '' : `: ${reasonOf(error)}`}\n`);
}
