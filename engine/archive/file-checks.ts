import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { release } from './codec.ts';
import { emptyDigest, stretchTask } from './check-task.ts';
import type { FrameCheck, FrameDamage, SliceCheck, StretchInput, StretchOutput } from './check-task.ts';
import { eachFile } from './each-file.ts';
import type { InOrder } from './in-order.ts';
import type { Problems } from './problems.ts';
import type { BackupReader, FileEntry, FrameRef } from './types.ts';

/** Files looked at together, so that those of one frame are checked with one decoding of it. */
const filesPerRound = 50_000;
/** Content one task gives back. */
const stretchBytes = 4 * 1024 * 1024;

export interface FileCheckParts {
  readonly reader: BackupReader;
  readonly problems: Problems;
  readonly jobs: InOrder;
  readonly absent: ReadonlySet<number>;
  wants(entry: FileEntry): boolean;
  /** A frame with the files that lie in one stretch of it. */
  onFrame(check: FrameCheck): Promise<void>;
  onDecoded(number: number): void;
  onDamage(damage: FrameDamage): void;
  /** A file is done that no frame was handed over for. */
  onFile(): void;
}

/** Every wanted file's digest. */
export class FileChecks {
  private readonly parts: FileCheckParts;
  private round: { readonly number: number; readonly slice: SliceCheck }[] = [];

  constructor(parts: FileCheckParts) {
    this.parts = parts;
  }

  async run(): Promise<void> {
    const { reader, wants } = this.parts;
    await eachFile(reader, (entry) => (wants(entry) ? this.check(entry) : undefined));
    await this.endRound();
  }

  private check(entry: FileEntry): Promise<void> | undefined {
    const { problems, onFile } = this.parts;
    const [piece, ...more] = entry.pieces;
    if (piece === undefined) {
      if (entry.sha256 !== emptyDigest) problems.wrongDigest(entry.path, 0);
      onFile();
      return undefined;
    }
    if (more.length > 0) return this.checkSpanning(entry);
    const { path, sha256 } = entry;
    this.round.push({ number: piece.frame, slice: { path, offset: piece.offset, length: piece.length, sha256 } });
    return this.round.length >= filesPerRound ? this.endRound() : undefined;
  }

  /** Files by frame, frames by their place on the disk. */
  private async endRound(): Promise<void> {
    const { reader, onFrame } = this.parts;
    const byFrame = new Map<number, SliceCheck[]>();
    for (const { number, slice } of this.round) {
      const slices = byFrame.get(number);
      if (slices === undefined) byFrame.set(number, [slice]);
      else slices.push(slice);
    }
    this.round = [];
    const checks = [...byFrame].flatMap(([number, slices]): FrameCheck[] => {
      const frame = reader.frames[number];
      return frame === undefined ? [] : [{ number, frame, slices }];
    });
    checks.sort((a, b) => a.frame.archive - b.frame.archive || a.frame.offset - b.frame.offset);
    for (const check of checks) await onFrame(check);
  }

  /** A file of several pieces: they are decoded side by side, its digest is taken in order. */
  private async checkSpanning(entry: FileEntry): Promise<void> {
    const { reader, absent, jobs } = this.parts;
    const pieces = entry.pieces.flatMap(({ frame: number, offset, length }) => {
      const frame = reader.frames[number];
      return frame === undefined ? [] : [{ number, frame, offset, length }];
    });
    // What is not there was told of; the rest is checked frame by frame.
    if (pieces.some(({ frame }) => absent.has(frame.archive))) return;
    const state = { hash: createHash('sha256'), whole: true };
    let stretch: StretchInput['pieces'][number][] = [];
    let bytes = 0;
    for (const [index, piece] of pieces.entries()) {
      stretch.push(piece);
      bytes += piece.length;
      const isLast = index === pieces.length - 1;
      if (bytes < stretchBytes && !isLast) continue;
      this.start(stretch, entry, state, isLast);
      stretch = [];
      bytes = 0;
      await jobs.drain(jobs.width);
    }
  }

  private start(
    pieces: StretchInput['pieces'],
    entry: FileEntry,
    state: { readonly hash: Hash; whole: boolean },
    isLast: boolean,
  ): void {
    const { problems, jobs, onDecoded, onDamage, onFile } = this.parts;
    const frames: FrameRef[] = pieces.map(({ frame }) => frame);
    jobs.start(stretchTask, { archives: problems.placesOf(frames), pieces }, (output: StretchOutput) => {
      for (const { number } of pieces) onDecoded(number);
      if ('bytes' in output) {
        state.hash.update(output.bytes);
        release(output.bytes);
      } else {
        for (const damage of output.damaged) onDamage(damage);
        state.whole = false;
      }
      if (!isLast) return;
      onFile();
      const archive = pieces[0]?.frame.archive ?? 0;
      if (state.whole && state.hash.digest('hex') !== entry.sha256) problems.wrongDigest(entry.path, archive);
    });
  }
}
