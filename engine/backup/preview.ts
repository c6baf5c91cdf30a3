import { decodeFrame } from '../archive/index.ts';
import type { FrameRef } from '../archive/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';

/** A stretch of a file: where it lies and how much of it is wanted. */
export interface PreviewPart {
  readonly archive: string;
  readonly format: 'zst' | 'gz' | 'tar';
  readonly frame: Omit<FrameRef, 'archive'>;
  readonly offset: number;
  readonly length: number;
}

/** The bytes of some stretches, one after another. Throws `CORRUPT` naming the archive when a frame is damaged. */
export function readParts(parts: readonly PreviewPart[], context: TaskContext): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let done = 0;
  for (const { archive, format, frame, offset, length } of parts) {
    context.throwIfCancelled();
    try {
      const fd = context.fs.open(archive, 'r');
      try {
        content.set(decodeFrame(context.fs, fd, frame, format).subarray(offset, offset + length), done);
      } finally {
        context.fs.close(fd);
      }
    } catch (error) {
      throw toLarderError(error, archive);
    }
    done += length;
  }
  return content;
}

/**
 * The content as text, or undefined when it is none: text is UTF-8 without NUL. A character cut in two at the end of a
 * `truncated` content is left out.
 */
export function asText(content: Uint8Array, truncated: boolean): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content, { stream: truncated });
  } catch {
    return undefined;
  }
}
