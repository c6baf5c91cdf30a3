import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import { sha256 } from './codec.ts';
import type { KeptEntry } from './collector.ts';
import type { FileItem, FileStats, GroupItem, OtherItem } from './group-task.ts';
import { LateFolders } from './late-folders.ts';
import { groupBytes, pieceBytes } from './limits.ts';
import type { Parent } from './parent.ts';
import { openForReading, readFully } from './read-file.ts';
import { estimateTarBytes } from './tar-header.ts';
import type { FileEntry, ManifestEntry, SourceEntry } from './types.ts';
import { FileUnit } from './file-unit.ts';
import { GroupUnit } from './group-unit.ts';
import type { KeptBefore } from './group-unit.ts';
import type { Unit, UnitContext } from './unit.ts';

/** Entries of the older backup that one unit takes over, at most; they wait in memory until it is its turn. */
const maxKept = 4_096;
/** Smaller files are stored again whole rather than compared with what they were. */
const shortestCompared = 64 * 1024;
/** Smaller files of equal content are only stored once where they lie in one frame. */
const shortestTwin = 64 * 1024;
/** Bytes of either end by which files that may be alike are known. */
const twinBytes = 4096;

/**
 * Cuts the list of entries into units: groups of small entries, and large files. Where it cuts depends on paths, sizes
 * and links of the entries, and on what the older backup has, never on timing.
 */
export class Planner {
  private readonly context: UnitContext;
  private readonly entries: Iterator<SourceEntry>;
  private readonly parent: Parent | undefined;
  private readonly older: (path: string) => ManifestEntry | undefined;
  private peeked: SourceEntry | undefined;
  private peekedOlder: ManifestEntry | undefined;
  private previous: string | undefined;
  private readonly folders = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly late = new LateFolders<OtherItem>();
  private due: OtherItem | undefined;
  private held: GroupUnit | undefined;

  constructor(context: UnitContext, entries: Iterable<SourceEntry>, parent: Parent | undefined) {
    this.context = context;
    this.entries = entries[Symbol.iterator]();
    this.parent = parent;
    this.older = parent?.lookup() ?? (() => undefined);
  }

  /** The next unit; `wait` while it depends on units not taken yet; `end` after the last. */
  next(): Unit | 'wait' | 'end' {
    if (this.held === undefined) {
      const unit = this.cut();
      if (!(unit instanceof GroupUnit)) return unit ?? 'end';
      this.held = unit;
    }
    if (!this.held.ready()) return 'wait';
    const unit = this.held;
    this.held = undefined;
    return unit;
  }

  /** Lets go of the list when it is not read to its end. */
  close(): void {
    this.entries.return?.();
  }

  private cut(): Unit | undefined {
    const items: GroupItem[] = [];
    const kept: (readonly [number, KeptEntry[]])[] = [];
    let keptCount = 0;
    let bytes = 0;
    for (;;) {
      const entry = this.peek();
      this.due ??= this.late.due(entry?.path);
      if (this.due !== undefined) {
        const estimate = estimateTarBytes(this.due.path, 0);
        if (items.length > 0 && bytes + estimate > groupBytes[this.context.format]) break;
        items.push({ ...this.due, t: 'late-dir' });
        bytes += estimate;
        this.due = undefined;
        continue;
      }
      if (entry === undefined) break;
      const key = entry.type === 'file' && entry.links > 1 ? `${entry.device}:${entry.inode}` : undefined;
      const unchanged = this.unchanged(entry);
      if (unchanged !== undefined) {
        if (keptCount === maxKept) break;
        const last = kept.at(-1);
        if (last?.[0] === items.length) last[1].push({ entry: unchanged, key });
        else kept.push([items.length, [{ entry: unchanged, key }]]);
        keptCount += 1;
        this.take(key);
        continue;
      }
      const isLink = key !== undefined && this.seen.has(key);
      if (entry.type === 'file' && entry.size > pieceBytes && !isLink) {
        if (items.length > 0 || kept.length > 0) break;
        const item = this.fileItem(entry, key);
        this.take(key);
        return new FileUnit(this.context, item);
      }
      const size = entry.type === 'file' && !isLink ? entry.size : 0;
      const estimate = estimateTarBytes(entry.path, size);
      if (items.length > 0 && bytes + estimate > groupBytes[this.context.format]) break;
      const item = this.itemOf(entry, key);
      this.take(key);
      const isLate = item.t === 'dir' && this.late.wait(item.path, this.peek()?.path, item);
      items.push(isLate ? { ...item, late: true } : item);
      bytes += estimate;
    }
    if (items.length === 0 && kept.length === 0) return undefined;
    return new GroupUnit(this.context, items, kept satisfies readonly KeptBefore[]);
  }

