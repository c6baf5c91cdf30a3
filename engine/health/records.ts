import { healthReportSchema } from '../../shared/contract/index.ts';
import type { HealthMute, HealthReport, HealthSample } from '../../shared/contract/index.ts';
import type { Database } from '../db/index.ts';
import { thin } from '../history/index.ts';

/** Samples of an unchanged score lie at least this far apart, ms. */
const sampleEveryMs = 3_600_000;

interface Muted extends HealthMute {
  readonly check: string;
  /** `''` where the check has none. */
  readonly area: string;
}

/** Reports, scores over time and what is muted, in Larder's database. */
export class HealthRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The last report; undefined before the first, and when an older Larder's cannot be read any more. */
  report(store: string): HealthReport | undefined {
    const row = this.#db.sqlite.prepare('SELECT report FROM health_reports WHERE store = ?').get(store);
    return row === undefined ? undefined : healthReportSchema.safeParse(JSON.parse(String(row['report']))).data;
  }

  /** Versions of Larder that made the last report of any store. */
  versions(): string[] {
    return this.#db.sqlite
      .prepare('SELECT DISTINCT version FROM health_reports')
      .all()
      .map((row) => String(row['version']));
  }

  /** Keeps a report, and its score for the history when `isWhole`. */
  keep(report: HealthReport, version: string, isWhole: boolean): void {
    const atMs = Math.round(report.atMs);
    this.#db.transaction(() => {
      this.#db.sqlite
        .prepare('INSERT OR REPLACE INTO health_reports (store, at_ms, version, report) VALUES (?, ?, ?, ?)')
        .run(report.store, atMs, version, JSON.stringify(report));
      if (isWhole) this.#sample(report, atMs);
    });
  }

  #sample({ store, score, counts: { pass, warn, fail } }: HealthReport, atMs: number): void {
    const { sqlite } = this.#db;
    const last = sqlite
      .prepare('SELECT * FROM health_samples WHERE store = ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1')
      .get(store, atMs);
    const isSame = last !== undefined && last['score'] === score && last['fail'] === fail && last['warn'] === warn;
    if (isSame && atMs - Number(last['at_ms']) < sampleEveryMs) return;
    sqlite
      .prepare(
        'INSERT OR REPLACE INTO health_samples (store, at_ms, score, pass, warn, fail) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(store, atMs, score, pass, warn, fail);
  }

  /** In the order of time. */
  samples(store: string, sinceMs: number): HealthSample[] {
    return this.#db.sqlite
      .prepare('SELECT * FROM health_samples WHERE store = ? AND at_ms >= ? ORDER BY at_ms')
      .all(store, Math.round(sinceMs))
      .map((row) => ({
        atMs: Number(row['at_ms']),
        score: Number(row['score']),
        pass: Number(row['pass']),
        warn: Number(row['warn']),
        fail: Number(row['fail']),
      }));
  }

  /** Thins old samples, as the history of usage is thinned. */
  thin(nowMs: number): void {
    const { sqlite } = this.#db;
    const forget = sqlite.prepare('DELETE FROM health_samples WHERE store = ? AND at_ms = ?');
    for (const { store } of sqlite.prepare('SELECT DISTINCT store FROM health_samples').all()) {
      const times = this.samples(String(store), -Infinity).map(({ atMs }) => atMs);
      for (const time of thin(times, nowMs)) forget.run(String(store), time);
    }
  }

  mute(store: string, { check, area, reason, sinceMs, untilMs }: Muted): void {
    this.#db.sqlite
      .prepare(
        'INSERT OR REPLACE INTO health_mutes (store, check_id, area, reason, since_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        store,
        check,
        JSON.stringify(area),
        reason,
        Math.round(sinceMs),
        untilMs === undefined ? null : Math.round(untilMs),
      );
  }

  /** False when it was not muted. */
  unmute(store: string, check: string, area: string): boolean {
    const { changes } = this.#db.sqlite
      .prepare('DELETE FROM health_mutes WHERE store = ? AND check_id = ? AND area = ?')
      .run(store, check, JSON.stringify(area));
    return changes > 0;
  }

  /** What is muted now. */
  mutes(store: string, nowMs: number): Muted[] {
    return this.#db.sqlite
      .prepare('SELECT * FROM health_mutes WHERE store = ? AND (until_ms IS NULL OR until_ms > ?)')
      .all(store, Math.round(nowMs))
      .map((row) => ({
        check: String(row['check_id']),
        area: JSON.parse(String(row['area'])) as string,
        reason: String(row['reason']),
        sinceMs: Number(row['since_ms']),
        ...(row['until_ms'] === null ? {} : { untilMs: Number(row['until_ms']) }),
      }));
  }

  /** Forgets stores that are gone. */
  keepOnly(stores: readonly string[]): void {
    const { sqlite } = this.#db;
    for (const table of ['health_reports', 'health_samples', 'health_mutes', 'health_files']) {
      for (const row of sqlite.prepare(`SELECT DISTINCT store FROM ${table}`).all()) {
        if (!stores.includes(String(row['store']))) {
          sqlite.prepare(`DELETE FROM ${table} WHERE store = ?`).run(String(row['store']));
        }
      }
    }
  }
}
