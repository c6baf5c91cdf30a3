import { defineTask } from '../pool/index.ts';
import { readHeldContent } from './held.ts';

/** Checks a backup's manifest and reads which content it holds, into memory that all threads share. */
export const heldTask = defineTask<{ readonly manifest: string }, { memory: SharedArrayBuffer; digest: string }>({
  name: 'archive.held',
  run({ manifest }, { fs }) {
    const { content, digest } = readHeldContent(fs, manifest);
    return { memory: content.memory, digest };
  },
});
