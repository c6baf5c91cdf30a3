import { Globs } from '../../../shared/glob.ts';
import { isBelow } from './folder-view.ts';

/**
 * A glob that fits one path of a store and nothing else. What globs give a meaning is escaped. One without a
 * `/` would fit that name at any depth, so what lies directly in the root begins with one.
 */
export function globOf(path: string): string {
  const escaped = path.replace(/\\/g, '\\\\').replace(/[*?[]/g, '[$&]');
  return path.includes('/') ? escaped : `/${escaped}`;
}

/** A store's exclusions as a question: the glob that leaves a path out, itself or with a folder above it. */
export function exclusions(patterns: readonly string[]): (path: string, isFolder?: boolean) => string | undefined {
  const globs = new Globs(patterns);
  const folders = new Map<string, string | undefined>([['', undefined]]);
  const ask = (path: string, isFolder: boolean): string | undefined => {
    if (isFolder && folders.has(path)) return folders.get(path);
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const found = ask(above, true) ?? globs.match(path, isFolder);
    if (isFolder) folders.set(path, found);
    return found;
  };
  return patterns.length === 0 ? () => undefined : (path, isFolder = false) => ask(path, isFolder);
}

/** The exclusions with these paths left out of backups too. */
export function withExcluded(globs: readonly string[], paths: readonly string[]): string[] {
  const outer = paths.filter((path) => !paths.some((other) => isBelow(path, other)));
  return [...new Set([...globs, ...outer.map(globOf)])];
}

/** The exclusions without those that name exactly these paths. */
export function withoutExcluded(globs: readonly string[], paths: readonly string[]): string[] {
  const gone = new Set(paths.map(globOf));
  return globs.filter((glob) => !gone.has(glob));
}
