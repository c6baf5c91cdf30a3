import { formatBytes } from '../../../shared/format.ts';
import type { AreaUsage, Role, UsageEntry } from '../../../shared/contract/index.ts';

/** One step of the way from the store's root to the folder shown. */
export interface Crumb {
  name: string;
  /** Relative to the store's root; `''` is the root. */
  path: string;
}

/** The way to `folder`, the root first. */
export function crumbs(storeName: string, folder: string): Crumb[] {
  const names = folder === '' ? [] : folder.split('/');
  return [
    { name: storeName, path: '' },
    ...names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') })),
  ];
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** What a path of the store is for: the role of the innermost area that holds it. */
export function roleOf(areas: readonly AreaUsage[], path: string): Role | undefined {
  return areas
    .filter((area) => area.path !== '' && (path === area.path || path.startsWith(`${area.path}/`)))
    .reduce<AreaUsage | undefined>(
      (best, area) => (best === undefined || area.path.length > best.path.length ? area : best),
      undefined,
    )?.role;
}

/** The folder a path lies in; `''` is the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path lies below a folder, however deep. */
export function isBelow(path: string, folder: string): boolean {
  return path !== folder && (folder === '' || path.startsWith(`${folder}/`));
}

/** A path of a store as the system knows it. */
export function absolutePath(root: string, path: string): string {
  if (path === '') return root;
  // Windows takes both separators; a path with one kind is easier to read.
  const separator = !root.startsWith('/') && root.includes('\\') ? '\\' : '/';
  const below = separator === '/' ? path : path.replaceAll('/', separator);
  return root.endsWith(separator) ? `${root}${below}` : `${root}${separator}${below}`;
}

/** After "frees 2.1 GiB". */
export function freedWords(heldByLinks: number): string {
  return heldByLinks === 0 ? ' if deleted' : ` if deleted (${formatBytes(heldByLinks)} stays: other names outside)`;
}

/** Names whose figures moved, or that are new, between two readings of the same folder. */
export function changedNames(before: readonly UsageEntry[], after: readonly UsageEntry[]): ReadonlySet<string> {
  const known = new Map(before.map((entry) => [entry.name, entry]));
  return new Set(
    after
      .filter((entry) => {
        const old = known.get(entry.name);
        return (
          old === undefined ||
          old.bytes !== entry.bytes ||
          old.allocated !== entry.allocated ||
          old.files !== entry.files ||
          old.newest !== entry.newest
        );
      })
      .map((entry) => entry.name),
  );
}
