import { basename, dirname } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { formatBytes } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import { ArchiveOut, canCompressZstd, InOrder, makeFrame, release } from '../archive/index.ts';
import type { BackupReader, FrameRef, StoredFrame } from '../archive/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { cut } from './cut.ts';
import type { Unit } from './cut.ts';
import { frameTask } from './tasks.ts';
import type { FrameWork } from './tasks.ts';

export interface ExportOptions {
  readonly fs: FileSystem;
  readonly pool: Pool;
  readonly reader: BackupReader;
  /** Absolute; nothing may be there. Its ending says the format. */
  readonly file: string;
  /** Where it is written until it is whole: in the same folder, with a name of `temporaryName`. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { bytesDone: number; filesDone: number; current: string }) => void;
  /** Called right before the file is put in place; from then on a cancel has no effect. */
  readonly onCommit: () => void;
}

export interface Exported {
  /** Size of the file written. */
  readonly storedBytes: number;
}

const endings: readonly (readonly [ending: string, format: ArchiveFormat])[] = [
  ['.tar.zst', 'zst'],
  ['.tar.gz', 'gz'],
  ['.tgz', 'gz'],
  ['.tar', 'tar'],
];

/** The format that a file's ending asks for. Throws `INVALID_INPUT` for any other ending. */
export function exportFormat(file: string): ArchiveFormat {
  const format = endings.find(([ending]) => basename(file).length > ending.length && file.endsWith(ending))?.[1];
  if (format === undefined) {
    throw new LarderError('INVALID_INPUT', `${displayName(file)} does not end in .tar.zst, .tar.gz, .tgz or .tar.`, {
      hint: 'The ending says how the archive is compressed.',
    });
  }
  if (format === 'zst' && !canCompressZstd()) {
    throw new LarderError('UNSUPPORTED', 'This Larder runs on a Node that cannot compress zstd.', {
      hint: 'Choose .tar.gz instead.',
    });
  }
  return format;
}

/** Refuses a file that is there, and a folder that is not. */
export function assertFree(fs: FileSystem, file: string): void {
  const folder = dirname(file);
  try {
    if (!fs.stat(folder).isDirectory())
      throw new LarderError('INVALID_INPUT', `${displayName(folder)} is not a folder.`);
  } catch (error) {
    throw toLarderError(error, folder);
  }
  try {
    fs.lstat(file);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw toLarderError(error, file);
  }
  throw thereAlready(file);
}

function thereAlready(file: string): LarderError {
  return new LarderError('INVALID_INPUT', `${displayName(file)} is there already, and it is not overwritten.`, {
    hint: 'Choose another name.',
  });
}

/**
 * Writes everything of a backup into one plain tar archive that any tar opens: entries in path order, hard links as
 * links, equal content repeated. Frames are copied as they are where they can be. The file appears when it is whole and
 * durable; whatever fails before leaves nothing. Throws `CORRUPT` naming what is damaged, `NO_SPACE`, `CANCELLED`.
 */
export async function exportBackup(options: ExportOptions): Promise<Exported> {
  const { fs, pool, reader, file, signal, onProgress } = options;
  const format = exportFormat(file);
  assertFree(fs, file);
  checkSpace(fs, reader, format, dirname(file));
  const out = new ArchiveOut(fs, options.temporary);
  const stop = new AbortController();
  const done = { bytes: 0, files: 0 };
  try {
    const jobs = new InOrder(pool, AbortSignal.any([signal, stop.signal]));
    for (const unit of cut(reader, format)) {
      throwIfCancelled(signal);
      const work = workOf(unit);
      jobs.start(
        frameTask,
        { archives: placesOf(reader, work), format, work },
        (frame: StoredFrame) => {
          out.write(frame.stored, frame.sha256);
          release(frame.stored);
          done.bytes += unit.bytes;
          done.files += unit.files;
          onProgress({ bytesDone: done.bytes, filesDone: done.files, current: unit.path });
        },
        (error) => naming(error, unit),
      );
      await jobs.drain(jobs.width);
      await out.room();
    }
    await jobs.drain(0);
    // The two zero blocks that end a tar.
    const end = makeFrame(new Uint8Array(1_024), format);
    out.write(end.stored, end.sha256);
    const { size } = await out.finish();
    throwIfCancelled(signal);
    options.onCommit();
    putInPlace(fs, out.path, file);
    return { storedBytes: size };
  } catch (error) {
    stop.abort();
    await out.abandon();
    try {
      fs.unlink(out.path);
    } catch {
      // In its place already, or the same fault keeps it; what failed is the error to report.
    }
    throw toLarderError(error, file);
  }
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new LarderError('CANCELLED', 'Cancelled.');
}

function workOf(unit: Unit): FrameWork {
  if (unit.kind !== 'group') return unit;
  const items = unit.items.map(({ header, size, pieces }) => ({ headerLength: header.length, size, pieces }));
  const headers = Buffer.concat(unit.items.map(({ header }) => header));
  const { like } = unit;
  return { kind: 'group', headers: Uint8Array.from(headers), items, ...(like === undefined ? {} : { like }) };
}

function placesOf(reader: BackupReader, work: FrameWork) {
  const frames: FrameRef[] =
    work.kind === 'copy'
      ? [work.frame]
      : (work.kind === 'stretch' ? work.pieces : work.items.flatMap(({ pieces }) => pieces)).map(({ frame }) => frame);
  return new Map(
    frames.map(({ archive }) => {
      const format = reader.archives[archive]?.format ?? 'tar';
      return [archive, { path: reader.archivePaths[archive] ?? '', format }];
    }),
  );
}

function naming(error: unknown, { path, files }: Unit): unknown {
  if (!isLarderError(error, 'CORRUPT')) return error;
  const which = files > 1 ? `${displayName(path)} or one of the files after it` : displayName(path);
  return new LarderError('CORRUPT', `${which} cannot be exported. ${error.message}`, {
    hint: 'Verify the backup to see what is damaged. What is whole can still be restored.',
    details: { ...error.details },
    cause: error,
  });
}

/** Larger by this than what the frames take: headers, and content that is stored once and repeated in the export. */
function checkSpace(fs: FileSystem, reader: BackupReader, format: ArchiveFormat, folder: string): void {
  const { bavail, bsize, blocks } = fs.statfs(folder);
  const { bytes, files, dirs, symlinks } = reader.counts;
  const tarBytes = bytes + (files + dirs + symlinks) * 1_024;
  const plain = reader.frames.reduce((sum, { plainLength }) => sum + plainLength, 0);
  const stored = reader.frames.reduce((sum, { storedLength }) => sum + storedLength, 0);
  const share = format === 'tar' || plain === 0 ? 1 : Math.min(1, stored / plain);
  const expected = Math.ceil(tarBytes * share);
  // Some network and user-space file systems do not tell their size.
  if (bavail * bsize >= expected || blocks === 0) return;
  throw new LarderError(
    'NO_SPACE',
    `${displayName(folder)} has ${formatBytes(bavail * bsize)} free, and the archive will take about ${formatBytes(expected)}.`,
    { hint: 'Free some space there, or choose another folder.', details: { path: folder, expected } },
  );
}

/** Gives the file its name, unless that was taken meanwhile. */
function putInPlace(fs: FileSystem, temporary: string, file: string): void {
  try {
    // Unlike a rename, a link never replaces what is there.
    fs.link(temporary, file);
    fs.unlink(temporary);
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) throw thereAlready(file);
    // The file system has no hard links.
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK')) throw error;
    assertFree(fs, file);
    fs.rename(temporary, file);
  }
  fs.fsyncDirectory(dirname(file));
}
