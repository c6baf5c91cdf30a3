import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { AgeStart } from '../age/index.ts';
import { startTask } from '../age/tasks.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { ArchiveOut } from './archive-out.ts';
import { canCompressZstd } from './codec.ts';
import { Collector, TextFrames } from './collector.ts';
import { maxFrames } from './limits.ts';
import { composeManifest, writeManifest } from './manifest-writer.ts';
import type { ManifestBody } from './manifest-writer.ts';
import {
  ageExtension,
  archiveExtensions,
  exists,
  freeName,
  larderFolder,
  manifestExtensions,
  manifestFormatFor,
} from './names.ts';
import { Planner } from './planner.ts';
import type { ArchiveRef, ManifestHeader, WriteBackupOptions, WrittenBackup } from './types.ts';
import type { Unit, UnitContext } from './unit.ts';

/**
 * Writes a backup: archive, then manifest, whose rename is the commit point. Whatever fails before leaves nothing
 * behind. Throws `CANCELLED`, `NO_SPACE`, `PERMISSION` and the like for the destination; what is wrong with single
 * files of the store is told through `onSkip` and in the header.
 */
export async function writeBackup(options: WriteBackupOptions): Promise<WrittenBackup> {
  const { fs, destination, format } = options;
  if (format === 'zst' && !canCompressZstd()) {
    throw new LarderError('UNSUPPORTED', 'This build cannot write zstd archives.', { hint: 'Use the gz format.' });
  }
  const temporary = makeTemporaryFolder(fs, destination);
  const name = guard(() => freeName(fs, destination, options.baseName), destination);
  const starts = await startEncryption(options);
  const run = new Run(options, starts, join(temporary, randomUUID()), join(destination, name));
  try {
    return await run.write();
  } catch (error) {
    await run.removeTraces();
    throw toLarderError(error, destination);
  }
}

/** Of archive and manifest: each age file has a key of its own. */
interface Starts {
  readonly archive: AgeStart;
  readonly manifest: AgeStart;
}

async function startEncryption({ pool, recipients, signal }: WriteBackupOptions): Promise<Starts | undefined> {
  if (recipients === undefined) return undefined;
  // One after the other: with a passphrase each takes 256 MiB.
  const archive = await pool.run(startTask, recipients, { signal });
  return { archive, manifest: await pool.run(startTask, recipients, { signal }) };
}

function guard<T>(act: () => T, path: string): T {
  try {
    return act();
  } catch (error) {
    throw toLarderError(error, path);
  }
}

function makeTemporaryFolder(fs: FileSystem, destination: string): string {
  const folder = join(destination, larderFolder, 'tmp');
  return guard(() => {
    if (!exists(fs, folder)) fs.makeDirectory(folder, { recursive: true, mode: 0o700 });
    return folder;
  }, folder);
}

class Run {
  private readonly options: WriteBackupOptions;
  private readonly starts: Starts | undefined;
  private readonly archivePath: string;
  private readonly manifestPath: string;
  private readonly archiveOut: ArchiveOut;
  private readonly manifestTemp: string;
  private manifestOut: ArchiveOut | undefined;
  private readonly text: TextFrames;
  private readonly collector: Collector;
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private readonly running = new Set<Promise<unknown>>();
  /** What to remove when it fails, in this order. */
  private traces: string[] = [];

  constructor(options: WriteBackupOptions, starts: Starts | undefined, temporary: string, target: string) {
    this.options = options;
    this.starts = starts;
    const manifestFormat = manifestFormatFor(options.format);
    const ending = starts === undefined ? '' : ageExtension;
    this.archivePath = target + archiveExtensions[options.format] + ending;
    this.manifestPath = target + manifestExtensions[manifestFormat] + ending;
    this.manifestTemp = `${temporary}.manifest`;
    this.signal = options.signal === undefined ? this.stop.signal : AbortSignal.any([options.signal, this.stop.signal]);
    this.text = new TextFrames(options.pool, manifestFormat);
    this.archiveOut = new ArchiveOut(options.fs, `${temporary}.archive`, starts?.archive);
    this.traces = [this.archiveOut.path];
    const parent = options.parent?.reader;
    this.collector = new Collector(this.archiveOut, this.text, parent, options.onSkip, options.onProgress);
  }

