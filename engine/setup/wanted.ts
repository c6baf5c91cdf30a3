import type { Role, StoreArea, StoreLayout } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { AreaIndex } from '../layouts/index.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export function parseOwner(text: string): Owner {
  const [uid, gid] = text.split(':').map(Number);
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

/** A folder that a layout wants. */
export interface WantedFolder {
  /** Relative to the root; `''` is the root. */
  readonly path: string;
  readonly mode: number | undefined;
  readonly owner: Owner | undefined;
  /** A running service writes to it; once it is there, its permission is that service's business. */
  readonly live: boolean;
}

function isPlain({ path, guess }: StoreArea): boolean {
  return guess !== true && !path.includes('*');
}

/** The folders that a layout cannot be without, each after the one it lies in. */
export function wantedFolders(layout: StoreLayout, ownOwner: Owner | undefined): WantedFolder[] {
  const areas = layout.areas.filter(isPlain);
  const index = new AreaIndex(areas);
  const paths = new Set<string>(['']);
  const add = (path: string): void => {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) paths.add(at);
  };
  for (const area of areas) {
    if (!area.required) continue;
    add(area.path);
    for (const folder of area.folders ?? []) if (!folder.includes('*')) add(below(area.path, folder));
  }
  // Docker makes the folder of a mount that is not there, as root.
  for (const { path } of layout.mounts) if (!path.includes('*') && index.of(path)?.required === true) add(path);
  return [...paths].sort(comparePaths).map((path) => {
    const area = index.of(path);
    const mode = area?.directoryMode ?? layout.directoryMode;
    const owner = area?.owner ?? layout.owner;
    return {
      path,
      mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
      owner: ownOwner ?? (owner === undefined ? undefined : parseOwner(owner)),
      live: area?.capture === 'live',
    };
  });
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** What is small and written by people, so that it belongs into Git like code. */
const smallRoles: ReadonlySet<Role> = new Set(['config', 'frontend']);

/** The areas whose content does not belong into Git. */
export function bigAreas(layout: StoreLayout): string[] {
  return layout.areas
    .filter((area) => isPlain(area) && area.path !== '' && !smallRoles.has(area.role))
    .map(({ path }) => path);
}

/** Where the env file of a store lies, relative to its root. */
export function environmentPath(layout: StoreLayout): string {
  const config = layout.areas.find((area) => isPlain(area) && area.role === 'config' && area.required);
  return config === undefined ? 'persistent.env' : below(config.path, 'persistent.env');
}
