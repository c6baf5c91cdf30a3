import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readFooter } from './footer.ts';
import type { Footer } from './footer.ts';
import { decodeFrame, readAt, readStored } from './frames.ts';
import {
  corruptLine,
  parseArchive,
  parseCounts,
  parseEntry,
  parseFrameRef,
  parseHeader,
  parseTrailer,
} from './lines.ts';
import type { ManifestCounts } from './lines.ts';
import type { ArchiveRef, BackupReader, FrameRef, ManifestEntry, ManifestHeader } from './types.ts';

/** What the first frame of a manifest tells: enough to list a backup without reading its entries. */
export interface BackupSummary {
  readonly manifestPath: string;
  readonly header: ManifestHeader;
  readonly archives: readonly ArchiveRef[];
  /** Absolute paths, one for each of `archives`. */
  readonly archivePaths: readonly string[];
  readonly counts: ManifestCounts;
  /** Size of the manifest file itself. */
  readonly manifestBytes: number;
}

/** Where a manifest's text lies: a sidecar of its own, or the end of an archive. */
export interface ManifestSource {
  readonly path: string;
  readonly format: ArchiveFormat;
}

/** Runs `act` with the file open; any failure becomes a LarderError that names the file. */
export function withFile<T>(fs: FileSystem, path: string, act: (fd: number) => T): T {
  let fd: number;
  try {
    fd = fs.open(path, 'r');
  } catch (error) {
    throw toLarderError(error, path);
  }
  try {
    return act(fd);
  } catch (error) {
    throw naming(error, path);
  } finally {
    fs.close(fd);
  }
}

function naming(error: unknown, path: string): LarderError {
  if (!(error instanceof LarderError)) return toLarderError(error, path);
  if (error.details?.['path'] !== undefined || (error.code !== 'CORRUPT' && error.code !== 'UNSUPPORTED')) return error;
  const message = `${displayName(path)} cannot be read as a backup: ${error.message.replace(/\.$/, '')}.`;
  return new LarderError(error.code, message, {
    hint: error.hint ?? 'Other backups are not affected. Verify them, and make a new one.',
    details: { ...error.details, path },
    cause: error,
  });
}

function sidecarFormat(fs: FileSystem, fd: number): ArchiveFormat {
  const magic = readAt(fs, fd, 0, 4);
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gz';
  if (magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd) return 'zst';
  throw corruptLine('it is neither zstd nor gzip');
}

interface Opened {
  readonly format: ArchiveFormat;
  readonly footer: Footer;
  readonly size: number;
}

function openText(fs: FileSystem, fd: number, format: ArchiveFormat | undefined): Opened {
  const known = format ?? sidecarFormat(fs, fd);
  const size = Number(fs.fstat(fd).size);
  return { format: known, footer: readFooter(fs, fd, size, known), size };
}

/** The whole lines of one manifest frame, and their bytes. The last frame of an archive may carry padding after them. */
function readSection(
  fs: FileSystem,
  fd: number,
  { footer, format }: Opened,
  index: number,
): { bytes: Uint8Array; lines: string[] } {
  const frame = footer.frames[index];
  if (frame === undefined) throw corruptLine('its footer names too few frames');
  const plain = decodeFrame(fs, fd, frame, format);
  const before = footer.frames.slice(0, index).reduce((sum, { plainLength }) => sum + plainLength, 0);
  const from = index === 0 ? footer.lead : 0;
  const to = Math.min(plain.length, footer.lead + footer.textLength - before);
  const bytes = plain.subarray(from, Math.max(from, to));
  if (bytes.length > 0 && bytes[bytes.length - 1] !== 0x0a) throw corruptLine('a frame of it ends inside a line');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw corruptLine('it is not UTF-8');
  }
  const lines = text.split('\n');
  lines.pop();
  return { bytes, lines };
}

function parseHead(lines: readonly string[]): {
  header: ManifestHeader;
  counts: ManifestCounts;
  archives: ArchiveRef[];
} {
  const [first, second, ...rest] = lines;
  if (first === undefined || second === undefined) throw corruptLine('its header is missing');
  const header = parseHeader(first);
  const counts = parseCounts(second);
  if (rest.length !== counts.archives) throw corruptLine('it does not list the archives it counts');
  const archives = rest.map(parseArchive);
  if (header.version === 1 ? counts.reused !== undefined : (counts.reused ?? Infinity) > counts.bytes) {
    throw corruptLine('its counts are not those of its version');
  }
  if (new Set(archives.map(({ file }) => file)).size !== archives.length)
    throw corruptLine('it lists an archive twice');
  return { header, counts, archives };
}

