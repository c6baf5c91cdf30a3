import { basename } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { decrypting } from '../age/index.ts';
import type { AgeStart } from '../age/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { ArchiveOut } from './archive-out.ts';
import { makeFrame, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { TextFrames } from './collector.ts';
import { readFooter } from './footer.ts';
import { decodeFrame, plainOf, readStored } from './frames.ts';
import { encodeEntry } from './lines.ts';
import { openBackup, openEmbedded } from './manifest-reader.ts';
import { withFile } from './manifest-text.ts';
import { composeManifest, writeManifest } from './manifest-writer.ts';
import { manifestFormatFor } from './names.ts';
import type { ManifestFormat } from './names.ts';
import { pieceEntry, tarHeader } from './tar-header.ts';
import type { ArchiveRef, BackupReader, FrameRef, ManifestEntry, ManifestHeader, Piece } from './types.ts';

/**
 * Archives written anew with what is still drawn on, and manifests rewritten to draw on those. Frames are copied as they
 * are; what is in them, and their digests, stay the same.
 */

/** A frame in the archive at hand. */
export type PlacedFrame = Omit<FrameRef, 'archive'>;

/**
 * Whether the manifest is that of an archive that belongs to no backup and only keeps frames for some: an incremental
 * one compared with nothing.
 */
export function keepsFramesOnly({ kind, parent }: Pick<ManifestHeader, 'kind' | 'parent'>): boolean {
  return kind === 'incremental' && parent === null;
}

/** Bytes of an archive before its manifest begins. Throws `CORRUPT` when its footer is damaged. */
export function contentBytes(fs: FileSystem, path: string, format: ArchiveFormat): number {
  return withFile(fs, path, (fd) => readFooter(fs, fd, Number(fs.fstat(fd).size), format).offset);
}

export interface CopySource {
  readonly path: string;
  /** What to copy, by offset; each once. */
  readonly frames: readonly PlacedFrame[];
}

export interface CopyFrames {
  readonly fs: FileSystem;
  readonly pool: Pool;
  /** All of this format. */
  readonly sources: readonly CopySource[];
  readonly format: ArchiveFormat;
  /** Where to write; must not be there. With `start` it is an age file. */
  readonly target: string;
  readonly start?: AgeStart | undefined;
  /** The file name it is going to have. */
  readonly name: string;
  /** Of the new archive's manifest. */
  readonly header: Pick<ManifestHeader, 'id' | 'store' | 'startedAtMs' | 'finishedAtMs' | 'timeZone' | 'host' | 'tool'>;
  readonly throwIfCancelled: () => void;
  /** After each frame, with its stored bytes. */
  readonly onCopied: (bytes: number) => void;
}

export interface CopiedFrames {
  readonly archive: ArchiveRef;
  /** For each source, the offset of each of its frames, in their order. */
  readonly offsets: readonly (readonly number[])[];
}

/** Frames of one key hold the same bytes, stored in the same way. */
export function contentKey({ sha256: digest, storedLength, plainLength, plainDigest }: PlacedFrame): string {
  return `${digest} ${storedLength} ${plainLength} ${plainDigest === true}`;
}

/**
 * Copies frames into a new archive, durably; those that several archives have are in it once. Groups of whole tar entries
 * stay what they are; pieces of large files become entries `.larder/pieces/…`, so the new archive is a valid tar as well.
 * It carries a manifest that lists the frames, by which a manifest that was lost can find them. Throws `CORRUPT` when a
 * frame is damaged, with `details.source` saying in which archive; leaves nothing behind then.
 */
export async function copyFrames(options: CopyFrames): Promise<CopiedFrames> {
  const { fs, format, sources, target } = options;
  const out = new ArchiveOut(fs, target, options.start);
  try {
    const copying: Copying = { out, placed: [], pieces: [], places: new Map() };
    const offsets: number[][] = [];
    for (const source of sources) offsets.push(await copySource(options, source, copying));
    const archive: ArchiveRef = { file: options.name, format, size: null, sha256: null };
    await writeFramesManifest(options, out, archive, copying.placed, copying.pieces);
    const { size, sha256: digest } = await out.finish();
    const { start } = options;
    const fileKey = start === undefined ? {} : { fileKey: Buffer.from(start.fileKey).toString('hex') };
    return { archive: { ...archive, size, sha256: digest, ...fileKey }, offsets };
  } catch (error) {
    await abandon(fs, out);
    throw error;
  }
}

/** Says of damage in which archive it is; whatever is wrong with the new one is not its. */
function reading<T>({ path }: CopySource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isLarderError(error, 'CORRUPT')) throw error;
    throw new LarderError('CORRUPT', error.message, { details: { ...error.details, source: path }, cause: error });
  }
}

/** What was copied so far. */
interface Copying {
  readonly out: ArchiveOut;
  readonly placed: FrameRef[];
  readonly pieces: { readonly frame: number; readonly sha256: string; readonly size: number }[];
  /** Offsets by what lies there. */
  readonly places: Map<string, number>;
}

