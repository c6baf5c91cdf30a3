import type { HealthReport, Store } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { AnyCheck } from './check.ts';
import { allChecks } from './checks/index.ts';
import type { Base, Me } from './facts.ts';
import { Gatherer } from './gather.ts';
import type { Progress, Sources } from './gather.ts';
import type { HealthRecords } from './records.ts';
import { merged, summaryOf, told, withMutes } from './report.ts';
import type { Evaluated } from './report.ts';

/** Progress is told at most this often, ms. */
const toldEveryMs = 100;

export interface Ran {
  readonly report: HealthReport;
  readonly evaluated: readonly Evaluated[];
  /** Something was half written, and says more in a moment. */
  readonly isUnsettled: boolean;
}

interface Running {
  readonly promise: Promise<Ran>;
  readonly controller: AbortController;
  /** Callers that still want it. */
  waiting: number;
}

export interface RunsOptions {
  readonly context: Pick<EngineContext, 'clock' | 'emit' | 'layouts' | 'log' | 'stores'>;
  readonly sources: Sources;
  readonly records: HealthRecords;
  readonly version: string;
}

/** The user the engine runs as; undefined on Windows. */
export function currentUser(): Me | undefined {
  if (process.getuid === undefined || process.getgid === undefined) return undefined;
  return { uid: process.getuid(), gids: [process.getgid(), ...(process.getgroups?.() ?? [])] };
}

/** Runs checks: of one store all at once only once at a time, whoever asks. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  isRunning(store: string): boolean {
    return this.#running.has(store);
  }

  /** All checks. Who comes while they run gets the same report; they stop when nobody wants it any more. */
  async all(store: Store, signal: AbortSignal): Promise<Ran> {
    let running = this.#running.get(store.id);
    // One that everybody left is about to end.
    if (running === undefined || running.controller.signal.aborted) {
      const controller = new AbortController();
      const promise = this.#run(store, allChecks, controller.signal).finally(() => {
        if (this.#running.get(store.id)?.controller === controller) this.#running.delete(store.id);
      });
      running = { promise, controller, waiting: 0 };
      this.#running.set(store.id, running);
    }
    const joined = running;
    joined.waiting++;
    const leave = Promise.withResolvers<never>();
    const onAbort = (): void => {
      leave.reject(new LarderError('CANCELLED', 'Cancelled.'));
    };
    signal.addEventListener('abort', onAbort);
    try {
      if (signal.aborted) onAbort();
      return await Promise.race([joined.promise, leave.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      joined.waiting--;
      if (joined.waiting === 0) {
        joined.controller.abort();
        // Whoever cancelled is told at once; what was under way ends by itself.
        joined.promise.catch(() => undefined);
      }
    }
  }

  /** Some checks; the kept report takes them over. */
  some(store: Store, checks: readonly AnyCheck[], signal: AbortSignal): Promise<Ran> {
    return this.#run(store, checks, signal);
  }

  /** Stops what runs. */
  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.allSettled(running.map(({ promise }) => promise));
  }

  async #run(store: Store, checks: readonly AnyCheck[], signal: AbortSignal): Promise<Ran> {
    const { context, sources, records, version } = this.#options;
    const nowMs = context.clock();
    const startedMs = performance.now();
    const base: Base = {
      store,
      layout: await context.layouts.look(store, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        // A store that is away has no contents to look at; the checks of its folder say so.
        context.log.warn({ store: store.id, reason: toLarderError(error).message }, 'A layout could not be looked at');
        return context.layouts.of(store);
      }),
      nowMs,
      platform: process.platform,
      me: currentUser(),
    };
    const gatherer = new Gatherer(sources, base, signal, this.#progress(store.id));
    const facts = await gatherer.all(new Set(checks.flatMap(({ needs }) => needs)));
    signal.throwIfAborted();
    const evaluated = checks.flatMap((check) => check.evaluate(base, facts).map((finding) => ({ check, finding })));
    const report = withMutes(
      { store: store.id, atMs: nowMs, tookMs: Math.round(performance.now() - startedMs), checks: evaluated.map(told) },
      records.mutes(store.id, nowMs),
    );
    this.#keep(report, checks.length === allChecks.length, version);
    const { integrity } = facts;
    const isUnsettled = integrity !== undefined && 'value' in integrity && integrity.value.unsettled > 0;
    return { report, evaluated, isUnsettled };
  }

  #keep(report: HealthReport, isWhole: boolean, version: string): void {
    const { context, records } = this.#options;
    // It may have been removed meanwhile.
    if (!context.stores.list().some(({ id }) => id === report.store)) return;
    const before = isWhole ? undefined : records.report(report.store);
    if (!isWhole && before === undefined) return;
    const kept = before === undefined ? report : merged(before, report);
    records.keep(kept, version, isWhole);
    const now = withMutes(kept, records.mutes(report.store, context.clock()));
    context.emit('health.changed', { store: report.store, summary: summaryOf(now) });
  }

  #progress(store: string): Progress {
    let toldMs = -Infinity;
    return (phase, done, total) => {
      const now = performance.now();
      if (now - toldMs < toldEveryMs) return;
      toldMs = now;
      this.#options.context.emit('health.progress', {
        store,
        phase,
        done,
        ...(total === undefined ? {} : { total: Math.max(total, done) }),
      });
    };
  }
}
