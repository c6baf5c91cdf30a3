import { basename } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readFooter } from './footer.ts';
import type { Footer } from './footer.ts';
import { release } from './codec.ts';
import { decodeFrame, readAt } from './frames.ts';
import { corruptLine, parseArchive, parseCounts, parseHeader } from './lines.ts';
import type { ManifestCounts } from './lines.ts';
import { manifestStem } from './names.ts';
import type { ArchiveRef, ManifestHeader } from './types.ts';

/** The text of a manifest, frame by frame. */

/** Where a manifest's text lies: a sidecar of its own, or the end of an archive. */
export interface ManifestSource {
  readonly path: string;
  readonly format: ArchiveFormat;
}

/** Runs `act` with the file open; any failure becomes a LarderError that names the file. */
export function withFile<T>(fs: FileSystem, path: string, act: (fd: number) => T): T {
  let fd: number;
  try {
    fd = fs.open(path, 'r');
  } catch (error) {
    throw toLarderError(error, path);
  }
  try {
    return act(fd);
  } catch (error) {
    throw naming(error, path);
  } finally {
    fs.close(fd);
  }
}

const noOther = 'Other backups are not affected. Verify them, and make a new one.';
const rebuildable =
  'Its archive carries a copy: move this file away, and Larder can rebuild it from there. Other backups are not affected.';

export function naming(error: unknown, path: string): LarderError {
  if (!(error instanceof LarderError)) return toLarderError(error, path);
  if (error.details?.['path'] !== undefined || (error.code !== 'CORRUPT' && error.code !== 'UNSUPPORTED')) return error;
  const message = `${displayName(path)} cannot be read as a backup: ${error.message.replace(/\.$/, '')}.`;
  return new LarderError(error.code, message, {
    hint:
      error.hint ?? (error.code === 'CORRUPT' && manifestStem(basename(path)) !== undefined ? rebuildable : noOther),
    details: { ...error.details, path },
    cause: error,
  });
}

function sidecarFormat(fs: FileSystem, fd: number): ArchiveFormat {
  const magic = readAt(fs, fd, 0, 4);
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gz';
  if (magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd) return 'zst';
  throw corruptLine('it is neither zstd nor gzip');
}

export interface Opened {
  readonly format: ArchiveFormat;
  readonly footer: Footer;
  readonly size: number;
}

export function openText(fs: FileSystem, fd: number, format: ArchiveFormat | undefined): Opened {
  const known = format ?? sidecarFormat(fs, fd);
  const size = Number(fs.fstat(fd).size);
  return { format: known, footer: readFooter(fs, fd, size, known), size };
}

/** The text of one manifest frame: whole lines. */
export interface Section {
  readonly bytes: Uint8Array;
  /** Without what ends them. Decoded a stretch at a time; throws `CORRUPT` where the text is not UTF-8. */
  readonly lines: Iterable<string>;
  /** Gives the memory of `bytes` back, once neither they nor further lines are needed. */
  done(): void;
}

/** Bytes of text decoded at a time: as one string, megabytes of it would stay until the whole heap is collected. */
const stretchBytes = 64 * 1024;

/** One manifest frame. The last of an archive may carry padding after its lines. */
export function readSection(fs: FileSystem, fd: number, { footer, format }: Opened, index: number): Section {
  const frame = footer.frames[index];
  if (frame === undefined) throw corruptLine('its footer names too few frames');
  const plain = decodeFrame(fs, fd, frame, format);
  const before = footer.frames.slice(0, index).reduce((sum, { plainLength }) => sum + plainLength, 0);
  const from = index === 0 ? footer.lead : 0;
  const to = Math.min(plain.length, footer.lead + footer.textLength - before);
  const bytes = plain.subarray(from, Math.max(from, to));
  if (bytes.length > 0 && bytes[bytes.length - 1] !== 0x0a) throw corruptLine('a frame of it ends inside a line');
  return { bytes, lines: { [Symbol.iterator]: () => linesOf(bytes) }, done: () => release(plain) };
}

function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let from = 0; from < buffer.length;) {
    // The line that reaches beyond the stretch is part of it.
    const to = buffer.indexOf(0x0a, Math.min(from + stretchBytes, buffer.length) - 1) + 1;
    let text: string;
    try {
      text = decoder.decode(buffer.subarray(from, to));
    } catch {
      throw corruptLine('it is not UTF-8');
    }
    from = to;
    const lines = text.split('\n');
    lines.pop();
    yield* lines;
  }
}

export function parseHead(lines: Iterable<string>): {
  header: ManifestHeader;
  counts: ManifestCounts;
  archives: ArchiveRef[];
} {
  const [first, second, ...rest] = lines;
  if (first === undefined || second === undefined) throw corruptLine('its header is missing');
  const header = parseHeader(first);
  const counts = parseCounts(second);
  if (rest.length !== counts.archives) throw corruptLine('it does not list the archives it counts');
  const archives = rest.map(parseArchive);
  if (header.version === 1 ? counts.reused !== undefined : (counts.reused ?? Infinity) > counts.bytes) {
    throw corruptLine('its counts are not those of its version');
  }
  if (new Set(archives.map(({ file }) => file)).size !== archives.length)
    throw corruptLine('it lists an archive twice');
  return { header, counts, archives };
}
