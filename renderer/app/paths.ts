/**
 * Addresses of pages, as they stand behind `#`.
 *
 * Names on disk may hold anything, lone surrogates included (shared/path-text.ts), so segments are written in a form
 * that no decoding of URLs touches: letters, digits, `.`, `_` and `-` stand for themselves, every other UTF-16 code
 * unit is `~` and four hex digits.
 */
export function encodeSegment(text: string): string {
  // By code unit on purpose: a lone surrogate is one of them.
  return text.replace(/[^A-Za-z0-9._-]/g, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Reverses {@link encodeSegment}; what is not in its form stays as it is. */
export function decodeSegment(text: string): string {
  return text.replace(/~([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function join(...segments: readonly (string | undefined)[]): string {
  return `/${segments
    .filter((segment) => segment !== undefined)
    .map(encodeSegment)
    .join('/')}`;
}

/** Where each page is; use with `href(…)` in links and as it is with `navigate(…)`. */
export const pagePaths = {
  overview: (): string => '/',
  stores: (): string => '/stores',
  /** A store, at a folder in it: path text, `''` for its root. */
  store: (id: string, folder = ''): string => join('stores', id, folder === '' ? undefined : folder),
  /** Backups of all stores or the chosen one; one of them opened when an id is given. */
  backups: (backup?: string): string => join('backups', backup),
  /** What differs between two backups, the older first, or between one and the live store. */
  compare: (backup: string, other?: string): string => join('compare', backup, other),
  /** What is settled for the backups of a store. */
  backupRules: (store: string, section?: 'rotation' | 'contents' | 'keeping'): string =>
    join('backup-rules', store, section),
  /** The picker; with a backup and a path, that path is chosen. */
  restore: (backup?: string, path?: string): string =>
    join('restore', backup, backup === undefined || path === '' ? undefined : path),
  activity: (job?: string): string => join('activity', job),
  /** The checklist; opened at one of its checks when an id is given. */
  health: (check?: string): string => join('health', check),
  /** What the folders of a store are, and the rules for them. */
  layout: (store: string): string => join('layout', store),
  /** Laying out a new data folder, or what a store lacks of its layout. */
  setup: (store?: string): string => join('setup', store),
  /** Mistakes in compose files. */
  compose: (): string => '/compose',
  settings: (): string => '/settings',
} as const;

/** A page's address for an `<a href>`. */
export function href(path: string): string {
  return `#${path}`;
}
