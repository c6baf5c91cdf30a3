import type { DirectoryPlace } from './record.ts';

/** A directory waiting to be read. */
export interface WorkItem extends Omit<DirectoryPlace, 'name'> {
  /** Path relative to the root. */
  path: string;
}

const capacity = 256 * 1024;
const word = { lock: 0, top: 1, busy: 2, over: 3, nextId: 4, pulse: 5, read: 6, hungry: 7, entered: 8 } as const;
const words = 10;
const maxSlots = 16;

/** Memory that the workers of one scan share. `directories` of it are in use as ids already. */
export function createSharedWork(directories: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(words * 4 + maxSlots * 16 + capacity);
  const state = new Int32Array(memory, 0, words);
  state[word.nextId] = directories;
  return memory;
}

/** Most workers that one scan can use. */
export const maxScanWorkers = maxSlots;

/**
 * A stack of directories that the workers of one scan share, in shared memory, guarded by a lock.
 *
 * Each worker keeps most of what it finds to itself and puts directories here only while another worker has nothing to
 * do, so that the lock is rarely taken. A worker that finds the stack empty sleeps until something is put there or every
 * worker is idle, which is the end.
 */
export class SharedWork {
  readonly #state: Int32Array;
  readonly #done: Float64Array;
  readonly #stack: DataView;

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory, 0, words);
    this.#done = new Float64Array(memory, words * 4, maxSlots * 2);
    this.#stack = new DataView(memory, words * 4 + maxSlots * 16, capacity);
  }

  /** A new directory id; parents always have lower ids than their children. */
  newId(): number {
    return Atomics.add(this.#state, word.nextId, 1);
  }

  /** Ids handed out so far: directories found. */
  get found(): number {
    return Atomics.load(this.#state, word.nextId);
  }

  /** Directories read so far. */
  get read(): number {
    return Atomics.load(this.#state, word.read);
  }

  get over(): boolean {
    return Atomics.load(this.#state, word.over) !== 0;
  }

  /** Files and bytes read so far by all workers. A figure for a progress bar: it may lag by one directory. */
  progress(): { files: number; bytes: number } {
    let files = 0;
    let bytes = 0;
    for (let slot = 0; slot < maxSlots; slot++) {
      files += this.#done[slot * 2] ?? 0;
      bytes += this.#done[slot * 2 + 1] ?? 0;
    }
    return { files, bytes };
  }

  noteRead(slot: number, files: number, bytes: number): void {
    Atomics.add(this.#state, word.read, 1);
    this.#done[slot * 2] = (this.#done[slot * 2] ?? 0) + files;
    this.#done[slot * 2 + 1] = (this.#done[slot * 2 + 1] ?? 0) + bytes;
  }

  /** Whether some worker waits for something to do. */
  get hungry(): boolean {
    return Atomics.load(this.#state, word.hungry) > 0;
  }

  /** Whether the worker of this slot has begun. */
  entered(slot: number): boolean {
    return (Atomics.load(this.#state, word.entered) & (1 << slot)) !== 0;
  }

  /** A worker begins. False when the scan is over already. */
  enter(slot: number): boolean {
    Atomics.or(this.#state, word.entered, 1 << slot);
    this.#lock();
    const open = !this.over;
    if (open) this.#state[word.busy] = (this.#state[word.busy] ?? 0) + 1;
    this.#unlock();
    return open;
  }

  /** A worker failed or was cancelled: everyone stops. */
  abandon(): void {
    Atomics.store(this.#state, word.over, 1);
    this.#signal();
  }

  /** Shares a directory; false when there is no room for it. */
  put(item: WorkItem): boolean {
    const size = 44 + item.path.length * 2;
    this.#lock();
    const top = this.#state[word.top] ?? 0;
    const fits = top + size <= capacity;
    if (fits) {
      const stack = this.#stack;
      for (let index = 0; index < item.path.length; index++) {
        stack.setUint16(top + index * 2, item.path.charCodeAt(index));
      }
      const at = top + item.path.length * 2;
      stack.setUint32(at, item.path.length);
      stack.setUint32(at + 4, item.id);
      stack.setInt32(at + 8, item.parent);
      stack.setFloat64(at + 12, item.allocated);
      stack.setBigUint64(at + 20, BigInt.asUintN(64, item.inode));
      stack.setFloat64(at + 28, item.changedUs);
      this.#state[word.top] = top + size;
    }
    this.#unlock();
    if (fits) this.#signal();
    return fits;
  }

  /** Takes a directory, waiting for one while other workers may still put some; undefined at the end. */
  take(cancelled: () => boolean): WorkItem | undefined {
    let idle = false;
    for (;;) {
      const pulse = Atomics.load(this.#state, word.pulse);
      this.#lock();
      const item = this.#pop();
      if (item !== undefined) {
        if (idle) this.#state[word.busy] = (this.#state[word.busy] ?? 0) + 1;
      } else if (!idle) {
        idle = true;
        this.#state[word.busy] = (this.#state[word.busy] ?? 0) - 1;
        if (this.#state[word.busy] === 0) this.#state[word.over] = 1;
      }
      const over = this.#state[word.over] !== 0;
      this.#unlock();
      if (item !== undefined) return item;
      if (over) {
        this.#signal();
        return undefined;
      }
      Atomics.add(this.#state, word.hungry, 1);
      Atomics.wait(this.#state, word.pulse, pulse, 20);
      Atomics.sub(this.#state, word.hungry, 1);
      if (cancelled()) {
        this.abandon();
        return undefined;
      }
    }
  }

  #pop(): WorkItem | undefined {
    const top = this.#state[word.top] ?? 0;
    if (top === 0 || this.#state[word.over] !== 0) return undefined;
    const stack = this.#stack;
    const at = top - 44;
    const length = stack.getUint32(at);
    const start = at - length * 2;
    const units: number[] = [];
    for (let index = 0; index < length; index++) units.push(stack.getUint16(start + index * 2));
    this.#state[word.top] = start;
    return {
      path: units.length < 4096 ? String.fromCharCode(...units) : units.map((u) => String.fromCharCode(u)).join(''),
      id: stack.getUint32(at + 4),
      parent: stack.getInt32(at + 8),
      allocated: stack.getFloat64(at + 12),
      inode: stack.getBigUint64(at + 20),
      changedUs: stack.getFloat64(at + 28),
    };
  }

  #signal(): void {
    Atomics.add(this.#state, word.pulse, 1);
    Atomics.notify(this.#state, word.pulse);
  }

  #lock(): void {
    while (Atomics.compareExchange(this.#state, word.lock, 0, 1) !== 0) Atomics.wait(this.#state, word.lock, 1, 5);
  }

  #unlock(): void {
    Atomics.store(this.#state, word.lock, 0);
    Atomics.notify(this.#state, word.lock, 1);
  }
}
