import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FileKeys } from '../age/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { ErrorData } from '../../shared/contract/index.ts';
import type { Pool, RunOptions, Task } from './task.ts';

/** From the pool to a worker. `cancel` is one shared Int32, non-zero once the caller gave up. */
export interface TaskRequest {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
  readonly cancel: SharedArrayBuffer;
  readonly keys: FileKeys | undefined;
}

/** From a worker to the pool. */
export type TaskReply =
  | { readonly t: 'done'; readonly id: number; readonly output: unknown }
  | { readonly t: 'failed'; readonly id: number; readonly error: ErrorData }
  | { readonly t: 'message'; readonly id: number; readonly message: unknown };

interface Pending {
  readonly request: TaskRequest;
  readonly options: RunOptions;
  resolve(output: unknown): void;
  reject(error: LarderError): void;
  detach(): void;
}

interface Slot {
  worker: Worker | undefined;
  /** Runs while its worker has nothing to do. */
  rest: NodeJS.Timeout | undefined;
  /** What its worker was given and has not answered, oldest first. */
  readonly given: Pending[];
}

/**
 * Tasks a worker is given ahead. One in reserve keeps it busy while its answer is taken; it is only given to a worker
 * that runs a task of the same name, so that a short task never waits behind a long one.
 */
const maxGiven = 2;

/** A worker without work for this long is ended: each holds about 30 MB, and starting one takes some 50 ms. */
const longestRestMs = 60_000;

/**
 * Room for what is new in a worker's heap, MiB. V8's own limit lets tens of megabytes of short-lived text pile up in each
 * thread before it looks; a third of that costs no time that could be measured.
 */
const maxYoungGenerationSizeMb = 16;

/**
 * A pool of worker threads running `workerUrl`. Workers start when needed and end after `restMs` without work. A worker
 * that dies fails only the task it ran; a new one takes its place.
 */
export function createThreadPool(
  workerUrl: URL,
  size = Math.max(2, availableParallelism()),
  restMs = longestRestMs,
): Pool {
  const slots: Slot[] = Array.from({ length: size }, () => ({ worker: undefined, rest: undefined, given: [] }));
  const waiting: Pending[] = [];
  let nextId = 1;
  let closed = false;

  function settle(slot: Slot, id: number, act: (pending: Pending) => void): void {
    const index = slot.given.findIndex((pending) => pending.request.id === id);
    const [pending] = index < 0 ? [] : slot.given.splice(index, 1);
    if (slot.given.length === 0) rest(slot);
    if (pending !== undefined) {
      pending.detach();
      act(pending);
    }
    next();
  }

  function rest(slot: Slot): void {
    const { worker } = slot;
    if (worker === undefined) return;
    worker.unref();
    clearTimeout(slot.rest);
    slot.rest = setTimeout(() => {
      slot.worker = undefined;
      void worker.terminate();
    }, restMs);
    slot.rest.unref();
  }

  function start(slot: Slot): Worker {
    const worker = new Worker(workerUrl, { resourceLimits: { maxYoungGenerationSizeMb } });
    worker.unref();
    slot.worker = worker;
    worker.on('message', (reply: TaskReply) => {
      if (reply.t === 'message') {
        slot.given.find((pending) => pending.request.id === reply.id)?.options.onMessage?.(reply.message);
      } else if (reply.t === 'done') settle(slot, reply.id, (pending) => pending.resolve(reply.output));
      else settle(slot, reply.id, (pending) => pending.reject(LarderError.fromData(reply.error)));
    });
    const died = (reason: string): void => {
      if (slot.worker !== worker) return;
      slot.worker = undefined;
      clearTimeout(slot.rest);
      const [running, ...untouched] = slot.given.splice(0);
      // What it had not begun is done by another.
      waiting.unshift(...untouched);
      if (running !== undefined) {
        running.detach();
        running.reject(
          new LarderError('INTERNAL', `A worker stopped while running ${running.request.name}: ${reason}`),
        );
      }
      next();
    };
    worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => died(`exit code ${code}`));
    return worker;
  }

  /** The slot to give a task to: an idle one, else one that runs the same kind of task and has room. */
  function slotFor(name: string): Slot | undefined {
    return (
      slots.find((slot) => slot.given.length === 0) ??
      slots.find((slot) => slot.given.length < maxGiven && slot.given.every((pending) => pending.request.name === name))
    );
  }

  function give(slot: Slot, pending: Pending): void {
    clearTimeout(slot.rest);
    slot.given.push(pending);
    const worker = slot.worker ?? start(slot);
    worker.ref();
    try {
      // One that waited behind a worker's death and had its buffers moved there fails here, as the one that ran did.
      worker.postMessage(pending.request, pending.options.transfer as ArrayBuffer[] | undefined);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      settle(slot, pending.request.id, () => pending.reject(new LarderError('INTERNAL', message, { cause: error })));
    }
  }

  function next(): void {
    while (!closed) {
      const [first] = waiting;
      if (first === undefined) return;
      const slot = slotFor(first.request.name);
      if (slot === undefined) return;
      waiting.shift();
      give(slot, first);
    }
  }

  return {
    size,
    run<I, O>(task: Task<I, O>, input: I, options: RunOptions = {}): Promise<O> {
      return new Promise<O>((resolve, reject) => {
        if (closed) return reject(new LarderError('INTERNAL', 'The worker pool is closed.'));
        if (options.signal?.aborted) return reject(new LarderError('CANCELLED', 'Cancelled.'));
        const cancel = new SharedArrayBuffer(4);
        const onAbort = (): void => {
          Atomics.store(new Int32Array(cancel), 0, 1);
          const index = waiting.indexOf(pending);
          if (index >= 0) {
            waiting.splice(index, 1);
            pending.detach();
            reject(new LarderError('CANCELLED', 'Cancelled.'));
          }
        };
        const pending: Pending = {
          request: { id: nextId++, name: task.name, input, cancel, keys: options.keys },
          options,
          resolve: resolve,
          reject,
          detach: () => options.signal?.removeEventListener('abort', onAbort),
        };
        options.signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(pending);
        next();
      });
    },
    async close() {
      closed = true;
      for (const pending of waiting.splice(0)) {
        pending.detach();
        pending.reject(new LarderError('CANCELLED', 'Larder is stopping.'));
      }
      await Promise.all(
        slots.map(async (slot) => {
          const { worker } = slot;
          clearTimeout(slot.rest);
          if (worker === undefined) return;
          for (const pending of slot.given) Atomics.store(new Int32Array(pending.request.cancel), 0, 1);
          await worker.terminate();
        }),
      );
    },
  };
}