async function copySource(
  options: CopyFrames,
  source: CopySource,
  { out, placed, pieces, places }: Copying,
): Promise<number[]> {
  const { fs, format } = options;
  const isGroup = groupsOf(fs, source.path, format);
  const offsets: number[] = [];
  const fd = fs.open(source.path, 'r');
  try {
    for (const frame of source.frames) {
      options.throwIfCancelled();
      const { storedLength, plainLength } = frame;
      const key = contentKey(frame);
      const there = places.get(key);
      if (there !== undefined) {
        offsets.push(there);
        options.onCopied(storedLength);
        continue;
      }
      const { digest, stored } = reading(source, () => ({
        digest: isGroup(frame) ? undefined : plainDigestOf(fs, fd, frame, format),
        stored: checkedStored(fs, fd, frame, format),
      }));
      if (digest !== undefined) {
        const head = makeFrame(tarHeader(pieceEntry(digest, plainLength)), format);
        out.write(head.stored, head.sha256);
        pieces.push({ frame: placed.length, sha256: digest, size: plainLength });
      }
      const { offset } = out;
      placed.push({ ...frame, archive: 0, offset });
      out.write(stored, frame.sha256);
      places.set(key, offset);
      offsets.push(offset);
      await out.room();
      options.onCopied(storedLength);
    }
    return offsets;
  } finally {
    fs.close(fd);
  }
}

/**
 * Tells groups of whole tar entries from the rest. Content of an entry in a group begins after the entry's header, that of
 * a large file where its frame does; and a frame that no entry leads to may be a large file's header, which stands for
 * nothing without what followed it. What the archive's own manifest does not tell to be a group is taken for a piece,
 * which is always right, only that plain tar then finds it under `.larder/pieces`.
 */
function groupsOf(fs: FileSystem, path: string, format: ArchiveFormat): (frame: PlacedFrame) => boolean {
  const groups = new Set<number>();
  try {
    const reader = openEmbedded(fs, { path, format }, path);
    const bare = new Set<number>();
    const led = new Set<number>();
    for (const entry of reader.entries()) {
      if (entry.type === 'file') for (const { frame, offset } of entry.pieces) (offset === 0 ? bare : led).add(frame);
    }
    // An archive that only keeps frames names all its pieces, and no groups.
    const isNamed = (number: number): boolean => keepsFramesOnly(reader.header) || led.has(number);
    reader.frames.forEach(({ archive, offset, plainDigest }, number) => {
      if (archive === 0 && plainDigest !== true && isNamed(number) && !bare.has(number)) groups.add(offset);
    });
  } catch (error) {
    // Its frames have their digests, so they are as good without it.
    if (!(error instanceof LarderError) || error.code !== 'CORRUPT') throw error;
    groups.clear();
  }
  return ({ offset }) => groups.has(offset);
}

function plainDigestOf(fs: FileSystem, fd: number, frame: PlacedFrame, format: ArchiveFormat): string {
  return frame.plainDigest === true ? frame.sha256 : sha256(decodeFrame(fs, fd, frame, format));
}

function checkedStored(fs: FileSystem, fd: number, frame: PlacedFrame, format: ArchiveFormat): Uint8Array {
  const stored = readStored(fs, fd, frame);
  if (frame.plainDigest === true) plainOf(stored, frame, format);
  return stored;
}

async function writeFramesManifest(
  { pool, header, format: archiveFormat }: CopyFrames,
  out: ArchiveOut,
  archive: ArchiveRef,
  frames: readonly FrameRef[],
  pieces: readonly { readonly frame: number; readonly sha256: string; readonly size: number }[],
): Promise<void> {
  const { id, store, startedAtMs, finishedAtMs, timeZone, host, tool } = header;
  const format = manifestFormatFor(archiveFormat);
  const entries = entriesOf(pieces, finishedAtMs);
  const text = new TextFrames(pool, format);
  for (const entry of entries) text.add(`${encodeEntry(entry)}\n`);
  const bytes = pieces.reduce((sum, { size }) => sum + size, 0);
  const dirs = entries.length - pieces.length;
  const counts = { frames: frames.length, files: pieces.length, dirs, symlinks: 0, bytes, reused: 0 };
  const full: ManifestHeader = {
    format: 'larder-backup',
    version: 2,
    id,
    store,
    kind: 'incremental',
    archiveFormat,
    startedAtMs,
    finishedAtMs,
    timeZone,
    host,
    parent: null,
    tool,
    skipped: [],
    excluded: [],
  };
  const body = await composeManifest(pool, format, full, counts, frames, await text.finish());
  await writeManifest(out, body, [archive], { archive: archiveFormat });
}

