import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { join } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import type { ArchiveOut, Mark } from './archive-out.ts';
import { makeFrame } from './codec.ts';
import type { Collector } from './collector.ts';
import { fileLineOf, groupTask, tarEntryOf } from './group-task.ts';
import type { GroupItem, GroupOutput } from './group-task.ts';
import { maxReads, pieceBytes } from './limits.ts';
import { encodeFile, encodePieces } from './lines.ts';
import { pieceTask } from './piece-task.ts';
import type { PieceOutput } from './piece-task.ts';
import { changedWhileReading, identityOf, noLongerAFile, skipReason } from './read-file.ts';
import { tarHeader } from './tar-header.ts';

/** Units of work of a backup. Their tasks run ahead in the pool; their results are taken in order. */

export interface UnitContext {
  readonly fs: FileSystem;
  readonly root: string;
  readonly format: ArchiveFormat;
  readonly out: ArchiveOut;
  readonly collector: Collector;
  /** Memory of pieces that were dealt with, to be used again. */
  readonly spare: ArrayBuffer[];
  run<I, O>(task: Task<I, O>, input: I, transfer?: readonly ArrayBuffer[]): Promise<O>;
}

export interface Unit {
  /** Results started and not taken yet. */
  readonly ahead: number;
  /** Starts one more task, if there is one to start. */
  startNext(): boolean;
  /** Takes the next result. True when the unit is done. */
  takeNext(): Promise<boolean>;
}

/** What a rejected promise does when nobody looks at it: nothing. The run fails through the one that is looked at. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Small entries that make one frame; several only when files have grown since they were listed. */
export class GroupUnit implements Unit {
  private readonly context: UnitContext;
  private readonly items: readonly GroupItem[];
  private result: Promise<GroupOutput> | undefined;

  constructor(context: UnitContext, items: readonly GroupItem[]) {
    this.context = context;
    this.items = items;
    for (const item of items) {
      if (item.t !== 'file' || item.key === undefined || context.collector.linked.has(item.key)) continue;
      context.collector.linked.set(item.key, { pending: this });
    }
  }

  get ahead(): number {
    return this.result === undefined ? 0 : 1;
  }

  /** Whether all content that its hard links lead to is settled, or will be by this unit itself. */
  ready(): boolean {
    const { linked } = this.context.collector;
    return this.items.every((item) => {
      if (item.t !== 'file' || item.key === undefined) return true;
      const content = linked.get(item.key);
      return content === undefined || !('pending' in content) || content.pending === this;
    });
  }

  startNext(): boolean {
    if (this.result !== undefined) return false;
    this.result = this.start(this.items);
    return true;
  }

  private start(items: readonly GroupItem[]): Promise<GroupOutput> {
    const { root, format, collector } = this.context;
    const known = items.map((item) => {
      if (item.t !== 'file' || item.key === undefined) return item;
      const content = collector.linked.get(item.key);
      // The first name was left out after all: this is the first now.
      if (content === undefined) collector.linked.set(item.key, { pending: this });
      return content === undefined || 'pending' in content ? item : { ...item, known: content };
    });
    return quiet(this.context.run(groupTask, { root, format, items: known }));
  }

  async takeNext(): Promise<boolean> {
    const { collector } = this.context;
    let rest = this.items;
    let output = await (this.result ?? this.start(rest));
    for (;;) {
      collector.addGroup(output);
      const next = rest[output.taken];
      if (next === undefined) break;
      if (output.outgrown && next.t === 'file') {
        const file = new FileUnit(this.context, next.path, next.key);
        do file.startNext();
        while (!(await file.takeNext()));
        rest = rest.slice(output.taken + 1);
      } else if (output.taken > 0) rest = rest.slice(output.taken);
      else throw new LarderError('INTERNAL', `${next.path} does not fit a frame.`);
      output = await this.start(rest);
    }
    this.forget();
    collector.progress('reading', 0, this.items.at(-1)?.path);
    return true;
  }

  /** Links whose first name was left out here are free to be stored under their next name. */
  private forget(): void {
    const { linked } = this.context.collector;
    for (const item of this.items) {
      if (item.t !== 'file' || item.key === undefined) continue;
      const content = linked.get(item.key);
      if (content !== undefined && 'pending' in content && content.pending === this) linked.delete(item.key);
    }
  }
}

interface Attempt {
  readonly stats: BigIntStats;
  readonly size: number;
  readonly pieces: number;
  readonly hash: Hash;
  readonly lenient: boolean;
  /** Set once its first byte is written. */
  begun?: { readonly mark: Mark; readonly frames: number; readonly firstPiece: number };
  started: number;
  taken: number;
  changed: boolean;
}

