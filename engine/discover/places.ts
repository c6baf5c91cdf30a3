import type { Layout } from '../../shared/contract/index.ts';

/** The world in which well-known stores are looked for. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/** A place where a store of a layout may be; a `*` in it stands for any one name. */
export interface Place {
  readonly layout: string;
  readonly path: string;
  readonly why: string;
  /** A variable of the environment names it, so the program uses this one. */
  readonly named: boolean;
}

function isAbsolute(path: string, platform: NodeJS.Platform): boolean {
  return path.startsWith('/') || (platform === 'win32' && /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path));
}

/** `~` and `~/…` as the home directory; undefined for what is no absolute path, which no program could be meant by. */
function expanded(path: string, { home, platform }: Surroundings): string | undefined {
  const full = path === '~' ? home : path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
  return isAbsolute(full, platform) ? full.replace(/(?<=.)[/\\]+$/, '') : undefined;
}

/**
 * The places of a layout, those that the environment names first. Places that would not be used, because a variable names
 * another, are listed all the same: what is there takes space.
 */
export function placesOf(layout: Pick<Layout, 'id' | 'title' | 'places'>, around: Surroundings): Place[] {
  const found = new Map<string, Place>();
  let namedBy: string | undefined;
  for (const { env, path, os } of layout.places) {
    if (os !== undefined && !os.some((name) => name === around.platform)) continue;
    const value = env === undefined ? undefined : around.env[env];
    if (env !== undefined && (value === undefined || value === '')) continue;
    const base = value === undefined ? path : path === undefined ? value : `${value.replace(/[/\\]+$/, '')}/${path}`;
    const full = base === undefined ? undefined : expanded(base, around);
    if (full === undefined || found.has(full)) continue;
    const why =
      env !== undefined
        ? namedBy === undefined
          ? `${env} names it`
          : `${env} names it, but ${namedBy} comes first`
        : namedBy === undefined
          ? `The usual place of ${layout.title}`
          : `The usual place of ${layout.title}; ${namedBy} names another, so what is here is from before`;
    found.set(full, { layout: layout.id, path: full, why, named: env !== undefined });
    namedBy ??= env;
  }
  return [...found.values()];
}

/** Home directories of other people, which are nobody's business. */
export function othersHomes(passwd: string, home: string): string[] {
  return passwd.split('\n').flatMap((line) => {
    const [, , uid, , , folder] = line.split(':');
    const id = Number(uid);
    // Numbers below 1000 are services', whose homes are where their data lies (shadow's UID_MIN); 65534 is nobody.
    const isPerson = uid !== undefined && uid !== '' && (id === 0 || (id >= 1000 && id < 65_534));
    const own = folder === undefined || folder === '' || folder === '/' || folder === home;
    return isPerson && !own ? [folder] : [];
  });
}

/** Whether a real path lies in somebody else's home directory. */
export function isOthers(path: string, others: readonly string[], { home, platform }: Surroundings): boolean {
  const isIn = (folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
  if (isIn(home)) return false;
  if (others.some((folder) => isIn(folder) && !home.startsWith(`${folder}/`))) return true;
  if (platform === 'darwin') return /^\/Users\/(?!Shared(?:\/|$))/.test(path);
  return (
    platform === 'win32' && /^[A-Za-z]:[\\/]Users[\\/](?!Public(?:[\\/]|$))/i.test(path) && !isInWindows(path, home)
  );
}

function isInWindows(path: string, folder: string): boolean {
  const plain = (text: string): string => text.replaceAll('\\', '/').toLowerCase();
  return plain(path) === plain(folder) || plain(path).startsWith(`${plain(folder)}/`);
}
