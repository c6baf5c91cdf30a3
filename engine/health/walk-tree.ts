import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import type { AreaCleanup } from '../../shared/contract/index.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { AreaIndex } from '../layouts/index.ts';
import { BoundedList } from './bounded.ts';
import type { AreaFigures, Me } from './facts.ts';
import { formatOf, isNeverEmpty, isPartialDownload } from './file-names.ts';
import type { Candidate } from './integrity/index.ts';
import type {
  LinkFound,
  Off,
  OtherOwner,
  SeenFile,
  TreeFacts,
  TreeInput,
  WalkedArea,
  Wanted,
  WrongOwner,
} from './tree-facts.ts';

const { S_IFMT: typeMask, S_IFDIR: directoryType, S_IFREG: fileType, S_IFLNK: linkType } = constants;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Paths kept of each kind of trouble. */
const listed = 100;
/** Deviations one plan can mend. */
export const mostMends = 20_000;
export const mostCandidates = 50_000;
export const mostImmutable = 50_000;
/** Below that lie references, locks and lists, which do change in a folder of files that do not. */
const leastImmutableBytes = 64 * 1024;
/** Files of roles with these are looked into without an ending that says what they are. */
const modelRoles = new Set(['model', 'vector', 'scaler']);
/** Folders Larder keeps in a store itself. */
const ownFolders = new Set(['.larder', '.larder-undo']);

interface Sum {
  bytes: number;
  files: number;
  newestMs: number;
  overdue: number;
}

interface Folder {
  readonly path: string;
  readonly area: WalkedArea | undefined;
}

/** How old a file of an area may be; undefined without a rule of age. */
export function keepMsOf(cleanup: AreaCleanup): number | undefined {
  if (typeof cleanup === 'string') return undefined;
  return 'olderThanHours' in cleanup ? cleanup.olderThanHours * hourMs : cleanup.olderThanDays * dayMs;
}

/** Whether permission bits let this user read a file; root may always. Access lists are not asked. */
function mayRead({ mode, uid, gid }: Stats, me: Me | undefined): boolean {
  if (me === undefined || me.uid === 0) return true;
  if (uid === me.uid) return (mode & 0o400) !== 0;
  return (mode & (me.gids.includes(gid) ? 0o040 : 0o004)) !== 0;
}

/**
 * Walks a store once and notes whatever a check asks of single files and folders. The count of usage keeps neither
 * modes nor owners nor where links lead, so this is a walk of its own; figures fall off by the way.
 *
 * Links are never followed. What vanishes meanwhile is passed over. Throws when the root cannot be read.
 */
export function walkTree(
  fs: FileSystem,
  input: TreeInput,
  { throwIfCancelled, onProgress }: { throwIfCancelled(): void; onProgress(entries: number): void },
): TreeFacts {
  return new Walk(fs, input).run(throwIfCancelled, onProgress);
}

class Walk {
  readonly #fs: FileSystem;
  readonly #input: TreeInput;
  readonly #index: AreaIndex<WalkedArea>;
  readonly #closed: ReadonlySet<string>;
  readonly #own: ReadonlySet<string>;
  readonly #sums = new Map<WalkedArea | undefined, Sum>();
  #entries = 0;
  #complete = true;
  #partialBytes = 0;
  #partialRunning = 0;
  #modesLooked = 0;
  #ownersLooked = 0;
  #mine = 0;
  #rootUid = 0;
  #logsLastDay = 0;
  #newestData: SeenFile | undefined;
  #newestLog: SeenFile | undefined;
  readonly #unreadable = new BoundedList<{ path: string; reason: string }>(listed);
  readonly #dangling = new BoundedList<LinkFound>(listed);
  readonly #leaving = new BoundedList<LinkFound>(listed);
  readonly #off = new BoundedList<Off>(mostMends);
  readonly #lacking = new BoundedList<Off>(listed);
  readonly #ownersOff = new BoundedList<WrongOwner>(mostMends);
  readonly #foreign = new BoundedList<OtherOwner>(listed);
  readonly #worldWritable = new BoundedList<{ path: string; role: WalkedArea['role'] }>(listed);
  readonly #zeroByte = new BoundedList<{ path: string; role: WalkedArea['role'] }>(listed);
  readonly #partial = new BoundedList<SeenFile>(listed);
  readonly #future = new BoundedList<SeenFile>(listed);
  readonly #candidates = new BoundedList<Candidate>(mostCandidates);
  readonly #immutable = new BoundedList<SeenFile>(mostImmutable);

  constructor(fs: FileSystem, input: TreeInput) {
    this.#fs = fs;
    this.#input = input;
    this.#index = new AreaIndex(input.areas);
    this.#closed = new Set(input.closed);
    this.#own = new Set(input.own);
  }

