import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { decodeStored, release, sha256 } from './codec.ts';
import type { FrameRef } from './types.ts';

/** Reads `length` bytes at `offset`; fewer only where the file ends before. */
export function readAt(fs: FileSystem, fd: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const got = fs.read(fd, bytes, done, length - done, offset + done);
    if (got === 0) return bytes.subarray(0, done);
    done += got;
  }
  return bytes;
}

type Stored = Pick<FrameRef, 'offset' | 'storedLength' | 'sha256' | 'plainDigest'>;

function wrongDigest({ offset }: Stored): LarderError {
  return new LarderError('CORRUPT', `The frame at byte ${offset} is damaged: its digest does not match.`, {
    details: { damage: 'digest' },
  });
}

/**
 * A frame's stored bytes, length and, where it is over them, digest checked. Throws `CORRUPT` with `details.damage`
 * `truncated` or `digest`.
 */
export function readStored(fs: FileSystem, fd: number, frame: Stored): Uint8Array {
  const stored = readAt(fs, fd, frame.offset, frame.storedLength);
  if (stored.length !== frame.storedLength) {
    throw new LarderError('CORRUPT', `The file ends inside the frame at byte ${frame.offset}.`, {
      details: { damage: 'truncated' },
    });
  }
  if (frame.plainDigest !== true && sha256(stored) !== frame.sha256) throw wrongDigest(frame);
  return stored;
}

/**
 * The plain bytes of one frame of the archive open as `fd`. The digest the frame has is checked: that of the stored bytes
 * before they are decompressed, that of the plain ones after; the length always. Throws `CORRUPT` naming the frame;
 * `details.damage` says in which way (`truncated | digest | structure`). The caller adds the archive's name.
 */
export function decodeFrame(
  fs: FileSystem,
  fd: number,
  frame: Omit<FrameRef, 'archive'>,
  format: ArchiveFormat,
): Uint8Array {
  const stored = readStored(fs, fd, frame);
  const plain = plainOf(stored, frame, format);
  if (plain !== stored) release(stored);
  return plain;
}

/** The plain bytes of what {@link readStored} gave, checked as in {@link decodeFrame}. */
export function plainOf(stored: Uint8Array, frame: Omit<FrameRef, 'archive'>, format: ArchiveFormat): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = decodeStored(stored, frame.plainLength, format);
  } catch (error) {
    if (error instanceof LarderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LarderError('CORRUPT', `The frame at byte ${frame.offset} cannot be decompressed: ${reason}.`, {
      details: { damage: 'structure' },
      cause: error,
    });
  }
  if (frame.plainDigest === true && sha256(plain) !== frame.sha256) throw wrongDigest(frame);
  return plain;
}
