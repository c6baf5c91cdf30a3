import { z } from 'zod';
import { LarderError } from '../../shared/contract/index.ts';
import { archiveFormatSchema, skippedSchema } from '../../shared/contract/index.ts';
import { hasRawBytes } from '../../shared/path-text.ts';
import { decodeName, encodeName } from '../fs/index.ts';
import { maxArchives, maxFramePlain, maxFrames, maxFrameStored, maxPathLength, maxTargetLength } from './limits.ts';
import type { ArchiveRef, FileEntry, FrameRef, ManifestEntry, ManifestHeader, Piece } from './types.ts';

/** The lines of a manifest: values to JSON text and back. Everything read is checked; nothing is trusted. */

export interface ManifestCounts {
  readonly archives: number;
  readonly frames: number;
  readonly files: number;
  readonly dirs: number;
  readonly symlinks: number;
  /** Bytes of the files' content. */
  readonly bytes: number;
  /** Of those, bytes that lie in other archives than the backup's own; not told by version 1. */
  readonly reused?: number;
}

export interface Trailer {
  readonly entries: number;
  /** SHA-256 of all text before the trailer's line, hex. */
  readonly sha256: string;
}

export function corruptLine(what: string): LarderError {
  return new LarderError('CORRUPT', what);
}

const countField = z.number().int().nonnegative();
const headerSchema = z.strictObject({
  format: z.literal('larder-backup'),
  version: z.literal([1, 2]),
  id: z.string().min(1).max(64),
  store: z.strictObject({ id: z.string().max(64), name: z.string().max(1_000), path: z.string().max(maxPathLength) }),
  kind: z.enum(['full', 'incremental']),
  archiveFormat: archiveFormatSchema,
  startedAtMs: z.number(),
  finishedAtMs: z.number(),
  timeZone: z.string().max(200),
  host: z.string().max(1_000),
  parent: z.string().max(64).nullable(),
  tool: z.string().max(200),
  note: z.string().max(10_000).exactOptional(),
  encryptedFor: z.union([z.literal('passphrase'), z.array(z.string().max(4_000)).max(100)]).exactOptional(),
  skipped: z.array(skippedSchema),
  excluded: z.array(z.strictObject({ path: z.string(), reason: z.string(), files: countField, bytes: countField })),
});
const countsSchema = z.strictObject({
  counts: z.strictObject({
    archives: z.number().int().min(0).max(maxArchives),
    frames: z.number().int().min(0).max(maxFrames),
    files: countField,
    dirs: countField,
    symlinks: countField,
    bytes: countField,
    reused: countField.exactOptional(),
  }),
});
const hexDigest = /^[0-9a-f]{64}$/;
const archiveSchema = z.strictObject({
  archive: z
    .string()
    .min(1)
    .max(1_000)
    // A name in the manifest's own folder, nothing else.
    .refine((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..' && isCanonical(name)),
  format: archiveFormatSchema,
  size: countField.nullable(),
  sha256: z.string().regex(hexDigest).nullable(),
  fileKey: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .exactOptional(),
});
const trailerSchema = z.strictObject({
  trailer: z.strictObject({ entries: countField, sha256: z.string().regex(hexDigest) }),
});

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw corruptLine('a line is not JSON');
  }
}

function parseAs<T>(schema: z.ZodType<T>, line: string, what: string): T {
  const parsed = schema.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  throw corruptLine(`its ${what} is not valid${where}`);
}

export function encodeHeader(header: ManifestHeader): string {
  return JSON.stringify(header);
}

export function parseHeader(line: string): ManifestHeader {
  const value = parseJson(line);
  if (typeof value === 'object' && value !== null && 'format' in value && 'version' in value) {
    if (value.format === 'larder-backup' && typeof value.version === 'number' && value.version > 2) {
      throw new LarderError('UNSUPPORTED', `it has format version ${value.version}, made by a newer Larder`, {
        hint: 'Update Larder.',
      });
    }
  }
  return parseAs<ManifestHeader>(headerSchema, line, 'header');
}

export function encodeCounts(counts: ManifestCounts): string {
  const { archives, frames, files, dirs, symlinks, bytes, reused } = counts;
  return JSON.stringify({ counts: { archives, frames, files, dirs, symlinks, bytes, reused } });
}

export function parseCounts(line: string): ManifestCounts {
  return parseAs(countsSchema, line, 'line of counts').counts;
}

export function encodeArchive({ file, format, size, sha256, fileKey }: ArchiveRef): string {
  return JSON.stringify({ archive: file, format, size, sha256, fileKey });
}