  run(throwIfCancelled: () => void, onProgress: (entries: number) => void): TreeFacts {
    const { root, mostEntries } = this.#input;
    const rootStats = this.#fs.lstatNumbers(root);
    this.#rootUid = rootStats.uid;
    const stack: (Folder & { readonly stats: Stats })[] = [{ path: '', area: this.#index.at(''), stats: rootStats }];
    let told = 0;
    for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
      throwIfCancelled();
      const names = this.#list(folder.path);
      this.#lookAtFolder(folder, folder.stats, names);
      if (names === undefined || this.#own.has(folder.path)) continue;
      const prefix = folder.path === '' ? '' : `${folder.path}/`;
      for (const name of names) {
        if (folder.path === '' && ownFolders.has(name)) continue;
        if (this.#entries >= mostEntries) {
          this.#complete = false;
          return this.#result();
        }
        this.#entries++;
        if (this.#entries - told >= 5_000) {
          told = this.#entries;
          throwIfCancelled();
          onProgress(told);
        }
        const path = prefix + name;
        const stats = this.#stats(path);
        if (stats === undefined) continue;
        const type = stats.mode & typeMask;
        if (type === fileType) this.#lookAtFile(folder.area, path, name, stats);
        else if (type === linkType) this.#lookAtLink(folder.area, path);
        else if (type === directoryType && this.#isEntered(path, stats, rootStats)) {
          stack.push({ path, area: this.#index.at(path) ?? folder.area, stats });
        }
      }
    }
    return this.#result();
  }

  #isEntered(path: string, stats: Stats, rootStats: Stats): boolean {
    return !this.#closed.has(path) && (this.#input.crossMounts || stats.dev === rootStats.dev);
  }

  #absolute(path: string): string {
    const { root } = this.#input;
    return path === '' ? root : `${root}/${path}`;
  }

  #list(path: string): string[] | undefined {
    try {
      return this.#fs.readNames(this.#absolute(path));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (path === '') throw error;
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) this.#unreadable.add({ path, reason: reasonOf(error) });
      return undefined;
    }
  }

