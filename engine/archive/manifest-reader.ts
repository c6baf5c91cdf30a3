import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { corruptLine, parseEntry, parseFrameRef, parseTrailer, takeEntry } from './lines.ts';
import type { ManifestCounts } from './lines.ts';
import { naming, openText, parseHead, readSection, withFile } from './manifest-text.ts';
import type { ManifestSource, Opened } from './manifest-text.ts';
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
export function openBackup(fs: FileSystem, manifestPath: string, visit?: Visit): BackupReader {
  return openManifest(fs, { path: manifestPath, format: undefined }, manifestPath, visit);
}

/** Given everything but the entries of a manifest that is being checked, returns what each entry is shown to. */
export type Visit = (head: Pick<BackupReader, 'frames' | 'counts'>) => (entry: ManifestEntry) => void;

/**
 * Opens a manifest whose entries another thread checks: header, archives and frames are checked here, entries are taken
 * as they come. For what {@link openBackup} has accepted elsewhere, which the two's equal `digest` shows, or where entries
 * do not matter.
 */
export function openUnchecked(fs: FileSystem, manifestPath: string): BackupReader {
  return withFile(fs, manifestPath, (fd) => {
    const opened = openText(fs, fd, undefined);
    const { header, counts, archives } = parseHead(readSection(fs, fd, opened, 0).lines);
    const { frames, next } = readFrames(fs, fd, opened, counts, archives, () => undefined);
    const stream = (): Generator<ManifestEntry> => streamEntries(fs, manifestPath, opened, next, takeEntry);
    return readerOf(manifestPath, opened, { header, counts, archives, frames }, { [Symbol.iterator]: stream });
  });
}

/** Opens the manifest that an archive carries at its end, as if it stood at `manifestPath`. */
export function openEmbedded(fs: FileSystem, archive: ManifestSource, manifestPath: string): BackupReader {
  return openManifest(fs, archive, manifestPath);
}

function openManifest(
  fs: FileSystem,
  source: { readonly path: string; readonly format: ArchiveFormat | undefined },
  manifestPath: string,
  visit?: Visit,
): BackupReader {
  const whole = withFile(fs, source.path, (fd) => {
    const opened = openText(fs, fd, source.format);
    return { opened, ...checkAll(fs, fd, opened, visit) };
  });
  const { opened, frames, firstEntries, hasLinks } = whole;
  const entries: Iterable<ManifestEntry> = {
    [Symbol.iterator]: () => streamEntries(fs, source.path, opened, firstEntries, (line) => parseEntry(line, frames)),
  };
  if (hasLinks) checkLinks(() => entries, source.path);
  return readerOf(manifestPath, opened, whole, entries);
}

function readerOf(
  manifestPath: string,
  { footer }: Opened,
  { header, archives, frames, counts }: Pick<BackupReader, 'header' | 'archives' | 'frames' | 'counts'>,
  entries: Iterable<ManifestEntry>,
): BackupReader {
  const { files, dirs, symlinks, bytes, reused } = counts;
  const digest = createHash('sha256');
  for (const { sha256 } of footer.frames) digest.update(sha256, 'hex');
  return {
    manifestPath,
    digest: digest.digest('hex'),
    header,
    archives,
    archivePaths: besides(manifestPath, archives),
    frames,
    counts: { files, dirs, symlinks, bytes, ...(reused === undefined ? {} : { reused }) },
    entries: () => entries,
  };
}

/** The frames' lines; `next` is the section after them. */
function readFrames(
  fs: FileSystem,
  fd: number,
  opened: Opened,
  counts: ManifestCounts,
  archives: readonly ArchiveRef[],
  onBytes: (bytes: Uint8Array) => void,
): { frames: FrameRef[]; next: number } {
  const frames: FrameRef[] = [];
  let next = 1;
  while (frames.length < counts.frames) {
    const section = readSection(fs, fd, opened, next++);
    for (const line of section.lines) {
      if (frames.length === counts.frames) throw corruptLine('it lists more frames than it counts');
      frames.push(parseFrameRef(line, archives));
    }
    onBytes(section.bytes);
    section.done();
  }
  return { frames, next };
}

/** One pass over everything. */
function checkAll(fs: FileSystem, fd: number, opened: Opened, visit: Visit | undefined) {
  const digest = createHash('sha256');
  const { frames: sections } = opened.footer;
  const head = readSection(fs, fd, opened, 0);
  digest.update(head.bytes);
  const { header, counts, archives } = parseHead(head.lines);

  const { frames, next: firstEntries } = readFrames(fs, fd, opened, counts, archives, (bytes) => digest.update(bytes));
  if (header.version === 1 && frames.some(({ plainDigest }) => plainDigest === true)) {
    throw corruptLine('a frame of it is not of its version');
  }

  const show = visit?.({ frames, counts });
  let index = firstEntries;
  const check = new EntryChecks();
  for (; index < sections.length - 1; index++) {
    const section = readSection(fs, fd, opened, index);
    for (const line of section.lines) {
      const entry = parseEntry(line, frames);
      check.add(entry);
      show?.(entry);
    }
    digest.update(section.bytes);
    section.done();
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
  parse: (line: string) => ManifestEntry,
): Generator<ManifestEntry> {
  for (let index = first; index < opened.footer.frames.length - 1; index++) {
    // Opened for each frame, so that an iteration left half-way holds no handle.
    const section = withFile(fs, path, (fd) => readSection(fs, fd, opened, index));
    for (const line of section.lines) yield parse(line);
    section.done();
  }
}
