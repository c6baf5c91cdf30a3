import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped, StoreRules } from '../../shared/contract/index.ts';
import type { Exclusion } from '../archive/index.ts';
import type { Candidate } from '../capture/index.ts';
import { isSystemError, reasonOf, toLarderError } from '../fs/index.ts';
import { AreaIndex } from '../../shared/area-path.ts';
import type { TaskContext } from '../pool/index.ts';
import { isTagged, measure } from './excluded.ts';
import type { Figures } from './excluded.ts';
import type { EntryBatch } from './entry-codec.ts';
import { EntryStream } from './entry-stream.ts';
import { Exclusions } from './exclusions.ts';
import { isPseudo } from './file-systems.ts';
import { LiveFiles, LiveNames } from './live-files.ts';
import { cacheTagName, fileExclusion, holdsBackups, reasons, specialExclusion, undoFolder } from './selection.ts';
import { isVanished, rootStats, vanished } from './walk-root.ts';
import { WalkRules } from './walk-rules.ts';
import type { AreaRule, LayoutRule } from './walk-rules.ts';

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
  /** The folder of the secrets Larder keeps, where there is one. */
  readonly secrets?: DirectoryIdentity | undefined;
  /** Paths (with `*` for any part of a name) of folders left out because they are for backups. */
  readonly backupAreas: readonly string[];
  /** Backup rules of the store's layout. */
  readonly layoutRules: readonly LayoutRule[];
  /** Paths of areas to tell figures of, besides the folders in the root. */
  readonly areas: readonly string[];
  /** What the person settled for the store. */
  readonly rules: Pick<StoreRules, 'exclude' | 'areas' | 'crossMounts'>;
  readonly nowMs: number;
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
  /** Figures by area or folder in the root, without areas within it; `''` for what lies in the root itself. */
  readonly areas: readonly { readonly path: string; readonly files: number; readonly bytes: number }[];
  readonly excluded: readonly Exclusion[];
  /** What could not be read, with the reason. */
  readonly skipped: readonly Skipped[];
  /** Files that a program may be writing to, to be copied through it. */
  readonly live: readonly Candidate[];
  /** Names that were in their folder's listing and gone when it was their turn. */
  readonly vanished: number;
}

/** A directory that is in, with what holds for what is in it. */
interface Folder {
  readonly path: string;
  readonly names: readonly string[];
  readonly device: bigint;
  readonly rule: AreaRule | undefined;
  readonly live: LiveNames | undefined;
}

/** A directory that was announced and whose content comes later in path order. */
interface Pending {
  readonly name: string;
  readonly folder: Folder;
}

/**
 * Goes through a tree in the order of `comparePaths` over whole relative paths, the root (`''`) first.
 *
 * Links are never followed; other mounts are left out and listed, unless the rules say to go into them. A directory that cannot be read is listed as skipped
 * and stays in as an empty one. What vanishes between its directory's listing and its own `lstat` is only counted;
 * it is no error. Throws `NOT_FOUND` or `PERMISSION` when the root itself is not to be read, or was exchanged
 * meanwhile.
 */
export class Walk {
  readonly #input: WalkInput;
  readonly #context: TaskContext;
  readonly #rules: WalkRules;
  readonly #rootStats: BigIntStats;
  readonly #layoutAreas: AreaIndex<{ path: string }>;
  readonly #backupAreas: AreaIndex<{ path: string }>;
  readonly #areas = new Map<string, Figures>();
  readonly #excluded = new Exclusions();
  readonly #live: LiveFiles;
  readonly #skipped: Skipped[] = [];
  readonly #stream: EntryStream;
  #vanished = 0;
  #area: Figures;

