import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { FrameReader, inArchive, makeFrame, paddedLength, release } from '../archive/index.ts';
import type { ArchivePlace, FrameRef, StoredFrame } from '../archive/index.ts';
import { defineTask } from '../pool/index.ts';
import type { Task } from '../pool/index.ts';
import type { Stretch } from './cut.ts';
import { clearFolder, clearNoted } from './leftovers.ts';

/** A unit as a worker needs it. */
export type FrameWork =
  | {
      readonly kind: 'group';
      /** The header blocks of all entries, one after another. */
      readonly headers: Uint8Array;
      readonly items: readonly {
        readonly headerLength: number;
        readonly size: number;
        readonly pieces: readonly Stretch[];
      }[];
      readonly like?: FrameRef;
    }
  | { readonly kind: 'stretch'; readonly pieces: readonly Stretch[]; readonly zeros: number }
  | { readonly kind: 'copy'; readonly frame: FrameRef; readonly length: number; readonly zeros: number };

export interface FrameInput {
  readonly archives: ReadonlyMap<number, ArchivePlace>;
  readonly format: ArchiveFormat;
  readonly work: FrameWork;
}

/** One frame of an exported archive: copied where the backup has it just so, else put together and compressed. */
export const frameTask = defineTask<FrameInput, StoredFrame>({
  name: 'export.frame',
  run({ archives, format, work }, context) {
    context.throwIfCancelled();
    const frames = new FrameReader(context.fs, archives);
    const read = <T>(frame: FrameRef, act: () => T): T => {
      try {
        return act();
      } catch (error) {
        throw inArchive(error, archives.get(frame.archive)?.path ?? '');
      }
    };
    const copied = ({ plainLength, sha256 }: FrameRef, stored: Uint8Array, plain = stored): StoredFrame => {
      if (plain.buffer !== stored.buffer) release(plain);
      return { stored, plainLength, sha256 };
    };
    const framed = (plain: Uint8Array): StoredFrame => {
      const frame = makeFrame(plain, format);
      release(plain);
      return frame;
    };
    const put = (into: Uint8Array, at: number, { frame, offset, length }: Stretch): void => {
      const plain = read(frame, () => frames.get(frame));
      into.set(plain.subarray(offset, offset + length), at);
    };
    try {
      switch (work.kind) {
        case 'group': {
          const { like } = work;
          if (like !== undefined) {
            const { stored, plain } = read(like, () => frames.both(like));
            if (isGroup(plain, work)) return copied(like, stored, plain);
          }
          return framed(group(work, put));
        }
        case 'stretch': {
          const plain = new Uint8Array(work.pieces.reduce((sum, { length }) => sum + length, work.zeros));
          let at = 0;
          for (const piece of work.pieces) {
            put(plain, at, piece);
            at += piece.length;
          }
          return framed(plain);
        }
        case 'copy': {
          const { frame, length, zeros } = work;
          // A digest of the stored bytes says all; one of the plain bytes needs them.
          if (zeros === 0 && frame.plainDigest !== true) {
            return copied(
              frame,
              read(frame, () => frames.stored(frame)),
            );
          }
          const { stored, plain } = read(frame, () => frames.both(frame));
          if (plain.subarray(length).every((byte) => byte === 0)) return copied(frame, stored, plain);
          const own = new Uint8Array(length + zeros);
          own.set(plain.subarray(0, length));
          return framed(own);
        }
      }
    } finally {
      frames.close();
    }
  },
  transfer: ({ stored }) => (stored.buffer instanceof ArrayBuffer && ownsMemory(stored) ? [stored.buffer] : []),
});

/** Small buffers of Node's share memory that must stay. */
function ownsMemory(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}

type GroupWork = Extract<FrameWork, { kind: 'group' }>;

/** Whether the frame's plain bytes are just these entries. Their content lies in that very frame, at these places. */
function isGroup(plain: Uint8Array, { headers, items }: GroupWork): boolean {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  let at = 0;
  let headerAt = 0;
  for (const { headerLength, size } of items) {
    if (bytes.compare(headers, headerAt, headerAt + headerLength, at, at + headerLength) !== 0) return false;
    headerAt += headerLength;
    at += headerLength + size;
    for (const end = at + paddedLength(size) - size; at < end; at++) if (bytes[at] !== 0) return false;
  }
  return at === bytes.length;
}

/** The entries' tar bytes. Content is fetched frame by frame, so that each is decoded once. */
function group({ headers, items }: GroupWork, put: (into: Uint8Array, at: number, piece: Stretch) => void): Uint8Array {
  const length = items.reduce((sum, { size }) => sum + paddedLength(size), headers.length);
  const plain = new Uint8Array(length);
  const wanted: { readonly piece: Stretch; readonly at: number }[] = [];
  let at = 0;
  let headerAt = 0;
  for (const { headerLength, size, pieces } of items) {
    plain.set(headers.subarray(headerAt, headerAt + headerLength), at);
    headerAt += headerLength;
    let contentAt = at + headerLength;
    for (const piece of pieces) {
      wanted.push({ piece, at: contentAt });
      contentAt += piece.length;
    }
    at += headerLength + paddedLength(size);
  }
  wanted.sort((a, b) => a.piece.frame.archive - b.piece.frame.archive || a.piece.frame.offset - b.piece.frame.offset);
  for (const { piece, at: place } of wanted) put(plain, place, piece);
  return plain;
}

/** Removes what dead exports left in a folder; freeing a large file takes a while. */
export const clearFolderTask = defineTask<string, undefined>({
  name: 'export.clear-folder',
  run: (folder, { fs }) => {
    clearFolder(fs, folder);
    return undefined;
  },
});

/** The same wherever they noted it in Larder's home. */
export const clearNotedTask = defineTask<string, undefined>({
  name: 'export.clear-noted',
  run: (home, { fs }) => {
    clearNoted(fs, home);
    return undefined;
  },
});

/** What this capability runs in pool workers. */
export const exportTasks: readonly Task<never, unknown>[] = [frameTask, clearFolderTask, clearNotedTask];
