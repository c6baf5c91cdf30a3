import { Globs } from './glob.ts';
import { comparePaths } from './path-text.ts';

/** The name of a path in a file, where `''` would not read: `.` for the root. */
export function areaId(path: string): string {
  return path === '' ? '.' : path;
}

/**
 * A path of an area as a file may have it, made plain: no slash at the end, `''` for the root. Undefined when it is none:
 * absolute, leading out of the store, or not in its shortest form.
 */
export function areaPath(text: string): string | undefined {
  const path = text.replace(/^\.\//, '').replace(/\/+$/, '');
  if (path === '.' || (path === '' && text !== '' && !text.startsWith('/'))) return '';
  if (path === '' || path.includes('\0') || path.includes('\\')) return undefined;
  return path.split('/').some((part) => part === '' || part === '.' || part === '..') ? undefined : path;
}

/** A path of an area as a glob over whole paths: only its `*` stand for anything. */
function globOf(area: string): Globs {
  return new Globs([`/${area.replaceAll(/[[\]?\\]/g, '\\$&')}`]);
}

/** Whether an area of this path is at this folder. A `*` stands for any part of a name, never for a `/`. */
export function isAreaAt(area: string, folder: string): boolean {
  return area.includes('*') ? globOf(area).match(folder, true) !== undefined : area === folder;
}

function stars(path: string): number {
  return path.split('*').length;
}

/** Finds areas by path; of several the deepest. */
export class AreaIndex<A extends { readonly path: string }> {
  readonly #plain = new Map<string, A>();
  readonly #patterns: { readonly area: A; readonly glob: Globs }[] = [];

  constructor(areas: readonly A[]) {
    for (const area of areas.toSorted((a, b) => stars(a.path) - stars(b.path) || comparePaths(a.path, b.path))) {
      if (area.path.includes('*')) this.#patterns.push({ area, glob: globOf(area.path) });
      else this.#plain.set(area.path, area);
    }
  }

  /** The area whose folder this is. */
  at(folder: string): A | undefined {
    return this.#plain.get(folder) ?? this.#patterns.find(({ glob }) => glob.match(folder, true) !== undefined)?.area;
  }

  /** The area a path lies in: its own or that of the nearest folder above, the root's at last. */
  of(path: string): A | undefined {
    for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const found = this.at(folder);
      if (found !== undefined || folder === '') return found;
    }
  }
}
