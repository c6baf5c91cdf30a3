import type { Backup } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { openDatabase } from '../db/index.ts';
import { JobLog, jobMigrations, JobRunner } from '../jobs/index.ts';
import { Layouts } from '../layouts/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { Secrets } from '../secrets/index.ts';
import { createSettings, settingsMigrations } from '../settings/index.ts';
import { storeMigrations, Stores } from '../stores/index.ts';
import { createRestore, restoreMigrations } from './index.ts';
import { catalogOf, faultyFs, hastyFs, parsed, signal } from './test-tree.ts';

/** A process of its own that restores in place and kills itself before the n-th changing call. For crash tests. */
const { home, backup, killAt } = JSON.parse(process.argv[2] ?? '{}') as {
  home: string;
  backup: Backup;
  killAt: number;
};

const { fs } = faultyFs((call) => {
  if (call === killAt) process.kill(process.pid, 'SIGKILL');
});
const { database } = openDatabase({
  fs: hastyFs,
  home,
  migrations: [...settingsMigrations, ...storeMigrations, ...jobMigrations, ...restoreMigrations],
  now: 0,
});
const emit = (): void => {};
const jobs = new JobRunner({ log: new JobLog(database), now: Date.now, announce: emit });
const pool = createInlinePool(fs, 1);
const stores = new Stores({ db: database, fs: hastyFs, clock: Date.now, liveOf: () => ({ state: 'off' }) });
const context: EngineContext = {
  home,
  fs,
  pool,
  db: database,
  clock: Date.now,
  log: { info() {}, warn() {}, error() {} },
  jobs,
  stores,
  layouts: new Layouts({ fs: hastyFs, pool }),
  secrets: new Secrets({ fs, home, clock: Date.now, stores }),
  settings: createSettings({ db: database, emit }),
  live: false,
  emit,
};
const { handlers } = createRestore(context, catalogOf(new Map([[backup.id, backup]])), { flushAll: async () => false });
const plan = await handlers.plan(parsed({ backup: backup.id, deleteExtra: true }), { signal });
const { job } = await handlers.apply({ plan: plan.id }, { signal });
process.stdout.write((await jobs.finished(job)).status);
database.close();
