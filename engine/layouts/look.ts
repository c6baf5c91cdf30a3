import { comparePaths } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { DirectoryEntry, FileSystem } from '../fs/index.ts';

/** A name found in a look at a folder. */
export interface Seen {
  /** Relative to the folder looked at. */
  readonly path: string;
  /** A link counts as whatever is asked for: it is not followed. */
  readonly kind: 'file' | 'dir' | 'link';
}

/** What a bounded look at a folder saw, top folders first. */
export interface Listing {
  /** Name of the folder looked at. */
  readonly name: string;
  readonly seen: readonly Seen[];
}

/** A look goes no deeper, in names, reads no more folders, and takes no more names of one. */
const deepest = 4;
const mostFolders = 300;
const mostNames = 300;
/** Folders in which nothing says more the more of them are read. */
const tedious = new Set(['.git', 'node_modules', '__pycache__', '.venv', 'venv', 'site-packages']);

/**
 * Looks at a folder without walking it whole: breadth first, a few hundred folders, a few hundred names in each. The same
 * folder gives the same answer. Folders that cannot be read are passed over. Throws when the folder itself cannot be.
 */
export function lookInto(fs: FileSystem, root: string, isCancelled: () => void): Omit<Listing, 'name'> {
  const seen: Seen[] = [];
  let level = [''];
  let folders = 0;
  for (let depth = 1; depth <= deepest && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (folders >= mostFolders) break;
      folders += 1;
      isCancelled();
      let entries: DirectoryEntry[];
      try {
        entries = fs.readDirectory(folder === '' ? root : `${root}/${folder}`);
      } catch (error) {
        if (folder === '' || !isSystemError(error)) throw error;
        continue;
      }
      entries.sort((a, b) => comparePaths(a.name, b.name));
      // Folders first: they tell more, and a folder of a million files must not hide them.
      const dirs = entries.filter(({ kind }) => kind === 'dir').slice(0, mostNames);
      const others = entries.filter(({ kind }) => kind === 'file' || kind === 'symlink').slice(0, mostNames);
      for (const { name, kind } of [...dirs, ...others]) {
        const path = folder === '' ? name : `${folder}/${name}`;
        seen.push({ path, kind: kind === 'dir' ? 'dir' : kind === 'file' ? 'file' : 'link' });
        if (kind === 'dir' && !tedious.has(name)) next.push(path);
      }
    }
    level = next;
  }
  return { seen };
}
