import { createHash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat, VerifyProblem } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import { sha256 } from './codec.ts';
import { decodeFrame, readStored } from './frames.ts';
import { compareManifests } from './manifest-reader.ts';
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
  /** Files that lie whole in this frame. Empty: only the stored bytes are checked. */
  readonly slices: readonly SliceCheck[];
}

export interface FrameDamage {
  readonly number: number;
  readonly kind: VerifyProblem['kind'];
  readonly message: string;
}

export interface CheckInput {
  readonly archive: string;
  readonly format: ArchiveFormat;
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
  run({ archive, format, checks }, context) {
    const { fs } = context;
    const damaged: FrameDamage[] = [];
    const wrong: string[] = [];
    let fd: number;
    try {
      fd = fs.open(archive, 'r');
    } catch (error) {
      return { damaged: checks.map(({ number }) => damageOf(number, error)), wrong };
    }
    try {
      for (const { number, frame, slices } of checks) {
        context.throwIfCancelled();
        try {
          if (slices.length === 0) readStored(fs, fd, frame);
          else {
            const plain = decodeFrame(fs, fd, frame, format);
            for (const { path, offset, length, sha256: digest } of slices) {
              if (sha256(plain.subarray(offset, offset + length)) !== digest) wrong.push(path);
            }
          }
        } catch (error) {
          damaged.push(damageOf(number, error));
        }
      }
    } finally {
      fs.close(fd);
    }
    return { damaged, wrong };
  },
});

export interface PlainInput {
  readonly archive: string;
  readonly format: ArchiveFormat;
  readonly number: number;
  readonly frame: FrameRef;
  readonly offset: number;
  readonly length: number;
}

export type PlainOutput = { readonly bytes: Uint8Array } | { readonly damage: FrameDamage };

/** A piece of a file that spans frames, given back so that the file's digest can go over its pieces in order. */
export const plainTask = defineTask<PlainInput, PlainOutput>({
  name: 'archive.plain',
  run({ archive, format, number, frame, offset, length }, context) {
    context.throwIfCancelled();
    const { fs } = context;
    let fd: number | undefined;
    try {
      fd = fs.open(archive, 'r');
      return { bytes: decodeFrame(fs, fd, frame, format).subarray(offset, offset + length) };
    } catch (error) {
      return { damage: damageOf(number, error) };
    } finally {
      if (fd !== undefined) fs.close(fd);
    }
  },
  transfer: (output) => ('bytes' in output ? [output.bytes.buffer as ArrayBuffer] : []),
});

export interface EmbeddedInput {
  readonly archive: string;
  readonly format: ArchiveFormat;
  readonly manifestPath: string;
  readonly backupId: string;
  /** The backup draws on no other archive, so this one must be its own. */
  readonly only: boolean;
}

/** Reads the manifest at an archive's end as a whole. Gives what is wrong with it, if anything. */
export const embeddedTask = defineTask<EmbeddedInput, string | undefined>({
  name: 'archive.embedded',
  run({ archive, format, manifestPath, backupId, only }, context) {
    context.throwIfCancelled();
    try {
      return compareManifests(context.fs, { path: archive, format }, manifestPath, backupId, only);
    } catch (error) {
      if (error instanceof LarderError) return error.message;
      throw error;
    }
  },
});

/** Digest of nothing: what an empty file must have. */
export const emptyDigest = createHash('sha256').digest('hex');
