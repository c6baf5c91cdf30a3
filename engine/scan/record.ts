import { ByteReader, ByteWriter } from './bytes.ts';

/**
 * A directory as the scanner keeps it: one packed record of its own figures and of every entry that is not a directory.
 *
 * Three hundred thousand files as JavaScript objects cost several hundred bytes each; packed they cost their name plus
 * about ten bytes, move between threads without being copied, and are decoded only for the one directory a person looks
 * at. Directories below have records of their own, tied to this one by `parent`.
 *
 * Header, little-endian: length u32, id u32, parent i32, entries u32, linked u32, name length u16, status u8, reason
 * length u8, own blocks f64, bytes f64, allocated f64, files f64, newest f64, oldest f64, sparse bytes f64, largest
 * entry's blocks f64, sparse files u32, mounts u32, inode u64, change time µs f64. Then name, reason, entries. Figures in
 * the header leave hard-linked files out, `files` excepted: the tree decides which of an inode's names is counted.
 */
const headerBytes = 112;

export const recordStatus = { read: 0, unreadable: 1, gone: 2 } as const;

const statusMask = 0x7f;
const unreadableEntries = 0x80;

export const entryKinds = ['file', 'symlink', 'other', 'mount'] as const;
export type EntryKind = (typeof entryKinds)[number];

const kindCodes: Readonly<Record<EntryKind, number>> = { file: 0, symlink: 1, other: 2, mount: 3 };

const kindMask = 0x07;
const linkedFlag = 0x08;
const wideInodeFlag = 0x10;
const deviceFlag = 0x20;
const unreadableFlag = 0x40;

/** Time in the header of a directory without files: later than any. */
export const noOldest = Infinity;

/**
 * Bytes that a file's size needs and its blocks do not give, at least one page of 4 KiB. Less than that says nothing:
 * some file systems keep small files in the inode.
 */
export function sparseBytes(bytes: number, allocated: number): number {
  const missing = bytes - allocated;
  return missing >= 4096 ? missing : 0;
}

/** What is known of a directory before it is read: its place, and its own `lstat`. */
export interface DirectoryPlace {
  id: number;
  parent: number;
  name: Buffer;
  /** Blocks of the directory itself, in bytes. */
  allocated: number;
  inode: bigint;
  /** Change time in µs: differs when the directory may list something else than before. */
  changedUs: number;
}

export interface RecordEntry {
  kind: EntryKind;
  /** Path text. */
  name: string;
  bytes: number;
  /** Blocks of 512 bytes. */
  blocks: number;
  mtimeMs: number;
  /** Exact: a bigint from 2^53. */
  inode: number | bigint;
  /** Set for a file with more than one name. */
  links?: number | undefined;
  /** Device, where it is not the store's (overlay file systems); part of a hard link's identity. */
  device?: bigint | undefined;
  /** Errno name, when it could not be looked at. */
  unreadable?: string | undefined;
}

/** Writes records one after another into a buffer. */
export class RecordWriter {
  readonly out: ByteWriter;
  #start = 0;
  #entries = 0;
  #linked = 0;
  #bytes = 0;
  #blocks = 0;
  #files = 0;
  #newest = 0;
  #oldest = noOldest;
  #sparse = 0;
  #sparseFiles = 0;
  #largest = 0;
  #mounts = 0;
  #lastInode = 0;
  #lastMtime = 0;
  #unreadable = false;

  constructor(capacity = 64 * 1024) {
    this.out = new ByteWriter(capacity);
  }

  /** `reason` is the errno name when the directory could not be read. */
  begin(place: DirectoryPlace, status: number, reason = ''): void {
    const { out } = this;
    this.#start = out.at;
    this.#entries = this.#linked = this.#bytes = this.#blocks = this.#files = this.#newest = 0;
    this.#lastInode = this.#lastMtime = 0;
    this.#sparse = this.#sparseFiles = this.#largest = this.#mounts = 0;
    this.#oldest = noOldest;
    this.#unreadable = false;
    out.reserve(headerBytes);
    const { buffer, at } = out;
    buffer.writeUInt32LE(place.id, at + 4);
    buffer.writeInt32LE(place.parent, at + 8);
    buffer.writeUInt16LE(place.name.length, at + 20);
    buffer[at + 22] = status;
    buffer[at + 23] = reason.length;
    buffer.writeDoubleLE(place.allocated, at + 24);
    buffer.writeBigUInt64LE(BigInt.asUintN(64, place.inode), at + 96);
    buffer.writeDoubleLE(place.changedUs, at + 104);
    out.at += headerBytes;
    out.bytes(place.name);
    out.bytes(Buffer.from(reason, 'latin1'));
  }

