import { paddedLength } from './tar-header.ts';
import type { HeldStretch } from './types.ts';

/** What of a content is new against an older one at the same place, in blocks, so that a changed page costs a page. */

/** SQLite's usual page, and what file systems write at least. */
const blockBytes = 4096;
/** Unchanged stretches shorter than this between changes are stored again rather than referenced. */
const shortestHeld = 16 * 1024;
/** More stretches than this, and the content is stored whole, so that reading it back stays quick. */
const maxStretches = 64;
/** Of the content that may be new; above, it is stored whole. */
const maxNewShare = 0.75;

export interface Stretch {
  /** Whether the older content has it, at the same offset. */
  readonly held: boolean;
  readonly offset: number;
  readonly length: number;
}

/** The content as stretches that are held or new, in order; undefined when storing it whole is as good. */
export function stretchesOf(now: Uint8Array, before: Uint8Array): Stretch[] | undefined {
  const stretches: { held: boolean; offset: number; length: number }[] = [];
  const a = Buffer.from(now.buffer, now.byteOffset, now.length);
  for (let offset = 0; offset < now.length; offset += blockBytes) {
    const end = Math.min(offset + blockBytes, now.length);
    const held = end <= before.length && a.compare(before, offset, end, offset, end) === 0;
    const last = stretches.at(-1);
    if (last?.held === held) last.length += end - offset;
    else stretches.push({ held, offset, length: end - offset });
  }
  const merged = withoutShortHeld(stretches);
  const added = merged.reduce((sum, stretch) => sum + (stretch.held ? 0 : stretch.length), 0);
  return merged.length > maxStretches || added > now.length * maxNewShare ? undefined : merged;
}

function withoutShortHeld(stretches: readonly Stretch[]): Stretch[] {
  const merged: { held: boolean; offset: number; length: number }[] = [];
  stretches.forEach((stretch, index) => {
    const between = index > 0 && index < stretches.length - 1;
    const held = stretch.held && !(between && stretch.length < shortestHeld);
    const last = merged.at(-1);
    if (last?.held === held) last.length += stretch.length;
    else merged.push({ ...stretch, held });
  });
  return merged;
}

/** The stretches that are new, one after another, and padded to a tar block. */
export function freshOf(
  content: Uint8Array,
  stretches: readonly Stretch[],
): { readonly padded: Uint8Array; readonly length: number } {
  const length = stretches.reduce((sum, stretch) => sum + (stretch.held ? 0 : stretch.length), 0);
  const padded = new Uint8Array(paddedLength(length));
  let at = 0;
  for (const { held, offset, length: bytes } of stretches) {
    if (held) continue;
    padded.set(content.subarray(offset, offset + bytes), at);
    at += bytes;
  }
  return { padded, length };
}

/** A part of a content: in a frame of the older backup, or (`older` undefined) among what is fresh. */
export interface Located {
  readonly older: number | undefined;
  readonly offset: number;
  readonly length: number;
}

/** Where the stretches lie, given where the older content lay and where what is fresh begins in its frame. */
export function locate(stretches: readonly Stretch[], old: readonly HeldStretch[], freshOffset: number): Located[] {
  let at = freshOffset;
  return stretches.flatMap(({ held, offset, length }): Located[] => {
    if (held) {
      return cutStretches(old, offset, length).map((part) => ({
        older: part.number,
        offset: part.offset,
        length: part.length,
      }));
    }
    at += length;
    return [{ older: undefined, offset: at - length, length }];
  });
}

/** `length` bytes from `offset` on of the stretches put together; fewer where they end before. */
export function cutStretches(stretches: readonly HeldStretch[], offset: number, length: number): HeldStretch[] {
  const parts: HeldStretch[] = [];
  let at = 0;
  for (const stretch of stretches) {
    const from = Math.max(offset, at);
    const to = Math.min(offset + length, at + stretch.length);
    if (from < to) parts.push({ ...stretch, offset: stretch.offset + from - at, length: to - from });
    at += stretch.length;
  }
  return parts;
}
