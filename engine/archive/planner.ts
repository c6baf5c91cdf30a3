import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import type { GroupItem } from './group-task.ts';
import { groupBytes, pieceBytes } from './limits.ts';
import { estimateTarBytes } from './tar-header.ts';
import type { SourceEntry } from './types.ts';
import { FileUnit, GroupUnit } from './units.ts';
import type { Unit, UnitContext } from './units.ts';

/**
 * Cuts the list of entries into units: groups of small entries, and large files. Where it cuts depends on paths, sizes
 * and links of the entries alone, never on timing.
 */
export class Planner {
  private readonly context: UnitContext;
  private readonly entries: Iterator<SourceEntry>;
  private peeked: SourceEntry | undefined;
  private previous: string | undefined;
  private readonly folders = new Set<string>();
  private readonly seen = new Set<string>();
  private held: GroupUnit | undefined;

  constructor(context: UnitContext, entries: Iterable<SourceEntry>) {
    this.context = context;
    this.entries = entries[Symbol.iterator]();
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
    let bytes = 0;
    for (let entry = this.peek(); entry !== undefined; entry = this.peek()) {
      const key = entry.type === 'file' && entry.links > 1 ? `${entry.device}:${entry.inode}` : undefined;
      const isLink = key !== undefined && this.seen.has(key);
      if (entry.type === 'file' && entry.size > pieceBytes && !isLink) {
        if (items.length > 0) break;
        this.take(key);
        return new FileUnit(this.context, entry.path, key);
      }
      const size = entry.type === 'file' && !isLink ? entry.size : 0;
      const estimate = estimateTarBytes(entry.path, size);
      if (items.length > 0 && bytes + estimate > groupBytes[this.context.format]) break;
      items.push(itemOf(entry, key));
      bytes += estimate;
      this.take(key);
    }
    return items.length === 0 ? undefined : new GroupUnit(this.context, items);
  }

  private peek(): SourceEntry | undefined {
    if (this.peeked !== undefined) return this.peeked;
    const next = this.entries.next();
    if (next.done === true) return undefined;
    this.check(next.value);
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

function itemOf({ path, type, mode, uid, gid, mtimeNs }: SourceEntry, key: string | undefined): GroupItem {
  if (type === 'file') return { t: 'file', path, ...(key === undefined ? {} : { key }) };
  return { t: type, path, mode: mode & 0o7777, uid, gid, mtimeNs };
}