  entry(entry: RecordEntry): void {
    const { out } = this;
    const linked = entry.links !== undefined;
    const inode = Number(entry.inode);
    const wide = inode >= 2 ** 51;
    out.byte(
      kindCodes[entry.kind] |
        (linked ? linkedFlag : 0) |
        (wide ? wideInodeFlag : 0) |
        (entry.device === undefined ? 0 : deviceFlag) |
        (entry.unreadable === undefined ? 0 : unreadableFlag),
    );
    out.name(entry.name);
    if (entry.unreadable !== undefined) {
      this.#unreadable = true;
      out.varint(entry.unreadable.length);
      out.bytes(Buffer.from(entry.unreadable, 'latin1'));
    }
    out.varint(entry.bytes);
    out.varint(entry.blocks);
    out.signed(entry.mtimeMs - this.#lastMtime);
    this.#lastMtime = entry.mtimeMs;
    if (wide) {
      out.reserve(8);
      out.buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(entry.inode)), out.at);
      out.at += 8;
    } else {
      out.signed(inode - this.#lastInode);
      this.#lastInode = inode;
    }
    if (entry.device !== undefined) {
      out.reserve(8);
      out.buffer.writeBigUInt64LE(BigInt.asUintN(64, entry.device), out.at);
      out.at += 8;
    }
    this.#entries++;
    if (entry.kind === 'file') this.#files++;
    else if (entry.kind === 'mount') this.#mounts++;
    if (linked) {
      out.varint(entry.links ?? 0);
      this.#linked++;
      return;
    }
    if (entry.kind === 'file') {
      this.#bytes += entry.bytes;
      if (entry.mtimeMs < this.#oldest) this.#oldest = entry.mtimeMs;
      const missing = sparseBytes(entry.bytes, entry.blocks * 512);
      if (missing > 0) {
        this.#sparse += missing;
        this.#sparseFiles++;
      }
    }
    this.#blocks += entry.blocks;
    if (entry.blocks > this.#largest) this.#largest = entry.blocks;
    if (entry.mtimeMs > this.#newest && entry.kind !== 'mount') this.#newest = entry.mtimeMs;
  }

  /** Ends the record and returns where it lies. */
  end(): { start: number; end: number; files: number; bytes: number } {
    const { buffer, at } = this.out;
    const start = this.#start;
    buffer.writeUInt32LE(at - start, start);
    if (this.#unreadable) buffer[start + 22] = (buffer[start + 22] ?? 0) | unreadableEntries;
    buffer.writeUInt32LE(this.#entries, start + 12);
    buffer.writeUInt32LE(this.#linked, start + 16);
    buffer.writeDoubleLE(this.#bytes, start + 32);
    buffer.writeDoubleLE(this.#blocks * 512, start + 40);
    buffer.writeDoubleLE(this.#files, start + 48);
    buffer.writeDoubleLE(this.#newest, start + 56);
    buffer.writeDoubleLE(this.#oldest, start + 64);
    buffer.writeDoubleLE(this.#sparse, start + 72);
    buffer.writeDoubleLE(this.#largest * 512, start + 80);
    buffer.writeUInt32LE(this.#sparseFiles, start + 88);
    buffer.writeUInt32LE(this.#mounts, start + 92);
    return { start, end: at, files: this.#files, bytes: this.#bytes };
  }
}

/** The header fields of the record at `at`, read when asked for. */
export const header = {
  length: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at),
  id: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at + 4),
  parent: (buffer: Buffer, at: number): number => buffer.readInt32LE(at + 8),
  entries: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at + 12),
  linked: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at + 16),
  status: (buffer: Buffer, at: number): number => (buffer[at + 22] ?? 0) & statusMask,
  /** Whether some entry could not be looked at. */
  hasUnreadable: (buffer: Buffer, at: number): boolean => ((buffer[at + 22] ?? 0) & unreadableEntries) !== 0,
  name: (buffer: Buffer, at: number): Buffer =>
    buffer.subarray(at + headerBytes, at + headerBytes + buffer.readUInt16LE(at + 20)),
  reason(buffer: Buffer, at: number): string {
    const start = at + headerBytes + buffer.readUInt16LE(at + 20);
    return buffer.toString('latin1', start, start + (buffer[at + 23] ?? 0));
  },
  /** Blocks of the directory itself, in bytes. */
  ownAllocated: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 24),
  bytes: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 32),
  /** Blocks of the entries, in bytes. */
  allocated: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 40),
  files: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 48),
  newest: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 56),
  /** Oldest modification of a file; {@link noOldest} when there is none. */
  oldest: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 64),
  /** Bytes that sparse files do not take. */
  sparseBytes: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 72),
  /** Blocks of the largest entry, in bytes. */
  largest: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 80),
  sparseFiles: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at + 88),
  mounts: (buffer: Buffer, at: number): number => buffer.readUInt32LE(at + 92),
  inode: (buffer: Buffer, at: number): bigint => buffer.readBigUInt64LE(at + 96),
  changedUs: (buffer: Buffer, at: number): number => buffer.readDoubleLE(at + 104),
} as const;

/** Walks the entries of one record; the fields are those of the entry last moved to. */
export class EntryCursor {
  kind: EntryKind = 'file';
  nameStart = 0;
  nameEnd = 0;
  bytes = 0;
  blocks = 0;
  mtimeMs = 0;
  inode: number | bigint = 0;
  device: bigint | undefined;
  links: number | undefined;
  unreadable: string | undefined;
  readonly #reader: ByteReader;
  #left: number;
  #lastInode = 0;

  constructor(buffer: Buffer, at: number) {
    const start = at + headerBytes + buffer.readUInt16LE(at + 20) + (buffer[at + 23] ?? 0);
    this.#reader = new ByteReader(buffer, start);
    this.#left = header.entries(buffer, at);
  }

  /** The name's bytes, in place. */
  get name(): Buffer {
    return this.#reader.buffer.subarray(this.nameStart, this.nameEnd);
  }

  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    const reader = this.#reader;
    const flags = reader.byte();
    this.kind = entryKinds[flags & kindMask] ?? 'other';
    const length = reader.varint();
    this.nameStart = reader.at;
    this.nameEnd = reader.at += length;
    this.unreadable = undefined;
    if ((flags & unreadableFlag) !== 0) {
      const reason = reader.varint();
      this.unreadable = reader.buffer.toString('latin1', reader.at, reader.at + reason);
      reader.at += reason;
    }
    this.bytes = reader.varint();
    this.blocks = reader.varint();
    this.mtimeMs += reader.signed();
    if ((flags & wideInodeFlag) !== 0) {
      this.inode = reader.buffer.readBigUInt64LE(reader.at);
      reader.at += 8;
    } else {
      this.#lastInode += reader.signed();
      this.inode = this.#lastInode;
    }
    this.device = undefined;
    if ((flags & deviceFlag) !== 0) {
      this.device = reader.buffer.readBigUInt64LE(reader.at);
      reader.at += 8;
    }
    this.links = (flags & linkedFlag) !== 0 ? reader.varint() : undefined;
    return true;
  }
}

/** Whether two records of a directory say the same, its place and change time aside. */
export function sameRecord(a: Buffer, aAt: number, b: Buffer, bAt: number): boolean {
  const length = header.length(a, aAt);
  return (
    length === header.length(b, bAt) &&
    a.compare(b, bAt + 12, bAt + 96, aAt + 12, aAt + 96) === 0 &&
    a.compare(b, bAt + headerBytes, bAt + length, aAt + headerBytes, aAt + length) === 0
  );
}
