import type { ErrorData } from '../../shared/contract/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import type { AgeKeys, AgeRecipients } from './keys.ts';
import { readLayout, withOpen } from './layout.ts';
import { unlock } from './unlock.ts';
import { startAge } from './writer.ts';
import type { AgeStart } from './writer.ts';

/** What takes half a second for a passphrase, inside a pool worker. Inputs and outputs are secret. */

export const startTask: Task<AgeRecipients, AgeStart> = {
  name: 'age.start',
  run: (recipients) => startAge(recipients),
};

export interface UnlockInput {
  readonly path: string;
  readonly keys: AgeKeys;
}

export type UnlockOutput = { readonly fileKey: Uint8Array } | { readonly error: ErrorData };

export const unlockTask: Task<UnlockInput, UnlockOutput> = {
  name: 'age.unlock',
  run({ path, keys }, context) {
    context.throwIfCancelled();
    const { fs } = context;
    try {
      return { fileKey: withOpen(fs, path, (fd) => unlock(readLayout(fs, fd, path), keys, path)) };
    } catch (error) {
      return { error: toLarderError(error, path).toData() };
    }
  },
};

export const ageTasks: readonly Task<never, unknown>[] = [startTask, unlockTask];
