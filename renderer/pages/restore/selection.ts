/**
 * Which paths of a backup are chosen.
 *
 * A selection is a set of marks. A path is chosen when the nearest mark at or above it says so, so choosing a folder of a
 * million files is one mark, and taking one file out of it is a second one. Nothing below a folder needs to be known.
 * Selections do not change; every function returns a new one.
 */
export interface Selection {
  /** By path, `''` for the whole backup. A mark always says other than what holds above it. */
  readonly marks: ReadonlyMap<string, boolean>;
  /** Paths with marks somewhere below them. */
  readonly divided: ReadonlySet<string>;
}

export type Choice = 'all' | 'some' | 'none';

export const nothingChosen: Selection = { marks: new Map(), divided: new Set() };

/** The folder a path lies in; undefined for the whole backup itself. */
export function parentPath(path: string): string | undefined {
  if (path === '') return undefined;
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function isBelow(path: string, folder: string): boolean {
  if (folder === '') return path !== '';
  return path.length > folder.length && path.startsWith(folder) && path[folder.length] === '/';
}

function fromMarks(marks: ReadonlyMap<string, boolean>): Selection {
  const divided = new Set<string>();
  for (const path of marks.keys()) {
    for (let folder = parentPath(path); folder !== undefined; folder = parentPath(folder)) {
      if (divided.has(folder)) break;
      divided.add(folder);
    }
  }
  return { marks, divided };
}

/** Whether the path itself is chosen. */
export function isChosen({ marks }: Selection, path: string): boolean {
  for (let at: string | undefined = path; at !== undefined; at = parentPath(at)) {
    const mark = marks.get(at);
    if (mark !== undefined) return mark;
  }
  return false;
}

/** A path with everything below it. */
export function choiceOf(selection: Selection, path: string): Choice {
  if (selection.divided.has(path)) return 'some';
  return isChosen(selection, path) ? 'all' : 'none';
}

export function isNothingChosen({ marks }: Selection): boolean {
  return marks.size === 0;
}

/** Chooses a path with everything below it, or takes it out. */
export function choose(selection: Selection, path: string, chosen: boolean): Selection {
  const marks = new Map<string, boolean>();
  for (const [marked, value] of selection.marks) {
    if (marked !== path && !isBelow(marked, path)) marks.set(marked, value);
  }
  const parent = parentPath(path);
  const above = parent !== undefined && isChosen({ ...selection, marks }, parent);
  if (above !== chosen) marks.set(path, chosen);
  return fromMarks(marks);
}

/**
 * Where every one of a folder's entries is chosen, the folder is; where none is, neither is the folder. Goes upwards from
 * the folder `path` lies in for as long as `childrenOf` knows all entries of a folder.
 */
export function settle(
  selection: Selection,
  path: string,
  childrenOf: (folder: string) => readonly string[] | undefined,
): Selection {
  let settled = selection;
  for (let folder = parentPath(path); folder !== undefined; folder = parentPath(folder)) {
    if (!settled.divided.has(folder)) continue;
    const children = childrenOf(folder);
    if (children === undefined || children.length === 0) break;
    const [first, ...others] = children;
    const choice = first === undefined ? 'some' : choiceOf(settled, first);
    if (choice === 'some') break;
    const same = others.every((child) => choiceOf(settled, child) === choice);
    if (!same) break;
    settled = choose(settled, folder, choice === 'all');
  }
  return settled;
}

/** The most paths one plan may name (contract, `restore.plan`). */
export const mostPaths = 100_000;

/** So much was taken out of so large folders that the rest cannot be named. */
export class TooManyPathsError extends Error {}

/**
 * The files and folders to name so that exactly the chosen ones are meant: a folder from which something was taken out is
 * replaced by its other entries, which `list` gives. `['']` is everything, `[]` nothing. Throws
 * {@link TooManyPathsError}.
 */
export async function pathsOf(
  selection: Selection,
  list: (folder: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const paths: string[] = [];
  const add = (path: string): void => {
    if (paths.length >= mostPaths) throw new TooManyPathsError(`More than ${mostPaths} paths are chosen one by one.`);
    paths.push(path);
  };
  const take = async (path: string): Promise<void> => {
    if (!selection.divided.has(path)) {
      add(path);
      return;
    }
    for (const child of await list(path)) if (isChosen(selection, child)) await take(child);
  };
  // What lies above a mark that chooses is not chosen, so no path is met twice.
  for (const [path, chosen] of selection.marks) if (chosen) await take(path);
  return paths.sort();
}
