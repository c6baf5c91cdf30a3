import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import {
  contentBytes,
  contentKey,
  embeddedHead,
  keepsFramesOnly,
  openEmbedded,
  openUnchecked,
  readHeader,
} from '../archive/index.ts';
import type { ArchiveRef, PlacedFrame } from '../archive/index.ts';
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
  readonly archives: readonly {
    readonly name: string;
    readonly format: ArchiveFormat;
    /** Names of the manifests that draw on it. */
    readonly manifests: readonly string[];
  }[];
}

/** Of one archive: how much is drawn on, or why that cannot be known. */
export type UsageResult = ArchiveUsage | { readonly problem: string };

/** Each manifest is read once, however many of the archives it draws on. */
export function readUsages(
  fs: FileSystem,
  { directory, archives }: UsageInput,
  throwIfCancelled: () => void,
): UsageResult[] {
  const uses = new Map(archives.map(({ name }): [string, Use] => [name, { frames: new Map(), problem: undefined }]));
  for (const manifest of new Set(archives.flatMap(({ manifests }) => manifests))) {
    throwIfCancelled();
    const concerned = archives.filter(({ manifests }) => manifests.includes(manifest));
    const problem = problemOf(() => {
      const reader = openUnchecked(fs, join(directory, manifest));
      const byNumber = reader.archives.map(({ file }) => uses.get(file));
      for (const { archive, ...frame } of reader.frames) {
        const use = byNumber[archive];
        if (use !== undefined) add(use, frame);
      }
    });
    if (problem === undefined) continue;
    for (const { name } of concerned) {
      const use = uses.get(name);
      if (use !== undefined) use.problem ??= problem;
    }
  }
  return archives.map(({ name, format }) => {
    const { frames, problem } = uses.get(name) ?? { frames: new Map<number, PlacedFrame>(), problem: undefined };
    if (problem !== undefined) return { problem };
    let content = 0;
    const unread = problemOf(() => {
      content = contentBytes(fs, join(directory, name), format);
    });
    if (unread !== undefined) return { problem: unread };
    const sorted = [...frames.values()].sort((a, b) => a.offset - b.offset);
    return { content, frames: sorted, needed: sorted.reduce((sum, { storedLength }) => sum + storedLength, 0) };
  });
}

interface Use {
  readonly frames: Map<number, PlacedFrame>;
  problem: string | undefined;
}

function add(use: Use, frame: PlacedFrame): void {
  const known = use.frames.get(frame.offset);
  if (known === undefined) use.frames.set(frame.offset, frame);
  else if (known.storedLength !== frame.storedLength || known.sha256 !== frame.sha256) {
    use.problem ??= 'The backups that need it say different things of it.';
  }
}

function problemOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof LarderError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
    return error.message;
  }
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

/** An archive that has frames already, and where. */
export interface Twin {
  readonly archive: ArchiveRef;
  /** In the order of the frames. */
  readonly offsets: readonly number[];
}

/**
 * The copy that an interrupted run already made of these frames: an archive that only keeps frames for backups, has all
 * of them, and is drawn on by some.
 */
export function findTwin(
  fs: FileSystem,
  { directory, frames, candidates }: TwinInput,
  throwIfCancelled: () => void,
): Twin | undefined {
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
