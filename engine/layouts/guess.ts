import type { Role } from '../../shared/contract/index.ts';
import { roleOfContents } from './contents.ts';
import type { Listing } from './look.ts';
import type { Guess } from './resolve.ts';
import { roleOfName } from './roles.ts';

/** Names that say so little that what is in the folder says more. */
const vagueNames = new Set(['data', 'db', 'hub', 'storage', 'files', 'models_data', 'model_data']);

/** A name says what a folder is meant for, files only what is in it: a cache of models is a cache. */
function decide(name: string, fromFiles: { role: Role; why: string } | undefined): { role: Role; why: string } {
  const { role, why } = roleOfName(name);
  if (fromFiles === undefined) return { role, why };
  if (role === 'other' || vagueNames.has(name.toLowerCase())) return fromFiles;
  return role === fromFiles.role ? { role, why: `${why}, and ${fromFiles.why}` } : { role, why };
}

/** What the folders in a root are for, as far as their names and what was seen in them tell. */
export function guessRoles({ seen }: Pick<Listing, 'seen'>): Guess[] {
  const files = new Map<string, string[]>();
  const folders: string[] = [];
  for (const { path, kind } of seen) {
    const slash = path.indexOf('/');
    if (slash < 0) {
      if (kind === 'dir') folders.push(path);
      continue;
    }
    // Some folders are as telling as files: a table of LanceDB.
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (kind === 'dir' && !name.endsWith('.lance')) continue;
    const top = path.slice(0, slash);
    const known = files.get(top);
    if (known === undefined) files.set(top, [name]);
    else known.push(name);
  }
  return folders.map((path) => ({ path, ...decide(path, roleOfContents(files.get(path) ?? [])) }));
}
