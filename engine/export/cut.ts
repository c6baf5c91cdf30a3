import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { groupBytes, LateFolders, paddedLength, pieceBytes, tarHeader } from '../archive/index.ts';
import type { BackupReader, FileEntry, FrameRef, ManifestEntry, TarEntry } from '../archive/index.ts';

/** A stretch of content, where it lies. */
export interface Stretch {
  readonly frame: FrameRef;
  readonly offset: number;
  readonly length: number;
}

/** A tar entry: its header blocks, then `size` bytes of content from `pieces`, filled up to a whole block. */
export interface Item {
  readonly path: string;
  readonly header: Uint8Array;
  readonly size: number;
  readonly pieces: readonly Stretch[];
}

/** What becomes one frame of the exported archive. */
export type Unit = {
  readonly path: string;
  /** Bytes of content, and files begun in it. */
  readonly bytes: number;
  readonly files: number;
} & (
  | {
      readonly kind: 'group';
      readonly items: readonly Item[];
      /** A frame that holds just these entries, unless their headers have changed since. */
      readonly like?: FrameRef;
    }
  /** Content of a large file, and at its end zeros. */
  | { readonly kind: 'stretch'; readonly pieces: readonly Stretch[]; readonly zeros: number }
  /** A frame that holds nothing but `length` bytes of a large file's content, and after its end `zeros`. */
  | { readonly kind: 'copy'; readonly frame: FrameRef; readonly length: number; readonly zeros: number }
);

/**
 * Cuts a backup into the frames of one plain archive, in the order of its tar. Where a run of entries lies in a frame of
 * the same format just as it will lie in the export, that run is a unit of its own, so that the frame can be copied.
 */
export function* cut(reader: BackupReader, format: ArchiveFormat): Generator<Unit> {
  const group = new GroupCut(format, (frame) => reader.archives[frame.archive]?.format === format);
  for (const entry of inTarOrder(reader.entries())) {
    const item = itemOf(reader, entry);
    if (entry.type === 'file' && item.size > pieceBytes) {
      yield* group.end();
      yield* cutFile(item, (frame) => reader.archives[frame.archive]?.format === format);
    } else yield* group.add(item, entry.type === 'file');
  }
  yield* group.end();
}

/** Each folder right before what is in it. */
function* inTarOrder(entries: Iterable<ManifestEntry>): Generator<ManifestEntry> {
  const late = new LateFolders<ManifestEntry>();
  let folder: ManifestEntry | undefined;
  const before = function* (next: string | undefined): Generator<ManifestEntry> {
    if (folder !== undefined && !late.wait(folder.path, next, folder)) yield folder;
    folder = undefined;
    for (let due = late.due(next); due !== undefined; due = late.due(next)) yield due;
  };
  for (const entry of entries) {
    yield* before(entry.path);
    if (entry.type === 'dir') folder = entry;
    else yield entry;
  }
  yield* before(undefined);
}

function itemOf(reader: BackupReader, entry: ManifestEntry): Item {
  const { path } = entry;
  const isLink = entry.type === 'file' && entry.linkTo !== undefined;
  const size = entry.type === 'file' && !isLink ? entry.size : 0;
  const pieces = entry.type === 'file' && !isLink ? piecesOf(reader, entry) : [];
  return { path, header: tarHeader(tarEntryOf(entry, size)), size, pieces };
}

function tarEntryOf(entry: ManifestEntry, size: number): TarEntry {
  const { path, mode, uid, gid, mtimeNs } = entry;
  const meta = { path, mode, uid, gid, mtimeNs, size };
  switch (entry.type) {
    case 'dir':
      return { ...meta, type: 'dir' };
    case 'symlink':
      return { ...meta, type: 'symlink', linkTarget: entry.target };
    case 'file':
      return entry.linkTo === undefined
        ? { ...meta, type: 'file' }
        : { ...meta, type: 'link', linkTarget: entry.linkTo };
  }
}

function piecesOf(reader: BackupReader, { pieces }: FileEntry): Stretch[] {
  return pieces.flatMap(({ frame: number, offset, length }) => {
    const frame = reader.frames[number];
    return frame === undefined ? [] : [{ frame, offset, length }];
  });
}

