import type { AreaUsage, Output, Role, UsageSummary } from '../../shared/contract/index.ts';
import type { Clock } from '../context.ts';
import type { Database, Migration } from '../db/index.ts';
import { biggestChanges } from './changes.ts';
import type { Change } from './changes.ts';
import { DirectoryHistory, directoriesMigration } from './directories.ts';
import type { NotedDirectories } from './directories.ts';
import { DiskHistory, disksMigration } from './disk-history.ts';
import { dayMs, thin } from './thin.ts';

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
  directoriesMigration,
  disksMigration,
];

/** Figures of one area at one time. */
export type AreaSample = Pick<AreaUsage, 'path' | 'role' | 'bytes' | 'allocated' | 'files'>;
export type UsageSample = Output<'usage.history'>['samples'][number];

/** Samples of a store lie at least this far apart. */
export const sampleEveryMs = 60_000;
/** Points of a curve: more say nothing more in a chart, and take the engine thread longer to read. */
const pointsOfCurve = 500;

function areasOf({ areas, loose }: NotedUsage['summary']): AreaSample[] {
  const samples: AreaSample[] = areas.map(({ path, role, bytes, allocated, files }) => ({
    path,
    role,
    bytes,
    allocated,
    files,
  }));
  samples.push({ path: '', ...loose, role: loose.role ?? 'other' });
  return samples;
}

/** The nearest of some folders that a path lies in; undefined when it lies in none. */
function nearest(path: string, folders: ReadonlySet<string>): string | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    if (folders.has(folder)) return folder;
  }
  return undefined;
}

/** Blocks of areas with what lies in areas within them, as their folders take them. */
function wholeAreas(areas: readonly AreaSample[]): Map<string, number> {
  const paths = new Set(areas.flatMap(({ path }) => (path === '' ? [] : [path])));
  const whole = new Map<string, number>();
  for (const { path, allocated } of areas) {
    for (let at = paths.has(path) ? path : undefined; at !== undefined; at = nearest(at, paths)) {
      whole.set(at, (whole.get(at) ?? 0) + allocated);
    }
  }
  return whole;
}

/** Blocks by area, where one that the other side counts as part of a larger one is part of that here, too. */
function alike(areas: readonly AreaSample[], others: readonly AreaSample[]): Map<string, number> {
  const known = new Set(others.map(({ path }) => path));
  const sums = new Map<string, number>();
  for (const { path, allocated } of areas) {
    const at = known.has(path) ? path : (nearest(path, known) ?? path);
    sums.set(at, (sums.get(at) ?? 0) + allocated);
  }
  return sums;
}

/** Blocks on disk, as the disk fills by them; those of the root itself lie in no area. */
function byRole({ allocated: whole, areas }: Pick<SampleRow, 'allocated' | 'areas'>): Partial<Record<Role, number>> {
  const sums: Partial<Record<Role, number>> = {};
  let rest = whole;
  for (const { role, allocated } of areas) {
    if (allocated > 0) sums[role] = (sums[role] ?? 0) + allocated;
    rest -= allocated;
  }
  if (rest > 0) sums.other = (sums.other ?? 0) + rest;
  return sums;
}

/** A store as it is noted: its totals, and the directories directly inside its areas. */
export interface NotedUsage {
  summary: Pick<UsageSummary, 'bytes' | 'allocated' | 'files' | 'areas' | 'loose'>;
  /** Looked up only when a sample is kept. */
  directories: () => NotedDirectories;
}

export type Series = Output<'usage.series'>['series'][number];

