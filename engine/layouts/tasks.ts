import { toLarderError } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import { lookInto } from './look.ts';
import type { Listing } from './look.ts';

/** A bounded look at a folder, where a disk that does not answer holds nobody up. */
export const lookIntoTask: Task<string, Omit<Listing, 'name'>> = {
  name: 'layouts.look',
  run(root, context) {
    try {
      return lookInto(context.fs, root, () => context.throwIfCancelled());
    } catch (error) {
      throw toLarderError(error, root);
    }
  },
};

/** What this capability runs in pool workers. */
export const layoutsTasks: readonly Task<never, unknown>[] = [lookIntoTask];
