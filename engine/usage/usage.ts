import { LarderError } from '../../shared/contract/index.ts';
import type { Disk, Job, Live, Store, UsageSummary } from '../../shared/contract/index.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { forecastFull, forecastWindowMs, History } from '../history/index.ts';
import type { JobHandle } from '../jobs/index.ts';
import type { ScanProgress } from '../scan/index.ts';
import { ChildrenAnswers, DetailsAnswers, entryOf, foundBelow, freedOf, tilesOf } from './answers.ts';
import { StoreRoles } from './areas.ts';
import type { LayoutAreas } from './areas.ts';
import { directoriesInside } from './directories-inside.ts';
import { disksOf } from './disks.ts';
import { liveElsewhere, LiveNotice } from './live-notice.ts';
import { StoreUsage } from './store-usage.ts';
import type { StoreUsageOptions } from './store-usage.ts';
import { reasonInWords } from './summary.ts';

export interface Usage extends Capability<'usage'> {
  /** How up to date the shown usage of a store is; in a single command, as another running Larder has it. */
  live(store: string): Live;
  /** Figures as last known; undefined before the first count. */
  summary(store: string): UsageSummary | undefined;
  /** Called with the id of a store whose figures moved. */
  onChange(listener: (store: string) => void): () => void;
  /** Called when the live state of a store changed. */
  onLive(listener: () => void): () => void;
}

/** A count at start that takes longer than this is shown as a job, ms. */
const shownAfterMs = 2_000;
const thinEveryMs = 24 * 3_600_000;
const disksEveryMs = 15 * 60_000;

function report(job: JobHandle, { directoriesRead, directoriesFound, files, bytes }: ScanProgress): void {
  job.update({
    phase: 'Counting',
    current: `${directoriesRead} of ${directoriesFound} folders`,
    filesDone: files,
    bytesDone: bytes,
  });
}