export function parseArchive(line: string): ArchiveRef {
  const { archive, ...rest } = parseAs(archiveSchema, line, 'line of an archive');
  return { file: archive, ...rest };
}

export function encodeTrailer(trailer: Trailer): string {
  return JSON.stringify({ trailer: { entries: trailer.entries, sha256: trailer.sha256 } });
}

export function parseTrailer(line: string): Trailer {
  return parseAs(trailerSchema, line, 'trailer').trailer;
}

/** `[archive, offset, stored length, plain length, "SHA-256"]`, and `1` at the end where that is of the plain bytes. */
export function encodeFrameRef(frame: FrameRef): string {
  const { archive, offset, storedLength, plainLength, sha256, plainDigest } = frame;
  return `[${archive},${offset},${storedLength},${plainLength},"${sha256}"${plainDigest === true ? ',1' : ''}]`;
}

function isCount(value: unknown, max = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && hexDigest.test(value);
}

export function parseFrameRef(line: string, archives: readonly ArchiveRef[]): FrameRef {
  const value = parseJson(line);
  if (!Array.isArray(value) || value.length < 5 || value.length > 6)
    throw corruptLine('a frame is not five or six values');
  const [archive, offset, storedLength, plainLength, sha256, plain] = value as unknown[];
  if (!isCount(archive) || archives[archive] === undefined) throw corruptLine('a frame is of an archive not listed');
  if (!isCount(offset) || !isCount(storedLength, maxFrameStored) || !isCount(plainLength, maxFramePlain)) {
    throw corruptLine('a frame has an impossible size or place');
  }
  const { size } = archives[archive];
  if (storedLength === 0 || plainLength === 0 || (size !== null && offset + storedLength > size)) {
    throw corruptLine('a frame lies outside its archive');
  }
  if (!isDigest(sha256)) throw corruptLine('a frame has no digest');
  if (value.length === 5) return { archive, offset, storedLength, plainLength, sha256 };
  if (plain !== 1) throw corruptLine('a frame has a digest of no known kind');
  return { archive, offset, storedLength, plainLength, sha256, plainDigest: true };
}

/** Path text must name its bytes in the one canonical way, or two paths could be one on disk. */
function isCanonical(text: string): boolean {
  if (text.isWellFormed()) return true;
  if (!hasRawBytes(text)) return false;
  try {
    return decodeName(encodeName(text)) === text;
  } catch {
    return false;
  }
}

const badSegment = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Whether the text is a relative path that stays below its root: no empty, `.` or `..` segment, no NUL. */
export function isSafePath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > maxPathLength) return false;
  if (path === '') return true;
  return !badSegment.test(path) && !path.includes('\0') && isCanonical(path);
}

interface EntryMeta {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
}

function encodeMeta(entry: EntryMeta, type: ManifestEntry['type']): string {
  return (
    `{"path":${JSON.stringify(entry.path)},"type":"${type}","mode":${entry.mode},"uid":${entry.uid},` +
    `"gid":${entry.gid},"mtime":"${entry.mtimeNs}"`
  );
}

export type FileLine = Omit<FileEntry, 'pieces' | 'type'>;

/** A file's line with its pieces given as JSON text, so that a worker can leave a frame's number open. */
export function encodeFile(entry: FileLine, pieces: string): string {
  const link = entry.linkTo === undefined ? '' : `,"link":${JSON.stringify(entry.linkTo)}`;
  return (
    `${encodeMeta(entry, 'file')},"size":${entry.size},"sha256":"${entry.sha256}","pieces":[${pieces}],` +
    `"ctime":"${entry.ctimeNs}","inode":"${entry.inode}"${link}}`
  );
}

export function encodePieces(pieces: readonly Piece[]): string {
  return pieces.map((piece) => `[${piece.frame},${piece.offset},${piece.length}]`).join(',');
}

export function encodeDirectory(entry: EntryMeta): string {
  return `${encodeMeta(entry, 'dir')}}`;
}

export function encodeSymlink(entry: EntryMeta & { readonly target: string }): string {
  return `${encodeMeta(entry, 'symlink')},"target":${JSON.stringify(entry.target)}}`;
}

export function encodeEntry(entry: ManifestEntry): string {
  if (entry.type === 'file') return encodeFile(entry, encodePieces(entry.pieces));
  return entry.type === 'dir' ? encodeDirectory(entry) : encodeSymlink(entry);
}

const nanoseconds = /^-?\d{1,20}$/;