interface SampleRow {
  atMs: number;
  store: string;
  bytes: number;
  allocated: number;
  files: number;
  areas: AreaSample[];
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
  readonly #directories: DirectoryHistory;
  /** How full the disks were. */
  readonly disks: DiskHistory;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#directories = new DirectoryHistory(db);
    this.disks = new DiskHistory(db);
  }

  /**
   * Keeps a sample if something changed since the last. Within a minute of that one it is put off until the minute is
   * over; `current` is asked again then.
   */
  note(store: string, current: () => NotedUsage | undefined): void {
    if (this.#timers.has(store)) return;
    const now = this.#clock();
    const last = this.#lastOf(store);
    const waitMs = last === undefined ? 0 : last.atMs + sampleEveryMs - now;
    // A clock that was set back must not stop the history.
    if (waitMs > 0 && waitMs <= sampleEveryMs) {
      const timer = setTimeout(() => {
        this.#timers.delete(store);
        this.note(store, current);
      }, waitMs);
      timer.unref();
      this.#timers.set(store, timer);
      return;
    }
    const noted = current();
    if (noted !== undefined) this.#write(store, noted, Math.round(now), last);
  }

  /**
   * What was noted from a time on, at most about five hundred samples a store. What was known when that time began comes
   * first, as of `sinceMs`, so that a curve has a beginning.
   */
  samples(sinceMs: number, store?: string): UsageSample[] {
    return this.#rows(sinceMs, store).map((row) => ({
      atMs: row.atMs,
      store: row.store,
      byRole: byRole(row),
      bytes: row.bytes,
      files: row.files,
    }));
  }

  /** Allocated bytes over time: the store (`''`), its areas, and the directories in them that are followed. */
  series(store: string, sinceMs: number): Series[] {
    const byPath = new Map<string, Series>();
    const add = (path: string, atMs: number, allocated: number): void => {
      const known = byPath.get(path);
      if (known === undefined) byPath.set(path, { path, points: [{ atMs, allocated }] });
      else known.points.push({ atMs, allocated });
    };
    const rows = this.#rows(sinceMs, store);
    const known = new Set<string>();
    for (const { atMs, areas, allocated } of rows) {
      add('', atMs, allocated);
      const whole = wholeAreas(areas);
      for (const [path, ofArea] of whole) {
        // It was not there before, or part of an area that was.
        if (!known.has(path) && rows[0]?.atMs !== atMs && nearest(path, known) === undefined) add(path, atMs - 1, 0);
        add(path, atMs, ofArea);
      }
      for (const path of known) {
        if (whole.has(path)) continue;
        known.delete(path);
        if (nearest(path, new Set(whole.keys())) === undefined) add(path, atMs, 0);
      }
      for (const path of whole.keys()) known.add(path);
    }
    for (const { path, atMs, allocated } of this.#directories.since(store, sinceMs)) add(path, atMs, allocated);
    // What is an area now may have been followed as a directory before.
    for (const { points } of byPath.values()) points.sort((a, b) => a.atMs - b.atMs);
    return [...byPath.values()];
  }

  /** What moved since a time, largest change first. What came later than the history began counts from nothing. */
  changes(store: string, sinceMs: number, limit: number): Change[] {
    const [before, after] = [this.#areasAt(store, sinceMs), this.#areasAt(store, Infinity)];
    if (before === undefined || after === undefined) return [];
    const roles = new Map([...before, ...after].map(({ path, role }) => [path, role]));
    const [was, is] = [alike(before, after), alike(after, before)];
    const areas = [...new Set([...was.keys(), ...is.keys()])].map((path) => ({
      path,
      before: was.get(path) ?? 0,
      after: is.get(path) ?? 0,
    }));
    const known = new Set(roles.keys());
    return biggestChanges(areas, this.#directories.changes(store, sinceMs), limit).map((change) => ({
      ...change,
      role: roles.get(known.has(change.path) ? change.path : (nearest(change.path, known) ?? '')) ?? 'other',
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
      this.#directories.thin(now);
      this.disks.thin(now);
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

  #rows(sinceMs: number, store: string | undefined): SampleRow[] {
    const since = Math.round(sinceMs);
    const { sqlite } = this.#db;
    // Of each span the last: what SQLite gives beside max() is from the row it found.
    const rows = sqlite
      .prepare(
        `WITH span AS (
           SELECT max(1, (max(at_ms) - min(at_ms)) / ${pointsOfCurve}) AS ms, min(at_ms) AS first FROM usage_samples
           WHERE at_ms >= :since AND (:store IS NULL OR store = :store)
         )
         SELECT s.store, max(s.at_ms) AS at_ms, s.bytes, s.allocated, s.files, s.areas FROM usage_samples AS s, span
         WHERE s.at_ms >= :since AND (:store IS NULL OR s.store = :store)
         GROUP BY s.store, (s.at_ms - span.first) / span.ms
         UNION ALL
         SELECT s.store, :since AS at_ms, s.bytes, s.allocated, s.files, s.areas FROM (
           SELECT store, max(at_ms) AS at_ms, bytes, allocated, files, areas FROM usage_samples
           WHERE at_ms < :since AND (:store IS NULL OR store = :store) GROUP BY store
         ) AS s
         WHERE NOT EXISTS (SELECT 1 FROM usage_samples AS t WHERE t.store = s.store AND t.at_ms = :since)
         ORDER BY 2, 1`,
      )
      .all({ since, store: store ?? null });
    return rows.map((row) => ({
      atMs: Number(row['at_ms']),
      store: String(row['store']),
      bytes: Number(row['bytes']),
      allocated: Number(row['allocated']),
      files: Number(row['files']),
      areas: JSON.parse(String(row['areas'])) as AreaSample[],
    }));
  }

  /** Areas as known at a time; where the history begins later, as it begins. */
  #areasAt(store: string, atMs: number): AreaSample[] | undefined {
    const { sqlite } = this.#db;
    const row =
      sqlite
        .prepare('SELECT areas FROM usage_samples WHERE store = ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1')
        .get(store, Number.isFinite(atMs) ? Math.round(atMs) : Number.MAX_SAFE_INTEGER) ??
      sqlite.prepare('SELECT areas FROM usage_samples WHERE store = ? ORDER BY at_ms LIMIT 1').get(store);
    return row === undefined ? undefined : (JSON.parse(String(row['areas'])) as AreaSample[]);
  }

  #write(store: string, { summary, directories }: NotedUsage, atMs: number, last: Last | undefined): void {
    const areas = JSON.stringify(areasOf(summary));
    const figures = `${summary.allocated} ${areas}`;
    if (last?.figures === figures) return;
    this.#db.transaction(() => {
      this.#db.sqlite
        .prepare(
          `INSERT INTO usage_samples (store, at_ms, bytes, allocated, files, areas) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET bytes = excluded.bytes, allocated = excluded.allocated, files = excluded.files,
             areas = excluded.areas`,
        )
        .run(store, atMs, summary.bytes, summary.allocated, summary.files, areas);
      this.#directories.write(store, atMs, directories(), last !== undefined);
    });
    this.#last.set(store, { atMs, figures });
  }
}
