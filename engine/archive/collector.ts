import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped } from '../../shared/contract/index.ts';
import type { Pool } from '../pool/index.ts';
import type { ArchiveOut } from './archive-out.ts';
import { detached, release } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { olderFrame, thisFrame } from './group-task.ts';
import type { GroupOutput, LinkedContent } from './group-task.ts';
import { manifestFrameBytes } from './limits.ts';
import { textTask } from './text-task.ts';
import { encodeFile, encodeDirectory, encodePieces, encodeSymlink } from './lines.ts';
import type { ArchiveRef, BackupReader, FrameRef, ManifestEntry, Piece, WriteProgress } from './types.ts';

const olderFrames = new RegExp(`${olderFrame}(\\d+)${olderFrame}`, 'g');

/** An entry as the older backup has it, that goes into the new manifest as it is. */
export interface KeptEntry {
  readonly entry: ManifestEntry;
  /** `device:inode`, of a file with more than one name. */
  readonly key?: string | undefined;
}

/** A point to come back to. */
export interface CollectorMark {
  readonly frames: number;
  readonly reusedBytes: number;
}

/** What a backup has so far: frames written, manifest text, counts, what was left out. */
export class Collector {
  frames: FrameRef[] = [];
  readonly skipped: Skipped[] = [];
  /** Content by `device:inode`; a unit of work while that is still to come. */
  readonly linked = new Map<string, LinkedContent | { readonly pending: object }>();
  readonly text: TextFrames;
  files = 0;
  dirs = 0;
  symlinks = 0;
  bytes = 0;
  /** Bytes of content that lie in older archives. */
  reusedBytes = 0;
  /** Older archives drawn on. In a frame 0 is the archive being written, 1 the first of these. */
  archives: ArchiveRef[] = [];
  /** Frames of pieces in this archive by the digest of their plain bytes. */
  readonly pieces = new Map<string, number>();
  private readonly archiveNumbers = new Map<number, number>();
  /** Numbers of frames by their number in the older backup. */
  private readonly frameNumbers = new Map<number, number>();
  private readonly parent: BackupReader | undefined;
  private readonly out: ArchiveOut;
  private readonly onSkip: ((skipped: Skipped) => void) | undefined;
  private readonly onProgress: ((progress: WriteProgress) => void) | undefined;

  constructor(
    out: ArchiveOut,
    text: TextFrames,
    parent: BackupReader | undefined,
    onSkip: ((skipped: Skipped) => void) | undefined,
    onProgress: ((progress: WriteProgress) => void) | undefined,
  ) {
    this.out = out;
    this.text = text;
    this.parent = parent;
    this.onSkip = onSkip;
    this.onProgress = onProgress;
  }

  /** Writes a frame and gives its number. */
  addFrame({ stored, plainLength, sha256, plainDigest }: StoredFrame): number {
    const { offset } = this.out;
    this.out.write(stored, sha256);
    const frame = { archive: 0, offset, storedLength: stored.length, plainLength, sha256 };
    this.frames.push(plainDigest === undefined ? frame : { ...frame, plainDigest });
    release(stored);
    return this.frames.length - 1;
  }

  /** The number here of a frame of the older backup. */
  olderFrame(number: number): number {
    const known = this.frameNumbers.get(number);
    if (known !== undefined) return known;
    const frame = this.parent?.frames[number];
    if (frame === undefined) throw new LarderError('INTERNAL', `The older backup has no frame ${number}.`);
    this.frames.push({ ...frame, archive: this.olderArchive(frame.archive) });
    this.frameNumbers.set(number, this.frames.length - 1);
    return this.frames.length - 1;
  }

  private olderArchive(number: number): number {
    const known = this.archiveNumbers.get(number);
    if (known !== undefined) return known;
    const archive = this.parent?.archives[number];
    if (archive === undefined) throw new LarderError('INTERNAL', `The older backup has no archive ${number}.`);
    this.archives.push(archive);
    this.archiveNumbers.set(number, this.archives.length);
    return this.archives.length;
  }

  mark(): CollectorMark {
    return { frames: this.frames.length, reusedBytes: this.reusedBytes };
  }

  /** Takes back the frames since. Archives stay listed. */
  rollback({ frames, reusedBytes }: CollectorMark): void {
    this.frames.length = frames;
    this.reusedBytes = reusedBytes;
    for (const map of [this.frameNumbers, this.pieces]) {
      for (const [key, number] of map as Map<unknown, number>) if (number >= frames) map.delete(key as never);
    }
  }