function bigintOf(value: unknown): bigint {
  if (typeof value !== 'string' || !nanoseconds.test(value)) throw corruptLine('an entry has an impossible time');
  return BigInt(value);
}

const maxId = 0xffff_ffff;
const entryKeys = { dir: 6, symlink: 7, file: 11 } as const;

/** One entry; its pieces are checked against `frames`. Order and parents are for the caller to check. */
export function parseEntry(line: string, frames: readonly FrameRef[]): ManifestEntry {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null) throw corruptLine('an entry is not an object');
  const raw = value as Record<string, unknown>;
  const { path, type, mode, uid, gid } = raw;
  if (!isSafePath(path)) throw corruptLine('an entry has a path that is not allowed');
  if (!isCount(mode, 0o7777) || !isCount(uid, maxId) || !isCount(gid, maxId)) {
    throw corruptLine('an entry has an impossible mode or owner');
  }
  const mtimeNs = bigintOf(raw['mtime']);
  const keys = Object.keys(raw).length;
  if (type === 'dir' && keys === entryKeys.dir) return { type, path, mode, uid, gid, mtimeNs };
  if (path === '') throw corruptLine('the root is not a folder');
  if (type === 'symlink' && keys === entryKeys.symlink) {
    const { target } = raw;
    if (
      typeof target !== 'string' ||
      target.length > maxTargetLength ||
      target.includes('\0') ||
      !isCanonical(target)
    ) {
      throw corruptLine('a symbolic link has an impossible target');
    }
    return { type, path, mode, uid, gid, mtimeNs, target };
  }
  const { size, sha256, link } = raw;
  if (type !== 'file' || keys !== entryKeys.file + (link === undefined ? 0 : 1)) {
    throw corruptLine('an entry has fields this Larder does not know');
  }
  if (!isCount(size) || !isDigest(sha256)) throw corruptLine('a file has no size or digest');
  const pieces = parsePieces(raw['pieces'], frames, size);
  const ctimeNs = bigintOf(raw['ctime']);
  const inode = bigintOf(raw['inode']);
  const file: FileEntry = { type, path, mode, uid, gid, mtimeNs, size, sha256, pieces, ctimeNs, inode };
  if (link === undefined) return file;
  if (!isSafePath(link) || link === '') throw corruptLine('a hard link has a path that is not allowed');
  return { ...file, linkTo: link };
}

/** An entry's line as it was written. */
type EntryLine = Pick<EntryMeta, 'path' | 'mode' | 'uid' | 'gid'> & { readonly mtime: string } & (
    | { readonly type: 'dir' }
    | { readonly type: 'symlink'; readonly target: string }
    | {
        readonly type: 'file';
        readonly size: number;
        readonly sha256: string;
        readonly pieces: readonly (readonly [frame: number, offset: number, length: number])[];
        readonly ctime: string;
        readonly inode: string;
        readonly link?: string;
      }
  );

/** One entry of a manifest that was checked before, without checking it again. */
export function takeEntry(text: string): ManifestEntry {
  const line = JSON.parse(text) as EntryLine;
  const { path, mode, uid, gid } = line;
  const meta = { path, mode, uid, gid, mtimeNs: BigInt(line.mtime) };
  if (line.type === 'dir') return { type: line.type, ...meta };
  if (line.type === 'symlink') return { type: line.type, ...meta, target: line.target };
  const { type, size, sha256, link } = line;
  const pieces = line.pieces.map(([frame, offset, length]): Piece => ({ frame, offset, length }));
  const times = { ctimeNs: BigInt(line.ctime), inode: BigInt(line.inode) };
  return { type, ...meta, size, sha256, pieces, ...times, ...(link === undefined ? {} : { linkTo: link }) };
}

function parsePieces(value: unknown, frames: readonly FrameRef[], size: number): Piece[] {
  if (!Array.isArray(value)) throw corruptLine('a file has no pieces');
  let total = 0;
  const pieces = (value as unknown[]).map((item) => {
    if (!Array.isArray(item) || item.length !== 3) throw corruptLine('a piece is not three values');
    const [frame, offset, length] = item as unknown[];
    if (!isCount(frame) || !isCount(offset) || !isCount(length) || length === 0) {
      throw corruptLine('a piece has an impossible size or place');
    }
    const within = frames[frame];
    if (within === undefined) throw corruptLine('a piece is of a frame not listed');
    if (offset + length > within.plainLength) throw corruptLine('a piece reaches beyond its frame');
    total += length;
    return { frame, offset, length };
  });
  if (total !== size) throw corruptLine('the pieces of a file do not add up to its size');
  return pieces;
}
