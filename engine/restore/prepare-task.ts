import { reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { besideStamp } from './beside.ts';
import { measureExtra } from './extras.ts';
import { cannotLink, concernsOnePath } from './faults.ts';
import type { Old, OldBeside } from './journal.ts';
import { lstatOrNothing, nothingThere, stampOf, typeOf } from './live.ts';
import { metadataOf } from './metadata.ts';
import type { Metadata } from './metadata.ts';
import { below, parentOf } from './paths.ts';
import { holdFolder, withRealPath } from './real-path.ts';

/** A change about to be journalled. */
export interface Intent {
  readonly path: string;
  /** What the plan saw at the path. */
  readonly stamp: number;
  readonly kind: 'place' | 'take' | 'meta' | 'folder';
  /** What comes in place of what is there. */
  readonly placed?: 'file' | 'dir' | 'symlink';
  /** What goes aside together with it, as the plan saw it. */
  readonly beside?: readonly { readonly path: string; readonly stamp: number }[];
}

export interface PrepareBatch {
  readonly root: string;
  readonly device: bigint;
  /** The restore's folder for what is replaced. */
  readonly old: string;
  readonly protectedPaths: readonly string[];
  readonly intents: readonly Intent[];
}

/** How it is right now. `gone` with a reason: it is not as the plan saw it, and the change is left out. */
export type Prepared =
  | { readonly gone: string }
  | { readonly old: Old | undefined; readonly now: Now | undefined; readonly beside?: readonly OldBeside[] };

export interface Now {
  readonly inode: string;
  readonly size: number;
  readonly ctimeNs: string;
  readonly metadata: Metadata;
}

export const changedReason = 'It changed while the restore ran, and was left alone.';

/**
 * Looks once more at each path that is about to change, and gives files that will be replaced their second name in the
 * restore's folder, so that later one rename replaces them and there is no moment without the file.
 */
export const prepareTask = defineTask({
  name: 'restore.prepare',
  run(batch: PrepareBatch, context: TaskContext): Prepared[] {
    const { fs } = context;
    const madeFolders = new Set<string>();
    const held = holdFolder(fs, batch.old);
    const old: OldFolder = (path) => {
      makeFolder(fs, below(held.path, parentOf(path)), madeFolders);
      return below(held.path, path);
    };
    try {
      return batch.intents.map((intent) => {
        context.throwIfCancelled();
        try {
          return withRealPath(fs, batch.root, intent.path, (at) => {
            if (at === undefined) return { gone: 'A folder it lies in was replaced.' };
            return prepare(batch, intent, context, at, old);
          });
        } catch (error) {
          if (!concernsOnePath(error)) throw error;
          return { gone: `It ${reasonOf(error)}.` };
        }
      });
    } finally {
      held.close();
    }
  },
});

/** Where a replaced path is kept; the folders it lies in are made. */
type OldFolder = (path: string) => string;

function prepare(batch: PrepareBatch, intent: Intent, context: TaskContext, at: string, old: OldFolder): Prepared {
  if (intent.beside === undefined) return prepareOne(batch, intent, context, at, old);
  const beside: OldBeside[] = [];
  for (const { path, stamp } of intent.beside) {
    const stat = lstatOrNothing(context.fs, at + path.slice(intent.path.length));
    if (stat === undefined || besideStamp(path, stat) !== stamp) return { gone: changedReason };
    old(path);
    beside.push({ path, old: oldOf(stat, 'moved', 1) });
  }
  const prepared = prepareOne(batch, intent, context, at, old);
  return 'gone' in prepared ? prepared : { ...prepared, beside };
}

function prepareOne(batch: PrepareBatch, intent: Intent, context: TaskContext, at: string, old: OldFolder): Prepared {
  const { fs } = context;
  const stat = lstatOrNothing(fs, at);
  if (stat === undefined) {
    return intent.stamp === nothingThere ? { old: undefined, now: undefined } : { gone: changedReason };
  }
  const type = typeOf(stat);
  const moves = intent.kind === 'place' || intent.kind === 'take';
  let entries = 1;
  if (intent.kind === 'folder') {
    if (type !== 'dir') return { gone: changedReason };
  } else if (moves && type === 'dir') {
    const check = (): void => context.throwIfCancelled();
    const rules = { fs, root: batch.root, device: batch.device, protectedPaths: new Set(batch.protectedPaths), check };
    const whole = measureExtra(rules, intent.path).extras.find((extra) => extra.path === intent.path);
    if (whole?.stamp !== intent.stamp) return { gone: changedReason };
    entries = whole.entries;
  } else if (stampOf(stat) !== intent.stamp) return { gone: changedReason };

  if (!moves) return { old: undefined, now: nowOf(stat) };
  const aside = old(intent.path);
  let how: Old['how'] = 'moved';
  if (intent.kind === 'place' && type === 'file' && intent.placed !== 'dir') {
    try {
      fs.link(at, aside);
      how = 'linked';
    } catch (error) {
      // Then it is renamed there when its turn comes.
      if (!cannotLink(error)) throw error;
    }
  }
  return { old: oldOf(stat, how, entries), now: undefined };
}

function oldOf(stat: NonNullable<ReturnType<typeof lstatOrNothing>>, how: Old['how'], entries: number): Old {
  const { inode, size, metadata } = nowOf(stat);
  return { type: typeOf(stat), inode, size, mtimeNs: metadata.mtimeNs, how, entries };
}

function nowOf(stat: NonNullable<ReturnType<typeof lstatOrNothing>>): Now {
  return {
    inode: String(stat.ino),
    size: Number(stat.size),
    ctimeNs: String(stat.ctimeNs),
    metadata: metadataOf(stat),
  };
}

function makeFolder(fs: FileSystem, path: string, made: Set<string>): void {
  if (made.has(path)) return;
  fs.makeDirectory(path, { recursive: true, mode: 0o700 });
  made.add(path);
}
