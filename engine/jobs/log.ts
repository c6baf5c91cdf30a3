import type { Job, JobKind, Skipped } from '../../shared/contract/index.ts';
import { jobSchema } from '../../shared/contract/index.ts';
import type { Database, Migration } from '../db/index.ts';
import { currentProcess, isRunning } from '../process/index.ts';
import type { ProcessIdentity } from '../process/index.ts';

export const jobMigrations: readonly Migration[] = [
  {
    id: 'jobs-1',
    sql: `
      CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        store TEXT,
        status TEXT NOT NULL,
        started_at_ms INTEGER NOT NULL,
        owner TEXT NOT NULL,
        job TEXT NOT NULL
      ) STRICT;
      CREATE INDEX jobs_by_start ON jobs (started_at_ms DESC);
      CREATE TABLE job_warnings (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        path TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (job, position)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

export interface JobQuery {
  readonly store?: string | undefined;
  readonly kind?: JobKind | undefined;
  readonly beforeMs?: number | undefined;
  readonly limit: number;
}

/** The activity log on disk. */
export class JobLog {
  private readonly db: Database;
  private readonly owner: ProcessIdentity;

  constructor(db: Database, owner: ProcessIdentity = currentProcess()) {
    this.db = db;
    this.owner = owner;
  }

  save(job: Job, warnings: readonly Skipped[]): void {
    this.db.transaction(() => {
      this.db.sqlite
        .prepare(
          `INSERT INTO jobs (id, kind, store, status, started_at_ms, owner, job) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET status = excluded.status, job = excluded.job`,
        )
        .run(
          job.id,
          job.kind,
          job.store ?? null,
          job.status,
          Math.round(job.startedAtMs),
          JSON.stringify(this.owner),
          JSON.stringify(job),
        );
      const insert = this.db.sqlite.prepare('INSERT OR REPLACE INTO job_warnings VALUES (?, ?, ?, ?)');
      // JSON text keeps names that are not UTF-8, which SQLite's text would not.
      warnings.forEach((warning, position) =>
        insert.run(job.id, position, JSON.stringify(warning.path), warning.reason),
      );
    });
  }

  list(query: JobQuery): Job[] {
    const rows = this.db.sqlite
      .prepare(
        `SELECT job FROM jobs
         WHERE (:store IS NULL OR store = :store) AND (:kind IS NULL OR kind = :kind)
           AND (:before IS NULL OR started_at_ms < :before)
         ORDER BY started_at_ms DESC, id DESC LIMIT :limit`,
      )
      .all({
        store: query.store ?? null,
        kind: query.kind ?? null,
        before: query.beforeMs ?? null,
        limit: query.limit,
      });
    return rows.map((row) => jobSchema.parse(JSON.parse(String(row['job']))));
  }

  get(id: string): Job | undefined {
    const row = this.db.sqlite.prepare('SELECT job FROM jobs WHERE id = ?').get(id);
    return row === undefined ? undefined : jobSchema.parse(JSON.parse(String(row['job'])));
  }

  warnings(id: string): Skipped[] {
    return this.db.sqlite
      .prepare('SELECT path, reason FROM job_warnings WHERE job = ? ORDER BY position')
      .all(id)
      .map((row) => ({ path: JSON.parse(String(row['path'])) as string, reason: String(row['reason']) }));
  }

  /** Marks jobs as interrupted whose process is gone; returns them. */
  settleInterrupted(now: number): Job[] {
    const rows = this.db.sqlite.prepare("SELECT job, owner FROM jobs WHERE status = 'running'").all();
    const settled: Job[] = [];
    for (const row of rows) {
      if (isRunning(JSON.parse(String(row['owner'])) as ProcessIdentity) !== false) continue;
      const job = jobSchema.parse(JSON.parse(String(row['job'])));
      const interrupted: Job = { ...job, status: 'interrupted', cancellable: false, finishedAtMs: now };
      this.save(interrupted, []);
      settled.push(interrupted);
    }
    return settled;
  }
}
