import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Exclusion } from '../archive/index.ts';
import { isSystemError, reasonOf, toLarderError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { isTagged, measure } from './excluded.ts';
import type { Figures } from './excluded.ts';
import { EntryEncoder, batchEntries } from './entry-codec.ts';
import type { EntryBatch } from './entry-codec.ts';
import { archiveBound } from './space.ts';
import { cacheTagName, fileExclusion, holdsBackups, reasons, specialExclusion, undoFolder } from './selection.ts';

/** Which directory it is, however it is named. */
export interface DirectoryIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

export interface WalkInput {
  /** Absolute real path of the store's root. */
  readonly root: string;
  /** Folders backups are written to; never part of a backup, wherever they lie and however they are reached. */
  readonly destinations: readonly DirectoryIdentity[];
  /** Names of top-level folders left out because they are for backups. */
  readonly backupAreas: readonly string[];
  /** Whether entries are wanted, or only the figures. */
  readonly entries: boolean;
}

/** Posted every few thousand entries. */
export interface WalkMessage {
  readonly files: number;
  readonly bytes: number;
  readonly current: string;
  readonly batch?: EntryBatch;
}

export interface WalkOutput {
  readonly root: DirectoryIdentity;
  readonly files: number;
  readonly dirs: number;
  readonly bytes: number;
  /** Upper bound of what an archive of all this and its manifest can take on disk. */
  readonly needed: number;
  /** Figures by top-level folder; `''` for what lies in the root itself. */
  readonly areas: readonly { readonly path: string; readonly files: number; readonly bytes: number }[];
  readonly excluded: readonly Exclusion[];
  /** What could not be read, with the reason. */
  readonly skipped: readonly Skipped[];
  /** Names that were in their folder's listing and gone when it was their turn. */
  readonly vanished: number;
}

/** A directory that was announced and whose content comes later in path order. */
interface Pending {
  readonly name: string;
  readonly names: readonly string[];
}

/**
 * Goes through a tree in the order of `comparePaths` over whole relative paths, the root (`''`) first.
 *
 * Links are never followed; other mounts are left out and listed. A directory that cannot be read is listed as skipped
 * and stays in as an empty one. What vanishes between its directory's listing and its own `lstat` is only counted;
 * it is no error. Throws `NOT_FOUND` or `PERMISSION` when the root itself is not to be read, or was exchanged
 * meanwhile.
 */
export class Walk {
  readonly #input: WalkInput;
  readonly #context: TaskContext;
  readonly #device: bigint;
  readonly #rootStats: BigIntStats;
  readonly #encoder: EntryEncoder;
  readonly #areas = new Map<string, Figures>();
  readonly #excluded: Exclusion[] = [];
  readonly #skipped: Skipped[] = [];
  readonly #totals = { files: 0, dirs: 0, bytes: 0, needed: 0 };
  #vanished = 0;
  #sinceMessage = 0;
  #area: Figures;

  constructor(input: WalkInput, context: TaskContext) {
    this.#input = input;
    this.#context = context;
    this.#rootStats = rootStats(input.root, context);
    this.#device = this.#rootStats.dev;
    this.#encoder = new EntryEncoder(this.#device);
    this.#area = this.#figures('');
  }

  run(): WalkOutput {
    let names: string[];
    try {
      names = this.#list('', this.#rootStats);
    } catch (error) {
      throw toLarderError(error, this.#input.root);
    }
    this.#add('', this.#rootStats, 'dir');
    this.#content('', names);
    const now = rootStats(this.#input.root, this.#context);
    if (now.dev !== this.#rootStats.dev || now.ino !== this.#rootStats.ino) throw vanished(this.#input.root);
    this.#message('', true);
    return {
      root: { device: this.#device, inode: this.#rootStats.ino },
      ...this.#totals,
      areas: [...this.#areas].map(([path, figures]) => ({ path, ...figures })),
      excluded: this.#excluded,
      skipped: this.#skipped,
      vanished: this.#vanished,
    };
  }

  /**
   * Everything below `directory`. A directory `a` comes at `a`, its content at `a/`, and `a-b` lies between the two; so
   * content waits on a stack until the next name is beyond it.
   */
  #content(directory: string, names: readonly string[]): void {
    const pending: Pending[] = [];
    const flush = (before: string | undefined): void => {
      for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
        if (before !== undefined && `${top.name}/` > before) return;
        pending.pop();
        if (directory === '') this.#area = this.#figures(top.name);
        this.#content(join(directory, top.name), top.names);
        if (directory === '') this.#area = this.#figures('');
      }
    };
    for (const name of [...names].sort()) {
      flush(name);
      const below = this.#entry(directory, name);
      if (below !== undefined) pending.push({ name, names: below });
    }
    flush(undefined);
  }

  /** Deals with one name; for a directory that is in, returns the names in it. */
  #entry(directory: string, name: string): string[] | undefined {
    this.#context.throwIfCancelled();
    const path = join(directory, name);
    let stats: BigIntStats;
    try {
      stats = this.#context.fs.lstat(this.#absolute(path));
    } catch (error) {
      if (isVanished(error)) this.#vanished += 1;
      else this.#skip(path, error);
      return undefined;
    }
    if (stats.dev !== this.#device) {
      this.#excluded.push({ path, reason: reasons.otherMount, files: 0, bytes: 0 });
      return undefined;
    }
    if (stats.isDirectory()) return this.#directory(directory, name, path, stats);
    if (stats.isSymbolicLink()) this.#add(path, stats, 'symlink');
    else if (stats.isFile()) {
      const reason = fileExclusion(name, Number(stats.size));
      if (reason === undefined) this.#add(path, stats, 'file');
      else this.#excluded.push({ path, reason, files: 1, bytes: Number(stats.size) });
    } else {
      this.#excluded.push({ path, reason: specialExclusion(Number(stats.mode)), files: 1, bytes: 0 });
    }
    return undefined;
  }

  #directory(parent: string, name: string, path: string, stats: BigIntStats): string[] | undefined {
    const known = this.#knownExclusion(parent, name, stats);
    if (known !== undefined) {
      this.#exclude(path, known);
      return undefined;
    }
    let names: string[];
    try {
      names = this.#list(path, stats);
    } catch (error) {
      if (isVanished(error)) {
        this.#vanished += 1;
        return undefined;
      }
      this.#add(path, stats, 'dir');
      this.#skip(path, error);
      return undefined;
    }
    const tagged = names.includes(cacheTagName) && isTagged(this.#context.fs, this.#absolute(path));
    if (tagged || holdsBackups(names)) {
      this.#exclude(path, tagged ? reasons.cacheTag : reasons.heldBackups);
      return undefined;
    }
    this.#add(path, stats, 'dir');
    return names;
  }

  #knownExclusion(parent: string, name: string, stats: BigIntStats): string | undefined {
    const { destinations, backupAreas } = this.#input;
    const isDestination = destinations.some(({ device, inode }) => device === stats.dev && inode === stats.ino);
    if (isDestination) return reasons.destination;
    if (parent !== '') return undefined;
    if (name === undoFolder) return reasons.undo;
    return backupAreas.includes(name) ? reasons.backupArea : undefined;
  }

  /** The names in a directory; refuses when it was exchanged for something else, a link out of the store perhaps. */
  #list(path: string, stats: BigIntStats): string[] {
    const absolute = this.#absolute(path);
    const names = this.#context.fs.readDirectory(absolute).map((entry) => entry.name);
    const now = this.#context.fs.lstat(absolute);
    // Also the type: a file system may give a new entry the inode number just freed.
    if (!now.isDirectory() || now.ino !== stats.ino || now.dev !== stats.dev) {
      throw new LarderError('CHANGED_ON_DISK', 'it was exchanged while being listed');
    }
    return names;
  }

  #exclude(path: string, reason: string): void {
    const figures = measure(this.#context, this.#absolute(path), this.#device);
    this.#excluded.push({ path, reason, ...figures });
  }

  #add(path: string, stats: BigIntStats, type: 'file' | 'dir' | 'symlink'): void {
    const size = Number(stats.size);
    if (this.#input.entries) {
      try {
        this.#encoder.add({
          path,
          type,
          mode: Number(stats.mode) & 0o7777,
          uid: Number(stats.uid),
          gid: Number(stats.gid),
          mtimeNs: stats.mtimeNs,
          ctimeNs: stats.ctimeNs,
          size,
          inode: stats.ino,
          links: Number(stats.nlink),
        });
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#skipped.push({ path, reason: 'its name is not text in any encoding' });
        return;
      }
    }
    this.#totals.needed += archiveBound(path, type === 'file' ? size : 0);
    if (type === 'file') {
      this.#totals.files += 1;
      this.#totals.bytes += size;
      this.#area.files += 1;
      this.#area.bytes += size;
    } else if (type === 'dir') this.#totals.dirs += 1;
    this.#message(path, false);
  }

  #message(current: string, last: boolean): void {
    this.#sinceMessage += 1;
    if (!last && this.#sinceMessage < batchEntries) return;
    this.#sinceMessage = 0;
    const { files, bytes } = this.#totals;
    if (this.#encoder.count === 0) this.#context.post({ files, bytes, current } satisfies WalkMessage);
    else {
      const batch = this.#encoder.take();
      this.#context.post({ files, bytes, current, batch } satisfies WalkMessage, [batch.bytes.buffer]);
    }
  }

  #skip(path: string, error: unknown): void {
    this.#skipped.push({ path, reason: reasonOf(error) });
  }

  #figures(area: string): Figures {
    let figures = this.#areas.get(area);
    if (figures === undefined) {
      figures = { files: 0, bytes: 0 };
      this.#areas.set(area, figures);
    }
    return figures;
  }

  #absolute(path: string): string {
    if (path === '') return this.#input.root;
    return this.#input.root.endsWith('/') ? this.#input.root + path : `${this.#input.root}/${path}`;
  }
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

function isVanished(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

function vanished(root: string): LarderError {
  return new LarderError('NOT_FOUND', `${displayName(root)} went away while it was being read.`, {
    hint: 'Check that the folder is there and its disk is connected, then try again.',
    details: { path: root },
  });
}

/** What the root is; throws unless it is a directory. */
function rootStats(root: string, { fs }: Pick<TaskContext, 'fs'>): BigIntStats {
  let stats: BigIntStats;
  try {
    stats = fs.lstat(root);
  } catch (error) {
    if (isVanished(error)) throw vanished(root);
    throw toLarderError(error, root);
  }
  if (!stats.isDirectory()) throw new LarderError('NOT_FOUND', `${displayName(root)} is not a folder.`);
  return stats;
}
