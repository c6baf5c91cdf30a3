import { hash } from 'node:crypto';
import zlib from 'node:zlib';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';

/** One frame at a time: zstd frames, gzip members, or the bytes as they are. */

/** Whether this runtime compresses zstd (Electron's Node may be built without it). */
export function canCompressZstd(): boolean {
  return typeof (zlib as Partial<typeof zlib>).zstdCompressSync === 'function';
}

/** Whether this runtime decompresses zstd. */
export function canDecompressZstd(): boolean {
  return typeof (zlib as Partial<typeof zlib>).zstdDecompressSync === 'function';
}

export interface StoredFrame {
  readonly stored: Uint8Array;
  readonly plainLength: number;
  /** SHA-256, hex: of the stored bytes, or with `plainDigest` of the plain ones. */
  readonly sha256: string;
  readonly plainDigest?: true;
}

export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

const { constants } = zlib;

/** What a sample must shrink to for the whole to be compressed. */
const worthwhile = 0.97;
const sampleParts = 4;
const samplePart = 16 * 1024;

/** Four stretches spread over the bytes, or all of them when they are few. */
function sampleOf(plain: Uint8Array): Uint8Array {
  if (plain.length <= sampleParts * samplePart) return plain;
  const sample = new Uint8Array(sampleParts * samplePart);
  const step = Math.floor((plain.length - samplePart) / (sampleParts - 1));
  for (let part = 0; part < sampleParts; part++) {
    sample.set(plain.subarray(part * step, part * step + samplePart), part * samplePart);
  }
  return sample;
}

/** A table that stays in a core's nearest cache: a tenth to a fifth faster than level 1's own, and shrinks as well. */
const hashLog = 12;

function zstdCompress(plain: Uint8Array): Uint8Array {
  return zlib.zstdCompressSync(plain, {
    // One output buffer that surely suffices, or Node goes round in steps of 16 KiB.
    chunkSize: plain.length + (plain.length >> 7) + 1024,
    pledgedSrcSize: plain.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: 1,
      [constants.ZSTD_c_hashLog]: hashLog,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

const rawBlock = 128 * 1024;

/** A zstd frame of raw blocks (RFC 8878, sections 3.1.1.1 and 3.1.1.2): the bytes as they are, readable by any zstd. */
function zstdStore(plain: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(plain.length / rawBlock));
  const frame = new Uint8Array(9 + blocks * 3 + plain.length);
  // Magic; descriptor: four bytes of content size, single segment, no checksum.
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0]);
  new DataView(frame.buffer).setUint32(5, plain.length, true);
  let at = 9;
  for (let block = 0; block < blocks; block++) {
    const bytes = plain.subarray(block * rawBlock, (block + 1) * rawBlock);
    const header = (bytes.length << 3) | (block === blocks - 1 ? 1 : 0);
    frame.set([header & 0xff, (header >> 8) & 0xff, header >> 16], at);
    frame.set(bytes, at + 3);
    at += 3 + bytes.length;
  }
  return frame;
}

function gzip(plain: Uint8Array, level: number, strategy: number = constants.Z_DEFAULT_STRATEGY): Uint8Array {
  return zlib.gzipSync(plain, { level, strategy, chunkSize: plain.length + (plain.length >> 7) + 1024 });
}

/**
 * Gives memory back at once. Frames are megabytes; left to the collector they pile up and make it run all the time. The
 * bytes must be the only view of their memory that is still used.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // Node's small buffers share one memory, of `Buffer.poolSize`, that cannot be given back.
  const isOwn = bytes.length > Buffer.poolSize || buffer.byteLength > 2 * Buffer.poolSize;
  if (buffer instanceof ArrayBuffer && isOwn && !buffer.detached) buffer.transfer(0);
}

/** A copy in memory of its own where the bytes are a small part of a larger buffer. */
export function detached(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.length * 2 > buffer.byteLength) {
    return new Uint8Array(buffer, bytes.byteOffset, bytes.length);
  }
  return new Uint8Array(bytes);
}

/**
 * Compresses one frame. Depends on the bytes alone. What does not shrink by 3 % in a sample is stored; for gzip, what
 * shrinks as well without looking for repetitions (weights do) is only Huffman-coded, which is several times faster.
 */
export function encodeFrame(plain: Uint8Array, format: ArchiveFormat): Uint8Array {
  if (format === 'tar') return plain;
  const sample = sampleOf(plain);
  const whole = sample === plain;
  if (format === 'zst') {
    const tried = zstdCompress(sample);
    if (tried.length > sample.length * worthwhile) return zstdStore(plain);
    return whole ? tried : zstdCompress(plain);
  }
  const tried = gzip(sample, 1);
  if (tried.length > sample.length * worthwhile) return gzip(plain, 0);
  if (whole) return tried;
  const entropyOnly = gzip(sample, 1, constants.Z_HUFFMAN_ONLY);
  return entropyOnly.length <= tried.length * 1.02 ? gzip(plain, 1, constants.Z_HUFFMAN_ONLY) : gzip(plain, 1);
}

/**
 * One frame compressed, with its digest, in memory of its own that can be moved to another thread. `plainDigest`: the
 * SHA-256 of `plain` where the frame is to be known by that; otherwise it is of the stored bytes.
 */
export function makeFrame(plain: Uint8Array, format: ArchiveFormat, plainDigest?: string): StoredFrame {
  const stored = storedBytes(plain, format);
  const plainLength = plain.length;
  return plainDigest === undefined
    ? { stored, plainLength, sha256: sha256(stored) }
    : { stored, plainLength, sha256: plainDigest, plainDigest: true };
}

function storedBytes(plain: Uint8Array, format: ArchiveFormat): Uint8Array {
  const encoded = encodeFrame(plain, format);
  // Uncompressed it is the caller's own memory, which may be used again or moved on its own.
  if (encoded === plain) return new Uint8Array(plain);
  const stored = detached(encoded);
  if (stored.buffer !== encoded.buffer) release(encoded);
  return stored;
}

/**
 * Decompresses exactly one frame to exactly `plainLength` bytes; throws otherwise. Node's decompressors stop at the first
 * frame's end and have accepted truncated input, so the caller has checked the stored bytes' digest before.
 */
export function decodeStored(stored: Uint8Array, plainLength: number, format: ArchiveFormat): Uint8Array {
  let plain: Uint8Array;
  if (format === 'tar') plain = stored;
  else {
    // One byte of room more than allowed, so that a frame that holds more is noticed.
    const options = { chunkSize: Math.max(64, plainLength + 1), maxOutputLength: plainLength + 1 };
    if (format === 'zst' && !canDecompressZstd()) {
      throw new LarderError('UNSUPPORTED', 'This build cannot read zstd archives.');
    }
    plain = format === 'zst' ? zlib.zstdDecompressSync(stored, options) : zlib.gunzipSync(stored, options);
  }
  if (plain.length !== plainLength) throw new RangeError(`holds ${plain.length} bytes instead of ${plainLength}`);
  return plain;
}
