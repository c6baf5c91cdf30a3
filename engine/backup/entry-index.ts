import { encodeName } from '../fs/index.ts';
import type { BackupReader, FrameRef, ManifestEntry } from '../archive/index.ts';

/**
 * A backup's entries laid out for folders, sums and search. Numbers are columns over the entries in path order, in
 * shared memory, so that the engine thread and pool workers look at one copy; about 110 bytes an entry.
 */
export interface IndexData {
  readonly count: number;
  /** `kinds` of each entry. */
  readonly type: Uint8Array;
  readonly mode: Uint16Array;
  readonly mtimeNs: BigInt64Array;
  /** Of a file its size, of a directory the sum below. */
  readonly bytes: Float64Array;
  /** Of a directory the number of files below; of a file 1. */
  readonly files: Uint32Array;
  readonly parent: Uint32Array;
  /** Everything below a directory is the stretch `from`..`to` (exclusive), because paths are sorted. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Children of entry i: `children[childAt[i]]` to `children[childAt[i + 1] - 1]`, by name. */
  readonly childAt: Uint32Array;
  readonly children: Uint32Array;
  /** Names, a NUL after each: entry i's begins at `nameAt[i]`. The root's is empty. */
  readonly names: Uint8Array;
  readonly nameAt: Uint32Array;
  /** The same in lower case, for search. */
  readonly lower: Uint8Array;
  readonly lowerAt: Uint32Array;
  /** Pieces of entry i: triples frame, offset, length from `pieceAt[i]` on to `pieceAt[i + 1]`. */
  readonly pieceAt: Uint32Array;
  readonly pieces: Uint32Array;
  readonly frames: readonly FrameRef[];
  readonly archivePaths: readonly string[];
  readonly formats: readonly ('zst' | 'gz' | 'tar')[];
  /** Targets of symbolic links by entry. */
  readonly targets: ReadonlyMap<number, string>;
}

export const kinds = ['file', 'dir', 'symlink'] as const;
const dirKind = kinds.indexOf('dir');

/** Bytes, growing as needed, ending in shared memory. */
class Bytes {
  #buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  length = 0;

  append(bytes: Uint8Array): void {
    const need = this.length + bytes.length + 1;
    if (need > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(need, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.length);
    this.#buffer[this.length + bytes.length] = 0;
    this.length = need;
  }

  share(): Uint8Array {
    const shared = new Uint8Array(new SharedArrayBuffer(this.length));
    shared.set(this.#buffer.subarray(0, this.length));
    return shared;
  }
}

const u32 = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(length * 4));

/** Goes through a backup's entries once. `check` is called for each and may throw to stop. */
export function buildIndex(reader: BackupReader, check: () => void): IndexData {
  const count = reader.counts.files + reader.counts.dirs + reader.counts.symlinks;
  const data = {
    count,
    type: new Uint8Array(new SharedArrayBuffer(count)),
    mode: new Uint16Array(new SharedArrayBuffer(count * 2)),
    mtimeNs: new BigInt64Array(new SharedArrayBuffer(count * 8)),
    bytes: new Float64Array(new SharedArrayBuffer(count * 8)),
    files: u32(count),
    parent: u32(count),
    from: u32(count),
    to: u32(count),
    childAt: u32(count + 1),
    children: u32(count),
    nameAt: u32(count),
    lowerAt: u32(count),
    pieceAt: u32(count + 1),
  };
  const names = new Bytes();
  const lower = new Bytes();
  const pieces: number[] = [];
  const targets = new Map<number, string>();
  const folders = new Map<string, number>();
  let index = 0;
  for (const entry of reader.entries()) {
    check();
    const slash = entry.path.lastIndexOf('/');
    const folder = slash < 0 ? '' : entry.path.slice(0, slash);
    // The reader has checked that an entry's folder stands before it.
    data.parent[index] = folders.get(folder) ?? 0;
    const name = entry.path.slice(slash + 1);
    data.nameAt[index] = names.length;
    names.append(encodeName(name));
    data.lowerAt[index] = lower.length;
    lower.append(encodeName(name.toLowerCase()));
    data.mode[index] = entry.mode;
    data.mtimeNs[index] = entry.mtimeNs;
    data.type[index] = kinds.indexOf(entry.type);
    if (entry.type === 'dir') folders.set(entry.path, index);
    else if (entry.type === 'symlink') targets.set(index, entry.target);
    else addFile(data, index, entry, pieces);
    index += 1;
    data.pieceAt[index] = pieces.length / 3;
  }
  sumUp(data);
  const pieceColumn = u32(pieces.length);
  pieceColumn.set(pieces);
  return {
    ...data,
    names: names.share(),
    lower: lower.share(),
    pieces: pieceColumn,
    frames: reader.frames,
    archivePaths: reader.archivePaths,
    formats: reader.archives.map((archive) => archive.format),
    targets,
  };
}

function addFile(
  data: { bytes: Float64Array; files: Uint32Array },
  index: number,
  entry: Extract<ManifestEntry, { type: 'file' }>,
  pieces: number[],
): void {
  data.bytes[index] = entry.size;
  data.files[index] = 1;
  for (const piece of entry.pieces) pieces.push(piece.frame, piece.offset, piece.length);
}

type Columns = Pick<
  IndexData,
  'count' | 'type' | 'bytes' | 'files' | 'parent' | 'from' | 'to' | 'childAt' | 'children'
>;

/** Sums, stretches and children. A parent always stands before what is in it, so one pass from the end does. */
function sumUp({ count, type, bytes, files, parent, from, to, childAt, children }: Columns): void {
  for (let index = count - 1; index > 0; index -= 1) {
    const above = at(parent, index);
    const isDir = at(type, index) === dirKind;
    bytes[above] = at(bytes, above) + at(bytes, index);
    files[above] = at(files, above) + at(files, index);
    from[above] = index;
    const end = Math.max(index + 1, isDir ? at(to, index) : 0);
    if (end > at(to, above)) to[above] = end;
    childAt[above + 1] = at(childAt, above + 1) + 1;
  }
  for (let index = 0; index < count; index += 1) {
    childAt[index + 1] = at(childAt, index + 1) + at(childAt, index);
  }
  const next = childAt.slice();
  for (let index = 1; index < count; index += 1) {
    const above = at(parent, index);
    const place = at(next, above);
    children[place] = index;
    next[above] = place + 1;
  }
}

/** An element that is known to be there. */
export function at(column: { readonly [index: number]: number }, index: number): number {
  return column[index] ?? 0;
}

/** Bytes of memory an index holds. */
export function indexBytes(data: IndexData): number {
  const columns = [data.type, data.mode, data.mtimeNs, data.bytes, data.files, data.parent, data.from, data.to];
  const rest = [data.childAt, data.children, data.names, data.nameAt, data.lower, data.lowerAt, data.pieceAt];
  const frames = data.frames.length * 200;
  return [...columns, ...rest, data.pieces].reduce((sum, column) => sum + column.byteLength, frames);
}
