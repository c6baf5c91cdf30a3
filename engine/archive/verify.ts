import { LarderError } from '../../shared/contract/index.ts';
import type { VerifyProblem } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { keyed, plainSizeOf } from '../age/index.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { checkTask, embeddedTask } from './check-task.ts';
import type { CheckOutput, FrameCheck, FrameDamage } from './check-task.ts';
import { nameDamage, nameMissing } from './damage.ts';
import { FileChecks } from './file-checks.ts';
import { readFooter } from './footer.ts';
import { InOrder } from './in-order.ts';
import { Problems } from './problems.ts';
import { sampleWindow } from './sample.ts';
import type { SampleWindow } from './sample.ts';
import type { BackupReader, VerifyOptions, VerifyResult } from './types.ts';

/** Stored bytes that one task checks. */
const batchBytes = 16 * 1024 * 1024;

/**
 * Checks a backup against its manifest. Every archive it draws on is there, has its size, a whole footer and a whole
 * manifest at its end; its own says what the sidecar says. Then, by mode: `quick`, every frame has its digest; `written`,
 * those of its own archive have; `deep`, every file has its digest as well; `sample`, as deep, for a part that moves on
 * from sample to sample. Everything is checked even after the first problem, and damage is named by the paths it hits.
 * An older archive that no key here opens is looked at by `written` as far as its length tells. Throws only `CANCELLED`,
 * `PERMISSION` where the mode has to open one that no key opens, and defects.
 */
export function verifyBackup(options: VerifyOptions): Promise<VerifyResult> {
  return new Verification({ ...options, ...keyed(options, options.reader.keys) }, options.fs).run();
}

/** What keeps an archive from being opened here, where that is want of a key. */
function lockOf({ keys }: BackupReader, archive: string): LarderError | undefined {
  const key = keys?.[archive];
  return key === undefined || key instanceof Uint8Array || key.details?.['fix'] !== 'unlock'
    ? undefined
    : LarderError.fromData(key);
}

class Verification {
  private readonly options: VerifyOptions;
  /** As files lie there, encrypted ones too. */
  private readonly files: FileSystem;
  private readonly reader: BackupReader;
  private readonly problems: Problems;
  private readonly damaged = new Map<number, FrameDamage>();
  /** Frames looked at, a 1 each. */
  private readonly visited: Uint8Array;
  /** Archives that cannot be read at all. */
  private readonly absent = new Set<number>();
  private readonly stop = new AbortController();
  private readonly jobs: InOrder;
  private window: SampleWindow | undefined;
  private batch: FrameCheck[] = [];
  private batchSize = 0;
  private bytesDone = 0;
  private filesDone = 0;
  private bytesTotal = 0;

  constructor(options: VerifyOptions, files: FileSystem) {
    this.options = options;
    this.files = files;
    const { reader, signal, pool } = options;
    this.reader = reader;
    this.problems = new Problems(reader);
    this.visited = new Uint8Array(reader.frames.length);
    const either = signal === undefined ? this.stop.signal : AbortSignal.any([signal, this.stop.signal]);
    this.jobs = new InOrder(pool, either, () => this.report());
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
    const { reader, problems } = this;
    const { mode, sample } = this.options;
    const window = mode === 'sample' ? await sampleWindow(reader, sample?.percent ?? 100, sample?.after) : undefined;
    this.window = window;
    this.bytesTotal = reader.frames.reduce((sum, frame, at) => sum + (this.concerns(at) ? frame.storedLength : 0), 0);
    reader.archives.forEach((_, index) => this.checkArchive(index));
    const unpacks = mode === 'deep' || mode === 'sample';
    try {
      await nameMissing(reader, this.absent, problems);
      if (unpacks) await this.checkFiles();
      await this.checkRest();
      await this.jobs.drain(0);
      await this.checkInnerManifests();
      await nameDamage(reader, this.damaged, problems);
    } catch (error) {
      // The sidecar was whole when it was opened; it is not any more.
      if (!(error instanceof LarderError) || error.code !== 'CORRUPT') throw error;
      problems.add({ archive: reader.manifestPath, kind: 'manifest', message: error.message });
    }
    return {
      ok: problems.count === 0,
      checkedBytes: this.bytesDone,
      checkedFiles: unpacks ? this.filesDone : mode === 'quick' ? reader.counts.files : 0,
      problems: problems.list(),
      ...(window === undefined ? {} : { sampled: { next: window.next, covered: window.covered } }),
    };
  }

  /** Whether the mode looks at the frame at all. */
  private concerns(number: number): boolean {
    if (this.window !== undefined) return this.window.frames[number] === 1;
    return this.options.mode !== 'written' || this.reader.frames[number]?.archive === 0;
  }