  #stats(path: string): Stats | undefined {
    try {
      return this.#fs.lstatNumbers(this.#absolute(path));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) this.#unreadable.add({ path, reason: reasonOf(error) });
      return undefined;
    }
  }

  #sum(area: WalkedArea | undefined): Sum {
    let sum = this.#sums.get(area);
    if (sum === undefined) this.#sums.set(area, (sum = { bytes: 0, files: 0, newestMs: 0, overdue: 0 }));
    return sum;
  }

  /** What is asked of permission here; nothing where a service keeps its files as it likes. */
  #want(folder: Folder, isOwnFolder: boolean, isEmpty: boolean): Wanted | undefined {
    const { area } = folder;
    if (area === undefined) return this.#input.want;
    if (area.ofService) return isOwnFolder && isEmpty ? area.want : undefined;
    // Larder's backups have their own permission.
    if (area.role === 'backup' && !isOwnFolder) return undefined;
    return area.want;
  }

  #lookAtFolder(folder: Folder, stats: Stats, names: readonly string[] | undefined): void {
    const { path, area } = folder;
    const isOwnFolder = path === '' || this.#index.at(path) !== undefined;
    const want = this.#want(folder, isOwnFolder, names?.length === 0);
    this.#lookAtMode(path, 'dir', stats, want?.directoryMode, isOwnFolder);
    this.#lookAtOwner(area, path, stats, want);
    // With the sticky bit only its owner may remove what lies in it.
    if ((stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0) {
      this.#worldWritable.add({ path, role: area?.role ?? 'other' });
    }
  }

  #lookAtMode(path: string, kind: 'dir' | 'file', stats: Stats, wanted: number | undefined, isArea: boolean): void {
    if (wanted === undefined || this.#input.me === undefined) return;
    this.#modesLooked++;
    // Group and sticky bits of folders are a matter of taste unless the layout names them.
    const from = stats.mode & (wanted > 0o777 ? 0o7777 : 0o777);
    if (from === wanted) return;
    const off: Off = { path, kind, from, want: wanted };
    this.#off.add(off);
    if (isArea && (wanted & ~from) !== 0) this.#lacking.add(off);
  }

  #lookAtOwner(area: WalkedArea | undefined, path: string, { uid, gid }: Stats, want: Wanted | undefined): void {
    const { me } = this.#input;
    if (me === undefined) return;
    if (want?.owner !== undefined) {
      this.#ownersLooked++;
      if (uid !== want.owner.uid || gid !== want.owner.gid) {
        this.#ownersOff.add({ path, uid, gid, want: want.owner });
        if (uid === me.uid) this.#mine++;
      }
    }
    if (uid !== this.#rootUid && area?.ofService !== true) this.#foreign.add({ path, uid, gid });
  }

  #lookAtFile(area: WalkedArea | undefined, path: string, name: string, stats: Stats): void {
    const { nowMs, me } = this.#input;
    const role = area?.role ?? 'other';
    const bytes = stats.size;
    const mtimeMs = Math.floor(stats.mtimeMs);
    const seen: SeenFile = { path, bytes, mtimeMs };
    const sum = this.#sum(area);
    sum.bytes += bytes;
    sum.files++;
    const isFuture = mtimeMs > nowMs + dayMs;
    if (isFuture) this.#future.add(seen);
    else {
      if (mtimeMs > sum.newestMs) sum.newestMs = mtimeMs;
      if (role === 'log') {
        if (mtimeMs > nowMs - dayMs) this.#logsLastDay++;
        if (mtimeMs > (this.#newestLog?.mtimeMs ?? -Infinity)) this.#newestLog = seen;
      } else if (role !== 'backup' && mtimeMs > (this.#newestData?.mtimeMs ?? -Infinity)) this.#newestData = seen;
    }
    const keepMs = area === undefined ? undefined : keepMsOf(area.cleanup);
    if (keepMs !== undefined && mtimeMs < nowMs - 2 * keepMs) sum.overdue++;

    const want = this.#want({ path, area }, false, false);
    if (want?.fileMode !== undefined) {
      const isScript = want.scriptMode !== undefined && this.#isScript(path, name, stats);
      this.#lookAtMode(path, 'file', stats, isScript ? want.scriptMode : want.fileMode, false);
    }
    this.#lookAtOwner(area, path, stats, want);
    if ((stats.mode & 0o002) !== 0) this.#worldWritable.add({ path, role });
    if (!mayRead(stats, me)) this.#unreadable.add({ path, reason: 'may not be read by this user' });

    if (isPartialDownload(name)) {
      if (mtimeMs > nowMs - hourMs) this.#partialRunning++;
      else {
        this.#partial.add(seen);
        this.#partialBytes += bytes;
      }
      return;
    }
    if (area?.immutable === true && bytes >= leastImmutableBytes && mtimeMs <= nowMs - hourMs)
      this.#immutable.add(seen);
    if (role === 'backup') return;
    if (bytes === 0) {
      if (isNeverEmpty(name)) this.#zeroByte.add({ path, role });
      return;
    }
    const format = formatOf(name, modelRoles.has(role));
    if (format !== undefined) this.#candidates.add({ path, format, role, bytes, mtimeMs });
  }

  /** A script by its name, or a file that may be run and begins with `#!`. */
  #isScript(path: string, name: string, stats: Stats): boolean {
    if (/\.(?:sh|bash)$/.test(name)) return true;
    if ((stats.mode & 0o111) === 0 || stats.size < 2) return false;
    try {
      const fd = this.#fs.open(this.#absolute(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const start = new Uint8Array(2);
        return this.#fs.read(fd, start, 0, 2, 0) === 2 && start[0] === 0x23 && start[1] === 0x21;
      } finally {
        this.#fs.close(fd);
      }
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  #lookAtLink(area: WalkedArea | undefined, path: string): void {
    const { root } = this.#input;
    const absolute = this.#absolute(path);
    let target: string;
    try {
      target = this.#fs.readLink(absolute);
    } catch (error) {
      if (isSystemError(error)) return;
      throw error;
    }
    const link: LinkFound = { path, target, role: area?.role ?? 'other' };
    try {
      const real = this.#fs.realPath(absolute);
      if (real !== root && !real.startsWith(root.endsWith('/') ? root : `${root}/`)) this.#leaving.add(link);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // Behind a folder that may not be entered there may be something.
      if (isSystemError(error, 'EACCES', 'EPERM')) this.#leaving.add(link);
      else this.#dangling.add(link);
    }
  }

  #result(): TreeFacts {
    const areas: AreaFigures[] = [];
    const total = { bytes: 0, files: 0, newestMs: 0 };
    for (const [area, { bytes, files, newestMs }] of this.#sums) {
      total.bytes += bytes;
      total.files += files;
      total.newestMs = Math.max(total.newestMs, newestMs);
      if (area !== undefined) {
        areas.push({ path: area.path, role: area.role, guess: area.guess, bytes, files, newestMs });
      }
    }
    const unreadable = this.#unreadable.done();
    const ofLogs = areas.filter(({ role }) => role === 'log');
    return {
      entries: this.#entries,
      complete: this.#complete,
      figures: { ...total, areas, atLeast: !this.#complete || unreadable.count > 0 },
      unreadable,
      dangling: this.#dangling.done(),
      leaving: this.#leaving.done(),
      modes: { looked: this.#modesLooked, off: this.#off.done(), lacking: this.#lacking.done() },
      owners: {
        looked: this.#ownersLooked,
        off: this.#ownersOff.done(),
        mine: this.#mine,
        foreign: this.#foreign.done(),
        rootUid: this.#rootUid,
      },
      worldWritable: this.#worldWritable.done(),
      zeroByte: this.#zeroByte.done(),
      partial: { left: this.#partial.done(), leftBytes: this.#partialBytes, running: this.#partialRunning },
      future: this.#future.done(),
      candidates: this.#candidates.done(),
      immutable: this.#immutable.done(),
      overdue: [...this.#sums].flatMap(([area, { files, overdue }]) => {
        const keepMs = area === undefined ? undefined : keepMsOf(area.cleanup);
        return area === undefined || keepMs === undefined ? [] : [{ path: area.path, files, overdue, keepMs }];
      }),
      newest: { data: this.#newestData, log: this.#newestLog },
      logs: { files: ofLogs.reduce((sum, { files }) => sum + files, 0), lastDay: this.#logsLastDay },
    };
  }
}
