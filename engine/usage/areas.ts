import type { AreaUsage, Role, StoreArea } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { AreaIndex, areaId, inferRole } from '../layouts/index.ts';
import { joinRelative } from '../scan/index.ts';
import type { UsageTree } from '../scan/index.ts';

const root = 0;

export type LayoutAreas = readonly Pick<StoreArea, 'path' | 'role' | 'guess'>[];

interface Found {
  readonly id: number;
  readonly path: string;
  readonly role: Role;
  readonly guess: boolean;
  /** Areas that lie in it and in no other between. */
  readonly inside: Found[];
}

/** What each path of a store is for. */
export class StoreRoles {
  readonly #index: AreaIndex<LayoutAreas[number]>;
  /** Folders on the way to areas. */
  readonly #above: AreaIndex<{ path: string }>;

  constructor(areas: LayoutAreas) {
    this.#index = new AreaIndex(areas);
    const above = areas.flatMap(({ path }) =>
      path.split('/').flatMap((_, at, parts) => (at === 0 ? [] : [parts.slice(0, at).join('/')])),
    );
    this.#above = new AreaIndex([...new Set(above)].map((path) => ({ path })));
  }

  /** Whether areas lie below a folder, as far as their paths tell. */
  mayHold(path: string): boolean {
    return this.#above.at(path) !== undefined;
  }

  at(path: string): LayoutAreas[number] | undefined {
    return path === '' ? undefined : this.#index.at(path);
  }

  /** The role of a path: of the deepest area it lies in; where no layout names any, as its first folder is called. */
  of(path: string): Role {
    return this.#index.of(path)?.role ?? (path === '' ? 'other' : inferRole(path.split('/')[0] ?? ''));
  }

  isGuess(path: string): boolean {
    const area = this.#index.of(path);
    return area === undefined || area.guess === true;
  }
}

/**
 * The areas of a store that are there, and the other folders in its root, in path order. What lies in an area within an
 * area is counted there alone, so that all of them, with the files in the root, add up to the store.
 */
export function areasOf(tree: UsageTree, layout: LayoutAreas): AreaUsage[] {
  const roles = new StoreRoles(layout);
  const all: Found[] = [];
  const look = (id: number, path: string, holder: Found | undefined): void => {
    for (const child of tree.childDirectories(id)) {
      const childPath = joinRelative(path, tree.name(child));
      let own = holder;
      if (path === '' || roles.at(childPath) !== undefined) {
        own = { id: child, path: childPath, role: roles.of(childPath), guess: roles.isGuess(childPath), inside: [] };
        holder?.inside.push(own);
        all.push(own);
      }
      if (roles.mayHold(childPath)) look(child, childPath, own);
    }
  };
  look(root, '', undefined);
  return all.sort((a, b) => comparePaths(a.path, b.path)).map((found) => figuresOf(tree, found));
}

function figuresOf(tree: UsageTree, { id, path, role, guess, inside }: Found): AreaUsage {
  const own = { id: areaId(path), path, role, ...(guess ? { guess: true as const } : {}), ...tree.figures(id) };
  for (const { id: nested } of inside) {
    const { bytes, allocated, files, dirs } = tree.figures(nested);
    own.bytes -= bytes;
    own.allocated -= allocated;
    own.files -= files;
    own.dirs -= dirs + 1;
  }
  if (inside.length > 0) own.newest = newestWithout(tree, id, path, inside);
  return own;
}

/** The newest change in a folder, that of the areas in it left out. */
function newestWithout(tree: UsageTree, id: number, path: string, inside: readonly Found[]): number {
  let { newest } = tree.ownFigures(id);
  for (const child of tree.childDirectories(id)) {
    const childPath = joinRelative(path, tree.name(child));
    const below = inside.filter((area) => area.path === childPath || area.path.startsWith(`${childPath}/`));
    if (below.some((area) => area.path === childPath)) continue;
    const ofChild = below.length === 0 ? tree.figures(child).newest : newestWithout(tree, child, childPath, below);
    newest = Math.max(newest, ofChild);
  }
  return newest;
}
