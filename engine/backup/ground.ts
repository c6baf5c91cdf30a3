import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import type { Survey } from './survey.ts';

/**
 * Whether what a backup stands on stayed in place. A store that is deleted or unmounted while it is read looks like one
 * whose files vanished; were that to become the latest backup, restoring it would bring back a gutted store.
 */

/** Below this many, files that vanish are those that come and go in any store at work. */
const vanishedMin = 20;
/** Part of the listed files that may vanish: clearing a cache takes many, and a backup without them is partial and says so. */
const vanishedShare = 0.5;

/** Throws `NOT_FOUND` when the store's root is gone, `CHANGED_ON_DISK` when it is not the folder that was listed. */
export function assertSameRoot({ fs }: EngineContext, store: Store, { root }: Survey): void {
  const path = displayName(store.path);
  let same: boolean;
  try {
    const now = fs.lstat(store.path);
    same = now.isDirectory() && now.dev === root.device && now.ino === root.inode;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new LarderError('NOT_FOUND', `${path} went away while it was being backed up.`, {
      hint: 'Check that the folder is there and its disk is connected, then try again.',
      details: { path: store.path },
      cause: error,
    });
  }
  if (same) return;
  throw new LarderError(
    'CHANGED_ON_DISK',
    `${path} changed while it was being backed up: another folder took its place.`,
    {
      hint: 'Check that it is the folder you mean and its disk is connected, then try again.',
      details: { path: store.path },
    },
  );
}

/**
 * Throws `CHANGED_ON_DISK` when a store holds no files and its last backup in the same destination held some: an empty
 * mount point reads like this. Nothing tells it for sure from a store that was emptied on purpose (folder times and
 * device numbers do not outlive a remount), so that one is backed up to a destination of its own.
 *
 * `lastFiles`: files in the last backup; undefined when there is none.
 */
export function assertNotEmptied(store: Store, survey: Survey, lastFiles: number | undefined): void {
  if (survey.files > 0 || lastFiles === undefined || lastFiles === 0) return;
  const bare = survey.dirs <= 1 && survey.excluded.length === 0 && survey.skipped.length === 0;
  const held = lastFiles === 1 ? '1 file' : `${lastFiles} files`;
  throw new LarderError(
    'CHANGED_ON_DISK',
    `${displayName(store.path)} ${bare ? 'is empty' : 'holds no files'}, but the last backup holds ${held}. Is its disk connected?`,
    {
      hint: 'Connect it and try again. If the store is meant to be empty, back it up to another folder with --dest.',
      details: { path: store.path, lastFiles },
    },
  );
}

/**
 * Throws `CHANGED_ON_DISK` when so much vanished that this is no backup of the store any more: more than twenty files
 * and half of all, or anything when nothing at all is left. `vanishedWhileRead` counts what was listed and then not
 * there to be read; what went before it could be listed is in the survey.
 */
export function assertNotGutted(context: EngineContext, store: Store, survey: Survey, vanishedWhileRead: number): void {
  const vanished = survey.vanished + vanishedWhileRead;
  const files = survey.files + survey.vanished;
  const most = vanished > vanishedMin && vanished > vanishedShare * files;
  if (!most && !(vanished > 0 && survey.files > 0 && isEmpty(context, store))) return;
  throw new LarderError(
    'CHANGED_ON_DISK',
    `${vanished} of the ${files} files of ${displayName(store.path)} vanished while it was being backed up.`,
    {
      hint: 'Check whether something deletes or moves them and whether its disk is connected, then try again.',
      details: { path: store.path, vanished, files },
    },
  );
}

function isEmpty({ fs }: EngineContext, store: Store): boolean {
  try {
    return fs.readDirectory(store.path).length === 0;
  } catch (error) {
    if (isSystemError(error)) return true;
    throw error;
  }
}
