import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { join } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { Mark } from './archive-out.ts';
import { makeFrame, release } from './codec.ts';
import type { StoredFrame } from './codec.ts';
import type { CollectorMark } from './collector.ts';
import { cutStretches, locate } from './delta.ts';
import { fileLineOf, tarEntryOf } from './group-task.ts';
import type { FileItem, FileStats } from './group-task.ts';
import { maxReads, pieceBytes } from './limits.ts';
import { encodeFile, encodePieces } from './lines.ts';
import { pieceMemory, pieceTask } from './piece-task.ts';
import type { PieceOutput } from './piece-task.ts';
import { changedWhileReading, identityOf, noLongerAFile, skipReason } from './read-file.ts';
import type { FileIdentity } from './read-file.ts';
import { leftOutEntry, paddedLength, pieceEntry, tarHeader } from './tar-header.ts';
import type { HeldStretch, Piece } from './types.ts';

import { quiet } from './unit.ts';
import type { Unit, UnitContext } from './unit.ts';

/** A piece, and the memory its content lies in. */
interface ReadPiece {
  readonly output: PieceOutput;
  readonly memory: SharedArrayBuffer;
}

interface Attempt {
  /** Of the file itself. */
  readonly stats: FileStats;
  /** Of what is read: the file, or the snapshot that stands for it. */
  readonly identity: FileIdentity;
  readonly size: number;
  readonly count: number;
  readonly hash: Hash;
  readonly lenient: boolean;
  /** Set once something of it was taken. */
  begun?: Begun;
  started: number;
  taken: number;
  changed: boolean;
}

/**
 * How it is written. `whole`: a tar entry of its own path with all its pieces. `parts`: older archives hold some of it;
 * what is new stands in entries that nobody takes for the file.
 */
interface Begun {
  readonly mark: Mark;
  readonly collected: CollectorMark;
  readonly whole: boolean;
  readonly pieces: Piece[];
}

/** Pieces looked at before it is decided how a file is written. */
const firstPieces = 4;
/** An older content in more parts than this is not compared with: parts of parts would make reading it back slow. */
const maxOldParts = 64;

/** A large file, cut in pieces. The pieces are compressed side by side, its digest goes over them in order. */
export class FileUnit implements Unit {
  private readonly context: UnitContext;
  private readonly item: FileItem;
  private readonly results: Promise<ReadPiece>[] = [];
  private attempts = 0;
  /** An attempt is in the tar that could not be taken back. */
  private abandoned = false;
  private attempt: Attempt | { readonly leftOut: string };

  constructor(context: UnitContext, item: FileItem) {
    this.context = context;
    this.item = item;
    const { linked } = context.collector;
    if (item.key !== undefined && !linked.has(item.key)) linked.set(item.key, { pending: this });
    this.attempt = this.begin();
  }

  get ahead(): number {
    return this.results.length;
  }

  private get source(): string {
    return this.item.snapshot?.path ?? join(this.context.root, this.item.path);
  }

  private begin(): Attempt | { leftOut: string } {
    this.attempts += 1;
    let stats: BigIntStats;
    try {
      stats = this.context.fs.lstat(this.source);
    } catch (error) {
      return { leftOut: skipReason(error) };
    }
    if (!stats.isFile()) return { leftOut: noLongerAFile };
    const size = Number(stats.size);
    return {
      stats: this.item.snapshot?.stats ?? stats,
      identity: identityOf(stats),
      size,
      count: Math.ceil(size / pieceBytes),
      hash: createHash('sha256'),
      lenient: this.attempts === maxReads || this.abandoned,
      started: 0,
      taken: 0,
      changed: false,
    };
  }

  startNext(): boolean {
    const { attempt } = this;
    if ('leftOut' in attempt || attempt.started === attempt.count) return false;
    const whole = attempt.begun?.whole ?? false;
    this.results.push(quiet(this.start(attempt, attempt.started, !whole)));
    attempt.started += 1;
    return true;
  }

  private async start(attempt: Attempt, piece: number, compare: boolean): Promise<ReadPiece> {
    const { context } = this;
    const offset = piece * pieceBytes;
    const memory = context.spare.pop() ?? pieceMemory();
    const input = {
      file: this.source,
      format: context.format,
      offset,
      length: lengthOf(attempt, piece),
      identity: attempt.identity,
      lenient: attempt.lenient,
      memory,
      ...(context.held !== undefined && compare
        ? { earlier: { held: context.held, old: this.oldOf(offset, lengthOf(attempt, piece)) } }
        : {}),
    };
    return { memory, output: await context.run(pieceTask, input) };
  }

  private oldOf(offset: number, length: number): HeldStretch[] {
    const old = cutStretches(this.item.old ?? [], offset, length);
    return old.length > maxOldParts ? [] : old;
  }

  async takeNext(): Promise<boolean> {
    const { attempt } = this;
    if ('leftOut' in attempt) return this.leaveOut(attempt.leftOut);
    const begun = (attempt.begun ??= await this.decide(attempt));
    if (attempt.taken === attempt.count) return this.finish(attempt, begun);
    if (this.results.length === 0) this.startNext();
    let read = await this.results.shift();
    if (begun.whole && (read?.output.t === 'held' || read?.output.t === 'partly-held')) {
      // It was started before that was decided.
      this.context.spare.push(read.memory);
      read = await this.start(attempt, attempt.taken, false);
    }
    if (read === undefined) throw new LarderError('INTERNAL', `${this.item.path} has fewer pieces than it should.`);
    const { output, memory } = read;
    if (output.t !== 'changed' && output.t !== 'left-out') {
      this.take(attempt, begun, output, memory);
      return attempt.taken === attempt.count ? this.finish(attempt, begun) : false;
    }
    const unused = await Promise.all(this.results.splice(0));
    this.context.spare.push(memory, ...unused.map((other) => other.memory));
    await this.takeBack(attempt, begun);
    if (output.t === 'left-out') return this.leaveOut(output.reason);
    this.attempt = this.begin();
    return false;
  }

