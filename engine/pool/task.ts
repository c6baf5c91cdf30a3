import type { FileKeys } from '../age/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** What a task sees while it runs inside a pool worker. */
export interface TaskContext {
  readonly fs: FileSystem;
  /** Whether the caller gave up. Long loops ask this often; the check is one memory read. */
  cancelled(): boolean;
  /** Throws `LarderError` `CANCELLED` when the caller gave up. */
  throwIfCancelled(): void;
  /** Sends something to the caller's `onMessage` while the task still runs. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
}

/**
 * Synchronous (or short asynchronous) work that a pool worker does. Input and output are structured clones. A task is
 * named so that it can be found again on the other side: every task is listed in `engine/pool/tasks.ts`.
 */
export interface Task<I, O> {
  readonly name: string;
  run(input: I, context: TaskContext): O | Promise<O>;
  /** Which buffers of the output to move. */
  transfer?(output: O): readonly ArrayBuffer[];
}

export function defineTask<I, O>(task: Task<I, O>): Task<I, O> {
  return task;
}

export interface RunOptions {
  signal?: AbortSignal | undefined;
  onMessage?: ((message: unknown) => void) | undefined;
  /** Buffers of the input that move. */
  transfer?: readonly ArrayBuffer[] | undefined;
  /** Encrypted files that the task reads as their plain bytes, see `decrypting`. */
  keys?: FileKeys | undefined;
}

/** Runs tasks off the calling thread. */
export interface Pool {
  /** Number of tasks that run at the same time. */
  readonly size: number;
  /** Runs a task when a worker is free, first come first served. Rejects with what the task threw, as a `LarderError`. */
  run<I, O>(task: Task<I, O>, input: I, options?: RunOptions): Promise<O>;
  close(): Promise<void>;
}
