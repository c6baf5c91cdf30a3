import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { decrypting } from '../age/index.ts';
import type { AgeStart } from '../age/index.ts';
import { defineTask } from '../pool/index.ts';
import { ArchiveOut } from './archive-out.ts';
import { makeFrame, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { decodeFrame, readAt } from './frames.ts';
import { maxFrameStored } from './limits.ts';
import { corruptLine, encodeFrameRef, parseFrameRef } from './lines.ts';
import { openBackup, openEmbedded, readHeader } from './manifest-reader.ts';
import { openText, parseHead, readSection, withFile } from './manifest-text.ts';
import type { ManifestSource, Opened } from './manifest-text.ts';
import { writeManifest } from './manifest-writer.ts';
import {
  ageExtension,
  archiveFormat,
  archiveStem,
  manifestExtensions,
  manifestFormatFor,
  manifestStem,
} from './names.ts';
import type { ManifestFormat } from './names.ts';
import { keepsFramesOnly } from './rewrite.ts';
import type { ArchiveRef, FrameRef, ManifestHeader } from './types.ts';

/** A manifest made again from the copy that its archive carries at the end. */

export interface RebuildInput {
  readonly archive: string;
  /** Where to write; must not be there. */
  readonly target: string;
  /** For an encrypted one, the beginning of the new age file. */
  readonly start?: AgeStart;
}

export interface Rebuilt {
  readonly id: string;
  readonly storeId: string;
  /** The file name the manifest belongs under, beside the archive. */
  readonly name: string;
  /** Archives it drew on that are gone, and whose content was found in others. */
  readonly found: readonly string[];
}

/**
 * Writes the sidecar of an archive to `target`, durably. The embedded manifest is checked as a whole; its own archive's
 * line gets size and digest. Where an older archive it draws on is gone but its frames lie in another archive of the
 * folder (written anew when backups were removed), it draws on that one. Throws `CORRUPT` naming the archive when the
 * embedded manifest is damaged, `INVALID_INPUT` when the archive is no backup's own.
 */
export const rebuildTask = defineTask<RebuildInput, Rebuilt>({
  name: 'archive.rebuild',
  run: (input, context) => rebuildManifest(context.fs, input),
});

async function rebuildManifest(fs: FileSystem, { archive, target, start }: RebuildInput): Promise<Rebuilt> {
  const own = basename(archive);
  const format = archiveFormat(own);
  const stem = archiveStem(own);
  if (format === undefined || stem === undefined) {
    throw new LarderError('INVALID_INPUT', `${displayName(archive)} is not an archive of Larder's.`);
  }
  const source: ManifestSource = { path: archive, format };
  const directory = dirname(archive);
  const { header, archives, frames, counts } = openEmbedded(fs, source, archive);
  if (keepsFramesOnly(header)) {
    throw new LarderError('INVALID_INPUT', `${displayName(archive)} only keeps content for other backups.`);
  }
  const placed = placeFrames(fs, directory, own, archives, frames);
  const whole: ArchiveRef = {
    file: own,
    format,
    ...withFile(fs, archive, (fd) => measure(fs, fd, openText(fs, fd, format), frames)),
  };
  const manifestFormat = manifestFormatFor(format);
  const body = {
    header,
    counts: { frames: frames.length, ...counts },
    format: manifestFormat,
    sections: [...frameSections(placed.frames, manifestFormat), ...entrySections(fs, source, manifestFormat)],
  };
  const out = new ArchiveOut(fs, target, start);
  try {
    await writeManifest(out, body, [whole, ...placed.archives.slice(1)], 'sidecar');
    await out.finish();
    openBackup(start === undefined ? fs : decrypting(fs, { [target]: start.fileKey }), target);
  } catch (error) {
    await out.abandon();
    try {
      fs.unlink(target);
    } catch {
      // The same fault keeps it; the next holder of the destination clears `.larder/tmp`.
    }
    throw error;
  }
  const name = stem + manifestExtensions[manifestFormat] + (start === undefined ? '' : ageExtension);
  return { id: header.id, storeId: header.store.id, name, found: placed.found };
}

/** The head of the manifest that an archive carries. Throws `CORRUPT` naming the archive. */
export function embeddedHead(
  fs: FileSystem,
  archive: string,
): { header: ManifestHeader; archives: readonly ArchiveRef[] } {
  const format = archiveFormat(basename(archive)) ?? 'tar';
  return withFile(fs, archive, (fd) => parseHead(readSection(fs, fd, openText(fs, fd, format), 0).lines));
}

/** Whether the archive carries a backup's manifest from which a lost one could be made, as far as its head tells. */
export function carriesBackup(fs: FileSystem, archive: string): boolean {
  try {
    return !keepsFramesOnly(embeddedHead(fs, archive).header);
  } catch (error) {
    if (error instanceof LarderError) return false;
    throw error;
  }
}

/**
 * Size and digest of an archive: over the digests of its frames, its manifest's frames and its footer. `frames` are those
 * its manifest lists; what lies between two of them is a frame that only holds a header.
 */
function measure(
  fs: FileSystem,
  fd: number,
  { footer, size }: Opened,
  frames: readonly FrameRef[],
): { size: number; sha256: string } {
  const parts = frames.filter(({ archive }) => archive === 0).sort((a, b) => a.offset - b.offset);
  const digest = createHash('sha256');
  let at = 0;
  for (const part of [...parts, ...footer.frames]) {
    const between = part.offset - at;
    if (between < 0 || between > maxFrameStored) throw corruptLine(`byte ${at} of it belongs to no frame`);
    if (between > 0) digest.update(sha256(readAt(fs, fd, at, between)), 'hex');
    at = part.offset + part.storedLength;
    digest.update(part.sha256, 'hex');
  }
  digest.update(sha256(readAt(fs, fd, at, size - at)), 'hex');
  return { size, sha256: digest.digest('hex') };
}

const linesPerFrame = 20_000;

function frameSections(frames: readonly FrameRef[], format: ManifestFormat): StoredFrame[] {
  const sections: StoredFrame[] = [];
  for (let from = 0; from < frames.length; from += linesPerFrame) {
    const lines = frames.slice(from, from + linesPerFrame).map((frame) => `${encodeFrameRef(frame)}\n`);
    sections.push(makeFrame(Buffer.from(lines.join('')), format));
  }
  return sections;
}

/** The manifest's frames of lines of frames, read; and where those of entries begin. */
function readFrames(
  fs: FileSystem,
  fd: number,
  opened: Opened,
): { frames: FrameRef[]; entriesAt: number; archives: ArchiveRef[] } {
  const { counts, archives } = parseHead(readSection(fs, fd, opened, 0).lines);
  const frames: FrameRef[] = [];
  let index = 1;
  while (frames.length < counts.frames) {
    const { lines } = readSection(fs, fd, opened, index++);
    for (const line of lines) frames.push(parseFrameRef(line, archives));
  }
  return { frames, entriesAt: index, archives };
}

function entrySections(fs: FileSystem, source: ManifestSource, format: ManifestFormat): StoredFrame[] {
  return withFile(fs, source.path, (fd) => {
    const opened = openText(fs, fd, source.format);
    const { entriesAt } = readFrames(fs, fd, opened);
    return opened.footer.frames.slice(entriesAt, -1).map((frame) => {
      const plain = decodeFrame(fs, fd, frame, source.format);
      return makeFrame(plain, format);
    });
  });
}

interface Placed {
  readonly archives: readonly ArchiveRef[];
  readonly frames: readonly FrameRef[];
  readonly found: readonly string[];
}

/** Frames of archives that are gone, at their places in archives that are there. What is nowhere stays as it was. */
function placeFrames(
  fs: FileSystem,
  directory: string,
  own: string,
  archives: readonly ArchiveRef[],
  frames: readonly FrameRef[],
): Placed {
  const names = fs.readDirectory(directory).map(({ name }) => name);
  const there = new Set(names);
  const gone = new Set(archives.flatMap(({ file }, index) => (index === 0 || there.has(file) ? [] : [index])));
  if (gone.size === 0) return { archives, frames, found: [] };
  const wanted = new Set(frames.filter(({ archive }) => gone.has(archive)).map(contentKey));
  const places = findFrames(fs, directory, names.filter((name) => name !== own).sort(), wanted);
  const lines = [...archives];
  const moved = frames.map((frame) => {
    const place = gone.has(frame.archive) ? places.get(contentKey(frame)) : undefined;
    if (place === undefined) return frame;
    let number = lines.findIndex(({ file }) => file === place.archive);
    if (number < 0) number = lines.push(archiveLine(fs, directory, place.archive, names)) - 1;
    return { ...frame, archive: number, offset: place.offset };
  });
  // Lines of archives that nothing leads to any more go.
  const used = new Set(moved.map(({ archive }) => archive));
  const kept = lines.flatMap((line, index) => (index === 0 || used.has(index) ? [{ line, index }] : []));
  const numbers = new Map(kept.map(({ index }, number) => [index, number]));
  return {
    archives: kept.map(({ line }) => line),
    frames: moved.map((frame) => ({ ...frame, archive: numbers.get(frame.archive) ?? 0 })),
    found: [...gone].filter((index) => !used.has(index)).map((index) => archives[index]?.file ?? ''),
  };
}

/** Frames of one key hold the same bytes, stored in the same way. */
function contentKey({ sha256, storedLength, plainLength, plainDigest }: FrameRef): string {
  return `${sha256} ${storedLength} ${plainLength} ${plainDigest === true}`;
}

interface Place {
  readonly archive: string;
  readonly offset: number;
}

function findFrames(
  fs: FileSystem,
  directory: string,
  names: readonly string[],
  wanted: ReadonlySet<string>,
): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const name of names) {
    const format = archiveFormat(name);
    if (format === undefined || places.size === wanted.size) continue;
    let frames: readonly FrameRef[];
    try {
      frames = withFile(fs, join(directory, name), (fd) => readFrames(fs, fd, openText(fs, fd, format)).frames);
    } catch (error) {
      // Not one of Larder's, or damaged: nothing can be found in it.
      if (error instanceof LarderError) continue;
      throw error;
    }
    for (const frame of frames) {
      const key = contentKey(frame);
      if (frame.archive === 0 && wanted.has(key) && !places.has(key)) {
        places.set(key, { archive: name, offset: frame.offset });
      }
    }
  }
  return places;
}

/** An archive as another manifest lists it, or as it is. */
function archiveLine(fs: FileSystem, directory: string, file: string, names: readonly string[]): ArchiveRef {
  for (const name of names) {
    if (manifestStem(name) === undefined) continue;
    try {
      const line = readHeader(fs, join(directory, name)).archives.find((archive) => archive.file === file);
      if (line !== undefined) return line;
    } catch (error) {
      if (!(error instanceof LarderError)) throw error;
    }
  }
  const format = archiveFormat(file) ?? 'tar';
  return withFile(fs, join(directory, file), (fd) => {
    const opened = openText(fs, fd, format);
    return { file, format, ...measure(fs, fd, opened, readFrames(fs, fd, opened).frames) };
  });
}
