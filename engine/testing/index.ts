import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { events as eventSchemas } from '../../shared/contract/index.ts';
import type { EventData, EventName, Job, Settings } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { openDatabase } from '../db/index.ts';
import type { Migration } from '../db/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { JobLog, jobMigrations, JobRunner } from '../jobs/index.ts';
import { Layouts } from '../layouts/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { Secrets } from '../secrets/index.ts';
import type { SecretsParts } from '../secrets/index.ts';
import { createSettings, settingsMigrations } from '../settings/index.ts';
import { storeMigrations, Stores } from '../stores/index.ts';

/** What tests of the engine share. Nothing here is part of the product. */

/** A fresh folder under the system's temporary folder; `remove` deletes it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'larder-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface RecordedEvent {
  readonly name: EventName;
  readonly data: unknown;
}

export interface TestContext extends EngineContext {
  readonly stores: Stores;
  readonly jobs: JobRunner;
  readonly secrets: Secrets;
  readonly folder: string;
  readonly events: readonly RecordedEvent[];
  /** Sets some settings, as `settings.set` would. */
  set(change: Partial<Settings>): void;
  /** Waits for a job and returns how it ended. */
  job(id: string): Promise<Job>;
  close(): Promise<void>;
}

export interface TestContextOptions {
  readonly migrations?: readonly Migration[];
  readonly fs?: FileSystem;
  readonly pool?: Pool;
  readonly clock?: () => number;
  readonly live?: boolean;
  readonly vault?: SecretsParts['vault'];
  readonly keyFiles?: SecretsParts['keyFiles'];
}

/**
 * A context over a real temporary home with a real database, an inline pool over the same file system, and events
 * recorded and checked against their schemas. `folder` is a temporary folder for data beside the home.
 */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const temporary = temporaryFolder();
  const fs = options.fs ?? nodeFs;
  const clock = options.clock ?? Date.now;
  const home = join(temporary.path, 'home');
  const folder = join(temporary.path, 'data');
  nodeFs.makeDirectory(home);
  nodeFs.makeDirectory(folder);
  const events: RecordedEvent[] = [];
  const emit = <N extends EventName>(name: N, data: EventData<N>): void => {
    eventSchemas[name].parse(data);
    events.push({ name, data });
  };
  const { database } = openDatabase({
    fs: nodeFs,
    home,
    migrations: [...settingsMigrations, ...storeMigrations, ...jobMigrations, ...(options.migrations ?? [])],
    now: clock(),
  });
  const log = new JobLog(database);
  const jobs = new JobRunner({ log, now: clock, announce: (job) => emit('jobs.changed', { job }) });
  const settings = createSettings({ db: database, emit });
  const stores = new Stores({ db: database, fs: nodeFs, clock, liveOf: () => ({ state: 'off' }) });
  const pool = options.pool ?? createInlinePool(fs);
  const { vault, keyFiles } = options;
  const secrets = new Secrets({ fs: nodeFs, home, clock, stores, vault, keyFiles });
  return {
    home,
    folder,
    fs,
    pool,
    db: database,
    clock,
    log: { info() {}, warn() {}, error() {} },
    jobs,
    stores,
    layouts: new Layouts({ fs: nodeFs, pool }),
    settings,
    secrets,
    live: options.live ?? false,
    emit,
    events,
    set(change) {
      for (const [name, value] of Object.entries(change)) {
        database.sqlite
          .prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
          .run(name, JSON.stringify(value));
      }
    },
    job: (id) => jobs.finished(id),
    async close() {
      await jobs.stop();
      await pool.close();
      database.close();
      temporary.remove();
    },
  };
}