/** The `usage` domain: counts stores, keeps them live, and remembers. */
export function createUsage(
  context: EngineContext,
  options: Pick<StoreUsageOptions, 'timing' | 'watchDirectory' | 'openWatcher'> = {},
): Usage {
  const { stores, jobs, emit, live: isLive } = context;
  const history = new History(context.db, context.clock);
  const details = new DetailsAnswers();
  const children = new ChildrenAnswers();
  const byStore = new Map<string, StoreUsage>();
  /** Those that were opened to be watched; one may be asked about before another process's adding it is noticed. */
  const opened = new WeakSet<StoreUsage>();
  /** Stores a single command has counted as a job and not asked about yet. */
  const justCounted = new Set<string>();
  /** The stores as last told. */
  const records = new Map<string, Store>();
  const listeners = new Set<() => void>();
  const changeListeners = new Set<(store: string) => void>();
  const notice = new LiveNotice(context);
  const timers = new Set<NodeJS.Timeout>();
  /** Stores are opened one after another: two at once would only take the disk from each other. */
  let opening = Promise.resolve();
  let started = false;
  const detachers: (() => void)[] = [];

  function areasIn(id: string): LayoutAreas {
    const store = records.get(id);
    return store === undefined ? [] : context.layouts.of(store).areas;
  }

  function summaryOf(id: string, usage: StoreUsage | undefined = byStore.get(id)): UsageSummary | undefined {
    return usage?.summary(areasIn(id));
  }

  function tell(id: string, usage: StoreUsage, paths: readonly string[]): void {
    const summary = summaryOf(id, usage);
    if (summary === undefined || byStore.get(id) !== usage) return;
    emit('usage.changed', { store: id, summary, paths: [...paths] });
    remember(id, usage);
    for (const listener of [...changeListeners]) listener(id);
  }

  function usageOf(store: Store): StoreUsage {
    records.set(store.id, store);
    const known = byStore.get(store.id);
    if (known !== undefined) {
      known.crossMounts = store.rules.crossMounts;
      return known;
    }
    const usage = new StoreUsage({
      ...options,
      context,
      store,
      crossMounts: store.rules.crossMounts,
      onChange: (paths) => tell(store.id, usage, paths),
      onLive() {
        tellOthers();
        for (const listener of [...listeners]) listener();
      },
    });
    byStore.set(store.id, usage);
    return usage;
  }

  function remember(id: string, usage: StoreUsage): void {
    try {
      history.note(id, () => {
        const { tree } = usage;
        const summary = summaryOf(id, usage);
        return summary === undefined || tree === undefined
          ? undefined
          : { summary, directories: () => directoriesInside(tree, summary.areas) };
      });
    } catch (error) {
      // A full disk must not take the live view down with the history.
      context.log.error({ store: id, error: String(error) }, 'a usage sample could not be kept');
    }
  }

  /** Tells other processes how live each store is here. */
  function tellOthers(): void {
    if (started) notice.write(Object.fromEntries([...byStore].map(([id, { live }]) => [id, live])));
  }

  function liveOf(store: string): Live {
    const own = byStore.get(store)?.live ?? { state: 'off' };
    return isLive ? own : (liveElsewhere(context.fs, context.home, store) ?? own);
  }

  /** The disks as they are, which is remembered as well. */
  async function disksNow(): Promise<Disk[]> {
    const disks = await disksOf(context.fs, context.pool, stores.list());
    for (const disk of disks) {
      try {
        history.disks.note(context.clock(), disk);
      } catch (error) {
        context.log.error({ disk: disk.mountPoint, error: String(error) }, 'how full a disk is could not be kept');
      }
    }
    return disks;
  }

  function watchDisks(): void {
    disksNow().catch((error: unknown) => {
      context.log.warn({ error: toLarderError(error).message }, 'how full the disks are could not be read');
    });
  }

  function showLongCount(store: Store, usage: StoreUsage): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (usage.counting === undefined) return;
      jobs.start({ kind: 'count', title: `Count ${store.name}`, store: store.id }, async (job) => {
        job.cannotCancel();
        const follow = setInterval(() => {
          if (usage.counting !== undefined) report(job, usage.counting);
        }, 100);
        try {
          await usage.counted();
        } finally {
          clearInterval(follow);
        }
        return outcome(job, usage);
      });
    }, shownAfterMs);
    timer.unref();
    timers.add(timer);
  }

  function outcome(job: JobHandle, usage: StoreUsage): { result: NonNullable<Job['result']> } {
    const { tree } = usage;
    if (tree === undefined) throw new LarderError('CANCELLED', 'The count was stopped.');
    for (const { path, reason } of tree.unreadable()) job.warn({ path, reason: reasonInWords(reason) });
    return { result: { ...tree.figures(0) } };
  }

  /** Opens stores that are new, closes those that were removed, and follows changed rules. */
  function follow(): void {
    const wanted = new Map(stores.list().map((store) => [store.id, store]));
    for (const [id, usage] of [...byStore]) {
      if (wanted.has(id)) continue;
      byStore.delete(id);
      records.delete(id);
      void usage.stop();
    }
    tellOthers();
    if (!isLive) return;
    for (const store of wanted.values()) {
      const usage = usageOf(store);
      if (opened.has(usage)) continue;
      opened.add(usage);
      opening = opening.then(async () => {
        if (!started || byStore.get(store.id) !== usage) return;
        showLongCount(store, usage);
        await Promise.all([usage.start(), lookAt(store)]);
      });
    }
  }

  /** Looks at what is in a store's folders, which guesses draw on; the figures are there without it. */
  async function lookAt(store: Store, signal?: AbortSignal): Promise<void> {
    try {
      await context.layouts.look(store, signal);
    } catch (error) {
      if (signal?.aborted === true || !(error instanceof LarderError)) throw error;
      context.log.warn({ store: store.id, error: error.message }, 'its folders could not be looked into');
    }
  }

  return {
    handlers: {
      async get({ store }, { signal }) {
        const found = stores.get(store);
        const usage = usageOf(found);
        if (isLive) await usage.ensureCounted(signal);
        else {
          if (!justCounted.delete(found.id)) await usage.count(undefined, signal);
          await lookAt(found, signal);
          remember(found.id, usage);
          await disksNow();
        }
        const summary = summaryOf(found.id, usage);
        if (summary === undefined) throw new LarderError('CANCELLED', 'The count was stopped.');
        return isLive ? summary : { ...summary, live: liveOf(found.id) };
      },
      async children({ store, ...input }, { signal }) {
        const found = stores.get(store);
        return children.of(found, await usageOf(found).ensureCounted(signal), input, signal);
      },
      async find({ store, ...input }, { signal }) {
        const found = stores.get(store);
        return foundBelow(found, await usageOf(found).ensureCounted(signal), input, signal);
      },
      async entry({ store, path }, { signal }) {
        const found = stores.get(store);
        const tree = await usageOf(found).ensureCounted(signal);
        return entryOf(context.pool, found, tree, path, new StoreRoles(areasIn(found.id)), signal);
      },
      async details({ store, path, limit }, { signal }) {
        const found = stores.get(store);
        const tree = await usageOf(found).ensureCounted(signal);
        return details.of(found, tree, { path, limit }, context.clock(), signal);
      },
      async treemap({ store, ...input }, { signal }) {
        const found = stores.get(store);
        const tree = await usageOf(found).ensureCounted(signal);
        return tilesOf(found, tree, input, new StoreRoles(areasIn(found.id)));
      },
      async freed({ store, paths }, { signal }) {
        const found = stores.get(store);
        return freedOf(found, await usageOf(found).ensureCounted(signal), paths, signal);
      },
      series: ({ store, sinceMs }) => ({ series: history.series(stores.get(store).id, sinceMs) }),
      changes({ store, sinceMs, limit }) {
        const of = store === undefined ? stores.list() : [stores.get(store)];
        const changes = of.flatMap(({ id }) =>
          history.changes(id, sinceMs, limit).map((change) => ({ store: id, ...change })),
        );
        const size = ({ before, after }: { before: number; after: number }): number => Math.abs(after - before);
        return { changes: changes.sort((a, b) => size(b) - size(a)).slice(0, limit) };
      },
      async forecast() {
        const disks = await disksNow();
        const now = context.clock();
        return {
          forecasts: disks.map(({ mountPoint, free }) => ({
            mountPoint,
            ...forecastFull(history.disks.fill(mountPoint, now - forecastWindowMs), free, now),
          })),
        };
      },
      rescan({ store }) {
        const found = stores.get(store);
        const usage = usageOf(found);
        const job = jobs.start({ kind: 'count', title: `Count ${found.name}`, store: found.id }, async (handle) => {
          await usage.count((progress) => report(handle, progress), handle.signal);
          if (!isLive) justCounted.add(found.id);
          return outcome(handle, usage);
        });
        return { job };
      },
      async disks() {
        return { disks: await disksNow() };
      },
      history({ store, sinceMs }) {
        return { samples: history.samples(sinceMs, store === undefined ? undefined : stores.get(store).id) };
      },
    },
    live: liveOf,
    summary: (store) => summaryOf(store),
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onLive(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      if (!isLive) return;
      started = true;
      notice.removeLeftovers();
      history.thin();
      const timer = setInterval(() => history.thin(), thinEveryMs);
      timer.unref();
      timers.add(timer);
      watchDisks();
      const disksTimer = setInterval(watchDisks, disksEveryMs);
      disksTimer.unref();
      timers.add(disksTimer);
      detachers.push(
        stores.onChange(follow),
        context.layouts.onChange((id) => {
          const usage = byStore.get(id);
          if (usage !== undefined) tell(id, usage, ['']);
        }),
      );
      follow();
    },
    async stop() {
      if (started) notice.remove();
      started = false;
      for (const detach of detachers.splice(0)) detach();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      children.stop();
      history.stop();
      await Promise.all([...byStore.values()].map((usage) => usage.stop()));
      await opening;
      byStore.clear();
    },
  };
}
