import type { BigIntStats } from 'node:fs';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { relativeIn } from './real-place.ts';
import type { Actor } from './survey-types.ts';

/** What is at a path. */
export type Found =
  | { readonly is: 'folder'; readonly stats: BigIntStats }
  /** Not there; will it be, when the steps so far are done. */
  | { readonly is: 'missing' }
  | { readonly is: 'made' }
  | { readonly is: 'linked'; readonly reason: string; readonly harmless: boolean }
  | { readonly is: 'blocked'; readonly reason: string };

/** What is on the disk now, and what will be when the steps planned so far are done. */
export class Ground {
  /** Folders that steps make. */
  readonly made = new Set<string>();
  readonly #fs: FileSystem;
  readonly #root: string;
  readonly #actor: Actor | undefined;

  constructor(fs: FileSystem, root: string, actor: Actor | undefined) {
    this.#fs = fs;
    this.#root = root;
    this.#actor = actor;
  }

  isThere(path: string): boolean {
    try {
      this.#fs.lstat(path);
      return true;
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
      throw toLarderError(error, path);
    }
  }

  /** What a path inside the root is, links on the way not followed. */
  find(path: string): Found {
    if (this.made.has(path)) return { is: 'made' };
    const root = this.#root;
    const parts = (relativeIn(root, path) ?? '').split('/').filter((part) => part !== '');
    for (let depth = 0; depth <= parts.length; depth += 1) {
      const at = [root, ...parts.slice(0, depth)].join('/');
      let stats: BigIntStats;
      try {
        stats = this.#fs.lstat(at);
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return { is: 'missing' };
        return { is: 'blocked', reason: toLarderError(error, at).message };
      }
      const isLast = depth === parts.length;
      if (stats.isSymbolicLink()) return this.#link(at, isLast);
      if (!stats.isDirectory()) return { is: 'blocked', reason: `${displayName(at)} is not a folder.` };
      if (isLast) return { is: 'folder', stats };
    }
    return { is: 'missing' };
  }

  #link(at: string, isLast: boolean): Found {
    const root = this.#root;
    try {
      const real = this.#fs.realPath(at);
      const isFolder = this.#fs.stat(real).isDirectory();
      if (!isFolder) return { is: 'blocked', reason: `${displayName(at)} is a link to a file.` };
      const inside = relativeIn(root, real) !== undefined;
      const where = `${displayName(at)} is a link to ${displayName(real)}`;
      return inside && isLast
        ? { is: 'linked', harmless: true, reason: `${where}.` }
        : {
            is: 'linked',
            harmless: false,
            reason: `${where}${inside ? '' : ', outside the store'}; setup follows no links.`,
          };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { is: 'blocked', reason: `${displayName(at)} is a link that leads nowhere.` };
    }
  }

  mayWriteIn(folder: string): boolean {
    const actor = this.#actor;
    if (this.made.has(folder)) return true;
    let stats: BigIntStats;
    try {
      stats = this.#fs.stat(folder);
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
    return actor === undefined || mayWrite(actor, stats);
  }

  /** Who may get into a folder that holds nothing concerns nobody. */
  holdsAnything(path: string): boolean {
    try {
      return this.#fs.readNames(path).length > 0;
    } catch (error) {
      if (isSystemError(error)) return true;
      throw error;
    }
  }

  textOf(path: string): string | undefined {
    try {
      return this.#fs.readFile(path).toString('utf8');
    } catch (error) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
}

/** By the permission bits; lists of access rights beyond them are the system's to refuse. */
export function mayWrite({ uid, gid, groups }: Actor, stats: BigIntStats): boolean {
  if (uid === 0) return true;
  const bits = Number(stats.mode);
  const need = stats.isDirectory() ? 0o3 : 0o2;
  const shift = stats.uid === BigInt(uid) ? 6 : [gid, ...groups].some((group) => stats.gid === BigInt(group)) ? 3 : 0;
  return ((bits >> shift) & need) === need;
}
