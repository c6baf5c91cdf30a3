import type { SourceEntry } from '../archive/index.ts';
import { decodeName, encodeName } from '../fs/index.ts';

/**
 * How the walk hands its entries to the engine thread: batches of records in one buffer each, moved, not copied.
 *
 * A million entries as objects would take some 400 MB and seconds to clone; like this they take about 70 MB and are
 * decoded one at a time while the writer goes through them. A record is 60 bytes of numbers, then the part of the
 * path that differs from the one before (paths are sorted, so that is little more than the name). Batches stand alone.
 */

const types = ['file', 'dir', 'symlink'] as const;
const recordBytes = 60;
const initialBytes = 256 * 1024;
/** Entries in a batch at most: what the engine thread hears of at a time. */
export const batchEntries = 4096;

/** Entries of one stretch of the walk. */
export interface EntryBatch {
  readonly count: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Device of all of them. */
  readonly device: bigint;
}

export class EntryEncoder {
  #buffer = new ArrayBuffer(initialBytes);
  #view = new DataView(this.#buffer);
  #length = 0;
  #count = 0;
  #previous: Uint8Array = new Uint8Array();
  readonly device: bigint;

  constructor(device: bigint) {
    this.device = device;
  }

  get count(): number {
    return this.#count;
  }

  add(entry: Omit<SourceEntry, 'device'>): void {
    const path = encodeName(entry.path);
    let shared = 0;
    const limit = Math.min(path.length, this.#previous.length);
    while (shared < limit && path[shared] === this.#previous[shared]) shared += 1;
    this.#reserve(recordBytes + path.length - shared);
    const at = this.#length;
    const view = this.#view;
    // A time after 2262 takes more than 64 bits.
    view.setBigUint64(at, BigInt.asUintN(64, entry.mtimeNs));
    view.setInt32(at + 56, Number(entry.mtimeNs >> 64n));
    view.setBigInt64(at + 8, entry.ctimeNs);
    view.setBigUint64(at + 16, entry.inode);
    view.setFloat64(at + 24, entry.size);
    view.setUint32(at + 32, entry.uid);
    view.setUint32(at + 36, entry.gid);
    view.setUint32(at + 40, entry.links);
    view.setUint32(at + 44, shared);
    view.setUint32(at + 48, path.length - shared);
    view.setUint16(at + 52, entry.mode);
    view.setUint8(at + 54, types.indexOf(entry.type));
    new Uint8Array(this.#buffer).set(path.subarray(shared), at + recordBytes);
    this.#length = at + recordBytes + path.length - shared;
    this.#count += 1;
    this.#previous = path;
  }

  /** The batch so far; the encoder starts a new one. */
  take(): EntryBatch {
    const batch = {
      count: this.#count,
      bytes: new Uint8Array(this.#buffer.slice(0, this.#length)),
      device: this.device,
    };
    this.#length = 0;
    this.#count = 0;
    this.#previous = new Uint8Array();
    return batch;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.byteLength) return;
    let size = this.#buffer.byteLength;
    while (size < this.#length + more) size *= 2;
    this.#buffer = this.#buffer.transfer(size);
    this.#view = new DataView(this.#buffer);
  }
}

function* decodeBatch(batch: EntryBatch): Generator<SourceEntry> {
  const { bytes } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let path: Uint8Array = new Uint8Array();
  let at = 0;
  for (let index = 0; index < batch.count; index += 1) {
    const shared = view.getUint32(at + 44);
    const added = view.getUint32(at + 48);
    const next = new Uint8Array(shared + added);
    next.set(path.subarray(0, shared));
    next.set(bytes.subarray(at + recordBytes, at + recordBytes + added), shared);
    path = next;
    yield {
      path: decodeName(path),
      type: types[view.getUint8(at + 54)] ?? 'file',
      mode: view.getUint16(at + 52),
      uid: view.getUint32(at + 32),
      gid: view.getUint32(at + 36),
      mtimeNs: (BigInt(view.getInt32(at + 56)) << 64n) | view.getBigUint64(at),
      ctimeNs: view.getBigInt64(at + 8),
      size: view.getFloat64(at + 24),
      device: batch.device,
      inode: view.getBigUint64(at + 16),
      links: view.getUint32(at + 40),
    };
    at += recordBytes + added;
  }
}

/** The entries of batches in their order; can be gone through any number of times. */
export function decodeEntries(batches: readonly EntryBatch[]): Iterable<SourceEntry> {
  return {
    *[Symbol.iterator]() {
      for (const batch of batches) yield* decodeBatch(batch);
    },
  };
}