/** A large file, cut in pieces. The pieces are compressed side by side, its digest goes over them in order. */
export class FileUnit implements Unit {
  private readonly context: UnitContext;
  private readonly path: string;
  private readonly key: string | undefined;
  private readonly results: Promise<PieceOutput>[] = [];
  private attempts = 0;
  private attempt: Attempt | { readonly leftOut: string };

  constructor(context: UnitContext, path: string, key: string | undefined) {
    this.context = context;
    this.path = path;
    this.key = key;
    const { linked } = context.collector;
    if (key !== undefined && !linked.has(key)) linked.set(key, { pending: this });
    this.attempt = this.begin();
  }

  get ahead(): number {
    return this.results.length;
  }

  private get absolute(): string {
    return join(this.context.root, this.path);
  }

  private begin(): Attempt | { leftOut: string } {
    this.attempts += 1;
    let stats: BigIntStats;
    try {
      stats = this.context.fs.lstat(this.absolute);
    } catch (error) {
      return { leftOut: skipReason(error) };
    }
    if (!stats.isFile()) return { leftOut: noLongerAFile };
    const size = Number(stats.size);
    return {
      stats,
      size,
      pieces: Math.ceil(size / pieceBytes),
      hash: createHash('sha256'),
      lenient: this.attempts === maxReads,
      started: 0,
      taken: 0,
      changed: false,
    };
  }

  startNext(): boolean {
    const { attempt, context } = this;
    if ('leftOut' in attempt || attempt.started === attempt.pieces) return false;
    const offset = attempt.started * pieceBytes;
    const buffer = context.spare.pop();
    const input = {
      file: this.absolute,
      format: context.format,
      offset,
      length: Math.min(pieceBytes, attempt.size - offset),
      identity: identityOf(attempt.stats),
      lenient: attempt.lenient,
      ...(buffer === undefined ? {} : { buffer }),
    };
    this.results.push(quiet(context.run(pieceTask, input, buffer === undefined ? [] : [buffer])));
    attempt.started += 1;
    return true;
  }

  async takeNext(): Promise<boolean> {
    const { attempt, context } = this;
    const { collector, spare } = context;
    if ('leftOut' in attempt) return this.leaveOut(attempt.leftOut);
    const begun = (attempt.begun ??= this.writeHead(attempt));
    if (attempt.taken === attempt.pieces) return this.finish(attempt, begun.firstPiece);
    if (this.results.length === 0) this.startNext();
    const output = await this.results.shift();
    if (output === undefined) throw new LarderError('INTERNAL', `${this.path} has fewer pieces than it should.`);
    if (output.t === 'read') {
      collector.addFrame(output.frame);
      const length = Math.min(pieceBytes, attempt.size - attempt.taken * pieceBytes);
      attempt.hash.update(new Uint8Array(output.buffer, 0, length));
      if (spare.length < 6) spare.push(output.buffer);
      attempt.changed ||= output.changed;
      attempt.taken += 1;
      collector.progress('reading', attempt.taken * pieceBytes - pieceBytes + length, this.path);
      return attempt.taken === attempt.pieces ? this.finish(attempt, begun.firstPiece) : false;
    }
    await Promise.all(this.results.splice(0));
    context.out.rollback(begun.mark);
    collector.frames.length = begun.frames;
    if (output.t === 'left-out') return this.leaveOut(output.reason);
    this.attempt = this.begin();
    return false;
  }

  private writeHead(attempt: Attempt): NonNullable<Attempt['begun']> {
    const { out, collector, format } = this.context;
    const mark = out.mark();
    const frames = collector.frames.length;
    const plain = tarHeader(tarEntryOf(this.path, attempt.stats, attempt.size));
    collector.addFrame(makeFrame(plain, format));
    return { mark, frames, firstPiece: collector.frames.length };
  }

  private finish(attempt: Attempt, firstPiece: number): true {
    const { collector } = this.context;
    const { stats, size, pieces } = attempt;
    const digest = attempt.hash.digest('hex');
    const text = encodePieces(
      Array.from({ length: pieces }, (_, index) => ({
        frame: firstPiece + index,
        offset: 0,
        length: Math.min(pieceBytes, size - index * pieceBytes),
      })),
    );
    collector.text.add(`${encodeFile({ ...fileLineOf(this.path, stats), size, sha256: digest }, text)}\n`);
    collector.files += 1;
    collector.bytes += size;
    if (attempt.changed) collector.skip({ path: this.path, reason: changedWhileReading });
    if (this.key !== undefined) {
      const same = this.key === `${stats.dev}:${stats.ino}`;
      if (same) collector.linked.set(this.key, { path: this.path, size, sha256: digest, pieces: text });
      else collector.linked.delete(this.key);
    }
    collector.progress('reading', 0, this.path);
    return true;
  }

  private leaveOut(reason: string): true {
    if (this.key !== undefined) this.context.collector.linked.delete(this.key);
    this.context.collector.skip({ path: this.path, reason });
    return true;
  }
}
