import { copyManifest, openBackup } from '../archive/index.ts';
import type { CopyManifest } from '../archive/index.ts';
import { createInlinePool, defineTask } from '../pool/index.ts';
import { compareEntries } from './compare.ts';
import type { CompareInput } from './compare.ts';
import type { DiffOutput } from './diff-entries.ts';
import { diffBackups, hashFiles } from './diff-task.ts';
import type { DiffInput, HashInput } from './diff-task.ts';
import { buildIndex } from './entry-index.ts';
import type { IndexData } from './entry-index.ts';
import { findIdle } from './idle-files.ts';
import type { IdleFile, IdleInput } from './idle-files.ts';
import { readParts } from './preview.ts';
import type { PreviewPart } from './preview.ts';
import { readSummaries } from './summary.ts';
import type { SummaryResult } from './summary.ts';
import { Walk } from './walk.ts';
import type { WalkInput, WalkOutput } from './walk.ts';

/** Lists a store's tree in path order; posts `WalkMessage`s on the way. */
export const walkTask = defineTask<WalkInput, WalkOutput>({
  name: 'backup.walk',
  run: (input, context) => new Walk(input, context).run(),
});

/** Which live files are as an older backup found them. */
export const idleTask = defineTask<IdleInput, IdleFile[]>({ name: 'backup.idle', run: findIdle });

/** Reads what a list needs of manifests. */
export const summariesTask = defineTask<readonly string[], SummaryResult[]>({
  name: 'backup.summaries',
  run: readSummaries,
});

/** Writes a manifest to another place, in the clear and without keys. */
export const copyManifestTask = defineTask<Omit<CopyManifest, 'fs' | 'pool'>, undefined>({
  name: 'backup.copy-manifest',
  async run(input, context) {
    await copyManifest({ ...input, fs: context.fs, pool: createInlinePool(context.fs, 1) });
    return undefined;
  },
});

/** Opens a backup and lays out its entries for browsing. */
export const indexTask = defineTask<string, IndexData>({
  name: 'backup.index',
  run: (manifest, context) => buildIndex(openBackup(context.fs, manifest), () => context.throwIfCancelled()),
});

/** Compares entries of a backup with the live store; a code of `liveStates` for each. */
export const compareTask = defineTask<CompareInput, Uint8Array>({ name: 'backup.compare', run: compareEntries });

/** Compares the entries of two backups, or of one and the live store. */
export const diffTask = defineTask<DiffInput, DiffOutput>({
  name: 'backup.diff',
  run: diffBackups,
  transfer: ({ data: { codes, before, after, paths, ends } }) => [
    codes.buffer,
    before.buffer,
    after.buffer,
    paths.buffer,
    ends.buffer,
  ],
});

/** SHA-256 of live files; null for what cannot be read. */
export const hashTask = defineTask<HashInput, (string | null)[]>({ name: 'backup.hash', run: hashFiles });

/** Reads stretches of a file out of archives. */
export const previewTask = defineTask<readonly PreviewPart[], Uint8Array<ArrayBuffer>>({
  name: 'backup.preview',
  run: readParts,
  transfer: (content) => [content.buffer],
});

export const backupTasks = [
  walkTask,
  idleTask,
  summariesTask,
  indexTask,
  compareTask,
  diffTask,
  hashTask,
  previewTask,
  copyManifestTask,
] as const;
