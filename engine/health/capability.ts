import { randomUUID } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import type { HealthReport, ParsedInput, Store } from '../../shared/contract/index.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { Plans } from '../plans/index.ts';
import type { Usage } from '../usage/index.ts';
import type { Change } from './apply.ts';
import { AutoRuns, defaultAutoTiming } from './auto-runs.ts';
import type { AutoTiming } from './auto-runs.ts';
import type { AnyCheck } from './check.ts';
import { allChecks } from './checks/index.ts';
import { isNewer } from './checks/others.ts';
import type { LarderFacts } from './facts.ts';
import { fixOf, shownChange } from './fix.ts';
import type { Sources } from './gather.ts';
import { HealthRecords } from './records.ts';
import { summaryOf, withMutes } from './report.ts';
import { Runs } from './runs.ts';
import { SeenFiles } from './seen-files.ts';
import { applyTask } from './tasks.ts';

/** Entries one walk looks at; beyond that a store is judged by a part, and what was not found there is not told as fine. */
const mostEntries = 3_000_000;
/** How long the answer of the database's quick check holds, ms. */
const databaseKeptMs = 3_600_000;
const thinEveryMs = 24 * 3_600_000;

export interface HealthOptions {
  readonly context: EngineContext;
  readonly usage: Usage;
  readonly backups: Sources['backups'];
  readonly compose: Sources['compose'];
  readonly jobs: Sources['jobs'];
  readonly notices: Sources['notices'];
  readonly version: string;
  /** Replaced in tests. */
  readonly timing?: Partial<AutoTiming>;
  readonly mostEntries?: number;
}

interface Planned {
  readonly store: string;
  readonly root: string;
  readonly changes: readonly Change[];
}

