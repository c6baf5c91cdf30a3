import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { contentBytes, openBackup } from '../archive/index.ts';
import type { PlacedFrame } from '../archive/index.ts';
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
    const reader = openBackup(fs, join(directory, manifest));
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
