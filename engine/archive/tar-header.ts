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

const typeNames = { file: 'File', dir: 'Directory', symlink: 'SymbolicLink', link: 'Link' } as const;
const asciiOnly = /^[\x01-\x7f]*$/;
const nsPerSecond = 1_000_000_000n;
/** Largest numbers the octal fields hold. */
const maxSeconds = 0o77777777777n;
const maxOctalSize = 0o77777777777;
const maxOctalId = 0o7777777;

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

function paxRecords(entry: TarEntry, name: string): Buffer[] {
  const records: Buffer[] = [];
  const { linkTarget, mtimeNs, size, uid, gid } = entry;
  const nameNeedsPax = name.length > 99 || !asciiOnly.test(name);
  const linkNeedsPax = linkTarget !== undefined && (linkTarget.length > 99 || !asciiOnly.test(linkTarget));
  if ((nameNeedsPax && !name.isWellFormed()) || (linkNeedsPax && !linkTarget.isWellFormed())) {
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

function octalSeconds(ns: bigint): Date {
  const seconds = ns < 0n ? 0n : ns / nsPerSecond;
  return new Date(Number(seconds > maxSeconds ? maxSeconds : seconds) * 1_000);
}

/** What an old tar without pax sees of a name. */
function plainName(name: string): string {
  return name.toWellFormed();
}

/** The blocks before an entry's content: pax header where one is needed, then the header. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = nameOf(entry);
  const records = paxRecords(entry, name);
  const blocks: Buffer[] = [];
  if (records.length > 0) {
    const body = Buffer.concat(records);
    const padded = Buffer.alloc(blockBytes + paddedLength(body.length));
    new Header({
      path: 'PaxHeader/larder',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: body.length,
      mtime: new Date(0),
      type: 'ExtendedHeader',
    }).encode(padded);
    body.copy(padded, blockBytes);
    blocks.push(padded);
  }
  const block = Buffer.alloc(blockBytes);
  new Header({
    path: plainName(name),
    mode: entry.mode,
    uid: Math.min(entry.uid, maxOctalId),
    gid: Math.min(entry.gid, maxOctalId),
    size: entry.size,
    mtime: octalSeconds(entry.mtimeNs),
    type: typeNames[entry.type],
    ...(entry.linkTarget === undefined ? {} : { linkpath: plainName(entry.linkTarget) }),
  }).encode(block);
  blocks.push(block);
  return blocks.length === 1 ? block : Buffer.concat(blocks);
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