function besides(manifestPath: string, archives: readonly ArchiveRef[]): string[] {
  return archives.map(({ file }) => join(dirname(manifestPath), file));
}

/** Reads what a list of backups needs, and no more: footer and first frame. Throws `CORRUPT` naming the file. */
export function readHeader(fs: FileSystem, manifestPath: string): BackupSummary {
  return withFile(fs, manifestPath, (fd) => {
    const opened = openText(fs, fd, undefined);
    const head = parseHead(readSection(fs, fd, opened, 0).lines);
    return { manifestPath, ...head, archivePaths: besides(manifestPath, head.archives), manifestBytes: opened.size };
  });
}

/**
 * Opens a backup by its manifest. The whole manifest is read and checked (digests, order, ranges, counts); afterwards
 * its entries are streamed from the file, whose frames are held to the digests seen now. Throws `CORRUPT` naming the
 * file, or `NOT_FOUND`, `PERMISSION` as the system says.
 */
export function openBackup(fs: FileSystem, manifestPath: string): BackupReader {
  return openManifest(fs, { path: manifestPath, format: undefined }, manifestPath);
}

/** Opens the manifest that an archive carries at its end, as if it stood at `manifestPath`. */
export function openEmbedded(fs: FileSystem, archive: ManifestSource, manifestPath: string): BackupReader {
  return openManifest(fs, archive, manifestPath);
}

function openManifest(
  fs: FileSystem,
  source: { readonly path: string; readonly format: ArchiveFormat | undefined },
  manifestPath: string,
): BackupReader {
  const whole = withFile(fs, source.path, (fd) => {
    const opened = openText(fs, fd, source.format);
    return { opened, ...checkAll(fs, fd, opened) };
  });
  const { opened, header, archives, frames, counts, firstEntries, hasLinks } = whole;
  const entries = (): Iterable<ManifestEntry> => ({
    [Symbol.iterator]: () => streamEntries(fs, source.path, opened, firstEntries, frames),
  });
  if (hasLinks) checkLinks(entries, source.path);
  const { files, dirs, symlinks, bytes, reused } = counts;
  return {
    manifestPath,
    header,
    archives,
    archivePaths: besides(manifestPath, archives),
    frames,
    counts: { files, dirs, symlinks, bytes, ...(reused === undefined ? {} : { reused }) },
    entries,
  };
}

/** One pass over everything. */
function checkAll(fs: FileSystem, fd: number, opened: Opened) {
  const digest = createHash('sha256');
  const { frames: sections } = opened.footer;
  const head = readSection(fs, fd, opened, 0);
  digest.update(head.bytes);
  const { header, counts, archives } = parseHead(head.lines);

  const frames: FrameRef[] = [];
  let index = 1;
  while (frames.length < counts.frames) {
    const { bytes, lines } = readSection(fs, fd, opened, index++);
    if (frames.length + lines.length > counts.frames) throw corruptLine('it lists more frames than it counts');
    for (const line of lines) frames.push(parseFrameRef(line, archives));
    digest.update(bytes);
  }

  const firstEntries = index;
  const check = new EntryChecks();
  for (; index < sections.length - 1; index++) {
    const { bytes, lines } = readSection(fs, fd, opened, index);
    for (const line of lines) check.add(parseEntry(line, frames));
    digest.update(bytes);
  }
  const last = index === sections.length - 1 ? readSection(fs, fd, opened, index).lines : [];
  const [line, ...more] = last;
  if (line === undefined || more.length > 0) throw corruptLine('its trailer is missing');
  const trailer = parseTrailer(line);
  if (trailer.sha256 !== digest.digest('hex')) throw corruptLine('its digest does not match');
  check.finish(counts, trailer.entries);
  return { header, counts, archives, frames, firstEntries, hasLinks: check.hasLinks };
}

/** What entries must be among each other: sorted, each once, every parent a folder that came before. */
class EntryChecks {
  private previous: string | undefined;
  private readonly folders = new Set<string>();
  private files = 0;
  private dirs = 0;
  private symlinks = 0;
  private bytes = 0;
  hasLinks = false;

