import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import {
  contentBytes,
  embeddedHead,
  keepsFramesOnly,
  openEmbedded,
  openUnchecked,
  readHeader,
} from '../archive/index.ts';
import type { CopiedFrames, PlacedFrame } from '../archive/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** How much of an archive backups still draw on. */
export interface ArchiveUsage {
  /** Bytes that the archive's content takes. */
  readonly content: number;
  /** Frames that are drawn on, each once, by offset. */
  readonly frames: readonly PlacedFrame[];
  /** Their stored bytes. */
  readonly needed: number;
}

export interface UsageInput {
  readonly directory: string;
  readonly archive: { readonly name: string; readonly format: ArchiveFormat };
  /** Names of the manifests that draw on it. */
  readonly manifests: readonly string[];
}

/** Throws `CORRUPT` when the archive's footer or a manifest is damaged, or two of them contradict each other. */
export function readUsage(
  fs: FileSystem,
  { directory, archive, manifests }: UsageInput,
  throwIfCancelled: () => void,
): ArchiveUsage {
  const frames = new Map<number, PlacedFrame>();
  for (const manifest of manifests) {
    throwIfCancelled();
    const reader = openUnchecked(fs, join(directory, manifest));
    const number = reader.archives.findIndex(({ file }) => file === archive.name);
    for (const { archive: of, ...frame } of reader.frames) {
      if (of !== number) continue;
      const known = frames.get(frame.offset);
      if (known === undefined) frames.set(frame.offset, frame);
      else if (known.storedLength !== frame.storedLength || known.sha256 !== frame.sha256) {
        throw new LarderError('CORRUPT', `The backups that need ${archive.name} say different things of it.`);
      }
    }
  }
  const sorted = [...frames.values()].sort((a, b) => a.offset - b.offset);
  return {
    content: contentBytes(fs, join(directory, archive.name), archive.format),
    frames: sorted,
    needed: sorted.reduce((sum, { storedLength }) => sum + storedLength, 0),
  };
}

/** What a frame costs in a new archive besides its bytes: a header of its own, lines in the manifest. Rather too much. */
const costOfFrame = 1024;
const costOfArchive = 4096;

/** Whether writing an archive anew is worth it: less than half of it is needed, and the gain is more than the cost. */
export function isWorthMoving({ content, frames, needed }: ArchiveUsage): boolean {
  return needed * 2 < content && content - needed > frames.length * costOfFrame + costOfArchive;
}

export interface TwinInput {
  readonly directory: string;
  readonly frames: readonly PlacedFrame[];
  /** Archives to look into, each with the name of a manifest that draws on it. */
  readonly candidates: readonly { readonly name: string; readonly format: ArchiveFormat; readonly manifest: string }[];
}

/**
 * The copy that an interrupted run already made of these frames: an archive that only keeps frames for backups, has all
 * of them, and is drawn on by some.
 */
export function findTwin(
  fs: FileSystem,
  { directory, frames, candidates }: TwinInput,
  throwIfCancelled: () => void,
): CopiedFrames | undefined {
  for (const { name, format, manifest } of candidates) {
    throwIfCancelled();
    try {
      const path = join(directory, name);
      // Most are what backups left behind, with all their entries.
      if (!keepsFramesOnly(embeddedHead(fs, path).header)) continue;
      const inner = openEmbedded(fs, { path, format }, path);
      const places = new Map(inner.frames.map((frame) => [contentKey(frame), frame.offset]));
      const offsets = frames.flatMap((frame) => places.get(contentKey(frame)) ?? []);
      const archive = readHeader(fs, join(directory, manifest)).archives.find(({ file }) => file === name);
      if (archive !== undefined && offsets.length === frames.length) return { archive, offsets };
    } catch (error) {
      // It cannot be relied upon, then; a new copy is made.
      if (!(error instanceof LarderError) || error.code !== 'CORRUPT') throw error;
    }
  }
  return undefined;
}

/** Frames of one key hold the same bytes, stored in the same way. */
function contentKey({ sha256, storedLength, plainLength, plainDigest }: PlacedFrame): string {
  return `${sha256} ${storedLength} ${plainLength} ${plainDigest === true}`;
}