  /** Drops older archives that nothing leads to after all, once the last frame was added. */
  forgetUnused(): void {
    const used = [...new Set(this.frames.map(({ archive }) => archive))]
      .filter((archive) => archive > 0)
      .sort((a, b) => a - b);
    if (used.length === this.archives.length) return;
    const numbers = new Map(used.map((archive, index) => [archive, index + 1]));
    this.archives = this.archives.filter((_, index) => numbers.has(index + 1));
    this.frames = this.frames.map((frame) => ({ ...frame, archive: numbers.get(frame.archive) ?? 0 }));
  }

  /** `kept` entries stand before the item of that number; the one after the last item stands at the end. */
  addGroup(output: GroupOutput, kept: readonly (readonly [before: number, entries: readonly KeptEntry[]])[]): void {
    const number = String(output.frame === undefined ? '' : this.addFrame(output.frame));
    const settle = (text: string): string =>
      text.replaceAll(thisFrame, number).replaceAll(olderFrames, (_, older) => String(this.olderFrame(Number(older))));
    for (const [key, content] of output.linked) {
      this.linked.set(key, { ...content, pieces: settle(content.pieces) });
    }
    let at = 0;
    for (const [before, entries] of kept) {
      const end = before === 0 ? 0 : (output.ends[before - 1] ?? output.lines.length);
      this.text.add(settle(output.lines.slice(at, end)));
      at = end;
      for (const entry of entries) this.keep(entry);
    }
    this.text.add(settle(output.lines.slice(at)));
    this.files += output.files;
    this.dirs += output.dirs;
    this.symlinks += output.symlinks;
    this.bytes += output.bytes;
    this.reusedBytes += output.reused;
    for (const skipped of output.skipped) this.skip(skipped);
  }

  /** Takes over an entry of the older backup. */
  keep({ entry, key }: KeptEntry): void {
    if (entry.type === 'dir') {
      this.text.add(`${encodeDirectory(entry)}\n`);
      this.dirs += 1;
      return;
    }
    if (entry.type === 'symlink') {
      this.text.add(`${encodeSymlink(entry)}\n`);
      this.symlinks += 1;
      return;
    }
    const { linkTo: _, ...file } = entry;
    const pieces = encodePieces(
      entry.pieces.map((piece): Piece => ({ ...piece, frame: this.olderFrame(piece.frame) })),
    );
    const first = key === undefined ? undefined : this.linked.get(key);
    const linkTo =
      first !== undefined && !('pending' in first) && first.sha256 === file.sha256 ? first.path : undefined;
    if (key !== undefined && linkTo === undefined) {
      this.linked.set(key, { path: file.path, size: file.size, sha256: file.sha256, pieces, inTar: false });
    }
    this.text.add(`${encodeFile(linkTo === undefined ? file : { ...file, linkTo }, pieces)}\n`);
    this.files += 1;
    this.bytes += file.size;
    this.reusedBytes += file.size;
  }

  skip(skipped: Skipped): void {
    this.skipped.push(skipped);
    this.onSkip?.(skipped);
  }

  /** `inHand`: bytes written of the file that is being worked on. */
  progress(phase: WriteProgress['phase'], inHand = 0, current?: string): void {
    this.onProgress?.({
      phase,
      bytesDone: this.bytes + inHand,
      filesDone: this.files,
      ...(current === undefined ? {} : { current }),
    });
  }
}

/** Manifest text of any length, held as compressed frames of whole lines. */
export class TextFrames {
  private readonly pool: Pool;
  private readonly format: 'zst' | 'gz';
  private readonly done: Promise<StoredFrame>[] = [];
  private gathered: string[] = [];
  private length = 0;

  constructor(pool: Pool, format: 'zst' | 'gz') {
    this.pool = pool;
    this.format = format;
  }

  /** Adds whole lines. */
  add(lines: string): void {
    if (lines === '') return;
    this.gathered.push(lines);
    this.length += lines.length;
    if (this.length >= manifestFrameBytes(this.done.length)) this.flush();
  }

  private flush(): void {
    if (this.length === 0) return;
    const bytes = detached(Buffer.from(this.gathered.join(''), 'utf8'));
    this.gathered = [];
    this.length = 0;
    const frame = this.pool.run(textTask, { bytes, format: this.format }, { transfer: [bytes.buffer] });
    // Looked at in `finish`, or never when the backup fails before.
    frame.catch(() => undefined);
    this.done.push(frame);
  }

  finish(): Promise<StoredFrame[]> {
    this.flush();
    return Promise.all(this.done);
  }

  /** Waits until nothing of it runs any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.done);
  }
}