/** The `health` domain: a checklist of each store, with evidence, and what of it can safely be mended. */
export function createHealth(options: HealthOptions): Capability<'health'> {
  const { context, usage, version } = options;
  const { stores, clock, db, pool, emit } = context;
  const records = new HealthRecords(db);
  const plans = new Plans<Planned>(clock);
  let database: { readonly atMs: number; readonly answer: string } | undefined;

  function checkDatabase(): string {
    const now = clock();
    if (database !== undefined && Math.abs(now - database.atMs) < databaseKeptMs) return database.answer;
    let answer: string;
    try {
      answer = String(db.sqlite.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
    } catch (error) {
      const problem = toLarderError(error);
      answer = problem.code === 'BUSY' ? 'busy' : problem.message;
    }
    database = { atMs: now, answer };
    return answer;
  }

  function larderFacts(store: string): Omit<LarderFacts, 'live' | 'notices'> {
    const used = records.versions();
    return {
      version,
      newestVersion: used.reduce<string | undefined>(
        (newest, each) => (newest === undefined || isNewer(each, newest) === true ? each : newest),
        undefined,
      ),
      database: checkDatabase(),
      lastReportMs: records.report(store)?.atMs,
    };
  }

  const runs = new Runs({
    context,
    records,
    version,
    sources: {
      context,
      usage,
      backups: options.backups,
      compose: options.compose,
      jobs: options.jobs,
      notices: options.notices,
      seen: new SeenFiles(db),
      larder: larderFacts,
      mostEntries: options.mostEntries ?? mostEntries,
    },
  });

  const stopped = new AbortController();
  const auto = new AutoRuns({
    timing: { ...defaultAutoTiming, ...options.timing },
    clock,
    stores: () => stores.list(),
    everyMs() {
      const { healthScheduled, healthEveryHours } = context.settings.get();
      return healthScheduled ? healthEveryHours * 3_600_000 : undefined;
    },
    lastReportMs: (store) => records.report(store)?.atMs,
    async run(store) {
      try {
        const { report, isUnsettled } = await runs.all(store, stopped.signal);
        return { tookMs: report.tookMs, again: isUnsettled };
      } catch (error) {
        if (!stopped.signal.aborted) {
          context.log.warn(
            { store: store.id, error: toLarderError(error).message },
            'its health could not be looked at',
          );
        }
        return { tookMs: 0, again: false };
      }
    },
  });
  const detachers: (() => void)[] = [];
  let thinning: NodeJS.Timeout | undefined;

  /** The checks of these ids. Throws `NOT_FOUND` for one that is none. */
  function chosen(ids: readonly string[]): AnyCheck[] {
    const unknown = ids.find((id) => !allChecks.some((check) => check.id === id));
    if (unknown !== undefined) {
      throw new LarderError('NOT_FOUND', `There is no check called ${unknown}.`, {
        hint: `There are ${allChecks.map(({ id }) => id).join(', ')}.`,
      });
    }
    return allChecks.filter(({ id }) => ids.includes(id));
  }

  /** The kept report with what is muted now. */
  function lastReport(store: Store): HealthReport | undefined {
    const report = records.report(store.id);
    return report === undefined ? undefined : withMutes(report, records.mutes(store.id, clock()));
  }

  function tell(store: Store): void {
    const report = lastReport(store);
    if (report !== undefined) emit('health.changed', { store: store.id, summary: summaryOf(report) });
  }

  async function fixPlan({ store: id, checks }: ParsedInput<'health.fixPlan'>, signal: AbortSignal) {
    const store = stores.get(id);
    const { evaluated } =
      checks === undefined ? await runs.all(store, signal) : await runs.some(store, chosen(checks), signal);
    const mutes = records.mutes(store.id, clock());
    const isMuted = (check: string, area: string | undefined): boolean =>
      mutes.some((mute) => mute.check === check && (mute.area === '' || mute.area === area));
    const { changes, more, cannot } = fixOf(evaluated, isMuted);
    const plan = randomUUID();
    plans.add(plan, { store: store.id, root: store.path, changes });
    return { plan, store: store.id, changes: changes.map(shownChange), more, cannot };
  }

  async function fixApply({ plan }: ParsedInput<'health.fixApply'>, signal: AbortSignal) {
    const { store: id, root, changes } = plans.take(plan);
    const store = stores.get(id);
    if (store.path !== root) throw new LarderError('CHANGED_ON_DISK', `The store ${store.name} lies elsewhere now.`);
    const { done, skipped } = await pool.run(applyTask, { root, changes }, { signal });
    const made = new Set(done);
    const { report } = await runs.all(stores.get(id), signal);
    return {
      done: changes.filter((_, index) => made.has(index)).map(shownChange),
      skipped: [...skipped],
      report,
    };
  }

  return {
    handlers: {
      list: () => ({
        checks: allChecks.map(({ id, group, title, why, weight, statuses }) => ({
          id,
          group,
          title,
          why,
          weight,
          statuses: [...statuses],
        })),
      }),
      get({ store: id }) {
        const store = stores.get(id);
        const report = lastReport(store);
        return { ...(report === undefined ? {} : { report }), running: runs.isRunning(store.id) };
      },
      async run({ store: id, only }, { signal }) {
        const store = stores.get(id);
        const { report } =
          only === undefined ? await runs.all(store, signal) : await runs.some(store, chosen(only), signal);
        return report;
      },
      history: ({ store, sinceMs }) => ({ samples: records.samples(stores.get(store).id, sinceMs) }),
      fixPlan: (input, { signal }) => fixPlan(input, signal),
      fixApply: (input, { signal }) => fixApply(input, signal),
      mute({ store: id, check, area, reason, untilMs }) {
        const store = stores.get(id);
        chosen([check]);
        if (untilMs !== undefined && untilMs <= clock()) {
          throw new LarderError('INVALID_INPUT', 'That time is over already.', { hint: 'Name a time in the future.' });
        }
        records.mute(store.id, {
          check,
          area: area ?? '',
          reason,
          sinceMs: clock(),
          ...(untilMs === undefined ? {} : { untilMs }),
        });
        tell(store);
        return { ok: true };
      },
      unmute({ store: id, check, area }) {
        const store = stores.get(id);
        chosen([check]);
        if (!records.unmute(store.id, check, area ?? '')) {
          throw new LarderError('NOT_FOUND', `${check} is not muted${area === undefined ? '' : ` for ${area}`}.`);
        }
        tell(store);
        return { ok: true };
      },
    },
    start() {
      if (!context.live) return;
      records.thin(clock());
      thinning = setInterval(() => {
        try {
          records.thin(clock());
        } catch (error) {
          context.log.warn({ error: String(error) }, 'old scores could not be thinned');
        }
      }, thinEveryMs);
      thinning.unref();
      auto.start();
      detachers.push(
        usage.onChange((store) => auto.changed(store)),
        stores.onChange(() => {
          try {
            records.keepOnly(stores.list().map(({ id }) => id));
          } catch (error) {
            context.log.warn({ error: String(error) }, 'records of removed stores could not be forgotten');
          }
        }),
      );
    },
    async stop() {
      for (const detach of detachers.splice(0)) detach();
      clearInterval(thinning);
      stopped.abort();
      await Promise.all([runs.stop(), auto.stop()]);
    },
  };
}
