import { LarderError } from '../../shared/contract/index.ts';
import type { BackupPlan, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { inferAreas, inferRole } from '../stores/index.ts';
import type { EntryBatch } from './entry-codec.ts';
import { walkTask } from './tasks.ts';
import type { DirectoryIdentity, WalkMessage, WalkOutput } from './walk.ts';
import { copyBytes } from './with-copies.ts';

/** What a store holds right now, as far as a backup goes. */
export interface Survey extends WalkOutput {
  /** Empty when only figures were wanted. */
  readonly batches: readonly EntryBatch[];
}

export interface SurveyOptions {
  /** Folders backups are written to; those that exist are left out. */
  readonly destinations: readonly string[];
  readonly entries: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Pick<WalkMessage, 'files' | 'bytes' | 'current'>) => void;
}

/** Walks a store in a pool worker. Throws `NOT_FOUND` or `PERMISSION` when its root cannot be read. */
export async function surveyStore(context: EngineContext, store: Store, options: SurveyOptions): Promise<Survey> {
  const batches: EntryBatch[] = [];
  const input = {
    root: store.path,
    destinations: options.destinations.flatMap((path) => identityOf(context, path) ?? []),
    secrets: identityOf(context, context.secrets.folder),
    backupAreas: backupAreas(context, store),
    rules: store.rules,
    nowMs: context.clock(),
    entries: options.entries,
  };
  const output = await context.pool.run(walkTask, input, {
    signal: options.signal,
    onMessage(message) {
      const { batch, ...progress } = message as WalkMessage;
      if (batch !== undefined) batches.push(batch);
      options.onProgress?.(progress);
    },
  });
  return { ...output, needed: output.needed + copyBytes(output.live), batches };
}

/** Throws unless the store's root is a folder that can be listed. */
export function backupAreas(context: EngineContext, store: Store): string[] {
  try {
    const folders = context.fs.readDirectory(store.path).filter((entry) => entry.kind === 'dir');
    return inferAreas(folders.map((entry) => entry.name))
      .filter((area) => area.role === 'backup')
      .map((area) => area.path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      throw new LarderError('NOT_FOUND', `The folder of ${store.name}, ${displayName(store.path)}, is not there.`, {
        hint: 'Check that its disk is connected. If the folder was moved, add it again at its new place.',
        details: { path: store.path },
      });
    }
    throw toLarderError(error, store.path);
  }
}

/** Figures by top-level area as the plan shows them. */
export function includedAreas(survey: WalkOutput): BackupPlan['included'] {
  return survey.areas
    .filter((area) => area.path !== '' || area.files > 0)
    .map((area) => ({ ...area, role: area.path === '' ? 'other' : inferRole(area.path) }));
}

function identityOf(context: EngineContext, path: string): DirectoryIdentity | undefined {
  try {
    const { dev, ino } = context.fs.stat(path);
    return { device: dev, inode: ino };
  } catch (error) {
    // Not made yet, or out of reach: then it is not what the walk comes across either.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