/** An entry a piece, so that the manifest tells pieces from groups. */
function entriesOf(
  pieces: readonly { readonly frame: number; readonly sha256: string; readonly size: number }[],
  atMs: number,
): ManifestEntry[] {
  const mtimeNs = BigInt(Math.floor(atMs)) * 1_000_000n;
  const owner = { uid: 0, gid: 0, mtimeNs };
  const dir = (path: string): ManifestEntry => ({ type: 'dir', path, mode: 0o700, ...owner });
  if (pieces.length === 0) return [dir('')];
  const seen = new Map<string, number>();
  const files = pieces.map(({ frame, sha256: digest, size }): ManifestEntry => {
    const { path, mode } = pieceEntry(digest, size);
    const before = seen.get(digest) ?? 0;
    seen.set(digest, before + 1);
    const piece: Piece = { frame, offset: 0, length: size };
    // The same content can lie there twice, compressed in different ways.
    const name = before === 0 ? path : `${path}-${before + 1}`;
    return { type: 'file', path: name, mode, ...owner, size, sha256: digest, pieces: [piece], ctimeNs: 0n, inode: 0n };
  });
  return [dir(''), dir('.larder'), dir('.larder/pieces'), ...files.sort((a, b) => comparePaths(a.path, b.path))];
}

export interface MoveFrames {
  readonly fs: FileSystem;
  readonly pool: Pool;
  readonly manifest: string;
  /** Where to write; must not be there. With `start` it is an age file. */
  readonly target: string;
  readonly start?: AgeStart | undefined;
  /** By the file name of the archive that its frames are moved from. */
  readonly moves: ReadonlyMap<string, MovedFrames>;
}

export interface MovedFrames {
  readonly to: ArchiveRef;
  /** New offsets by old ones. */
  readonly offsets: ReadonlyMap<number, number>;
}

/**
 * Writes a backup's manifest anew, durably, with the frames of some archives at their places in others; all else stays as
 * it is. The new file is opened and checked before this returns. Throws `CORRUPT` when the old one is damaged or a frame
 * has no new place.
 */
export async function moveFrames(options: MoveFrames): Promise<void> {
  const { fs, manifest, moves } = options;
  const reader = openBackup(fs, manifest);
  // It may draw on the other archive already; none is listed twice.
  const archives = reader.archives.map((archive) => moves.get(archive.file)?.to ?? archive);
  const kept = archives.filter(({ file }, index) => archives.findIndex((other) => other.file === file) === index);
  const numbers = archives.map(({ file }) => kept.findIndex((other) => other.file === file));
  const frames = reader.frames.map((frame): FrameRef => {
    const archive = numbers[frame.archive] ?? 0;
    const move = moves.get(reader.archives[frame.archive]?.file ?? '');
    if (move === undefined) return archive === frame.archive ? frame : { ...frame, archive };
    const offset = move.offsets.get(frame.offset);
    if (offset === undefined) {
      throw new LarderError(
        'CORRUPT',
        `${basename(manifest)} needs a frame at byte ${frame.offset} that was not copied.`,
      );
    }
    return { ...frame, archive, offset };
  });
  await writeAnew(options, reader, frames, kept);
}

export type CopyManifest = Omit<MoveFrames, 'moves' | 'start'>;

/** Writes a backup's manifest to another place, durably and in the clear, without the keys of its archives. */
export async function copyManifest(options: CopyManifest): Promise<void> {
  const reader = openBackup(options.fs, options.manifest);
  const archives = reader.archives.map(({ fileKey: _, ...archive }): ArchiveRef => archive);
  await writeAnew(options, reader, reader.frames, archives);
}

async function writeAnew(
  { fs, pool, manifest, target, start }: Omit<MoveFrames, 'moves'>,
  reader: BackupReader,
  frames: readonly FrameRef[],
  archives: readonly ArchiveRef[],
): Promise<void> {
  const { format, entries } = entrySections(fs, manifest, reader.frames.length);
  const counts = { frames: frames.length, ...reader.counts };
  const body = await composeManifest(pool, format, reader.header, counts, frames, entries);
  const out = new ArchiveOut(fs, target, start);
  try {
    await writeManifest(out, body, archives, 'sidecar');
    await out.finish();
    openBackup(start === undefined ? fs : decrypting(fs, { [target]: start.fileKey }), target);
  } catch (error) {
    await abandon(fs, out);
    throw error;
  }
}

/** A sidecar's frames of entries as they are stored. */
function entrySections(
  fs: FileSystem,
  manifest: string,
  frameCount: number,
): { format: ManifestFormat; entries: StoredFrame[] } {
  const format: ManifestFormat = /\.gz(?:\.age)?$/.test(manifest) ? 'gz' : 'zst';
  return withFile(fs, manifest, (fd) => {
    const sections = readFooter(fs, fd, Number(fs.fstat(fd).size), format).frames;
    let index = 1;
    for (let lines = 0; lines < frameCount && index < sections.length; index += 1) {
      const section = sections[index];
      if (section !== undefined) for (const byte of decodeFrame(fs, fd, section, format)) if (byte === 0x0a) lines += 1;
    }
    const entries = sections.slice(index, -1).map((section): StoredFrame => {
      const stored = readStored(fs, fd, section);
      return { stored, plainLength: section.plainLength, sha256: section.sha256 };
    });
    return { format, entries };
  });
}

async function abandon(fs: FileSystem, out: ArchiveOut): Promise<void> {
  await out.abandon();
  try {
    fs.unlink(out.path);
  } catch {
    // Not there any more, or the same fault keeps it; the next holder of the destination clears `.larder/tmp`.
  }
}