  /** The older backup's entry, where nothing has to be read or written for this one. */
  private unchanged(entry: SourceEntry): ManifestEntry | undefined {
    const older = this.peekedOlder;
    // The root is in every archive, so that each has at least one entry.
    if (older === undefined || entry.path === '' || older.type !== entry.type) return undefined;
    if (older.type === 'file') return this.parent?.isUnchanged(older, entry) === true ? older : undefined;
    if (older.type === 'symlink') return undefined;
    const { mode, uid, gid, mtimeNs } = older;
    const same = mode === (entry.mode & 0o7777) && uid === entry.uid && gid === entry.gid && mtimeNs === entry.mtimeNs;
    return same ? older : undefined;
  }

  private itemOf(entry: SourceEntry, key: string | undefined): GroupItem {
    const { path, type, mode, uid, gid, mtimeNs } = entry;
    if (type === 'file') return this.fileItem(entry, key);
    return { t: type, path, mode: mode & 0o7777, uid, gid, mtimeNs };
  }

  private fileItem(entry: SourceEntry, key: string | undefined): FileItem {
    const old = this.peekedOlder?.type === 'file' ? this.comparable(this.peekedOlder, entry) : undefined;
    return {
      t: 'file',
      path: entry.path,
      ...(key === undefined ? {} : { key }),
      ...(entry.contentFrom === undefined ? {} : { snapshot: { path: entry.contentFrom, stats: statsOf(entry) } }),
      ...(old === undefined ? {} : { old }),
      ...this.twin(entry),
    };
  }

  /**
   * What tells whether a new file may be of the same content as another one: size, and bytes of its beginning and end.
   * Only then does one wait for the other, so that what is not alike is read side by side.
   */
  private twin({ path, size, contentFrom }: SourceEntry): Pick<FileItem, 'twin'> {
    if (this.parent === undefined || size < shortestTwin || size > pieceBytes) return {};
    const { fs, root } = this.context;
    try {
      const fd = openForReading(fs, contentFrom ?? join(root, path));
      try {
        const ends = new Uint8Array(2 * twinBytes);
        readFully(fs, fd, ends, 0, twinBytes, 0);
        readFully(fs, fd, ends, twinBytes, twinBytes, size - twinBytes);
        return { twin: { key: `${size} ${sha256(ends)}` } };
      } finally {
        fs.close(fd);
      }
    } catch (error) {
      // Whatever is wrong with it is told when it is its turn to be read.
      if (isSystemError(error)) return {};
      throw error;
    }
  }

  private comparable(older: FileEntry, { size }: SourceEntry) {
    if (older.size < shortestCompared || size < shortestCompared) return undefined;
    return this.parent?.stretches(older);
  }

  private peek(): SourceEntry | undefined {
    if (this.peeked !== undefined) return this.peeked;
    const next = this.entries.next();
    if (next.done === true) return undefined;
    this.check(next.value);
    this.peekedOlder = this.older(next.value.path);
    return (this.peeked = next.value);
  }

  private take(key: string | undefined): void {
    if (key !== undefined) this.seen.add(key);
    this.peeked = undefined;
  }

  /** A manifest that breaks these would not open again, so they are held here and not first in the reader. */
  private check({ path, type }: SourceEntry): void {
    const slash = path.lastIndexOf('/');
    const orphan = path !== '' && slash >= 0 && !this.folders.has(path.slice(0, slash));
    const unsorted =
      this.previous === undefined ? path !== '' || type !== 'dir' : comparePaths(this.previous, path) >= 0;
    if (orphan || unsorted) {
      throw new LarderError('INTERNAL', `The list of files to back up is out of order at ${JSON.stringify(path)}.`);
    }
    this.previous = path;
    if (type === 'dir') this.folders.add(path);
  }
}

function statsOf({ device, mode, uid, gid, mtimeNs, ctimeNs, inode }: SourceEntry): FileStats {
  return { dev: device, mode: BigInt(mode), uid: BigInt(uid), gid: BigInt(gid), mtimeNs, ctimeNs, ino: inode };
}
