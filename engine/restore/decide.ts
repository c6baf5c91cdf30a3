import type { Overwrite, RestoreAction } from '../../shared/contract/index.ts';
import { microseconds, sameTime } from './times.ts';

/** What is at a path of the live tree, links not followed. */
export interface LiveStat {
  readonly type: 'file' | 'dir' | 'symlink' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly links: number;
  /** Of a symlink. */
  readonly target?: string;
  /** SHA-256 of a file's content, hex; absent while it was not needed. */
  readonly sha256?: string;
}

/** What of a manifest entry the decision rests on. */
export interface WantedEntry {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly size: number;
  readonly sha256?: string;
  readonly target?: string;
}

export interface Rule {
  readonly overwrite: Overwrite;
  /** Whether owners are compared and set: only root may. */
  readonly owners: boolean;
  /** Whether permission bits mean anything on this platform. */
  readonly modes: boolean;
}

/** `digest`: the content must be read and compared; ask again with `live.sha256`. */
export type Decision = Exclude<RestoreAction, 'delete'> | 'digest';

/**
 * What a restore does with one entry.
 *
 * Content is taken as equal when size and modification time are, except under `always`, which reads it: that is the
 * rule that finds and repairs a file damaged without a trace in its times. Under `if-newer` an entry wins over what is
 * there when its modification time is later; under `never` it only fills gaps.
 *
 * Mode and times of a file with several hard links are never changed in place, because the other names may lie outside
 * of what was chosen, even outside the target: such a file is replaced by one of its own.
 */
export function decide(entry: WantedEntry, live: LiveStat | undefined, rule: Rule): Decision {
  if (live === undefined) return 'create';
  const wins =
    rule.overwrite === 'always' ||
    rule.overwrite === 'if-changed' ||
    (rule.overwrite === 'if-newer' && microseconds(entry.mtimeNs) > microseconds(live.mtimeNs));
  const replace = wins ? 'overwrite' : 'keep';
  if (live.type !== entry.type) return replace;
  switch (entry.type) {
    case 'dir':
      return sameMetadata(entry, live, rule) ? 'unchanged' : wins ? 'metadata' : 'keep';
    case 'symlink':
      if (live.target !== entry.target) return replace;
      if (sameMetadata(entry, live, rule)) return 'unchanged';
      return wins ? inPlace(live) : 'keep';
    case 'file': {
      if (live.size !== entry.size) return replace;
      if (!sameTime(entry.mtimeNs, live.mtimeNs) || rule.overwrite === 'always') {
        if (!wins) return 'keep';
        if (live.sha256 === undefined) return 'digest';
        if (live.sha256 !== entry.sha256) return 'overwrite';
      }
      if (sameMetadata(entry, live, rule)) return 'unchanged';
      return wins ? inPlace(live) : 'keep';
    }
  }
}

function inPlace(live: LiveStat): 'overwrite' | 'metadata' {
  return live.links > 1 ? 'overwrite' : 'metadata';
}

function sameMetadata(entry: WantedEntry, live: LiveStat, rule: Rule): boolean {
  if (!sameTime(entry.mtimeNs, live.mtimeNs)) return false;
  if (rule.modes && entry.type !== 'symlink' && entry.mode !== live.mode) return false;
  return !rule.owners || (entry.uid === live.uid && entry.gid === live.gid);
}
