/** Growable columns of numbers, a row a directory: a few dozen bytes where an object would take several hundred. */
export class Columns {
  capacity: number;
  parent: Int32Array;
  firstChild: Int32Array;
  nextSibling: Int32Array;
  previousSibling: Int32Array;
  /** Index of the chunk that holds the directory's record; -1 for a free row. */
  chunk: Int32Array;
  offset: Uint32Array;
  bytes: Float64Array;
  allocated: Float64Array;
  files: Float64Array;
  /** Directories below. */
  dirs: Float64Array;
  newest: Float64Array;
  /** Newest of the directory's own entries. */
  ownNewest: Float64Array;
  /** Oldest file of the directory itself; Infinity when it has none. */
  ownOldest: Float64Array;
  /** Another number after each change of the directory or of anything below it. */
  revision: Uint32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.parent = new Int32Array(capacity).fill(-1);
    this.firstChild = new Int32Array(capacity).fill(-1);
    this.nextSibling = new Int32Array(capacity).fill(-1);
    this.previousSibling = new Int32Array(capacity).fill(-1);
    this.chunk = new Int32Array(capacity).fill(-1);
    this.offset = new Uint32Array(capacity);
    this.bytes = new Float64Array(capacity);
    this.allocated = new Float64Array(capacity);
    this.files = new Float64Array(capacity);
    this.dirs = new Float64Array(capacity);
    this.newest = new Float64Array(capacity);
    this.ownNewest = new Float64Array(capacity);
    this.ownOldest = new Float64Array(capacity).fill(Infinity);
    this.revision = new Uint32Array(capacity);
  }

  grow(capacity: number): void {
    if (capacity <= this.capacity) return;
    const next = new Columns(Math.max(capacity, Math.ceil(this.capacity * 1.5)));
    for (const name of columnNames) (next[name] as Float64Array).set(this[name]);
    Object.assign(this, next);
  }

  /** The first `rows` rows, as they are now. */
  copy(rows: number): Columns {
    const copy = new Columns(0);
    for (const name of columnNames) Object.assign(copy, { [name]: this[name].slice(0, rows) });
    copy.capacity = rows;
    return copy;
  }

  clear(row: number): void {
    this.parent[row] = this.firstChild[row] = this.chunk[row] = -1;
    this.nextSibling[row] = this.previousSibling[row] = -1;
    this.bytes[row] = this.allocated[row] = this.files[row] = this.dirs[row] = 0;
    this.newest[row] = this.ownNewest[row] = 0;
    this.ownOldest[row] = Infinity;
  }

  /** Makes `row` the first of `parent`'s children. */
  attach(row: number, parent: number): void {
    const next = this.firstChild[parent] ?? -1;
    this.parent[row] = parent;
    this.nextSibling[row] = next;
    this.previousSibling[row] = -1;
    if (next >= 0) this.previousSibling[next] = row;
    this.firstChild[parent] = row;
  }

  detach(row: number): void {
    const parent = this.parent[row] ?? -1;
    const previous = this.previousSibling[row] ?? -1;
    const next = this.nextSibling[row] ?? -1;
    if (previous >= 0) this.nextSibling[previous] = next;
    else if (parent >= 0) this.firstChild[parent] = next;
    if (next >= 0) this.previousSibling[next] = previous;
  }

  get memory(): number {
    return columnNames.reduce((sum, name) => sum + this[name].byteLength, 0);
  }
}

const columnNames = [
  'parent',
  'firstChild',
  'nextSibling',
  'previousSibling',
  'chunk',
  'offset',
  'bytes',
  'allocated',
  'files',
  'dirs',
  'newest',
  'ownNewest',
  'ownOldest',
  'revision',
] as const;
