import { Header } from 'tar';
import { encodeName } from '../fs/index.ts';

/**
 * Header blocks of a POSIX pax tar (IEEE Std 1003.1, pax, "pax Interchange Format"). The blocks come from the `tar`
 * package. The extended records are written here, because that package's own carry times in milliseconds and text in
 * UTF-8 only, where Larder needs nanoseconds and names of any bytes.
 */

export const blockBytes = 512;

export interface TarEntry {
  /** Relative path text; `''` is the root, written `./`. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'link';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** Bytes that follow; 0 for all but files. */
  readonly size: number;
  /** Of a symlink, its target; of a hard link, the first name's path. Path text. */
  readonly linkTarget?: string;
}

/** Folder in the tar for stretches that are only a part of a file. */
const piecesFolder = '.larder/pieces';

/** The entry of a stretch that is only a part of a file, by the SHA-256 of what its frame holds of it. */
export function pieceEntry(sha256: string, size: number): TarEntry {
  return { path: `${piecesFolder}/${sha256}`, type: 'file', mode: 0o600, uid: 0, gid: 0, mtimeNs: 0n, size };
}

/** The entry that follows one of the same path whose content is not whole: a plain tar then leaves a link to nowhere. */
export function leftOutEntry(path: string): TarEntry {
  const linkTarget = '.larder/left-out';
  return { path, type: 'symlink', mode: 0o777, uid: 0, gid: 0, mtimeNs: 0n, size: 0, linkTarget };
}

const typeNames = { file: 'File', dir: 'Directory', symlink: 'SymbolicLink', link: 'Link' } as const;
const asciiOnly = /^[\x01-\x7f]*$/;
const nsPerSecond = 1_000_000_000n;
/** Largest numbers the octal fields hold. */
const maxSeconds = 0o77777777777n;
const maxOctalSize = 0o77777777777;
const maxOctalId = 0o7777777;
/** Of six digits. */
const maxShortId = 0o777777;

/** The tar name: a folder ends in `/`, the root is `./`. */
function nameOf(entry: TarEntry): string {
  if (entry.path === '') return './';
  return entry.type === 'dir' ? `${entry.path}/` : entry.path;
}

/** Decimal seconds, exact to the nanosecond. */
export function decimalSeconds(ns: bigint): string {
  const magnitude = ns < 0n ? -ns : ns;
  const fraction = (magnitude % nsPerSecond).toString().padStart(9, '0').replace(/0+$/, '');
  return `${ns < 0n ? '-' : ''}${magnitude / nsPerSecond}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `length key=value\n`, where length counts the whole record, its own digits included. */
function paxRecord(key: string, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const rest = 1 + key.length + 1 + bytes.length + 1;
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`, 'latin1'), bytes, Buffer.from('\n')]);
}

/**
 * Whether readers must be told to take the name as bytes: it is not UTF-8, or it is UTF-8 that libarchive (bsdtar) would
 * compose on the way, so that two files become one.
 */
function mustStayBytes(name: string): boolean {
  return !name.isWellFormed() || name.normalize('NFC') !== name;
}

function paxRecords(entry: TarEntry, name: string): Buffer[] {
  const records: Buffer[] = [];
  const { linkTarget, mtimeNs, size, uid, gid } = entry;
  const nameNeedsPax = name.length > 99 || !asciiOnly.test(name);
  const linkNeedsPax = linkTarget !== undefined && (linkTarget.length > 99 || !asciiOnly.test(linkTarget));
  if ((nameNeedsPax && mustStayBytes(name)) || (linkNeedsPax && mustStayBytes(linkTarget))) {
    records.push(paxRecord('hdrcharset', 'BINARY'));
  }
  if (nameNeedsPax) records.push(paxRecord('path', encodeName(name)));
  if (linkNeedsPax) records.push(paxRecord('linkpath', encodeName(linkTarget)));
  if (mtimeNs < 0n || mtimeNs % nsPerSecond !== 0n || mtimeNs / nsPerSecond > maxSeconds) {
    records.push(paxRecord('mtime', decimalSeconds(mtimeNs)));
  }
  if (size > maxOctalSize) records.push(paxRecord('size', String(size)));
  if (uid > maxOctalId) records.push(paxRecord('uid', String(uid)));
  if (gid > maxOctalId) records.push(paxRecord('gid', String(gid)));
  return records;
}

