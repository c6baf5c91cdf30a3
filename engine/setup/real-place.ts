import { dirname } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { withRealPath } from '../restore/index.ts';

/** Where a path lies in a store: relative, `''` for the root; undefined outside. */
export function relativeIn(root: string, path: string): string | undefined {
  // Windows takes either slash; elsewhere a backslash is a character like any other.
  const plain = (text: string): string => (/^(?:[A-Za-z]:|\\\\)/.test(root) ? text.replaceAll('\\', '/') : text);
  const [top, at] = [plain(root).replace(/\/$/, ''), plain(path)];
  if (at === top) return '';
  return at.startsWith(`${top}/`) ? at.slice(top.length + 1) : undefined;
}

export function changedOnDisk(path: string): LarderError {
  return new LarderError('CHANGED_ON_DISK', `${displayName(path)} changed meanwhile.`, {
    hint: 'Plan again.',
    details: { path },
  });
}

/**
 * Calls `act` with a way to `path` on which there is no link: in the store folder by folder, elsewhere when the folder it
 * lies in is what its name says. Throws `CHANGED_ON_DISK` when a link was put there.
 */
export function withoutLinks<T>(fs: FileSystem, root: string, path: string, act: (at: string) => T): T {
  const inside = relativeIn(root, path);
  if (inside !== undefined && inside !== '') {
    return withRealPath(fs, root, inside, (at) => {
      if (at === undefined) throw changedOnDisk(path);
      return act(at);
    });
  }
  const folder = dirname(path);
  if (fs.realPath(folder) !== folder) throw changedOnDisk(path);
  return act(path);
}
