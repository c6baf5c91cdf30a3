import type { Skipped } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import type { Pool } from '../pool/index.ts';
import type { Extra } from './extras.ts';
import type { Counts, FolderLine, JournalLine, MetaLine, PlaceLine, TakeLine } from './journal.ts';
import { nothingThere } from './live.ts';
import { below, parentOf } from './paths.ts';
import { prepareTask } from './prepare-task.ts';
import type { Intent, Prepared } from './prepare-task.ts';
import type { Staged, StagedMeta, StagedTop } from './stage.ts';
import { batches, inOrder } from './survey.ts';

export interface OperationsInput {
  readonly pool: Pool;
  readonly target: string;
  readonly device: bigint;
  readonly old: string;
  readonly protectedPaths: readonly string[];
  readonly staged: Staged;
  readonly extras: readonly Extra[];
  /** What goes aside with a file that is put in place, by that file's path. */
  readonly beside: ReadonlyMap<string, readonly Extra[]>;
  readonly signal: AbortSignal;
}

export interface Operations {
  /** For the journal. */
  readonly lines: readonly JournalLine[];
  /** Paths that moved since the plan, and are left out. */
  readonly skipped: readonly Skipped[];
  /** Whether anything is replaced or taken away. */
  readonly replaced: boolean;
  /** Absolute paths of the folders in which something changes. */
  readonly foldersTouched: ReadonlySet<string>;
  /** What was done, given the paths that were left out while it was. */
  counts(leftOut: ReadonlySet<string>, rootMade: 0 | 1): Counts;
}

const batchIntents = 512;

type Wanted =
  | { readonly kind: 'place'; readonly top: StagedTop }
  | { readonly kind: 'take'; readonly extra: Extra }
  | { readonly kind: 'meta'; readonly meta: StagedMeta };

/** Looks at every path about to change and turns what was staged into the lines of the journal. */
export async function openOperations(input: OperationsInput): Promise<Operations> {
  const { staged } = input;
  const skipped: Skipped[] = [];
  const lines: (PlaceLine | TakeLine | MetaLine)[] = [];
  const done: { wanted: Wanted; line: PlaceLine | TakeLine | MetaLine }[] = [];
  const wanted: Wanted[] = [
    ...staged.tops.map((top): Wanted => ({ kind: 'place', top })),
    ...input.extras.map((extra): Wanted => ({ kind: 'take', extra })),
    ...staged.metas.map((meta): Wanted => ({ kind: 'meta', meta })),
  ];
  const intentOf = (one: Wanted): Intent => toIntent(one, input.beside);
  await prepareAll(input, wanted, intentOf, (one, prepared) => {
    const path = pathOf(one);
    if ('gone' in prepared) {
      skipped.push({ path, reason: prepared.gone });
      return;
    }
    const line = toLine(one, prepared);
    if (line === undefined) {
      skipped.push({ path, reason: 'It is gone.' });
      return;
    }
    lines.push(line);
    done.push({ wanted: one, line });
  });

  const parents = new Set(lines.map((line) => parentOf(line.path)));
  const counted = [...staged.folders].filter(([path, folder]) => folder.counted || path === '');
  const folderPaths = [...new Set([...parents, ...counted.map(([path]) => path)])].sort(comparePaths);
  const folders: FolderLine[] = [];
  await prepareAll(
    input,
    folderPaths,
    (path) => ({ path, stamp: nothingThere, kind: 'folder' }),
    (path, prepared) => {
      if ('gone' in prepared || prepared.now === undefined) {
        skipped.push({ path, reason: 'gone' in prepared ? prepared.gone : 'It is gone.' });
        return;
      }
      const { inode, metadata } = prepared.now;
      const wish = staged.folders.get(path);
      folders.push({
        t: 'folder',
        path,
        inode,
        before: metadata,
        ...(wish === undefined ? {} : { after: wish.after }),
        counted: wish?.counted ?? false,
      });
    },
  );

  return {
    lines: [...lines, ...folders],
    skipped,
    replaced: lines.some((line) => line.t === 'take' || (line.t === 'place' && leavesOld(line))),
    foldersTouched: new Set(folders.map((line) => below(input.target, line.path))),
    counts: (leftOut, rootMade) => countDone(done, folders, leftOut, rootMade),
  };
}

