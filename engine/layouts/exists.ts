import type { FileSystem } from '../fs/index.ts';
import { isSystemError } from '../fs/index.ts';
import { isAreaAt } from '../../shared/area-path.ts';

/** Whether the folder of an area, or one that matches its pattern, is there. A link to a folder counts. */
export function areaExists(fs: FileSystem, root: string, area: string): boolean {
  const parts = area === '' ? [] : area.split('/');
  const below = (folder: string, at: number): boolean => {
    const part = parts[at];
    if (part === undefined) return fs.stat(folder).isDirectory();
    if (!part.includes('*')) return below(`${folder}/${part}`, at + 1);
    return fs
      .readDirectory(folder)
      .some(({ name, kind }) => kind !== 'file' && isAreaAt(part, name) && below(`${folder}/${name}`, at + 1));
  };
  try {
    return below(root, 0);
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
