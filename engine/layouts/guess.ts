import type { Guess } from './resolve.ts';
import type { Listing } from './look.ts';
import { roleOfName } from './roles.ts';

/** What the folders in a root are for, as far as their names tell. */
export function guessRoles({ seen }: Listing): Guess[] {
  return seen
    .filter(({ path, kind }) => kind === 'dir' && !path.includes('/'))
    .map(({ path }) => ({ path, ...roleOfName(path) }));
}