  constructor(input: WalkInput, context: TaskContext) {
    this.#input = input;
    this.#context = context;
    this.#rules = new WalkRules(input.rules, input.layoutRules, input.nowMs);
    this.#layoutAreas = new AreaIndex(input.areas.map((path) => ({ path })));
    this.#backupAreas = new AreaIndex(input.backupAreas.map((path) => ({ path })));
    this.#live = new LiveFiles(context.fs, input.nowMs);
    this.#rootStats = rootStats(input.root, context);
    this.#stream = new EntryStream(context, input.entries);
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
    this.#content(this.#folder('', names, this.#rootStats, this.#rules.areaRule('', undefined)));
    const now = rootStats(this.#input.root, this.#context);
    if (now.dev !== this.#rootStats.dev || now.ino !== this.#rootStats.ino) throw vanished(this.#input.root);
    this.#stream.end();
    return {
      root: { device: this.#rootStats.dev, inode: this.#rootStats.ino },
      ...this.#stream.totals,
      areas: [...this.#areas].map(([path, figures]) => ({ path, ...figures })),
      excluded: this.#excluded.list(),
      skipped: this.#skipped,
      live: this.#live.found,
      vanished: this.#vanished,
    };
  }

  #folder(path: string, names: readonly string[], stats: BigIntStats, rule: AreaRule | undefined): Folder {
    return { path, names, device: stats.dev, rule, live: LiveNames.among(names) };
  }

  /**
   * Everything below a directory. A directory `a` comes at `a`, its content at `a/`, and `a-b` lies between the two; so
   * content waits on a stack until the next name is beyond it.
   */
  #content(directory: Folder): void {
    const isRoot = directory.path === '';
    const pending: Pending[] = [];
    const flush = (before: string | undefined): void => {
      for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
        if (before !== undefined && `${top.name}/` > before) return;
        pending.pop();
        const around = this.#area;
        const { path } = top.folder;
        if (isRoot || this.#layoutAreas.at(path) !== undefined) this.#area = this.#figures(path);
        this.#content(top.folder);
        this.#area = around;
      }
    };
    for (const name of [...directory.names].sort()) {
      flush(name);
      const folder = this.#entry(directory, name);
      if (folder !== undefined) pending.push({ name, folder });
    }
    flush(undefined);
  }

  /** Deals with one name; for a directory that is in, returns it. */
  #entry(directory: Folder, name: string): Folder | undefined {
    this.#context.throwIfCancelled();
    const path = join(directory.path, name);
    let stats: BigIntStats;
    try {
      stats = this.#context.fs.lstat(this.#absolute(path));
    } catch (error) {
      if (isVanished(error)) this.#vanished += 1;
      else this.#skip(path, error);
      return undefined;
    }
    if (stats.dev !== directory.device) {
      const reason = this.#mountExclusion(path);
      if (reason !== undefined) {
        this.#excluded.add({ path, reason, files: 0, bytes: 0 });
        return undefined;
      }
    }
    if (stats.isDirectory()) return this.#directory(directory, path, stats);
    const bytes = stats.isFile() ? Number(stats.size) : 0;
    const reason = stats.isFile() || stats.isSymbolicLink() ? undefined : specialExclusion(Number(stats.mode));
    const why =
      reason ?? this.#rules.exclusion(path, false) ?? (stats.isFile() ? fileExclusion(name, bytes) : undefined);
    if (why !== undefined) this.#excluded.add({ path, reason: why, files: 1, bytes });
    else if (stats.isSymbolicLink()) this.#add(path, stats, 'symlink');
    else if (directory.rule?.kind === 'recent' && this.#isOlder(directory, name, stats, directory.rule.sinceNs)) {
      this.#excluded.fold(directory.rule.path, directory.rule.reason, 1, bytes);
    } else if (this.#add(path, stats, 'file')) {
      this.#live.note(directory.path, name, directory.live, this.#absolute(path), stats, this.#input.entries);
    }
    return undefined;
  }

  /** Why what another file system holds is left out, or undefined when it is to be gone into. */
  #mountExclusion(path: string): string | undefined {
    if (!this.#input.rules.crossMounts) return reasons.otherMount;
    try {
      return isPseudo(this.#context.fs.statfs(this.#absolute(path)).type) ? reasons.pseudoMount : undefined;
    } catch (error) {
      // What is wrong with it shows when it is listed or read.
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }

  /** Whether a file, and with it what belongs to the same database, was last written before a time. */
  #isOlder(directory: Folder, name: string, stats: BigIntStats, sinceNs: bigint): boolean {
    if (stats.mtimeNs >= sinceNs) return false;
    return (directory.live?.groupOf(name) ?? []).every((other) => {
      try {
        return this.#context.fs.lstat(this.#absolute(join(directory.path, other))).mtimeNs < sinceNs;
      } catch (error) {
        if (isSystemError(error)) return true;
        throw error;
      }
    });
  }

  #directory(parent: Folder, path: string, stats: BigIntStats): Folder | undefined {
    const rule = this.#rules.areaRule(path, parent.rule);
    const known = this.#knownExclusion(path, stats, rule);
    if (known !== undefined) {
      this.#exclude(path, known, stats.dev);
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
    if (rule?.kind !== 'always') {
      const tagged = names.includes(cacheTagName) && isTagged(this.#context.fs, this.#absolute(path));
      if (tagged || holdsBackups(names)) {
        this.#exclude(path, tagged ? reasons.cacheTag : reasons.heldBackups, stats.dev);
        return undefined;
      }
    }
    this.#add(path, stats, 'dir');
    return this.#folder(path, names, stats, rule);
  }

  #knownExclusion(path: string, stats: BigIntStats, rule: AreaRule | undefined): string | undefined {
    const { destinations, secrets } = this.#input;
    const isIt = ({ device, inode }: DirectoryIdentity): boolean => device === stats.dev && inode === stats.ino;
    if (destinations.some(isIt)) return reasons.destination;
    if (secrets !== undefined && isIt(secrets)) return reasons.secrets;
    if (path === undoFolder) return reasons.undo;
    const byGlob = this.#rules.exclusion(path, true);
    if (byGlob !== undefined) return byGlob;
    if (rule?.kind === 'never') return reasons.never;
    return rule?.kind !== 'always' && this.#backupAreas.at(path) !== undefined ? reasons.backupArea : undefined;
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

  #exclude(path: string, reason: string, device: bigint): void {
    this.#excluded.add({ path, reason, ...measure(this.#context, this.#absolute(path), device) });
  }

  /** Takes an entry in; false when it cannot be told. */
  #add(path: string, stats: BigIntStats, type: 'file' | 'dir' | 'symlink'): boolean {
    try {
      this.#stream.add(path, stats, type);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#skipped.push({ path, reason: 'its name is not text in any encoding' });
      return false;
    }
    if (type === 'file') {
      this.#area.files += 1;
      this.#area.bytes += Number(stats.size);
    }
    return true;
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
