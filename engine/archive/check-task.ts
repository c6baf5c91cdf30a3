import { createHash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat, VerifyProblem } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import { release, sha256 } from './codec.ts';
import { FrameReader } from './frame-reader.ts';
import type { ArchivePlace } from './frame-reader.ts';
import { compareManifests } from './manifest-compare.ts';
import type { FrameRef } from './types.ts';

/** Frames, and the files in them, checked inside a pool worker. */

export interface SliceCheck {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

export interface FrameCheck {
  readonly number: number;
  readonly frame: FrameRef;
  /** Files that lie in one stretch of this frame. Empty: only the frame's own digest is checked. */
  readonly slices: readonly SliceCheck[];
}

export interface FrameDamage {
  readonly number: number;
  readonly kind: VerifyProblem['kind'];
  readonly message: string;
}

/** Archives by their number in the manifest: those that the frames of a task lie in. */
export type ArchivePlaces = ReadonlyMap<number, ArchivePlace>;

export interface CheckInput {
  readonly archives: ArchivePlaces;
  readonly checks: readonly FrameCheck[];
}

export interface CheckOutput {
  readonly damaged: readonly FrameDamage[];
  /** Paths whose own digest does not match though the frame is whole. */
  readonly wrong: readonly string[];
}

/** What is wrong with a frame that could not be read or decoded. */
export function damageOf(number: number, error: unknown): FrameDamage {
  if (error instanceof LarderError) {
    if (error.code !== 'CORRUPT') throw error;
    const damage = error.details?.['damage'];
    const kind = damage === 'truncated' || damage === 'digest' ? damage : 'structure';
    return { number, kind, message: error.message };
  }
  return { number, kind: 'unreadable', message: `The archive ${reasonOf(error)}.` };
}

export const checkTask = defineTask<CheckInput, CheckOutput>({
  name: 'archive.check',
  run({ archives, checks }, context) {
    const damaged: FrameDamage[] = [];
    const wrong: string[] = [];
    // Each frame comes once, so none is kept.
    const reader = new FrameReader(context.fs, archives, 0);
    try {
      for (const { number, frame, slices } of checks) {
        context.throwIfCancelled();
        try {
          if (slices.length === 0 && frame.plainDigest !== true) release(reader.stored(frame));
          else {
            const plain = reader.get(frame);
            for (const { path, offset, length, sha256: digest } of slices) {
              if (sha256(plain.subarray(offset, offset + length)) !== digest) wrong.push(path);
            }
          }
        } catch (error) {
          damaged.push(damageOf(number, error));
        }
      }
    } finally {
      reader.close();
    }
    return { damaged, wrong };
  },
});

export interface StretchInput {
  readonly archives: ArchivePlaces;
  readonly pieces: readonly {
    readonly number: number;
    readonly frame: FrameRef;
    readonly offset: number;
    readonly length: number;
  }[];
}

export type StretchOutput = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly damaged: readonly FrameDamage[] };

/** Pieces of a file that spans frames, given back so that the file's digest can go over all of them in order. */
export const stretchTask = defineTask<StretchInput, StretchOutput>({
  name: 'archive.stretch',
  run({ archives, pieces }, context) {
    const damaged: FrameDamage[] = [];
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    const reader = new FrameReader(context.fs, archives);
    let at = 0;
    try {
      for (const { number, frame, offset, length } of pieces) {
        context.throwIfCancelled();
        try {
          bytes.set(reader.get(frame).subarray(offset, offset + length), at);
        } catch (error) {
          damaged.push(damageOf(number, error));
        }
        at += length;
      }
    } finally {
      reader.close();
    }
    return damaged.length > 0 ? { damaged } : { bytes };
  },
  transfer: (output) => ('bytes' in output ? [output.bytes.buffer] : []),
});

export interface EmbeddedInput {
  readonly archive: string;
  readonly format: ArchiveFormat;
  readonly manifestPath: string;
  readonly backupId: string;
  /** The archive is the backup's own, so the manifest in it must be this backup's. */
  readonly own: boolean;
}

/** Reads the manifest at an archive's end as a whole. Gives what is wrong with it, if anything. */
export const embeddedTask = defineTask<EmbeddedInput, string | undefined>({
  name: 'archive.embedded',
  run({ archive, format, manifestPath, backupId, own }, context) {
    context.throwIfCancelled();
    try {
      return compareManifests(context.fs, { path: archive, format }, manifestPath, backupId, own);
    } catch (error) {
      if (error instanceof LarderError) return error.message;
      throw error;
    }
  },
});

/** Digest of nothing: what an empty file must have. */
export const emptyDigest = createHash('sha256').digest('hex');