async function prepareAll<T>(
  input: OperationsInput,
  all: readonly T[],
  intentOf: (one: T) => Intent,
  take: (one: T, prepared: Prepared) => void,
): Promise<void> {
  const { pool, target: root, device, old, protectedPaths, signal } = input;
  await inOrder(
    batches(all, batchIntents),
    pool.size + 1,
    (batch) => {
      const intents = batch.map(intentOf);
      return pool.run(prepareTask, { root, device, old, protectedPaths, intents }, { signal });
    },
    (batch, replies) => {
      batch.forEach((one, at) => {
        const prepared = replies[at];
        if (prepared !== undefined) take(one, prepared);
      });
    },
  );
}

function pathOf(wanted: Wanted): string {
  switch (wanted.kind) {
    case 'place':
      return wanted.top.path;
    case 'take':
      return wanted.extra.path;
    case 'meta':
      return wanted.meta.path;
  }
}

/** Whether what a change replaces lies in the restore's folder afterwards. */
export function leavesOld(line: PlaceLine): boolean {
  return line.old !== undefined || line.beside !== undefined;
}

function toIntent(wanted: Wanted, besides: OperationsInput['beside']): Intent {
  switch (wanted.kind) {
    case 'place': {
      const { path, stamp, type } = wanted.top;
      const beside = besides.get(path);
      return { kind: 'place', path, stamp, placed: type, ...(beside === undefined ? {} : { beside }) };
    }
    case 'take':
      return { kind: 'take', path: wanted.extra.path, stamp: wanted.extra.stamp };
    case 'meta':
      return { kind: 'meta', path: wanted.meta.path, stamp: wanted.meta.stamp };
  }
}

function toLine(
  wanted: Wanted,
  { old, now, beside }: Exclude<Prepared, { gone: string }>,
): PlaceLine | TakeLine | MetaLine | undefined {
  switch (wanted.kind) {
    case 'place': {
      const { path, stage, type, inode, size, after } = wanted.top;
      const line: PlaceLine = { t: 'place', path, stage, type, inode, size, after };
      return { ...line, ...(old === undefined ? {} : { old }), ...(beside === undefined ? {} : { beside }) };
    }
    case 'take':
      return old === undefined ? undefined : { t: 'take', path: wanted.extra.path, old };
    case 'meta': {
      if (now === undefined) return undefined;
      const { inode, size, ctimeNs, metadata } = now;
      return { t: 'meta', path: wanted.meta.path, inode, size, ctimeNs, before: metadata, after: wanted.meta.after };
    }
  }
}

function countDone(
  done: readonly { wanted: Wanted; line: PlaceLine | TakeLine | MetaLine }[],
  folders: readonly FolderLine[],
  leftOut: ReadonlySet<string>,
  rootMade: 0 | 1,
): Counts {
  const counts = { created: rootMade as number, overwritten: 0, metadata: 0, deleted: 0, bytes: 0 };
  for (const { wanted, line } of done) {
    if (leftOut.has(line.path)) continue;
    switch (wanted.kind) {
      case 'place': {
        const { inside, bytes, overwrites } = wanted.top;
        counts.created += inside + (overwrites ? 0 : 1);
        counts.overwritten += overwrites ? 1 : 0;
        counts.bytes += bytes;
        if (line.t === 'place') counts.deleted += (line.old?.entries ?? 1) - 1 + (line.beside?.length ?? 0);
        break;
      }
      case 'take':
        counts.deleted += wanted.extra.entries;
        break;
      case 'meta':
        counts.metadata += 1;
        break;
    }
  }
  for (const folder of folders) if (folder.counted && !leftOut.has(folder.path)) counts.metadata += 1;
  return counts;
}
