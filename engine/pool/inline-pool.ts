import { LarderError } from '../../shared/contract/index.ts';
import { decrypting } from '../age/index.ts';
import { nodeFs, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from './task.ts';

/** A pool that runs tasks on the calling thread, so that tests can put a faulty file system under them. */
export function createInlinePool(fs: FileSystem = nodeFs, size = 2): Pool {
  return {
    size,
    async run(task, input, options = {}) {
      // Yield once: callers may rely on a task never running before `run` has returned.
      await Promise.resolve();
      const cancelled = (): boolean => options.signal?.aborted ?? false;
      const throwIfCancelled = (): void => {
        if (cancelled()) throw new LarderError('CANCELLED', 'Cancelled.');
      };
      throwIfCancelled();
      try {
        return await task.run(structuredClone(input), {
          fs: decrypting(fs, options.keys),
          cancelled,
          throwIfCancelled,
          post: (message) => options.onMessage?.(structuredClone(message)),
        });
      } catch (error) {
        throw toLarderError(error);
      }
    },
    async close() {
      // Nothing is held.
    },
  };
}
