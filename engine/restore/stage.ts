import type { Skipped } from '../../shared/contract/index.ts';
import type { BackupReader, FileEntry, ManifestEntry } from '../archive/index.ts';
import { reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { contentsTask } from './contents.ts';
import type { ContentBatch, ContentFile, ContentProgress, ContentResult } from './contents.ts';
import { chosenEntries } from './entries.ts';
import { cannotLink, concernsOnePath } from './faults.ts';
import type { JournalWriter } from './journal.ts';
import { foldersAreReal, lstatOrNothing, stampOf } from './live.ts';
import { metadataOf, setMetadata } from './metadata.ts';
import type { Metadata, MetadataRules } from './metadata.ts';
import { below, nameOf, parentOf, relativeTo } from './paths.ts';
import type { Selection } from './paths.ts';
import { actionNames } from './survey-task.ts';
import { inOrder } from './survey.ts';
import type { Survey } from './survey.ts';

/** Something new, complete in the staging folder, that one rename puts in place. */
export interface StagedTop {
  readonly path: string;
  readonly stamp: number;
  readonly stage: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly overwrites: boolean;
  inode: string;
  size: number;
  after: Metadata;
  /** Entries made inside it, when it is a folder. */
  inside: number;
  /** Bytes of file content in it. */
  bytes: number;
}

/** Metadata of a file or link to be changed in place. */
export interface StagedMeta {
  readonly path: string;
  readonly stamp: number;
  readonly after: Metadata;
}

export interface StagedFolder {
  readonly after: Metadata;
  /** Whether the plan counts it as a change. */
  readonly counted: boolean;
}

export interface Staged {
  readonly tops: readonly StagedTop[];
  readonly metas: readonly StagedMeta[];
  /** Chosen folders that exist already, with what they are to become. */
  readonly folders: ReadonlyMap<string, StagedFolder>;
  readonly failed: readonly Skipped[];
}

export interface StageOptions extends MetadataRules {
  readonly fs: FileSystem;
  readonly pool: Pool;
  readonly reader: BackupReader;
  readonly selection: Selection;
  readonly survey: Survey;
  readonly target: string;
  /** The staging folder; exists and is empty. */
  readonly staging: string;
  readonly journal: JournalWriter;
  /** Whether each file is made durable on its own. */
  readonly sync: boolean;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly throwIfCancelled: () => void;
  readonly onProgress: (bytes: number, files: number, current: string | undefined) => void;
}

/** Files whose frames are put in order together. */
const windowFiles = 4_096;
const windowBytes = 1024 * 1024 * 1024;
/** A task is given about this much. */
const taskBytes = 8 * 1024 * 1024;
const taskFiles = 512;
/** A file above this is a task of its own. */
const largeFile = 4 * 1024 * 1024;

interface Home {
  /** Absolute path in the staging folder. */
  readonly stage: string;
  /** The top it lies in; undefined when it is one. */
  readonly top: StagedTop | undefined;
}

interface WantedFile {
  readonly index: number;
  readonly entry: FileEntry;
  readonly home: Home;
  readonly overwrites: boolean;
}

/** A link target's whereabouts. */
type Source = { readonly path: string; readonly live: number | undefined } | 'failed';

/**
 * Makes everything new in the staging folder, complete and checked: nothing of the target changes. What lies in a new
 * folder is made inside that folder, so that later one rename puts the whole of it in place. The staging folder is
 * readable by its owner only, so that nobody else can put a link in the way of what is written.
 */
export async function stage(options: StageOptions): Promise<Staged> {
  const staging = new Staging(options);
  await staging.run();
  return staging;
}

class Staging implements Staged {
  readonly tops: StagedTop[] = [];
  readonly metas: StagedMeta[] = [];
  readonly folders = new Map<string, StagedFolder>();
  readonly failed: Skipped[] = [];
  private readonly options: StageOptions;
  private readonly newFolders = new Map<string, { stage: string; top: StagedTop }>();
  private readonly innerFolders: { path: string; stage: string; after: Metadata }[] = [];
  private readonly failedFolders = new Set<string>();
  private readonly linkTargets: ReadonlySet<number>;
  private readonly sources = new Map<number, Source>();
  private readonly links: WantedFile[] = [];
  private slots = 0;

  constructor(options: StageOptions) {
    this.options = options;
    this.linkTargets = new Set(options.survey.links.values());
  }

  async run(): Promise<void> {
    await this.writeContents(this.windows());
    const unlinkable = this.links.filter((wanted) => !this.link(wanted));
    await this.writeContents([unlinkable]);
    const { fs } = this.options;
    for (const folder of this.innerFolders.toReversed()) {
      this.options.throwIfCancelled();
      try {
        setMetadata(fs, folder.stage, fs.lstat(folder.stage), folder.after, this.options);
      } catch (error) {
        this.fail(folder.path, error);
      }
    }
  }

  /** Goes through the backup; makes folders and links on the way, and yields the files to write. */
  private *windows(): Generator<WantedFile[]> {
    let window: WantedFile[] = [];
    let bytes = 0;
    const { survey, reader, selection } = this.options;
    for (const { index, entry } of survey.few ?? chosenEntries(reader, selection)) {
      const action = actionNames[survey.actions[index] ?? 0] ?? 'none';
      switch (action) {
        case 'create':
        case 'overwrite':
          break;
        case 'metadata':
        case 'unchanged':
          this.existing(index, entry, action === 'metadata');
          continue;
        case 'none':
        case 'keep':
        case 'skip':
          continue;
      }
      this.options.throwIfCancelled();
      if (entry.path === '') {
        this.folders.set('', { after: afterOf(entry), counted: false });
        continue;
      }
      const wanted = this.makeOrWant(index, entry, action === 'overwrite');
      if (wanted === undefined) continue;
      window.push(wanted);
      bytes += wanted.entry.size;
      if (window.length < windowFiles && bytes < windowBytes) continue;
      yield window;
      window = [];
      bytes = 0;
    }
    yield window;
  }

  private existing(index: number, entry: ManifestEntry, counted: boolean): void {
    const { survey, target } = this.options;
    if (entry.type === 'dir') this.folders.set(entry.path, { after: afterOf(entry), counted });
    else if (counted) {
      this.metas.push({ path: entry.path, stamp: survey.stamps[index] ?? 0, after: afterOf(entry) });
    }
    if (this.linkTargets.has(index)) {
      this.sources.set(index, { path: below(target, entry.path), live: survey.stamps[index] ?? 0 });
    }
  }

  private makeOrWant(index: number, entry: ManifestEntry, overwrites: boolean): WantedFile | undefined {
    const parent = parentOf(entry.path);
    if (this.failedFolders.has(parent)) {
      if (entry.type === 'dir') this.failedFolders.add(entry.path);
      this.failed.push({ path: entry.path, reason: 'The folder it lies in could not be made.' });
      return undefined;
    }
    const folder = this.newFolders.get(parent);
    const home: Home =
      folder === undefined
        ? { stage: `${this.options.staging}/${this.slots++}`, top: undefined }
        : { stage: `${folder.stage}/${nameOf(entry.path)}`, top: folder.top };
    if (entry.type === 'file') {
      const wanted = { index, entry, home, overwrites };
      if (!this.options.survey.links.has(index)) return wanted;
      this.links.push(wanted);
      return undefined;
    }
    try {
      if (entry.type === 'dir') this.makeFolder(index, entry, home, overwrites);
      else this.makeSymlink(index, entry, home, overwrites);
      this.options.onProgress(0, 1, entry.path);
    } catch (error) {
      this.fail(entry.path, error);
      if (entry.type === 'dir') this.failedFolders.add(entry.path);
    }
    return undefined;
  }

  private makeFolder(index: number, entry: ManifestEntry, home: Home, overwrites: boolean): void {
    const { fs } = this.options;
    fs.makeDirectory(home.stage, { mode: 0o700 });
    const made = { type: 'dir', inode: fs.lstat(home.stage).ino, size: 0, after: afterOf(entry) } as const;
    const top = this.note(index, entry.path, home, overwrites, made);
    this.newFolders.set(entry.path, { stage: home.stage, top });
    if (home.top !== undefined) this.innerFolders.push({ path: entry.path, stage: home.stage, after: made.after });
  }

  private makeSymlink(
    index: number,
    entry: Extract<ManifestEntry, { type: 'symlink' }>,
    home: Home,
    overwrites: boolean,
  ): void {
    const { fs } = this.options;
    fs.symlink(entry.target, home.stage);
    setMetadata(fs, home.stage, fs.lstat(home.stage), afterOf(entry), this.options);
    const stat = fs.lstat(home.stage);
    const made = { type: 'symlink', inode: stat.ino, size: Number(stat.size), after: metadataOf(stat) } as const;
    this.note(index, entry.path, home, overwrites, made);
  }

  /** Writes down what was made: as a change of its own, or as part of the new folder it lies in. */
  private note(
    index: number,
    path: string,
    home: Home,
    overwrites: boolean,
    made: { type: StagedTop['type']; inode: bigint; size: number; after: Metadata; bytes?: number },
  ): StagedTop {
    const { type, size, after, bytes = 0 } = made;
    const inode = String(made.inode);
    if (home.top !== undefined) {
      home.top.inside += 1;
      home.top.bytes += bytes;
      this.options.journal.add({ t: 'made', path, type, inode, size, after });
      return home.top;
    }
    const stamp = this.options.survey.stamps[index] ?? 0;
    const stageName = nameOf(home.stage);
    const top = { path, stamp, stage: stageName, type, overwrites, inode, size, after, inside: 0, bytes };
    this.tops.push(top);
    return top;
  }

  private async writeContents(windows: Iterable<WantedFile[]>): Promise<void> {
    const { pool, signal, reader } = this.options;
    const batches = this.batches(windows);
    await inOrder(
      batches,
      pool.size + 2,
      (wanted) =>
        pool.run(contentsTask, this.toBatch(wanted), {
          signal,
          keys: reader.keys,
          onMessage: (message) => {
            const { bytes, files } = message as ContentProgress;
            this.options.onProgress(bytes, files, wanted[0]?.entry.path);
          },
        }),
      (wanted, results) => this.takeContents(wanted, results),
    );
  }

  /** Files in the order of their content in the archives, so much together that frames are decoded once. */
  private *batches(windows: Iterable<WantedFile[]>): Generator<WantedFile[]> {
    const { reader } = this.options;
    for (const window of windows) {
      const placed = window.map((wanted) => {
        const frame = reader.frames[wanted.entry.pieces[0]?.frame ?? -1];
        return { wanted, archive: frame?.archive ?? -1, offset: frame?.offset ?? -1 };
      });
      placed.sort((a, b) => a.archive - b.archive || a.offset - b.offset);
      let batch: WantedFile[] = [];
      let bytes = 0;
      let last: (typeof placed)[number] | undefined;
      for (const one of placed) {
        const { size } = one.wanted.entry;
        const sameFrame = last !== undefined && one.archive === last.archive && one.offset === last.offset;
        const full = bytes >= taskBytes || batch.length >= taskFiles || bytes + size > taskBytes + largeFile;
        if (batch.length > 0 && full && !sameFrame) {
          yield batch;
          batch = [];
          bytes = 0;
        }
        batch.push(one.wanted);
        bytes += size;
        last = one;
      }
      if (batch.length > 0) yield batch;
    }
  }

  private toBatch(wanted: readonly WantedFile[]): ContentBatch {
    const { reader, owners, modes, sync, nowMs } = this.options;
    const places = new Map<number, number>();
    const files = wanted.map(({ index, entry, home }): ContentFile => {
      const { size, sha256, mode, uid, gid, mtimeNs } = entry;
      const pieces = entry.pieces.map(({ frame, offset, length }) => {
        let place = places.get(frame);
        if (place === undefined) places.set(frame, (place = places.size));
        return { frame: place, offset, length };
      });
      return { index, stage: home.stage, size, sha256, mode, uid, gid, mtimeNs, pieces };
    });
    const frames = [...places.keys()].map(
      (frame) => reader.frames[frame] ?? { archive: -1, offset: 0, storedLength: 0, plainLength: 0, sha256: '' },
    );
    const archives = reader.archives.map(({ format }, at) => ({ path: reader.archivePaths[at] ?? '', format }));
    return { archives, frames, files, owners, modes, sync, nowSeconds: nowMs / 1000 };
  }

  private takeContents(wanted: readonly WantedFile[], results: readonly ContentResult[]): void {
    results.forEach((result, at) => {
      const file = wanted[at];
      if (file === undefined) return;
      const { index, entry, home, overwrites } = file;
      if ('reason' in result) {
        this.failed.push({ path: entry.path, reason: result.reason });
        if (this.linkTargets.has(index)) this.sources.set(index, 'failed');
        return;
      }
      const after = { ...afterOf(entry), mode: result.mode, mtimeNs: String(result.mtimeNs) };
      this.note(index, entry.path, home, overwrites, {
        type: 'file',
        inode: result.inode,
        size: entry.size,
        after,
        bytes: entry.size,
      });
      if (this.linkTargets.has(index)) this.sources.set(index, { path: home.stage, live: undefined });
    });
  }

  /** Makes a hard link to a file that is staged or right already. False when its content must be written after all. */
  private link(wanted: WantedFile): boolean {
    const { fs, survey, target } = this.options;
    const { index, entry, home, overwrites } = wanted;
    this.options.throwIfCancelled();
    const first = survey.links.get(index) ?? -1;
    const source = this.sources.get(first);
    if (source === undefined || source === 'failed') return false;
    try {
      if (source.live !== undefined) {
        if (!foldersAreReal(fs, target, relativeTo(target, source.path) ?? '')) return false;
        const now = lstatOrNothing(fs, source.path);
        if (now?.isFile() !== true || stampOf(now) !== source.live) return false;
      }
      fs.link(source.path, home.stage);
      const stat = fs.lstat(home.stage);
      // The new name changes the stamp, for whoever is linked to it next.
      if (source.live !== undefined) this.sources.set(first, { path: source.path, live: stampOf(stat) });
      const made = { type: 'file', inode: stat.ino, size: entry.size, after: metadataOf(stat) } as const;
      this.note(index, entry.path, home, overwrites, made);
      this.options.onProgress(0, 1, entry.path);
      return true;
    } catch (error) {
      if (cannotLink(error)) return false;
      this.fail(entry.path, error);
      return true;
    }
  }

  private fail(path: string, error: unknown): void {
    if (!concernsOnePath(error)) throw error;
    this.failed.push({ path, reason: `It ${reasonOf(error)}.` });
  }
}

function afterOf(entry: ManifestEntry): Metadata {
  return { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtimeNs: String(entry.mtimeNs) };
}
