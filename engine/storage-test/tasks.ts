import type { StorageCheck } from '../../shared/contract/index.ts';
import { defineTask } from '../pool/index.ts';
import { testStorage } from './run.ts';
import type { StorageTestRequest } from './run.ts';

/** Posts `StorageTestProgress`. */
export const storageTestTask = defineTask<StorageTestRequest, StorageCheck[]>({
  name: 'storage-test.run',
  run: (request, context) =>
    testStorage(context.fs, request, {
      check: () => context.throwIfCancelled(),
      progress: (progress) => context.post(progress),
    }),
});

export const storageTestTasks = [storageTestTask] as const;
