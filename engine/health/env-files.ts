import { dirname } from 'node:path';
import type { LayoutVariable, StoreLayout } from '../../shared/contract/index.ts';

/** Where a variable of an env file leads. */
export type Leads =
  /** Into the store: every path it may mean there, as several services may see different folders at one place. */
  | { readonly to: 'store'; readonly places: readonly { readonly path: string; readonly exists: boolean }[] }
  | { readonly to: 'outside' }
  /** It is no path, or one that has nothing to do with the store. */
  | { readonly to: 'nowhere' };

export interface EnvVariable {
  readonly name: string;
  readonly line: number;
  /** Only of one that leads into the store, or should: other values may be secrets. */
  readonly value?: string | undefined;
  readonly leads: Leads;
}

export interface EnvFile {
  /** Relative to the store's root, or absolute where it lies beside the store. */
  readonly path: string;
  readonly inStore: boolean;
  readonly variables: readonly EnvVariable[];
  /** Of its bytes, so that an addition is made to what was read. */
  readonly digest: string;
}

/** What is needed to tell where a value leads. */
export interface EnvRules {
  /** Real path of the store's root. */
  readonly root: string;
  /** Where containers see parts of it. */
  readonly mounts: readonly { readonly path: string; readonly target: string }[];
  readonly variables: readonly LayoutVariable[];
}

export function envRules(
  root: string,
  layout: Pick<StoreLayout, 'mounts' | 'containerRoot' | 'environment'>,
): EnvRules {
  const whole = layout.containerRoot === undefined ? [] : [{ path: '', target: layout.containerRoot }];
  return {
    root,
    mounts: [...whole, ...layout.mounts.map(({ path, target }) => ({ path, target }))],
    variables: layout.environment,
  };
}

/** The rest of a path below a folder, `''` for the folder itself; undefined when it lies elsewhere. */
function below(path: string, folder: string): string | undefined {
  const top = folder.replace(/\/+$/, '');
  if (path === top || (top === '' && path === '/')) return '';
  return path.startsWith(`${top}/`) ? path.slice(top.length + 1) : undefined;
}

/** A path without `.`, `..` and doubled slashes; undefined when it leads above where it begins. */
function plain(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Where a value leads, before it is looked whether anything is there. */
export function leadsTo(
  { name, value }: { readonly name: string; readonly value: string },
  { root, mounts, variables }: EnvRules,
): { readonly to: 'store'; readonly places: readonly string[] } | { readonly to: 'outside' | 'nowhere' } {
  const isOfLayout = variables.some((each) => each.name === name && each.path !== undefined);
  const isPath = /^(?:\/|\.\.?\/|[A-Za-z]:[\\/])/.test(value);
  if (!isPath) return { to: isOfLayout && value !== '' ? 'outside' : 'nowhere' };
  const normal = value.replaceAll('\\', '/');
  const isRelative = normal.startsWith('.');
  // As compose does: relative to the folder the store lies in, where the project is.
  const from = isRelative ? plain(`${dirname(root)}/${normal}`) : plain(normal);
  if (from === undefined) return { to: 'outside' };
  const absolute = /^[A-Za-z]:/.test(from) ? from : `/${from}`;
  const inRoot = below(absolute, root.replaceAll('\\', '/'));
  if (inRoot !== undefined) return { to: 'store', places: [inRoot] };
  const places = isRelative
    ? []
    : mounts.flatMap(({ path, target }) => {
        const rest = below(absolute, target);
        return rest === undefined ? [] : [[path, rest].filter((part) => part !== '').join('/')];
      });
  // The nearest mount is what a container sees there.
  if (places.length > 0) return { to: 'store', places: [...new Set(places)] };
  return { to: isOfLayout ? 'outside' : 'nowhere' };
}
