import { randomBytes } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, Overwrite, Skipped } from '../../shared/contract/index.ts';
import { formatBytes } from '../../shared/format.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import type { BackupReader } from '../archive/index.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { commitTask } from './commit-task.ts';
import type { Rule } from './decide.ts';
import type { Extra } from './extras.ts';
import { namingTarget } from './faults.ts';
import { flush, flushAllFrom } from './flush.ts';
import type { FlushFileSystem } from './flush.ts';
import { JournalWriter, peekJournal, undoPaths } from './journal.ts';
import type { CommitLine, Counts } from './journal.ts';
import { lstatOrNothing } from './live.ts';
import { metadataOf } from './metadata.ts';
import { openOperations } from './operations.ts';
import type { Operations } from './operations.ts';
import type { Selection } from './paths.ts';
import type { RestoreRecords } from './records.ts';
import { goBack, refuseOthers, settleTarget, settleWithoutJournal } from './settle.ts';
import type { RestoreParts } from './settle.ts';
import { stage } from './stage.ts';
import { movedSince } from './survey.ts';
import type { Survey } from './survey.ts';
import type { FoundTarget } from './target.ts';

/** A restore as planned. */
export interface PlannedRestore {
  readonly backup: Backup;
  readonly reader: BackupReader;
  readonly target: FoundTarget;
  readonly selection: Selection;
  readonly overwrite: Overwrite;
  readonly rule: Rule;
  readonly deleteExtra: boolean;
  readonly protectedPaths: readonly string[];
  readonly survey: Survey;
  readonly store: string | undefined;
}

/** What `restore --json` prints, and a little more. */
export interface RestoreResult extends Counts {
  readonly id: string;
  readonly unchanged: number;
  readonly kept: number;
  readonly skipped: readonly Skipped[];
  /** Paths that the backup itself lacks, because they were skipped when it was made; left out when there are none. */
  readonly backupSkipped?: number;
  readonly status: 'done' | 'partial';
}

/** Space that must stay free besides the content: folders, journal, the file system's own bookkeeping. */
const spareBytes = 1024 * 1024;

export function enoughSpace(target: FoundTarget, survey: Survey): boolean {
  return survey.totals.bytesToWrite === 0 || survey.totals.bytesToWrite + spareBytes <= target.free;
}

/**
 * Carries out a plan, in the order that journal.ts describes. Before anything changes, every path the plan relies on is
 * looked at again; throws `CHANGED_ON_DISK` when one moved, `NO_SPACE` when the content would not fit, `BUSY` when
 * another restore works on the target. On any failure, and on cancel, the target is put back as it was.
 */
export async function applyRestore(
  parts: RestoreParts,
  plan: PlannedRestore,
  flushAll: FlushFileSystem,
  job: JobHandle,
): Promise<JobOutcome> {
  const target = plan.target.path;
  job.update({ phase: 'Checking', bytesTotal: plan.survey.totals.bytesToWrite });
  await settleTarget(parts, target);
  parts.active.add(target);
  try {
    await checkGround(parts, plan, job);
    const run = new Run(parts, plan, flushAll, job);
    const result = plan.survey.touched === 0 ? run.nothingToDo() : await run.restore();
    for (const skipped of result.skipped) job.warn(skipped);
    return { status: result.status, result: { ...result } };
  } finally {
    parts.active.delete(target);
  }
}

/** The first look: all of it, before anything changes. */
async function checkGround(parts: RestoreParts, plan: PlannedRestore, job: JobHandle): Promise<void> {
  const { context } = parts;
  const { target } = plan;
  const now = lstatOrNothing(context.fs, target.path);
  const moved =
    (now?.isDirectory() === true ? now.dev : undefined) !== target.device || (now !== undefined && !now.isDirectory())
      ? [target.path]
      : await movedSince({ ...plan, pool: context.pool, signal: job.signal }, plan.survey);
  if (moved.length > 0) {
    throw new LarderError('CHANGED_ON_DISK', `Changed since the plan was made: ${moved.map(displayName).join(', ')}.`, {
      hint: 'Nothing was restored. Plan again to see what would happen now.',
      details: { paths: moved },
    });
  }
  const existing = target.missing[0] === undefined ? target.path : target.missing[0].replace(/[/\\][^/\\]*$/, '');
  const space = context.fs.statfs(existing === '' ? '/' : existing);
  const free = space.bavail * space.bsize;
  if (enoughSpace({ ...target, free }, plan.survey)) return;
  const { bytesToWrite } = plan.survey.totals;
  throw new LarderError(
    'NO_SPACE',
    `${displayName(target.path)} has ${formatBytes(free)} free, and ${formatBytes(bytesToWrite)} are to be written.`,
    {
      hint: 'Free some space, choose fewer files, or restore into a folder on another disk.',
      details: { free, needed: bytesToWrite },
    },
  );
}