interface Placed {
  readonly item: Item;
  readonly isFile: boolean;
  /** Where its header begins in the group. */
  readonly at: number;
}

/** Gathers small entries to groups. */
class GroupCut {
  private readonly limit: number;
  private readonly usable: (frame: FrameRef) => boolean;
  private placed: Placed[] = [];
  private length = 0;
  /** The frame that the group has been the beginning of so far. */
  private like: FrameRef | undefined;

  constructor(format: ArchiveFormat, usable: (frame: FrameRef) => boolean) {
    this.limit = groupBytes[format];
    this.usable = usable;
  }

  *add(item: Item, isFile: boolean): Generator<Unit> {
    const length = item.header.length + paddedLength(item.size);
    yield* this.align(item);
    if (this.like !== undefined && this.length + length > this.like.plainLength) this.like = undefined;
    if (this.like === undefined && this.placed.length > 0 && this.length + length > this.limit) yield* this.end();
    this.placed.push({ item, isFile, at: this.length });
    this.length += length;
    if (this.length === this.like?.plainLength) yield* this.end();
  }

  /** Sees to it that the group begins where the frame of the next entry's content does, if it can. */
  private *align({ header, pieces }: Item): Generator<Unit> {
    const [piece, ...more] = pieces;
    // An entry without content can stand in any frame.
    if (piece === undefined) return;
    const headerAt = piece.offset - header.length;
    const isUsable = more.length === 0 && headerAt >= 0 && this.usable(piece.frame);
    if (isUsable && this.like === piece.frame && this.length === headerAt) return;
    this.like = undefined;
    if (!isUsable) return;
    const begin = this.length - headerAt;
    const first = begin === this.length ? this.placed.length : this.placed.findIndex(({ at }) => at === begin);
    if (first < 0 || this.placed.slice(first).some(({ item }) => item.size > 0)) return;
    const rest = this.placed.slice(first);
    this.placed = this.placed.slice(0, first);
    yield* this.end();
    this.placed = rest.map((each) => ({ ...each, at: each.at - begin }));
    this.length = headerAt;
    this.like = piece.frame;
  }

  *end(): Generator<Unit> {
    const { placed, like, length } = this;
    this.placed = [];
    this.length = 0;
    this.like = undefined;
    const [first] = placed;
    if (first === undefined) return;
    yield {
      kind: 'group',
      path: first.item.path,
      items: placed.map(({ item }) => item),
      bytes: placed.reduce((sum, { item }) => sum + item.size, 0),
      files: placed.reduce((sum, { isFile }) => sum + (isFile ? 1 : 0), 0),
      ...(like?.plainLength === length ? { like } : {}),
    };
  }
}

/** A large file: a frame for its header, then its content. */
function* cutFile({ path, header, size, pieces }: Item, usable: (frame: FrameRef) => boolean): Generator<Unit> {
  yield { kind: 'group', path, items: [{ path, header, size: 0, pieces: [] }], bytes: 0, files: 1 };
  const padding = paddedLength(size) - size;
  let waiting: Stretch[] = [];
  let bytes = 0;
  const take = (zeros: number): Unit[] => {
    if (bytes + zeros === 0) return [];
    const unit: Unit = { kind: 'stretch', path, pieces: waiting, zeros, bytes, files: 0 };
    waiting = [];
    bytes = 0;
    return [unit];
  };
  for (const [index, piece] of pieces.entries()) {
    const { frame, offset, length } = piece;
    const isLast = index === pieces.length - 1;
    const zeros = frame.plainLength - length;
    if (offset === 0 && usable(frame) && (zeros === 0 || (isLast && zeros === padding))) {
      yield* take(0);
      yield { kind: 'copy', path, frame, length, zeros, bytes: length, files: 0 };
      if (isLast && zeros === padding) return;
      continue;
    }
    if (bytes > 0 && bytes + length > pieceBytes) yield* take(0);
    waiting.push(piece);
    bytes += length;
  }
  yield* take(padding);
}