  /** Presence, size and footer. */
  private checkArchive(index: number): void {
    const { fs } = this.options;
    const { reader, problems } = this;
    const archive = problems.archivePath(index);
    const size = reader.archives[index]?.size ?? null;
    const shown = displayName(archive);
    const locked = lockOf(reader, archive);
    const byLength = locked !== undefined && this.options.mode === 'written' && index > 0;
    if (locked !== undefined && !byLength) throw locked;
    try {
      const actual = byLength ? plainSizeOf(this.files, archive) : Number(fs.stat(archive).size);
      if (size !== null && actual !== size) {
        const kind = actual < size ? 'truncated' : 'structure';
        problems.add({ archive, kind, message: `${shown} has ${actual} bytes instead of ${size}.` });
      }
      if (byLength) return;
      const fd = fs.open(archive, 'r');
      try {
        readFooter(fs, fd, actual, reader.archives[index]?.format ?? 'tar');
      } finally {
        fs.close(fd);
      }
    } catch (error) {
      if (error instanceof LarderError) {
        // An encrypted one is named by the error itself.
        const message = error.details?.['path'] === archive ? error.message : `${shown}: ${error.message}.`;
        problems.add({ archive, kind: 'structure', message });
        return;
      }
      this.absent.add(index);
      const kind: VerifyProblem['kind'] = isSystemError(error, 'ENOENT', 'ENOTDIR') ? 'missing' : 'unreadable';
      problems.add({ archive, kind, message: `${shown} ${reasonOf(error)}.` });
    }
  }

  private report(): void {
    const { bytesDone, bytesTotal, filesDone } = this;
    this.options.onProgress?.({ bytesDone, bytesTotal: Math.max(bytesDone, bytesTotal), filesDone });
  }

  private countFrame(number: number): void {
    if (this.visited[number] === 1) return;
    this.visited[number] = 1;
    this.bytesDone += this.reader.frames[number]?.storedLength ?? 0;
  }

  private async add(check: FrameCheck): Promise<void> {
    const { frame, slices } = check;
    if (this.absent.has(frame.archive)) return;
    this.batch.push(check);
    const isDecoded = slices.length > 0 || frame.plainDigest === true;
    this.batchSize += Math.max(frame.storedLength, isDecoded ? frame.plainLength : 0);
    if (this.batchSize >= batchBytes) await this.flush();
  }

  private async flush(): Promise<void> {
    const { batch, problems } = this;
    if (batch.length === 0) return;
    this.batch = [];
    this.batchSize = 0;
    const archives = problems.placesOf(batch.map(({ frame }) => frame));
    this.jobs.start(checkTask, { archives, checks: batch }, (output: CheckOutput) => {
      for (const damage of output.damaged) this.damaged.set(damage.number, damage);
      const wrong = new Set(output.wrong);
      for (const { number, frame, slices } of batch) {
        this.countFrame(number);
        this.filesDone += slices.length;
        for (const { path } of slices) if (wrong.has(path)) problems.wrongDigest(path, frame.archive);
      }
    });
    await this.jobs.drain(this.jobs.width);
  }

  private async checkFiles(): Promise<void> {
    const { reader, problems, window, jobs } = this;
    const checks = new FileChecks({
      reader,
      problems,
      jobs,
      absent: this.absent,
      wants: (entry) => window?.has(entry) ?? true,
      onFrame: (check) => this.add(check),
      onDecoded: (number) => this.countFrame(number),
      onDamage: (damage) => this.damaged.set(damage.number, damage),
      onFile: () => (this.filesDone += 1),
    });
    await checks.run();
    await this.flush();
  }

  /** The frames' own digests, of all that no file has led to. */
  private async checkRest(): Promise<void> {
    // Results under way still mark what they visited.
    await this.flush();
    await this.jobs.drain(0);
    for (const [number, frame] of this.reader.frames.entries()) {
      if (this.visited[number] !== 1 && this.concerns(number)) await this.add({ number, frame, slices: [] });
    }
    await this.flush();
  }

  private async checkInnerManifests(): Promise<void> {
    const { reader, problems, jobs } = this;
    const { manifestPath, header } = reader;
    for (const [index, { format, file }] of reader.archives.entries()) {
      if (this.absent.has(index)) continue;
      // Of older archives `written` asks no more than that they are there.
      if (this.options.mode === 'written' && index > 0) break;
      const archive = problems.archivePath(index);
      const input = { archive, format, manifestPath, backupId: header.id, own: index === 0 };
      jobs.start(embeddedTask, input, (problem: string | undefined) => {
        if (problem === undefined || problems.hasStructure(archive)) return;
        problems.add({ archive, kind: 'manifest', message: `${displayName(file)}: ${problem}` });
      });
      await jobs.drain(jobs.width);
    }
    await jobs.drain(0);
  }
}