function newId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase().replace('t', '-');
  return `r-${time}-${randomBytes(3).toString('hex')}`;
}

class Run {
  private readonly parts: RestoreParts;
  private readonly plan: PlannedRestore;
  private readonly flushAll: FlushFileSystem;
  private readonly job: JobHandle;
  private readonly id: string;
  private readonly skipped: Skipped[];
  /** Whether so much is made that flushing the whole file system is cheaper than each file. */
  private readonly manyFiles: boolean;

  constructor(parts: RestoreParts, plan: PlannedRestore, flushAll: FlushFileSystem, job: JobHandle) {
    this.parts = parts;
    this.plan = plan;
    this.flushAll = flushAll;
    this.job = job;
    this.id = newId(parts.context.clock());
    this.skipped = [...plan.survey.skipped];
    this.manyFiles = plan.survey.touched >= flushAllFrom;
  }

  /** Everything is there already: nothing is written but the record. */
  nothingToDo(): RestoreResult {
    const { records } = this.parts;
    const nothing = { created: 0, overwritten: 0, metadata: 0, deleted: 0, bytes: 0 };
    records.begin(this.about());
    return this.end(nothing, this.skipped.length > 0 ? 'partial' : 'done');
  }

  /** What the database keeps of it. */
  private about(): Parameters<RestoreRecords['begin']>[0] {
    const { backup, store, target } = this.plan;
    const before = lstatOrNothing(this.parts.context.fs, target.path);
    return {
      id: this.id,
      backup: backup.id,
      store,
      target: target.path,
      atMs: this.parts.context.clock(),
      root: before === undefined ? null : metadataOf(before),
      madeFolders: target.missing,
    };
  }

  private end(counts: Counts, status: 'done' | 'partial'): RestoreResult {
    this.parts.records.finish(this.id, status, counts);
    return this.resultOf(counts, status);
  }

  private resultOf(counts: Counts, status: 'done' | 'partial'): RestoreResult {
    const { created, overwritten, metadata, deleted, bytes } = counts;
    const { unchanged, kept } = this.plan.survey.totals;
    const skipped = this.skipped;
    const missing = this.plan.reader.header.skipped.length;
    const partial = missing === 0 ? {} : { backupSkipped: missing };
    return {
      id: this.id,
      created,
      overwritten,
      metadata,
      unchanged,
      kept,
      deleted,
      bytes,
      skipped,
      ...partial,
      status,
    };
  }

  async restore(): Promise<RestoreResult> {
    const { context, records, folders } = this.parts;
    const { fs } = context;
    const about = this.about();
    const { target, atMs, root, madeFolders, store } = about;
    const paths = undoPaths(target, this.id);
    records.begin(about);
    let journal: JournalWriter | undefined;
    try {
      this.makeTarget();
      folders.open(target);
      journal = JournalWriter.create(fs, paths.journal);
      journal.add({
        t: 'restore',
        version: 1,
        id: this.id,
        backup: about.backup,
        ...(store === undefined ? {} : { store }),
        target,
        atMs,
        owner: this.parts.owner,
        madeFolders,
        root,
        owners: this.plan.rule.owners,
        modes: this.plan.rule.modes,
      });
      journal.sync();
      fs.fsyncDirectory(paths.folder);
      fs.fsyncDirectory(target);
      refuseOthers(this.parts, target, this.id);
      const commit = await this.change(journal, paths);
      journal.close();
      journal = undefined;
      return await this.finish(commit);
    } catch (error) {
      journal?.close();
      const committed = await this.goBack(error, about);
      if (committed === undefined) throw namingTarget(error, target);
      return this.finish(committed);
    }
  }

  /** The restore stands; what is left to tidy up is done at the next start where it cannot be done now. */
  private async finish(commit: CommitLine): Promise<RestoreResult> {
    const { context, folders } = this.parts;
    try {
      await folders.finish(this.plan.target.path, this.id, commit.replaced);
    } catch (error) {
      context.log.warn({ restore: this.id, error: wordsOf(error) }, 'A restore is done but could not be tidied up');
      return this.resultOf(commit, commit.status);
    }
    return this.end(commit, commit.status);
  }

  private makeTarget(): void {
    const { fs } = this.parts.context;
    const { missing } = this.plan.target;
    missing.forEach((folder, at) => {
      fs.makeDirectory(folder, { mode: at === missing.length - 1 ? 0o700 : 0o777 });
    });
  }

