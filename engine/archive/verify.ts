import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { VerifyProblem } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import { checkTask, embeddedTask, emptyDigest, plainTask } from './check-task.ts';
import type { CheckOutput, FrameCheck, FrameDamage, PlainOutput, SliceCheck } from './check-task.ts';
import { readFooter } from './footer.ts';
import type { BackupReader, FileEntry, ManifestEntry, VerifyOptions, VerifyResult } from './types.ts';

/** Stored bytes that one task checks. */
const batchBytes = 16 * 1024 * 1024;

/**
 * Checks a backup against its manifest. Quick: every archive is there and has its size, every frame's stored bytes have
 * their digest, footer and inner manifest are whole and say what the sidecar says. Deep: also every file, decompressed,
 * has its digest. Everything is checked even after the first problem, and damage is named by the paths it hits. Throws
 * only `CANCELLED` and defects.
 */
export function verifyBackup(options: VerifyOptions): Promise<VerifyResult> {
  return new Verification(options).run();
}

interface Job {
  /** Its result is dealt with in the order jobs were started. */
  readonly done: Promise<() => void>;
}

class Verification {
  private readonly options: VerifyOptions;
  private readonly reader: BackupReader;
  private readonly problems: VerifyProblem[] = [];
  private readonly damaged = new Map<number, FrameDamage>();
  /** Frames looked at, a bit each. */
  private readonly visited: Uint8Array;
  /** Archives that cannot be read at all. */
  private readonly absent = new Set<number>();
  private readonly jobs: Job[] = [];
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private batch: FrameCheck[] = [];
  private batchSize = 0;
  private bytesDone = 0;
  private filesDone = 0;
  private readonly bytesTotal: number;

  constructor(options: VerifyOptions) {
    this.options = options;
    this.reader = options.reader;
    this.visited = new Uint8Array(options.reader.frames.length);
    this.bytesTotal = options.reader.frames.reduce((sum, frame) => sum + frame.storedLength, 0);
    const { signal } = options;
    this.signal = signal === undefined ? this.stop.signal : AbortSignal.any([signal, this.stop.signal]);
  }