  /**
   * As if the attempt had not been. Where that cannot be, because what is encrypted is never encrypted again with other
   * content, its entry is filled up and stays in the tar, where the entry of the next attempt follows and wins. No such
   * file is tried more than once more: it takes its size in the archive each time.
   */
  private async takeBack(attempt: Attempt, { mark, collected, whole }: Begun): Promise<void> {
    const { out, collector, format } = this.context;
    if (await out.rollback(mark)) {
      collector.rollback(collected);
      return;
    }
    collector.reusedBytes = collected.reusedBytes;
    this.abandoned = true;
    if (!whole) return;
    let zeros: StoredFrame | undefined;
    for (let piece = attempt.taken; piece < attempt.count; piece++) {
      const length = paddedLength(lengthOf(attempt, piece));
      if (zeros?.plainLength !== length) zeros = makeFrame(new Uint8Array(length), format);
      collector.addFrame({ ...zeros, stored: new Uint8Array(zeros.stored) });
      await out.room();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Looks at the first pieces: a file of which older archives hold nothing there is written whole. */
  private async decide(attempt: Attempt): Promise<Begun> {
    const { out, collector, held, format } = this.context;
    let whole = true;
    if (held !== undefined) {
      while (this.results.length < firstPieces && this.startNext());
      const first = await Promise.all(this.results.slice(0, firstPieces));
      const isNew = ({ output }: ReadPiece): boolean =>
        output.t === 'read'
          ? !collector.pieces.has(output.frame.sha256)
          : output.t !== 'held' && output.t !== 'partly-held';
      whole = first.every(isNew);
    }
    const begun = { mark: out.mark(), collected: collector.mark(), whole, pieces: [] };
    if (whole)
      collector.addFrame(makeFrame(tarHeader(tarEntryOf(this.item.path, attempt.stats, attempt.size)), format));
    return begun;
  }

  private take(attempt: Attempt, begun: Begun, output: TakenPiece, memory: SharedArrayBuffer): void {
    const { collector, spare } = this.context;
    const length = lengthOf(attempt, attempt.taken);
    if (output.t === 'read') {
      const frame = begun.whole ? collector.addFrame(output.frame) : this.addPart(output.frame, length);
      if (begun.whole) collector.pieces.set(output.frame.sha256, frame);
      begun.pieces.push({ frame, offset: 0, length });
    } else if (output.t === 'held') {
      begun.pieces.push({ frame: collector.olderFrame(output.held.frame), offset: output.held.offset, length });
      collector.reusedBytes += length;
    } else {
      const fresh = output.frame === undefined ? undefined : this.addPart(output.frame, output.fresh);
      const old = this.oldOf(attempt.taken * pieceBytes, length);
      for (const part of locate(output.stretches, old, 0)) {
        const frame = part.older === undefined ? fresh : collector.olderFrame(part.older);
        if (frame === undefined) throw new LarderError('INTERNAL', `A part of ${this.item.path} was lost.`);
        begun.pieces.push({ frame, offset: part.offset, length: part.length });
      }
      collector.reusedBytes += length - output.fresh;
    }
    attempt.hash.update(new Uint8Array(memory, 0, length));
    spare.push(memory);
    attempt.changed ||= output.changed;
    attempt.taken += 1;
    collector.progress('reading', attempt.taken * pieceBytes - pieceBytes + length, this.item.path);
  }

  /** Writes what is only a part of the file as an entry named by its digest, once; gives its frame. */
  private addPart(frame: StoredFrame, size: number): number {
    const { collector, format } = this.context;
    const known = collector.pieces.get(frame.sha256);
    if (known !== undefined) {
      release(frame.stored);
      return known;
    }
    collector.addFrame(makeFrame(tarHeader(pieceEntry(frame.sha256, size)), format));
    const number = collector.addFrame(frame);
    collector.pieces.set(frame.sha256, number);
    return number;
  }

  private finish(attempt: Attempt, { whole, pieces }: Begun): true {
    const { collector } = this.context;
    const { stats, size } = attempt;
    const { path, key } = this.item;
    const digest = attempt.hash.digest('hex');
    const text = encodePieces(pieces);
    collector.text.add(`${encodeFile({ ...fileLineOf(path, stats), size, sha256: digest }, text)}\n`);
    collector.files += 1;
    collector.bytes += size;
    if (attempt.changed) collector.skip({ path, reason: changedWhileReading });
    if (key !== undefined) {
      const same = key === `${stats.dev}:${stats.ino}`;
      if (same) collector.linked.set(key, { path, size, sha256: digest, pieces: text, inTar: whole });
      else collector.linked.delete(key);
    }
    collector.progress('reading', 0, path);
    return true;
  }

  private leaveOut(reason: string): true {
    const { path, key } = this.item;
    const { collector, format } = this.context;
    if (key !== undefined) collector.linked.delete(key);
    if (this.abandoned) collector.addFrame(makeFrame(tarHeader(leftOutEntry(path)), format));
    collector.skip({ path, reason });
    return true;
  }
}

type TakenPiece = Exclude<PieceOutput, { t: 'changed' | 'left-out' }>;

function lengthOf({ size }: Attempt, piece: number): number {
  return Math.min(pieceBytes, size - piece * pieceBytes);
}
