import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { decodeEntries } from './entry-codec.ts';
import type { EntryBatch } from './entry-codec.ts';
import { walkTask } from './tasks.ts';
import type { WalkInput, WalkMessage } from './walk.ts';

/** A walk as the tests of this folder ask for it. No part of the product. */

export interface WalkOptions extends Partial<WalkInput> {
  fs?: FileSystem;
  signal?: AbortSignal;
  onMessage?: (message: WalkMessage) => void;
}

export const noRules: WalkInput['rules'] = { exclude: [], areas: {}, crossMounts: false };

export async function walkTree(
  root: string,
  { fs: fileSystem = nodeFs, signal, onMessage, ...input }: WalkOptions = {},
) {
  const batches: EntryBatch[] = [];
  const output = await createInlinePool(fileSystem).run(
    walkTask,
    {
      root,
      destinations: [],
      backupAreas: [],
      layoutRules: [],
      areas: [],
      rules: noRules,
      nowMs: Date.now(),
      entries: true,
      ...input,
    },
    {
      signal,
      onMessage(message) {
        const received = message as WalkMessage;
        onMessage?.(received);
        if (received.batch !== undefined) batches.push(received.batch);
      },
    },
  );
  const entries = [...decodeEntries(batches)];
  return { ...output, entries, paths: entries.map((entry) => entry.path) };
}