  async run(): Promise<VerifyResult> {
    const { signal } = this.options;
    // A task that runs is told to stop and not waited for, so that cancelling takes effect at once.
    let onAbort: (() => void) | undefined;
    const cancelled = new Promise<never>((_, reject) => {
      onAbort = () => reject(new LarderError('CANCELLED', 'Cancelled.'));
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    cancelled.catch(() => undefined);
    if (signal?.aborted === true) throw new LarderError('CANCELLED', 'Cancelled.');
    try {
      return await Promise.race([this.checkAll(), cancelled]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      this.stop.abort();
    }
  }

  private async checkAll(): Promise<VerifyResult> {
    this.reader.archives.forEach((_, index) => this.checkArchive(index));
    try {
      if (this.options.deep) await this.checkFiles();
      await this.checkRest();
      await this.drain(0);
      await this.checkInnerManifests();
      await this.nameDamage();
    } catch (error) {
      // The sidecar was whole when it was opened; it is not any more.
      if (!(error instanceof LarderError) || error.code !== 'CORRUPT') throw error;
      this.problems.push({ archive: this.reader.manifestPath, kind: 'manifest', message: error.message });
    }
    return {
      ok: this.problems.length === 0,
      checkedBytes: this.bytesDone,
      checkedFiles: this.options.deep ? this.filesDone : this.reader.counts.files,
      problems: this.problems,
    };
  }

  /** Presence, size and footer. */
  private checkArchive(index: number): void {
    const { fs } = this.options;
    const archive = this.archivePath(index);
    const size = this.reader.archives[index]?.size ?? null;
    const shown = displayName(archive);
    try {
      const actual = Number(fs.stat(archive).size);
      if (size !== null && actual !== size) {
        const kind = actual < size ? 'truncated' : 'structure';
        this.problems.push({ archive, kind, message: `${shown} has ${actual} bytes instead of ${size}.` });
      }
      const fd = fs.open(archive, 'r');
      try {
        readFooter(fs, fd, actual, this.reader.archives[index]?.format ?? 'tar');
      } finally {
        fs.close(fd);
      }
    } catch (error) {
      if (error instanceof LarderError) {
        this.problems.push({ archive, kind: 'structure', message: `${shown}: ${error.message}.` });
        return;
      }
      this.absent.add(index);
      const kind = isSystemError(error, 'ENOENT', 'ENOTDIR') ? 'missing' : 'unreadable';
      const { files } = this.reader.counts;
      const message = `${shown} ${reasonOf(error)}; ${files} files of this backup draw on it.`;
      this.problems.push({ archive, kind, message });
    }
  }

  private archivePath(index: number): string {
    return this.reader.archivePaths[index] ?? '';
  }

  private start<I, O>(task: Task<I, O>, input: I, take: (output: O) => void): void {
    const done = this.options.pool.run(task, input, { signal: this.signal }).then((output) => () => take(output));
    done.catch(() => undefined);
    this.jobs.push({ done });
  }

  /** Takes results until no more than `left` jobs are under way. */
  private async drain(left: number): Promise<void> {
    while (this.jobs.length > left) {
      const job = this.jobs.shift();
      const take = await job?.done;
      take?.();
      this.report();
    }
  }

  private report(): void {
    const { bytesDone, bytesTotal, filesDone } = this;
    this.options.onProgress?.({ bytesDone, bytesTotal, filesDone });
  }

  private get width(): number {
    return this.options.pool.size * 2;
  }

  private countFrame(number: number): void {
    if (this.visited[number] === 1) return;
    this.visited[number] = 1;
    this.bytesDone += this.reader.frames[number]?.storedLength ?? 0;
  }

  private async add(check: FrameCheck): Promise<void> {
    if (this.absent.has(check.frame.archive)) return;
    const [first] = this.batch;
    if (first !== undefined && first.frame.archive !== check.frame.archive) await this.flush();
    this.batch.push(check);
    this.batchSize += Math.max(check.frame.storedLength, check.slices.length > 0 ? check.frame.plainLength : 0);
    if (this.batchSize >= batchBytes) await this.flush();
  }

  private async flush(): Promise<void> {
    const { batch } = this;
    const [first] = batch;
    if (first === undefined) return;
    this.batch = [];
    this.batchSize = 0;
    const { archive } = first.frame;
    const format = this.reader.archives[archive]?.format ?? 'tar';
    this.start(checkTask, { archive: this.archivePath(archive), format, checks: batch }, (output: CheckOutput) => {
      for (const damage of output.damaged) this.damaged.set(damage.number, damage);
      for (const path of output.wrong) this.wrongDigest(path, archive);
      for (const { number, slices } of batch) {
        this.countFrame(number);
        this.filesDone += slices.length;
      }
    });
    await this.drain(this.width);
  }

  private wrongDigest(path: string, archive: number): void {
    const message = `${displayName(path)} is not what was backed up: its digest does not match.`;
    this.problems.push({ path, archive: this.archivePath(archive), kind: 'digest', message });
  }

  /** Every file, in the order of the manifest; files of one frame together. */
  private async checkFiles(): Promise<void> {
    let current: { number: number; slices: SliceCheck[] } | undefined;
    const close = async (): Promise<void> => {
      const frame = current === undefined ? undefined : this.reader.frames[current.number];
      if (current !== undefined && frame !== undefined) await this.add({ ...current, frame });
      current = undefined;
    };
    for (const entry of this.reader.entries()) {
      if (entry.type !== 'file') continue;
      const [piece, ...more] = entry.pieces;
      if (piece === undefined) {
        if (entry.sha256 !== emptyDigest) this.wrongDigest(entry.path, 0);
        this.filesDone += 1;
      } else if (more.length > 0) await this.checkSpanning(entry);
      else {
        if (current?.number !== piece.frame) await close();
        current ??= { number: piece.frame, slices: [] };
        current.slices.push({ path: entry.path, offset: piece.offset, length: piece.length, sha256: entry.sha256 });
      }
    }
    await close();
    await this.flush();
  }

  /** A file of several pieces: decoded side by side, its digest taken in order. */
  private async checkSpanning(entry: FileEntry): Promise<void> {
    const state: { hash: Hash; left: number; whole: boolean } = {
      hash: createHash('sha256'),
      left: entry.pieces.length,
      whole: true,
    };
    for (const { frame: number, offset, length } of entry.pieces) {
      const frame = this.reader.frames[number];
      const archive = frame?.archive ?? 0;
      if (frame === undefined || this.absent.has(archive)) {
        state.whole = false;
        state.left -= 1;
        continue;
      }
      const format = this.reader.archives[archive]?.format ?? 'tar';
      const input = { archive: this.archivePath(archive), format, number, frame, offset, length };
      this.start(plainTask, input, (output: PlainOutput) => {
        this.countFrame(number);
        if ('bytes' in output) state.hash.update(output.bytes);
        else {
          this.damaged.set(number, output.damage);
          state.whole = false;
        }
        state.left -= 1;
        if (state.left > 0) return;
        this.filesDone += 1;
        if (state.whole && state.hash.digest('hex') !== entry.sha256) this.wrongDigest(entry.path, archive);
      });
      await this.drain(this.width);
    }
  }

  /** The stored bytes of all frames that no file has led to. */
  private async checkRest(): Promise<void> {
    // Results under way still mark what they visited.
    await this.flush();
    await this.drain(0);
    for (const [number, frame] of this.reader.frames.entries()) {
      if (this.visited[number] !== 1) await this.add({ number, frame, slices: [] });
    }
    await this.flush();
  }

  private async checkInnerManifests(): Promise<void> {
    const { archives, manifestPath, header } = this.reader;
    const only = archives.length === 1;
    for (const [index, { format, file }] of archives.entries()) {
      if (this.absent.has(index)) continue;
      const archive = this.archivePath(index);
      const input = { archive, format, manifestPath, backupId: header.id, only };
      this.start(embeddedTask, input, (problem: string | undefined) => {
        if (problem === undefined) return;
        const known = this.problems.some((other) => other.archive === archive && other.kind === 'structure');
        if (!known) this.problems.push({ archive, kind: 'manifest', message: `${displayName(file)}: ${problem}` });
      });
    }
    await this.drain(0);
  }

  /** Turns damaged frames into the paths they hit. */
  private async nameDamage(): Promise<void> {
    if (this.damaged.size === 0) return;
    const unnamed = new Set(this.damaged.keys());
    let seen = 0;
    for (const entry of this.reader.entries()) {
      // Lets other work of this thread go first.
      if (++seen % 2_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      const damage = this.damageOn(entry);
      if (damage === undefined) continue;
      for (const number of damage.numbers) unnamed.delete(number);
      const { archive, kind, message } = damage;
      this.problems.push({ path: entry.path, archive, kind, message });
    }
    for (const number of unnamed) {
      const damage = this.damaged.get(number);
      if (damage === undefined) continue;
      const archive = this.archivePath(this.reader.frames[number]?.archive ?? 0);
      this.problems.push({ archive, kind: damage.kind, message: `${damage.message} It holds no file's content.` });
    }
  }

  private damageOn(entry: ManifestEntry) {
    if (entry.type !== 'file') return undefined;
    const numbers = entry.pieces.map((piece) => piece.frame).filter((number) => this.damaged.has(number));
    const damage = numbers[0] === undefined ? undefined : this.damaged.get(numbers[0]);
    if (damage === undefined) return undefined;
    const archive = this.archivePath(this.reader.frames[damage.number]?.archive ?? 0);
    return { numbers, archive, kind: damage.kind, message: `${displayName(entry.path)}: ${damage.message}` };
  }
}
