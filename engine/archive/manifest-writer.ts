import { createHash } from 'node:crypto';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { Pool } from '../pool/index.ts';
import type { ArchiveOut } from './archive-out.ts';
import { decodeStored, makeFrame, release, sha256 } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { TextFrames } from './collector.ts';
import { encodeFooter } from './footer.ts';
import type { ManifestFrame } from './footer.ts';
import { encodeArchive, encodeCounts, encodeFrameRef, encodeHeader, encodeTrailer } from './lines.ts';
import type { ManifestCounts } from './lines.ts';
import { embeddedPath } from './names.ts';
import type { ManifestFormat } from './names.ts';
import { blockBytes, paddedLength, tarHeader } from './tar-header.ts';
import type { ArchiveRef, FrameRef, ManifestHeader } from './types.ts';

/** A manifest ready to be written, but for what its archives' lines say. The body is compressed once for both places. */
export interface ManifestBody {
  readonly header: ManifestHeader;
  readonly counts: Omit<ManifestCounts, 'archives'>;
  readonly format: ManifestFormat;
  /** Frames of lines of frames, then of entries. */
  readonly sections: readonly StoredFrame[];
}

const framesPerFlush = 4_096;

export async function composeManifest(
  pool: Pool,
  format: ManifestFormat,
  header: ManifestHeader,
  counts: Omit<ManifestCounts, 'archives'>,
  frames: readonly FrameRef[],
  entries: readonly StoredFrame[],
): Promise<ManifestBody> {
  const text = new TextFrames(pool, format);
  for (let from = 0; from < frames.length; from += framesPerFlush) {
    const lines = frames.slice(from, from + framesPerFlush).map((frame) => `${encodeFrameRef(frame)}\n`);
    text.add(lines.join(''));
  }
  return { header, counts, format, sections: [...(await text.finish()), ...entries] };
}

/** Lets other work of this thread go first. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Writes the manifest's frames and the footer at the end of `out`. As an entry of an archive it gets a tar header
 * before, padding and the archive's end after it; as a sidecar it stands alone.
 */
export async function writeManifest(
  out: ArchiveOut,
  body: ManifestBody,
  archives: readonly ArchiveRef[],
  place: 'sidecar' | { readonly archive: ArchiveFormat },
): Promise<void> {
  const format = place === 'sidecar' ? body.format : place.archive;
  const head = textOf([
    encodeHeader(body.header),
    encodeCounts({ archives: archives.length, ...body.counts }),
    ...archives.map(encodeArchive),
  ]);
  const digest = createHash('sha256').update(head);
  let textLength = head.length;
  for (const section of body.sections) {
    const plain = decodeStored(section.stored, section.plainLength, body.format);
    digest.update(plain);
    release(plain);
    textLength += section.plainLength;
    await breathe();
  }
  const { files, dirs, symlinks } = body.counts;
  const trailer = textOf([encodeTrailer({ entries: files + dirs + symlinks, sha256: digest.digest('hex') })]);
  textLength += trailer.length;

  const lead = place === 'sidecar' ? Buffer.alloc(0) : embeddedHeader(textLength, body.header.finishedAtMs);
  // The padding to a whole block, and the two zero blocks that end a tar.
  const end = place === 'sidecar' ? 0 : paddedLength(textLength) - textLength + 2 * blockBytes;
  const { offset } = out;
  const frames: ManifestFrame[] = [];
  const write = (frame: StoredFrame): void => {
    const { stored, plainLength, sha256: digest } = frame;
    frames.push({ offset: out.offset, storedLength: stored.length, plainLength, sha256: digest });
    out.write(stored, digest);
  };
  write(makeFrame(Buffer.concat([lead, head]), format));
  for (const section of body.sections) {
    write(format === body.format ? section : plainFrame(section, body.format));
    await out.room();
    await breathe();
  }
  write(makeFrame(Buffer.concat([trailer, Buffer.alloc(end)]), format));
  const footer = encodeFooter({ offset, lead: lead.length, textLength, frames }, format);
  out.write(footer, sha256(footer));
}

function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
}

function plainFrame(section: StoredFrame, format: ManifestFormat): StoredFrame {
  return makeFrame(decodeStored(section.stored, section.plainLength, format), 'tar');
}

function embeddedHeader(size: number, finishedAtMs: number): Buffer {
  const mtimeNs = BigInt(Math.floor(finishedAtMs)) * 1_000_000n;
  return tarHeader({ path: embeddedPath, type: 'file', mode: 0o600, uid: 0, gid: 0, mtimeNs, size });
}
