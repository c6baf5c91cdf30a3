import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { LarderError } from '../../shared/contract/index.ts';
import type { ErrorData } from '../../shared/contract/index.ts';
import type { Pool, RunOptions, Task } from './task.ts';

/** From the pool to a worker. `cancel` is one shared Int32, non-zero once the caller gave up. */
export interface TaskRequest {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
  readonly cancel: SharedArrayBuffer;
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
  current: Pending | undefined;
}

/**
 * A pool of worker threads running `workerUrl`. Workers start when first needed and are kept. A worker that dies fails
 * only the task it ran; a new one takes its place.
 */
export function createThreadPool(workerUrl: URL, size = Math.max(2, availableParallelism())): Pool {
  const slots: Slot[] = Array.from({ length: size }, () => ({ worker: undefined, current: undefined }));
  const waiting: Pending[] = [];
  let nextId = 1;
  let closed = false;

  function settle(slot: Slot, act: (pending: Pending) => void): void {
    const pending = slot.current;
    slot.current = undefined;
    slot.worker?.unref();
    if (pending !== undefined) {
      pending.detach();
      act(pending);
    }
    next();
  }

  function start(slot: Slot): Worker {
    const worker = new Worker(workerUrl);
    worker.unref();
    slot.worker = worker;
    worker.on('message', (reply: TaskReply) => {
      if (slot.current?.request.id !== reply.id) return;
      if (reply.t === 'message') slot.current.options.onMessage?.(reply.message);
      else if (reply.t === 'done') settle(slot, (pending) => pending.resolve(reply.output));
      else settle(slot, (pending) => pending.reject(LarderError.fromData(reply.error)));
    });
    const died = (reason: string): void => {
      if (slot.worker !== worker) return;
      slot.worker = undefined;
      settle(slot, (pending) => {
        pending.reject(
          new LarderError('INTERNAL', `A worker stopped while running ${pending.request.name}: ${reason}`),
        );
      });
    };
    worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => died(`exit code ${code}`));
    return worker;
  }

  function next(): void {
    if (closed) return;
    for (const slot of slots) {
      if (slot.current !== undefined) continue;
      const pending = waiting.shift();
      if (pending === undefined) return;
      slot.current = pending;
      const worker = slot.worker ?? start(slot);
      worker.ref();
      try {
        worker.postMessage(pending.request, pending.options.transfer as ArrayBuffer[] | undefined);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        settle(slot, () => pending.reject(new LarderError('INTERNAL', message, { cause: error })));
      }
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
          request: { id: nextId++, name: task.name, input, cancel },
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
          if (worker === undefined) return;
          if (slot.current !== undefined) Atomics.store(new Int32Array(slot.current.request.cancel), 0, 1);
          await worker.terminate();
        }),
      );
    },
  };
}