  add(entry: ManifestEntry): void {
    const { path } = entry;
    if (this.previous === undefined) {
      if (path !== '') throw corruptLine('its first entry is not the root');
    } else {
      if (comparePaths(this.previous, path) >= 0) throw corruptLine('its entries are not sorted, or one comes twice');
      const slash = path.lastIndexOf('/');
      if (slash >= 0 && !this.folders.has(path.slice(0, slash))) {
        throw corruptLine('an entry lies in a folder that is not listed');
      }
    }
    this.previous = path;
    if (entry.type === 'dir') {
      this.folders.add(path);
      this.dirs += 1;
    } else if (entry.type === 'symlink') this.symlinks += 1;
    else {
      this.files += 1;
      this.bytes += entry.size;
      if (entry.linkTo !== undefined) this.hasLinks = true;
    }
  }

  finish(counts: ManifestCounts, entries: number): void {
    const { files, dirs, symlinks, bytes } = this;
    if (files !== counts.files || dirs !== counts.dirs || symlinks !== counts.symlinks || bytes !== counts.bytes) {
      throw corruptLine('its entries are not those it counts');
    }
    if (files + dirs + symlinks !== entries) throw corruptLine('its trailer counts other entries');
    if (entries === 0) throw corruptLine('it has no entries');
  }
}

/** Every hard link's first name must be a file of the same content that stands before it and is no link itself. */
function checkLinks(entries: () => Iterable<ManifestEntry>, path: string): void {
  const wanted = new Map<string, string | undefined>();
  for (const entry of entries()) if (entry.type === 'file' && entry.linkTo !== undefined) wanted.set(entry.linkTo, '');
  for (const entry of entries()) {
    if (entry.type !== 'file') continue;
    if (entry.linkTo === undefined) {
      if (wanted.has(entry.path)) wanted.set(entry.path, entry.sha256);
    } else if (wanted.get(entry.linkTo) !== entry.sha256) {
      throw naming(corruptLine('a hard link is to no file before it, or to one of other content'), path);
    }
  }
}

function* streamEntries(
  fs: FileSystem,
  path: string,
  opened: Opened,
  first: number,
  frames: readonly FrameRef[],
): Generator<ManifestEntry> {
  for (let index = first; index < opened.footer.frames.length - 1; index++) {
    // Opened for each frame, so that an iteration left half-way holds no handle.
    const { lines } = withFile(fs, path, (fd) => readSection(fs, fd, opened, index));
    for (const line of lines) yield parseEntry(line, frames);
  }
}

/**
 * Digest of what a manifest says, apart from its trailer, for comparing. Removing other backups may move the content of older archives, and the sidecar is
 * then written anew, so their names and places are left out; the digest of each frame is not.
 */
function bodyDigest(fs: FileSystem, source: { path: string; format: ArchiveFormat | undefined }): string {
  return withFile(fs, source.path, (fd) => {
    const opened = openText(fs, fd, source.format);
    const digest = createHash('sha256');
    const { header, counts, archives } = parseHead(readSection(fs, fd, opened, 0).lines);
    digest.update(JSON.stringify([header, { ...counts, archives: 0 }]));
    let frames = 0;
    for (let index = 1; index < opened.footer.frames.length - 1; index++) {
      const { bytes, lines } = readSection(fs, fd, opened, index);
      if (frames >= counts.frames) digest.update(bytes);
      else {
        frames += lines.length;
        for (const line of lines) {
          const frame = parseFrameRef(line, archives);
          const { storedLength, plainLength, sha256, plainDigest } = frame;
          const place = frame.archive === 0 ? frame.offset : null;
          digest.update(JSON.stringify([place, storedLength, plainLength, sha256, plainDigest === true]));
        }
      }
    }
    return digest.digest('hex');
  });
}

/**
 * Checks the manifest an archive carries. The `own` archive of backup `id` must say what the sidecar says; an older one,
 * only drawn on, has that of another backup and need only be whole. Gives what is wrong; throws `CORRUPT` for what cannot
 * be read.
 */
export function compareManifests(
  fs: FileSystem,
  archive: ManifestSource,
  sidecar: string,
  id: string,
  own: boolean,
): string | undefined {
  if (!own) {
    withFile(fs, archive.path, (fd) => {
      for (const frame of openText(fs, fd, archive.format).footer.frames) readStored(fs, fd, frame);
    });
    return undefined;
  }
  const { header } = openEmbedded(fs, archive, archive.path);
  if (header.id !== id) return 'The archive is that of another backup.';
  const same = bodyDigest(fs, archive) === bodyDigest(fs, { path: sidecar, format: undefined });
  return same ? undefined : 'The manifest inside the archive differs from the one beside it.';
}
