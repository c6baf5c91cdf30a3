import type { Skipped } from '../../shared/contract/index.ts';
import type { Pool } from '../pool/index.ts';
import type { ArchiveOut } from './archive-out.ts';
import { release } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import { thisFrame } from './group-task.ts';
import type { GroupOutput, LinkedContent } from './group-task.ts';
import { manifestFrameBytes } from './limits.ts';
import { textTask } from './text-task.ts';
import type { FrameRef, WriteProgress } from './types.ts';

/** What a backup has so far: frames written, manifest text, counts, what was left out. */
export class Collector {
  readonly frames: FrameRef[] = [];
  readonly skipped: Skipped[] = [];
  /** Content by `device:inode`; a unit of work while that is still to come. */
  readonly linked = new Map<string, LinkedContent | { readonly pending: object }>();
  readonly text: TextFrames;
  files = 0;
  dirs = 0;
  symlinks = 0;
  bytes = 0;
  private readonly out: ArchiveOut;
  private readonly onSkip: ((skipped: Skipped) => void) | undefined;
  private readonly onProgress: ((progress: WriteProgress) => void) | undefined;

  constructor(
    out: ArchiveOut,
    text: TextFrames,
    onSkip: ((skipped: Skipped) => void) | undefined,
    onProgress: ((progress: WriteProgress) => void) | undefined,
  ) {
    this.out = out;
    this.text = text;
    this.onSkip = onSkip;
    this.onProgress = onProgress;
  }

  /** Writes a frame and gives its number. */
  addFrame({ stored, plainLength, sha256 }: StoredFrame): number {
    const { offset } = this.out;
    this.out.write(stored, sha256);
    this.frames.push({ archive: 0, offset, storedLength: stored.length, plainLength, sha256 });
    release(stored);
    return this.frames.length - 1;
  }

  addGroup(output: GroupOutput): void {
    const number = String(output.frame === undefined ? '' : this.addFrame(output.frame));
    this.text.add(output.lines.replaceAll(thisFrame, number));
    this.files += output.files;
    this.dirs += output.dirs;
    this.symlinks += output.symlinks;
    this.bytes += output.bytes;
    for (const skipped of output.skipped) this.skip(skipped);
    for (const [key, content] of output.linked) {
      this.linked.set(key, { ...content, pieces: content.pieces.replaceAll(thisFrame, number) });
    }
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
    if (this.length >= manifestFrameBytes) this.flush();
  }

  private flush(): void {
    if (this.length === 0) return;
    const bytes = Buffer.from(this.gathered.join(''), 'utf8');
    this.gathered = [];
    this.length = 0;
    const frame = this.pool.run(textTask, { bytes, format: this.format });
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