  private async change(journal: JournalWriter, paths: ReturnType<typeof undoPaths>): Promise<CommitLine> {
    const { context } = this.parts;
    const { fs, pool } = context;
    const { plan, job } = this;
    const target = plan.target.path;
    fs.makeDirectory(paths.staging, { mode: 0o700 });
    fs.makeDirectory(paths.old, { mode: 0o700 });

    job.update({ phase: 'Restoring', filesTotal: plan.survey.touched });
    let bytesDone = 0;
    let filesDone = 0;
    const staged = await stage({
      ...plan.rule,
      fs,
      pool,
      reader: plan.reader,
      selection: plan.selection,
      survey: plan.survey,
      target,
      staging: paths.staging,
      journal,
      sync: !this.manyFiles,
      nowMs: context.clock(),
      signal: job.signal,
      throwIfCancelled: () => job.throwIfCancelled(),
      onProgress: (bytes, files, current) => {
        bytesDone += bytes;
        filesDone += files;
        job.update({ bytesDone, filesDone, current });
      },
    });
    this.skipped.push(...staged.failed);

    const operations = await openOperations({
      pool,
      target,
      device: fs.lstat(target).dev,
      old: paths.old,
      protectedPaths: plan.protectedPaths,
      staged,
      extras: this.extras(staged.failed.length > 0),
      beside: plan.survey.beside,
      signal: job.signal,
    });
    this.skipped.push(...operations.skipped);
    for (const line of operations.lines) journal.add(line);
    journal.flush();
    await flush(pool, this.flushAll, target, { all: this.manyFiles, paths: [paths.staging, paths.old] });
    job.throwIfCancelled();
    job.cannotCancel();
    job.update({ phase: 'Committing', current: undefined });
    journal.add({ t: 'begin' });
    journal.sync();
    fs.fsyncDirectory(paths.folder);

    const sync = !this.manyFiles;
    const skipped = await pool.run(commitTask, { target, id: this.id, sync });
    if (this.manyFiles && !(await this.flushAll(target))) await this.flushTouched(operations, paths.old);
    this.skipped.push(...skipped);
    for (const { path } of skipped) journal.add({ t: 'skip', path });
    const rootMade = plan.target.device === undefined && staged.folders.has('') ? 1 : 0;
    const counts = operations.counts(new Set(skipped.map(({ path }) => path)), rootMade);
    const line: CommitLine = {
      t: 'commit',
      atMs: context.clock(),
      status: this.skipped.length > 0 ? 'partial' : 'done',
      replaced: operations.replaced,
      ...counts,
    };
    this.skipped.sort((a, b) => comparePaths(a.path, b.path));
    journal.add(line);
    journal.sync();
    return line;
  }

  /** What is taken away: nothing, when part of what should come in its place could not be had. */
  private extras(failed: boolean): readonly Extra[] {
    const { extras } = this.plan.survey;
    if (!failed) return extras;
    const reason = 'It was not removed, because part of the backup could not be restored.';
    this.skipped.push(...extras.map(({ path }) => ({ path, reason })));
    return [];
  }

  /** For machines that cannot flush a whole file system: the folders in which something changed, one by one. */
  private async flushTouched(operations: Operations, old: string): Promise<void> {
    const { fs, pool } = this.parts.context;
    for (const folder of operations.foldersTouched) {
      if (lstatOrNothing(fs, folder)?.isDirectory() === true) fs.fsyncDirectory(folder);
    }
    await flush(pool, this.flushAll, this.plan.target.path, { all: false, paths: [old] });
  }

  /**
   * Puts the target back as it was. What cannot be put back now is at the next start. When the commit turns out to have
   * been written before the failure, the restore stands, and its commit is returned.
   */
  private async goBack(cause: unknown, about: ReturnType<Run['about']>): Promise<CommitLine | undefined> {
    const { context, folders, records } = this.parts;
    const { target } = about;
    try {
      const found = folders.find(this.id, target);
      const summary = found === undefined ? undefined : peekJournal(context.fs, found.path);
      if (summary?.commit !== undefined) return summary.commit;
      if (found === undefined || summary === undefined) {
        if (found !== undefined) await folders.discard(target, this.id);
        settleWithoutJournal(this.parts, about);
        records.remove(this.id);
        return undefined;
      }
      const reply = await goBack(this.parts, found, target);
      if (reply.left.length === 0) records.remove(this.id);
      else records.setStatus(this.id, 'interrupted');
    } catch (error) {
      context.log.error(
        { restore: this.id, target, cause: wordsOf(cause), error: wordsOf(error) },
        'A failed restore could not be put back yet; it will be at the next start',
      );
    }
    return undefined;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
