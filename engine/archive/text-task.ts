import { defineTask } from '../pool/index.ts';
import { makeFrame } from './codec.ts';
import type { StoredFrame } from './codec.ts';

/** One frame of manifest text, compressed inside a pool worker. */

export interface TextInput {
  readonly bytes: Uint8Array;
  readonly format: 'zst' | 'gz';
}

export const textTask = defineTask<TextInput, StoredFrame>({
  name: 'archive.text',
  run({ bytes, format }, context) {
    context.throwIfCancelled();
    return makeFrame(bytes, format);
  },
  transfer: ({ stored }) => [stored.buffer as ArrayBuffer],
});