  async write(): Promise<WrittenBackup> {
    await this.readAll();
    const { collector, options, archiveOut } = this;
    collector.progress('committing');
    const body = await this.compose();
    const file = nameIn(this.archivePath);
    const unknown: ArchiveRef = {
      file,
      format: options.format,
      size: null,
      sha256: null,
      ...(this.starts === undefined ? {} : { fileKey: Buffer.from(this.starts.archive.fileKey).toString('hex') }),
    };
    await writeManifest(archiveOut, body, [unknown, ...collector.archives], { archive: options.format });
    const archive = await archiveOut.finish();
    this.throwIfCancelled();
    this.rename(archiveOut.path, this.archivePath);
    this.traces = [this.archivePath];

    this.traces.unshift(this.manifestTemp);
    this.manifestOut = new ArchiveOut(options.fs, this.manifestTemp, this.starts?.manifest);
    await writeManifest(this.manifestOut, body, [{ ...unknown, ...archive }, ...collector.archives], 'sidecar');
    const manifest = await this.manifestOut.finish();
    this.throwIfCancelled();
    options.onCommit?.();
    this.rename(this.manifestTemp, this.manifestPath);
    this.traces = [this.manifestPath, this.archivePath];
    guard(() => options.fs.fsyncDirectory(options.destination), options.destination);
    const { files, dirs, bytes, reusedBytes } = collector;
    return {
      archive: this.archivePath,
      manifest: this.manifestPath,
      header: body.header,
      files,
      dirs,
      bytes,
      storedBytes: archive.stored + manifest.stored,
      reusedBytes,
      ...(this.starts === undefined ? {} : { keys: this.keysOf(this.starts) }),
    };
  }

  private keysOf({ archive, manifest }: Starts): Record<string, Uint8Array> {
    return { [this.archivePath]: archive.fileKey, [this.manifestPath]: manifest.fileKey };
  }

  /** Keeps the pool busy with units ahead of the one whose results are written. */
  private async readAll(): Promise<void> {
    const { options, archiveOut, collector } = this;
    const context: UnitContext = {
      fs: options.fs,
      root: options.root,
      format: options.format,
      out: archiveOut,
      collector,
      held: options.parent?.held,
      spare: [],
      run: (task, input, transfer) => {
        const keys = options.parent?.reader.keys;
        const result = options.pool.run(task, input, { signal: this.signal, transfer, keys });
        this.running.add(result);
        const over = (): boolean => this.running.delete(result);
        result.then(over, over);
        return result;
      },
    };
    const planner = new Planner(context, options.entries, options.parent);
    const units: Unit[] = [];
    // One result a worker is at work on, one that waits for its turn, and some so that a write holds nobody up.
    const limit = 2 * options.pool.size + 2;
    const reached = { end: false };
    const fill = (): void => {
      while (units.reduce((sum, unit) => sum + unit.ahead, 0) < limit) {
        if (units.at(-1)?.startNext() === true) continue;
        const unit = planner.next();
        reached.end = unit === 'end';
        if (unit === 'wait' || unit === 'end') return;
        units.push(unit);
        unit.startNext();
      }
    };
    try {
      for (;;) {
        this.throwIfCancelled();
        fill();
        const [unit] = units;
        if (unit === undefined) break;
        if (await unit.takeNext()) units.shift();
        await archiveOut.room();
        if (collector.frames.length > maxFrames) {
          throw new LarderError('LIMIT_REACHED', `${options.root} is too large for one backup.`);
        }
      }
    } finally {
      planner.close();
    }
    if (!reached.end) throw new LarderError('INTERNAL', 'Not all files to back up were reached.');
  }

  private async compose(): Promise<ManifestBody> {
    const { options, collector } = this;
    const { header: known, skippedBefore } = options;
    const header: ManifestHeader = {
      format: 'larder-backup',
      version: 2,
      id: known.id,
      store: known.store,
      kind: options.parent === undefined ? 'full' : 'incremental',
      archiveFormat: options.format,
      startedAtMs: known.startedAtMs,
      finishedAtMs: options.now(),
      timeZone: known.timeZone,
      host: known.host,
      parent: options.parent?.reader.header.id ?? null,
      tool: known.tool,
      ...(known.note === undefined ? {} : { note: known.note }),
      ...(known.encryptedFor === undefined ? {} : { encryptedFor: known.encryptedFor }),
      skipped: [...(skippedBefore ?? []), ...collector.skipped],
      excluded: known.excluded,
    };
    collector.forgetUnused();
    const { frames, files, dirs, symlinks, bytes, reusedBytes: reused } = collector;
    const counts = { frames: frames.length, files, dirs, symlinks, bytes, reused };
    const entries = await this.text.finish();
    return composeManifest(options.pool, manifestFormatFor(options.format), header, counts, frames, entries);
  }

  private throwIfCancelled(): void {
    if (this.options.signal?.aborted === true) throw new LarderError('CANCELLED', 'Cancelled.');
  }

  /** The caller holds the destination's lock, so nobody takes the name between the look and the rename. */
  private rename(from: string, to: string): void {
    const { fs } = this.options;
    if (exists(fs, to)) throw new LarderError('CHANGED_ON_DISK', `${to} appeared while the backup was made.`);
    guard(() => fs.rename(from, to), to);
  }

  /** Stops what runs, closes and removes. Never throws. */
  async removeTraces(): Promise<void> {
    this.stop.abort();
    await Promise.allSettled(this.running);
    await this.text.settle();
    await this.archiveOut.abandon();
    await this.manifestOut?.abandon();
    for (const path of this.traces) {
      try {
        this.options.fs.unlink(path);
      } catch {
        // Not there any more, or the same fault keeps it; the next holder of the destination clears `.larder/tmp`.
      }
    }
  }
}

function nameIn(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
