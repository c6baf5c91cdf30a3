import { writeFileDurable } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { stretchesOf } from './journal.ts';

/** Copies a journal, durably: Larder's home may lie on another file system than the target. */
export const keepJournalTask = defineTask({
  name: 'restore.keep-journal',
  run({ from, to }: { readonly from: string; readonly to: string }, { fs }: TaskContext): void {
    writeFileDurable(fs, to, stretchesOf(fs, from));
  },
});
