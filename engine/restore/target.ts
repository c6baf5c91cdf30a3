import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, RestoreTarget, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { lstatOrNothing } from './live.ts';
import { relativeTo, undoFolder } from './paths.ts';

export interface FoundTarget {
  /** Real path; the last parts may not exist yet. */
  readonly path: string;
  /** Undefined when it does not exist. */
  readonly device: bigint | undefined;
  readonly inPlace: boolean;
  /** Bytes free for this user on the disk it lies on. */
  readonly free: number;
  /** Folders to be made, outermost first; the last is the target. */
  readonly missing: readonly string[];
}

/** The store a backup was made from, or undefined when it is not registered here. */
export function storeOf(context: EngineContext, backup: Backup): Store | undefined {
  return context.stores.list().find((store) => store.id === backup.store);
}

/** Where a restore writes to. Throws what stands against it. */
export function findTarget(context: EngineContext, backup: Backup, wanted: RestoreTarget): FoundTarget {
  const { fs } = context;
  const inPlace = wanted.kind === 'inPlace';
  let given: string;
  if (wanted.kind === 'inPlace') {
    const store = storeOf(context, backup);
    if (store === undefined) {
      throw new LarderError('NOT_FOUND', `The store ${backup.storeName} is not registered here.`, {
        hint: 'Add the store first, or restore into another folder.',
      });
    }
    given = store.path;
  } else {
    given = wanted.path;
    if (!isAbsolute(given)) {
      throw new LarderError('INVALID_INPUT', `${displayName(given)} is not an absolute path.`);
    }
  }
  try {
    const missing: string[] = [];
    let existing = resolve(given);
    let stat = statOrNothing(fs, existing);
    while (stat === undefined && dirname(existing) !== existing) {
      missing.unshift(existing);
      existing = dirname(existing);
      stat = statOrNothing(fs, existing);
    }
    if (stat?.isDirectory() !== true) {
      throw new LarderError('INVALID_INPUT', `${displayName(existing)} is not a folder.`, {
        hint: 'Choose a folder, or a name that is not taken.',
      });
    }
    const real = fs.realPath(existing);
    const moved = missing.map((path) => join(real, path.slice(existing.length)));
    const space = fs.statfs(real);
    return {
      path: moved.at(-1) ?? real,
      device: missing.length === 0 ? stat.dev : undefined,
      inPlace,
      free: space.bavail * space.bsize,
      missing: moved,
    };
  } catch (error) {
    throw toLarderError(error, given);
  }
}

/** What is at a path, links followed; a link to nowhere is something, and no folder. */
function statOrNothing(fs: FileSystem, path: string): BigIntStats | undefined {
  const entry = lstatOrNothing(fs, path);
  if (entry?.isSymbolicLink() !== true) return entry;
  try {
    return fs.stat(path);
  } catch {
    return entry;
  }
}

/** Folders that Larder keeps wherever it works: what a restore replaced, and what it notes beside backups. */
const ownFolders: readonly string[] = [undoFolder, '.larder'];

/**
 * Throws `INVALID_INPUT`, naming the folder and why, for a target that is or lies in a folder of Larder's own or, when
 * something may be taken away, one that holds backups. A store may lie in the folder that its backups go to.
 */
export function refuseTarget(
  context: EngineContext,
  target: FoundTarget,
  backup: Backup,
  { deleteExtra }: { readonly deleteExtra: boolean },
): void {
  const { path, inPlace } = target;
  const elsewhere = 'Choose another folder to restore into';
  const refuse = (folder: string, what: string, therefore: string, hint: string): never => {
    const where =
      folder === path
        ? `${displayName(path)} is ${what}`
        : `${displayName(path)} lies in ${displayName(folder)}, ${what}`;
    throw new LarderError('INVALID_INPUT', `${where}, so ${therefore}.`, { hint, details: { path, folder } });
  };
  if (deleteExtra) {
    const withBackups = [
      ...context.stores.list().map(({ destination, name }) => ({ folder: destination, of: name })),
      ...[backup.manifest, backup.archive].map((file) => ({ folder: dirname(file), of: backup.storeName })),
    ];
    for (const { folder, of } of withBackups) {
      const real = realOrSame(context.fs, folder);
      const inside = relativeTo(real, path);
      if (inside === undefined || (inside !== '' && inPlace)) continue;
      const hint = `${elsewhere}, or restore without removing what the backup does not hold.`;
      refuse(real, `where backups of ${of} are kept`, 'nothing is removed there', hint);
    }
  }
  if (inPlace) return;
  const home = realOrSame(context.fs, context.home);
  if (relativeTo(home, path) !== undefined) {
    refuse(home, "Larder's own folder", 'nothing is restored into it', `${elsewhere}.`);
  }
  const parts = path.split('/');
  const own = parts.findIndex((part) => ownFolders.includes(part));
  if (own < 0) return;
  const folder = parts.slice(0, own + 1).join('/');
  refuse(folder, 'a folder that Larder keeps for itself', 'nothing is restored into it', `${elsewhere}.`);
}

/** Relative paths inside a target that no restore takes away, whatever the backup says. */
export function protectedIn(
  context: EngineContext,
  target: string,
  backup: Backup,
  leftOut: readonly { path: string }[],
): string[] {
  const folders = [
    dirname(backup.manifest),
    dirname(backup.archive),
    context.home,
    ...context.stores.list().flatMap((store) => [store.destination, store.path]),
  ];
  const inside = folders
    .flatMap((folder) => [folder, realOrSame(context.fs, folder)])
    .map((folder) => relativeTo(target, folder))
    .filter((path): path is string => path !== undefined && path !== '');
  // What a backup left out is not in it, and yet it is not surplus. That may be all of it (`''`).
  return [...new Set([undoFolder, ...inside, ...leftOut.map(({ path }) => path)])];
}

function realOrSame(fs: FileSystem, path: string): string {
  try {
    return fs.realPath(path);
  } catch {
    // It does not exist, so nothing of it can be taken away.
    return path;
  }
}
