import { defineTask } from '../pool/index.ts';
import { readHeldContent } from './held.ts';

/** Reads which content the backup with this manifest holds, into memory that all threads share. */
export const heldTask = defineTask<{ readonly manifest: string }, SharedArrayBuffer>({
  name: 'archive.held',
  run: ({ manifest }, { fs }) => readHeldContent(fs, manifest).memory,
});
