import { isLarderError } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { decodeFrame } from './frames.ts';
import type { HeldStretch } from './types.ts';

interface Decoded {
  readonly archive: string;
  readonly at: number;
  readonly sha256: string;
  readonly plain: Uint8Array;
}

// One frame a worker thread: files that lie in one frame are asked for one after another.
let last: Decoded | undefined;

/**
 * Content that lies in older archives, put together; undefined when it cannot be had whole, because an archive went or is
 * damaged. The caller then stores anew what it would have compared.
 */
export function readHeld(fs: FileSystem, stretches: readonly HeldStretch[]): Uint8Array | undefined {
  const content = new Uint8Array(stretches.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const stretch of stretches) {
    const plain = frameOf(fs, stretch);
    if (plain === undefined) return undefined;
    content.set(plain.subarray(stretch.offset, stretch.offset + stretch.length), at);
    at += stretch.length;
  }
  return content;
}

function frameOf(fs: FileSystem, { archive, format, frame }: HeldStretch): Uint8Array | undefined {
  if (last?.archive === archive && last.at === frame.offset && last.sha256 === frame.sha256) return last.plain;
  let fd: number;
  try {
    fd = fs.open(archive, 'r');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
  try {
    last = { archive, at: frame.offset, sha256: frame.sha256, plain: decodeFrame(fs, fd, frame, format) };
    return last.plain;
  } catch (error) {
    if (isSystemError(error) || isLarderError(error, 'CORRUPT')) return undefined;
    throw error;
  } finally {
    fs.close(fd);
  }
}