function octalSeconds(ns: bigint): number {
  const seconds = ns < 0n ? 0n : ns / nsPerSecond;
  return Number(seconds > maxSeconds ? maxSeconds : seconds);
}

/** What an old tar without pax sees of a name. */
function plainName(name: string): string {
  return name.toWellFormed();
}

/** Octal digits, filled up with zeros. */
function putOctal(block: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    block[index] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

/** A field of twelve bytes: ten digits and a space, or eleven digits. */
function putLong(block: Buffer, at: number, value: number): void {
  const isLong = value > 0o7777777777;
  putOctal(block, at, isLong ? 11 : 10, value);
  if (!isLong) block[at + 10] = 0x20;
}

function putChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let index = 0; index < blockBytes; index++) sum += block[index] ?? 0;
  putOctal(block, 148, 6, sum);
  block[155] = 0;
}

/** A block as the `tar` package makes it, of which size, mtime and checksum are still to be put in. */
function template(type: TarEntry['type'] | 'pax'): Buffer {
  const block = Buffer.alloc(blockBytes);
  const pax = { path: 'PaxHeader/larder', type: 'ExtendedHeader' } as const;
  new Header({
    ...(type === 'pax' ? pax : { path: '', type: typeNames[type] }),
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: new Date(0),
  }).encode(block);
  return block;
}

const templates = {
  pax: template('pax'),
  file: template('file'),
  dir: template('dir'),
  symlink: template('symlink'),
  link: template('link'),
} as const;

/** The `tar` package's encoder is exact and slow; short names, by far the most, are put into its block directly. */
function putHeader(block: Buffer, entry: TarEntry, name: string): void {
  const { mode, uid, gid, size, mtimeNs, linkTarget, type } = entry;
  const isShort = name.length < 100 && linkTarget === undefined && uid <= maxShortId && gid <= maxShortId;
  if (isShort && size <= maxOctalSize && asciiOnly.test(name)) {
    templates[type].copy(block);
    block.write(name, 0, 'latin1');
    putOctal(block, 100, 6, mode);
    putOctal(block, 108, 6, uid);
    putOctal(block, 116, 6, gid);
    putLong(block, 124, size);
    putLong(block, 136, octalSeconds(mtimeNs));
    putChecksum(block);
    return;
  }
  new Header({
    path: plainName(name),
    mode,
    uid: Math.min(uid, maxOctalId),
    gid: Math.min(gid, maxOctalId),
    size,
    mtime: new Date(octalSeconds(mtimeNs) * 1_000),
    type: typeNames[type],
    ...(linkTarget === undefined ? {} : { linkpath: plainName(linkTarget) }),
  }).encode(block);
}

/** The blocks before an entry's content: pax header where one is needed, then the header. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = nameOf(entry);
  const records = paxRecords(entry, name);
  if (records.length === 0) {
    const block = Buffer.alloc(blockBytes);
    putHeader(block, entry, name);
    return block;
  }
  const bodyLength = records.reduce((sum, record) => sum + record.length, 0);
  const headerAt = blockBytes + paddedLength(bodyLength);
  const blocks = Buffer.alloc(headerAt + blockBytes);
  templates.pax.copy(blocks);
  putLong(blocks, 124, bodyLength);
  putChecksum(blocks.subarray(0, blockBytes));
  let at = blockBytes;
  for (const record of records) at += record.copy(blocks, at);
  putHeader(blocks.subarray(headerAt), entry, name);
  return blocks;
}

export function paddedLength(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

/**
 * Upper bound of what an entry of `size` bytes takes in the tar, from what is known before it is read. Boundaries
 * between frames depend on it, so it is a function of name and size alone.
 */
export function estimateTarBytes(path: string, size: number): number {
  // A UTF-16 unit is at most three bytes of UTF-8.
  const names = path.length > 99 ? paddedLength(path.length * 3) : 0;
  return 3 * blockBytes + names + paddedLength(size);
}
