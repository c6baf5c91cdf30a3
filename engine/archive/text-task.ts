import { defineTask } from '../pool/index.ts';
import { encodeFrame, sha256 } from './codec.ts';
import { detached } from './group-task.ts';
import type { StoredFrame } from './group-task.ts';

/** One frame of manifest text, compressed inside a pool worker. */

export interface TextInput {
  readonly bytes: Uint8Array;
  readonly format: 'zst' | 'gz';
}

export const textTask = defineTask<TextInput, StoredFrame>({
  name: 'archive.text',
  run({ bytes, format }, context) {
    context.throwIfCancelled();
    const stored = detached(encodeFrame(bytes, format));
    return { stored, plainLength: bytes.length, sha256: sha256(stored) };
  },
  transfer: ({ stored }) => [stored.buffer as ArrayBuffer],
});
