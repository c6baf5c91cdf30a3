import { z } from 'zod';

/**
 * What is odd about a glob of a store's exclusions: that it can match nothing, or not what it seems to say. One that only
 * matches nothing today is not odd.
 */
export const globRemarkSchema = z.strictObject({
  glob: z.string(),
  /**
   * `absolute`: a path of the system, where globs begin at the store's root; `outside`: leads out of the store; `segment`:
   * has an empty segment or one that is `.`; `spaces`: begins or ends in white space; `backslash`: has `\` where `/` seems
   * to be meant; `home`: `~` stands for itself.
   */
  kind: z.enum(['absolute', 'outside', 'segment', 'spaces', 'backslash', 'home']),
  /** In a person's words, as the end of a sentence. */
  why: z.string(),
});
export type GlobRemark = z.infer<typeof globRemarkSchema>;

/** Remarks on a store's exclusions, of which it may have none. `root`: the store's absolute path. */
export function remarksOnGlobs(globs: readonly string[], root: string): GlobRemark[] {
  return globs.flatMap((glob) => {
    const found = remarkOn(glob, root);
    return found === undefined ? [] : [{ glob, ...found }];
  });
}

function remarkOn(glob: string, root: string): Omit<GlobRemark, 'glob'> | undefined {
  if (/^\s|\s$/.test(glob)) {
    return { kind: 'spaces', why: 'it begins or ends in white space, and matches only names that do as well' };
  }
  // What a path of Windows begins with, or a backslash before what needs none: no glob escapes a letter or a digit.
  if (/^[a-z]:[\\/]/i.test(glob)) {
    return { kind: 'absolute', why: 'it is a path of the system; globs begin at the root of the store' };
  }
  if (/(?:^|[^\\])(?:\\\\)*\\[\p{L}\p{N}_.]/u.test(glob)) {
    return { kind: 'backslash', why: 'a \\ takes the next character as it is; folders are separated by /' };
  }
  if (/^~(?:\/|$)/.test(glob)) return { kind: 'home', why: '~ stands for itself, and for no home folder' };
  const inside = insideOf(glob, root);
  if (inside !== undefined) {
    const instead = inside === '' ? '' : `; ${inside} is meant, perhaps`;
    return { kind: 'absolute', why: `globs begin at the root of the store, not of the system${instead}` };
  }
  const segments = glob
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .split('/');
  if (segments.includes('..'))
    return { kind: 'outside', why: 'it leads out of its folder, which no path in the store does' };
  if (segments.some((segment) => segment === '' || segment === '.')) {
    return { kind: 'segment', why: 'it has an empty segment or one that is a dot, which no path in the store has' };
  }
  return undefined;
}

/** For a glob that begins with the path of the store or of a folder above it: what of it is below the store. */
function insideOf(glob: string, root: string): string | undefined {
  if (!glob.startsWith('/') || root === '/') return undefined;
  const path = root.replace(/\/$/, '');
  if (glob === path || glob === `${path}/`) return '';
  if (glob.startsWith(`${path}/`)) return glob.slice(path.length);
  // Beside the store or above it: at least two segments like its own, as one may be the name of a folder in it.
  const own = path.split('/').slice(1);
  const said = glob.split('/').slice(1);
  return own.length > 1 && said.length > 1 && own[0] === said[0] && own[1] === said[1] ? '' : undefined;
}
