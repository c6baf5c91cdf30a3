import { createHash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readAt } from './frames.ts';
import { maxManifestFramePlain, maxManifestFrames, maxManifestFrameStored } from './limits.ts';

/**
 * The footer: where the frames of the manifest are, in an archive or in a sidecar. Plain tools pass over it. Layout in
 * docs/archive-format.md.
 */
export interface Footer {
  /** Byte at which the first manifest frame begins; the others follow without a gap, then the footer. */
  readonly offset: number;
  /** Bytes of the first frame, decompressed, that stand before the manifest's text (its tar header). */
  readonly lead: number;
  /** Length of the manifest's text in bytes. */
  readonly textLength: number;
  readonly frames: readonly ManifestFrame[];
}

export interface ManifestFrame {
  readonly offset: number;
  readonly storedLength: number;
  readonly plainLength: number;
  readonly sha256: string;
}

const beginMagic = Buffer.from('LARDERF1', 'latin1');
const endMagic = Buffer.from('LARDEREN', 'latin1');
const fixedHead = 32;
const frameRecord = 40;
const fixedTail = 32 + 4 + 8;
const skippableMagic = 0x184d2a5c;
/** After the payload of a gzip footer: an empty final deflate block, CRC-32 0, length 0. */
const gzipTail = Buffer.from([0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

export function encodeFooter(footer: Footer, format: ArchiveFormat): Buffer {
  if (footer.frames.length > maxManifestFrames) {
    throw new LarderError('LIMIT_REACHED', 'The backup has more entries than one manifest can hold.');
  }
  const length = fixedHead + footer.frames.length * frameRecord + fixedTail;
  const payload = Buffer.alloc(length);
  beginMagic.copy(payload, 0);
  payload.writeUInt32LE(footer.frames.length, 8);
  payload.writeUInt32LE(footer.lead, 12);
  payload.writeBigUInt64LE(BigInt(footer.offset), 16);
  payload.writeBigUInt64LE(BigInt(footer.textLength), 24);
  footer.frames.forEach((frame, index) => {
    const at = fixedHead + index * frameRecord;
    payload.writeUInt32LE(frame.storedLength, at);
    payload.writeUInt32LE(frame.plainLength, at + 4);
    payload.write(frame.sha256, at + 8, 'hex');
  });
  const tail = length - fixedTail;
  createHash('sha256').update(payload.subarray(0, tail)).digest().copy(payload, tail);
  payload.writeUInt32LE(length, tail + 32);
  endMagic.copy(payload, tail + 36);
  return wrap(payload, format);
}

function wrap(payload: Buffer, format: ArchiveFormat): Buffer {
  if (format === 'tar') return payload;
  if (format === 'zst') {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(skippableMagic, 0);
    head.writeUInt32LE(payload.length, 4);
    return Buffer.concat([head, payload]);
  }
  // RFC 1952, section 2.3: FEXTRA set, no time, unknown system; one subfield "LA".
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 0, 0, 0x4c, 0x41, 0, 0]);
  head.writeUInt16LE(payload.length + 4, 10);
  head.writeUInt16LE(payload.length, 14);
  return Buffer.concat([head, payload, gzipTail]);
}

const wrapping = { tar: { before: 0, after: 0 }, zst: { before: 8, after: 0 }, gz: { before: 16, after: 10 } } as const;

/** Finds and checks the footer at the end of a file of `size` bytes. Throws `CORRUPT` saying what is wrong. */
export function readFooter(fs: FileSystem, fd: number, size: number, format: ArchiveFormat): Footer {
  const corrupt = (what: string): LarderError => new LarderError('CORRUPT', `its footer ${what}`);
  const { before, after } = wrapping[format];
  const end = size - after;
  if (end < fixedHead + fixedTail) throw corrupt('is missing');
  const last = Buffer.from(readAt(fs, fd, end - 12, 12));
  if (last.length !== 12 || !last.subarray(4).equals(endMagic)) throw corrupt('is missing or cut off');
  const length = last.readUInt32LE(0);
  const begin = end - length - before;
  const count = (length - fixedHead - fixedTail) / frameRecord;
  if (!Number.isInteger(count) || count < 1 || count > maxManifestFrames || begin < 0) {
    throw corrupt('is damaged: its length is wrong');
  }
  const bytes = Buffer.from(readAt(fs, fd, begin, size - begin));
  const payload = bytes.subarray(before, before + length);
  const tail = length - fixedTail;
  const digest = createHash('sha256').update(payload.subarray(0, tail)).digest();
  if (!digest.equals(payload.subarray(tail, tail + 32))) throw corrupt('is damaged: its digest does not match');
  if (!payload.subarray(0, 8).equals(beginMagic)) throw corrupt('is of a version this Larder does not know');
  if (!wrap(payload, format).equals(bytes)) throw corrupt('is damaged: its envelope is wrong');
  if (payload.readUInt32LE(8) !== count) throw corrupt('is damaged: its count is wrong');
  return parsePayload(payload, begin, corrupt);
}

function parsePayload(payload: Buffer, begin: number, corrupt: (what: string) => LarderError): Footer {
  const lead = payload.readUInt32LE(12);
  const offset = Number(payload.readBigUInt64LE(16));
  const textLength = Number(payload.readBigUInt64LE(24));
  const frames: ManifestFrame[] = [];
  let at = offset;
  let plain = 0;
  for (let record = fixedHead; record < payload.length - fixedTail; record += frameRecord) {
    const storedLength = payload.readUInt32LE(record);
    const plainLength = payload.readUInt32LE(record + 4);
    if (plainLength > maxManifestFramePlain || storedLength > maxManifestFrameStored) {
      throw corrupt('names a frame larger than any Larder writes');
    }
    const sha256 = payload.toString('hex', record + 8, record + frameRecord);
    frames.push({ offset: at, storedLength, plainLength, sha256 });
    at += storedLength;
    plain += plainLength;
  }
  if (at !== begin) throw corrupt('does not fit the file');
  if (lead > (frames[0]?.plainLength ?? 0) || lead + textLength > plain) throw corrupt('contradicts itself');
  return { offset, lead, textLength, frames };
}
