import type { Skipped } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { hash53, lstatOrNothing, stampOf, typeOf } from './live.ts';
import { below, isProtected } from './paths.ts';

/** Something of the live tree that a restore takes away as a whole, with all that is in it. */
export interface Extra {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  /** Files, links and folders in it, itself included. */
  readonly entries: number;
  readonly bytes: number;
  /** Over everything in it; see `stampOf`. */
  readonly stamp: number;
}

export interface ExtrasRules {
  readonly fs: FileSystem;
  readonly root: string;
  /** Device of the target: what lies on another one is not touched. */
  readonly device: bigint;
  /** Relative paths that stay, with everything in them. */
  readonly protectedPaths: ReadonlySet<string>;
  /** Called between steps; may throw to stop. */
  readonly check: () => void;
}

export function namesIn(fs: FileSystem, root: string, path: string): string[] {
  return fs.readDirectory(below(root, path)).map((entry) => entry.name);
}

/** What to say of a path that the operating system does not let anybody look at. Other errors are thrown on. */
export function unreadable(path: string, error: unknown): Skipped {
  if (!isSystemError(error)) throw error;
  return { path, reason: `It ${reasonOf(error)}, so nothing in it is removed.` };
}

/**
 * What of the tree at `path` can be taken away: the whole as one, or, where something in it must stay, its parts.
 * `kept` tells what stays that a person might not expect.
 */
export function measureExtra(rules: ExtrasRules, path: string): { extras: Extra[]; kept: Skipped[] } {
  const extras: Extra[] = [];
  const kept: Skipped[] = [];
  const whole = isProtected(rules.protectedPaths, path) ? undefined : visit(path);
  if (whole !== undefined) extras.push(whole);
  return { extras, kept };

  function readable<T>(at: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      kept.push(unreadable(at, error));
      return undefined;
    }
  }

  /** The tree at `at` when all of it can go; otherwise undefined, and what of it can go is in `extras`. */
  function visit(at: string): Extra | undefined {
    rules.check();
    if (rules.protectedPaths.has(at)) return undefined;
    const stat = readable(at, () => lstatOrNothing(rules.fs, below(rules.root, at)));
    if (stat === undefined) return undefined;
    const type = typeOf(stat);
    const stamp = stampOf(stat);
    if (type === 'other') {
      kept.push({ path: at, reason: 'It is a socket, a pipe or a device, and stays.' });
      return undefined;
    }
    if (type !== 'dir') return { path: at, type, entries: 1, bytes: type === 'file' ? Number(stat.size) : 0, stamp };
    if (stat.dev !== rules.device) {
      kept.push({ path: at, reason: 'Another file system is mounted here; it stays.' });
      return undefined;
    }
    const names = readable(at, () => namesIn(rules.fs, rules.root, at));
    if (names === undefined) return undefined;
    const children = names.sort(comparePaths).map((name) => visit(`${at}/${name}`));
    const going = children.filter((child) => child !== undefined);
    if (going.length < children.length) {
      extras.push(...going);
      return undefined;
    }
    return {
      path: at,
      type,
      entries: going.reduce((sum, child) => sum + child.entries, 1),
      bytes: going.reduce((sum, child) => sum + child.bytes, 0),
      stamp: hash53([stamp, ...going.map((child) => `${child.path}\0${child.stamp}`)].join('\n')),
    };
  }
}
