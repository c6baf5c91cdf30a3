import { randomUUID } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { Job, Skipped } from '../../shared/contract/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { JobLog } from './log.ts';
import { RateMeter } from './rate.ts';
import type { JobHandle, JobOutcome, JobProgress, Jobs, JobSpec } from './types.ts';

/** Progress is announced at most this often. */
const announceEveryMs = 100;
/** Beyond this many, warnings are counted but no longer kept one by one. */
const maxWarnings = 100_000;

export interface JobRunnerOptions {
  readonly log: JobLog;
  readonly now: () => number;
  readonly announce: (job: Job) => void;
}

interface Running {
  job: Job;
  readonly warnings: Skipped[];
  readonly rate: RateMeter;
  readonly abort: AbortController;
  readonly finished: Promise<Job>;
  timer: NodeJS.Timeout | undefined;
  lastAnnouncedMs: number;
}

/** Runs jobs, tells about them, and writes them to the activity log. */
export class JobRunner implements Jobs {
  private readonly options: JobRunnerOptions;
  private readonly active = new Map<string, Running>();

  constructor(options: JobRunnerOptions) {
    this.options = options;
  }

  start(spec: JobSpec, work: (job: JobHandle) => Promise<JobOutcome>): string {
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<Job>();
    const running: Running = {
      job: {
        id,
        kind: spec.kind,
        title: spec.title,
        ...(spec.store === undefined ? {} : { store: spec.store }),
        status: 'running',
        phase: 'Starting',
        bytesDone: 0,
        filesDone: 0,
        bytesPerSecond: 0,
        cancellable: true,
        startedAtMs: this.options.now(),
        warningCount: 0,
      },
      warnings: [],
      rate: new RateMeter(),
      abort: new AbortController(),
      finished: promise,
      timer: undefined,
      lastAnnouncedMs: -Infinity,
    };
    this.active.set(id, running);
    this.options.log.save(running.job, []);
    this.announceNow(running);
    void this.run(running, work).then(resolve);
    return id;
  }

  async finished(id: string): Promise<Job> {
    const running = this.active.get(id);
    if (running !== undefined) return running.finished;
    return this.get(id).job;
  }

  running(): Job[] {
    return [...this.active.values()].map((running) => running.job);
  }

  get(id: string): { job: Job; warnings: Skipped[] } {
    const running = this.active.get(id);
    if (running !== undefined) return { job: running.job, warnings: [...running.warnings] };
    const job = this.options.log.get(id);
    if (job === undefined) throw new LarderError('NOT_FOUND', `There is no job ${id}.`);
    return { job, warnings: this.options.log.warnings(id) };
  }

  cancel(id: string): void {
    const running = this.active.get(id);
    if (running === undefined) {
      this.get(id);
      return;
    }
    if (!running.job.cancellable) {
      throw new LarderError('BUSY', `${running.job.title}: it is finishing and can no longer be cancelled.`, {
        retryable: false,
      });
    }
    if (running.abort.signal.aborted) return;
    running.job = { ...running.job, phase: 'Cancelling', cancellable: false };
    running.abort.abort();
    this.announceNow(running);
  }

  /** Cancels what can be cancelled and waits until every job has ended. */
  async stop(): Promise<void> {
    for (const running of this.active.values()) running.abort.abort();
    await Promise.all([...this.active.values()].map((running) => running.finished));
  }

  private async run(running: Running, work: (job: JobHandle) => Promise<JobOutcome>): Promise<Job> {
    let end: Partial<Job>;
    try {
      const outcome = await work(this.handle(running));
      const status = outcome.status ?? (running.job.warningCount > 0 ? 'partial' : 'done');
      end = { status, ...(outcome.result === undefined ? {} : { result: outcome.result }) };
    } catch (error) {
      const failure = toLarderError(error);
      end = failure.code === 'CANCELLED' ? { status: 'cancelled' } : { status: 'failed', error: failure.toData() };
    }
    const { current: _current, remainingMs: _remaining, ...kept } = running.job;
    running.job = { ...kept, ...end, cancellable: false, finishedAtMs: this.options.now() };
    this.active.delete(running.job.id);
    try {
      this.options.log.save(running.job, running.warnings);
    } catch (error) {
      // The work itself stands; that its record could not be written must not be lost.
      const reason = toLarderError(error);
      running.job = { ...running.job, error: running.job.error ?? reason.toData() };
    }
    this.announceNow(running);
    return running.job;
  }

  private handle(running: Running): JobHandle {
    return {
      id: running.job.id,
      signal: running.abort.signal,
      throwIfCancelled() {
        if (running.abort.signal.aborted) throw new LarderError('CANCELLED', 'Cancelled.');
      },
      update: (progress) => this.update(running, progress),
      warn: (warning) => {
        if (running.warnings.length < maxWarnings) running.warnings.push(warning);
        running.job = { ...running.job, warningCount: running.job.warningCount + 1 };
        this.announceSoon(running);
      },
      cannotCancel: () => {
        running.job = { ...running.job, cancellable: false };
        this.announceSoon(running);
      },
    };
  }

  private update(running: Running, progress: JobProgress): void {
    const { job, rate } = running;
    if (progress.phase !== undefined && progress.phase !== job.phase) rate.reset();
    const next: Job = { ...job, ...definedOnly(progress) };
    if (progress.bytesTotal === null) delete next.bytesTotal;
    if (progress.filesTotal === null) delete next.filesTotal;
    if (running.abort.signal.aborted) next.phase = job.phase;
    running.job = next;
    this.announceSoon(running);
  }

  private announceSoon(running: Running): void {
    if (running.timer !== undefined) return;
    const wait = Math.max(0, running.lastAnnouncedMs + announceEveryMs - performance.now());
    running.timer = setTimeout(() => this.announceNow(running), wait);
  }

  private announceNow(running: Running): void {
    clearTimeout(running.timer);
    running.timer = undefined;
    running.lastAnnouncedMs = performance.now();
    if (running.job.status === 'running') {
      running.rate.add(performance.now(), running.job.bytesDone);
      const remainingMs = running.rate.remainingMs(running.job.bytesTotal);
      const { remainingMs: _old, ...job } = running.job;
      running.job = {
        ...job,
        bytesPerSecond: running.rate.perSecond(),
        ...(remainingMs === undefined ? {} : { remainingMs }),
      };
    }
    this.options.announce(running.job);
  }
}

function definedOnly(progress: JobProgress): Partial<Job> {
  return Object.fromEntries(Object.entries(progress).filter(([, value]) => value !== undefined && value !== null));
}
