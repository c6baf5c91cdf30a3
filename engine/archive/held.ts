import { openBackup } from './manifest-reader.ts';
import type { FileSystem } from '../fs/index.ts';

/**
 * Content an older backup holds, by its SHA-256, in memory that all workers share: files that lie in one stretch of one
 * frame, and the pieces of large files. An open hash table; a slot is the digest (32 bytes), the frame's number plus one
 * (0: empty), offset and length in its plain bytes (4 bytes each).
 */

const slotBytes = 44;

/** Where content lies: `length` bytes at `offset` of frame number `frame` of the older backup. */
export interface Held {
  readonly frame: number;
  readonly offset: number;
  readonly length: number;
}

export class HeldContent {
  readonly memory: SharedArrayBuffer;
  private readonly bytes: Buffer;
  private readonly slots: number;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.bytes = Buffer.from(memory);
    this.slots = memory.byteLength / slotBytes;
  }

  /** Room for `count` contents, at most two thirds full so that a look takes few steps. */
  static for(count: number): HeldContent {
    return new HeldContent(new SharedArrayBuffer(slotBytes * Math.max(16, Math.ceil(1.5 * count))));
  }

  /** The first of equal contents stays. */
  add(sha256: string, { frame, offset, length }: Held): void {
    const digest = Buffer.from(sha256, 'hex');
    const at = this.slotOf(digest);
    if (this.bytes.readUInt32LE(at + 32) !== 0) return;
    this.bytes.set(digest, at);
    this.bytes.writeUInt32LE(frame + 1, at + 32);
    this.bytes.writeUInt32LE(offset, at + 36);
    this.bytes.writeUInt32LE(length, at + 40);
  }

  find(sha256: string): Held | undefined {
    const at = this.slotOf(Buffer.from(sha256, 'hex'));
    const frame = this.bytes.readUInt32LE(at + 32);
    if (frame === 0) return undefined;
    return { frame: frame - 1, offset: this.bytes.readUInt32LE(at + 36), length: this.bytes.readUInt32LE(at + 40) };
  }

  /** Byte offset of the slot that holds the digest, or of the empty one where it belongs. */
  private slotOf(digest: Buffer): number {
    // A SHA-256 is as even as any hash made from it.
    let slot = digest.readUIntLE(0, 6) % this.slots;
    for (;;) {
      const at = slot * slotBytes;
      if (this.bytes.readUInt32LE(at + 32) === 0 || digest.compare(this.bytes, at, at + 32) === 0) return at;
      slot = (slot + 1) % this.slots;
    }
  }
}

/** Everything a backup holds that can be referenced whole. Checks its manifest; throws as `openBackup` does. */
export function readHeldContent(fs: FileSystem, manifestPath: string): { content: HeldContent; digest: string } {
  let content: HeldContent | undefined;
  const { digest } = openBackup(fs, manifestPath, ({ frames, counts }) => {
    const pieces = frames.reduce((sum, frame) => sum + (frame.plainDigest === true ? 1 : 0), 0);
    const held = (content = HeldContent.for(counts.files + pieces));
    frames.forEach(({ sha256, plainDigest, plainLength }, frame) => {
      if (plainDigest === true) held.add(sha256, { frame, offset: 0, length: plainLength });
    });
    return (entry) => {
      const [piece, ...more] = entry.type === 'file' ? entry.pieces : [];
      if (entry.type === 'file' && piece !== undefined && more.length === 0) held.add(entry.sha256, piece);
    };
  });
  return { content: content ?? HeldContent.for(0), digest };
}
