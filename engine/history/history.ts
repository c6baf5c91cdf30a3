import type { AreaUsage, Output, Role, UsageSummary } from '../../shared/contract/index.ts';
import type { Clock } from '../context.ts';
import type { Database, Migration } from '../db/index.ts';

export const historyMigrations: readonly Migration[] = [
  {
    id: 'history-1',
    sql: `
      CREATE TABLE usage_samples (
        store TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        allocated INTEGER NOT NULL,
        files INTEGER NOT NULL,
        -- JSON: [{path, role, bytes, allocated, files}], one a top-level directory; '' stands for files in the root.
        areas TEXT NOT NULL,
        PRIMARY KEY (store, at_ms)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

/** Figures of one area at one time. */
export type AreaSample = Pick<AreaUsage, 'path' | 'role' | 'bytes' | 'allocated' | 'files'>;
export type UsageSample = Output<'usage.history'>['samples'][number];

/** Samples of a store lie at least this far apart. */
export const sampleEveryMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Every sample is kept for a week, one an hour for 90 days, one a day for ever. */
const tiers = [
  { fromMs: 7 * dayMs, toMs: 90 * dayMs, bucketMs: hourMs },
  { fromMs: 90 * dayMs, toMs: Infinity, bucketMs: dayMs },
] as const;

/** Which of these times (ascending) are to be forgotten at `nowMs`: all but the last of each bucket of their tier. */
export function thin(timesMs: readonly number[], nowMs: number): number[] {
  return timesMs.filter((time, index) => {
    const age = nowMs - time;
    const tier = tiers.find(({ fromMs, toMs }) => age > fromMs && age <= toMs);
    if (tier === undefined) return false;
    const next = timesMs[index + 1];
    return next !== undefined && Math.floor(next / tier.bucketMs) === Math.floor(time / tier.bucketMs);
  });
}

function areasOf({ areas, loose }: UsageSummary): AreaSample[] {
  const samples: AreaSample[] = areas.map(({ path, role, bytes, allocated, files }) => ({
    path,
    role,
    bytes,
    allocated,
    files,
  }));
  samples.push({ path: '', role: 'other', ...loose });
  return samples;
}

function byRole(areas: readonly AreaSample[]): Partial<Record<Role, number>> {
  const sums: Partial<Record<Role, number>> = {};
  for (const { role, bytes } of areas) {
    if (bytes > 0) sums[role] = (sums[role] ?? 0) + bytes;
  }
  return sums;
}

interface Last {
  atMs: number;
  figures: string;
}

/** Usage over time, in the database. */
export class History {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #last = new Map<string, Last>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * Keeps a sample if something changed since the last. Within a minute of that one it is put off until the minute is
   * over; `summary` is asked again then.
   */
  note(store: string, summary: () => UsageSummary | undefined): void {
    if (this.#timers.has(store)) return;
    const now = this.#clock();
    const last = this.#lastOf(store);
    const waitMs = last === undefined ? 0 : last.atMs + sampleEveryMs - now;
    // A clock that was set back must not stop the history.
    if (waitMs > 0 && waitMs <= sampleEveryMs) {
      const timer = setTimeout(() => {
        this.#timers.delete(store);
        this.note(store, summary);
      }, waitMs);
      timer.unref();
      this.#timers.set(store, timer);
      return;
    }
    const current = summary();
    if (current !== undefined) this.#write(store, current, Math.round(now), last);
  }

  samples(sinceMs: number, store?: string): UsageSample[] {
    const rows = this.#db.sqlite
      .prepare(
        `SELECT store, at_ms, bytes, files, areas FROM usage_samples
         WHERE at_ms >= ? AND (? IS NULL OR store = ?) ORDER BY at_ms, store`,
      )
      .all(Math.round(sinceMs), store ?? null, store ?? null);
    return rows.map((row) => ({
      atMs: Number(row['at_ms']),
      store: String(row['store']),
      byRole: byRole(JSON.parse(String(row['areas'])) as AreaSample[]),
      bytes: Number(row['bytes']),
      files: Number(row['files']),
    }));
  }

  /** Forgets what is too fine for its age. */
  thin(): void {
    const now = this.#clock();
    const { sqlite } = this.#db;
    const old = sqlite
      .prepare('SELECT store, at_ms FROM usage_samples WHERE at_ms < ? ORDER BY store, at_ms')
      .all(Math.round(now - 7 * dayMs));
    const byStore = Map.groupBy(old, (row) => String(row['store']));
    this.#db.transaction(() => {
      const forget = sqlite.prepare('DELETE FROM usage_samples WHERE store = ? AND at_ms = ?');
      for (const [store, rows] of byStore) {
        const times = rows.map((row) => Number(row['at_ms']));
        for (const time of thin(times, now)) forget.run(store, time);
      }
    });
  }

  /** Ends what was put off; nothing is written after this. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #lastOf(store: string): Last | undefined {
    const known = this.#last.get(store);
    if (known !== undefined) return known;
    const row = this.#db.sqlite
      .prepare('SELECT at_ms, allocated, areas FROM usage_samples WHERE store = ? ORDER BY at_ms DESC LIMIT 1')
      .get(store);
    if (row === undefined) return undefined;
    const last = { atMs: Number(row['at_ms']), figures: `${Number(row['allocated'])} ${String(row['areas'])}` };
    this.#last.set(store, last);
    return last;
  }

  #write(store: string, summary: UsageSummary, atMs: number, last: Last | undefined): void {
    const areas = JSON.stringify(areasOf(summary));
    const figures = `${summary.allocated} ${areas}`;
    if (last?.figures === figures) return;
    this.#db.sqlite
      .prepare(
        `INSERT INTO usage_samples (store, at_ms, bytes, allocated, files, areas) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET bytes = excluded.bytes, allocated = excluded.allocated, files = excluded.files,
           areas = excluded.areas`,
      )
      .run(store, atMs, summary.bytes, summary.allocated, summary.files, areas);
    this.#last.set(store, { atMs, figures });
  }
}
