import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { LarderError, procedures } from '../shared/contract/index.ts';
import type { domains, EventData, EventName, Live } from '../shared/contract/index.ts';
import type { Transport } from '../shared/client/index.ts';
import { canCompressZstd } from './archive/index.ts';
import { backupMigrations, createBackups } from './backup/index.ts';
import { createCompose } from './compose/index.ts';
import type { Capability, EngineContext } from './context.ts';
import { openDatabase } from './db/index.ts';
import { createDiscover } from './discover/index.ts';
import { connectInProcess, EventBus, PathGrants, Session } from './dispatch/index.ts';
import type { AnyHandler } from './dispatch/index.ts';
import { nodeFs, toLarderError } from './fs/index.ts';
import { createHealth, healthMigrations } from './health/index.ts';
import { historyMigrations } from './history/index.ts';
import { createJobs, JobLog, jobMigrations, JobRunner } from './jobs/index.ts';
import { createLayouts, detectIn, layoutMigrations, Layouts } from './layouts/index.ts';
import { createFileLog } from './log/index.ts';
import { createThreadPool } from './pool/index.ts';
import { createRestore, restoreMigrations } from './restore/index.ts';
import { createSample } from './sample/index.ts';
import { createSecrets, Secrets } from './secrets/index.ts';
import type { KeyFiles, KeyVault } from './secrets/index.ts';
import { createSettings, settingsMigrations } from './settings/index.ts';
import { createSetup, setupMigrations } from './setup/index.ts';
import { createStores, storeMigrations, Stores } from './stores/index.ts';
import { createSystem, Notices } from './system/index.ts';
import { createUsage } from './usage/index.ts';
import type { Usage } from './usage/index.ts';

/** Every step of the schema, in the order they came to be; new ones go to the end. */
const migrations = [
  ...settingsMigrations,
  ...storeMigrations,
  ...jobMigrations,
  ...historyMigrations,
  ...backupMigrations,
  ...restoreMigrations,
  ...layoutMigrations,
  ...setupMigrations,
  ...healthMigrations,
];

export interface EngineOptions {
  /** Folder of settings, history and job log; made when it is not there. */
  readonly home: string;
  readonly version: string;
  /** Whether it watches and does things by itself; false for a single command. */
  readonly live: boolean;
  /** Entry of a pool worker: `engine/pool-worker`. */
  readonly poolWorkerUrl: URL;
  /** Parse every answer too: development and tests. */
  readonly validateOutput?: boolean;
  /** The keychain of the operating system, where the shell has one. */
  readonly vault?: KeyVault | undefined;
  /** Keys that were named for this run. */
  readonly keyFiles?: KeyFiles | undefined;
}

export interface OpenOptions {
  /** Whether the session may name any path, or only such as lie in a store or were chosen in a native dialog. */
  readonly paths: 'any' | 'granted';
  readonly deliver: (frame: string) => void;
}

export interface Engine {
  /** Opens a session over a carrier of the caller's. */
  open(options: OpenOptions): Session;
  /** Opens a session in this process. */
  connect(options: { paths: 'any' | 'granted' }): Transport;
  /** Lets jobs settle and closes everything. */
  stop(): Promise<void>;
}

/**
 * By how many percent a thread's heap may grow before it is collected again. V8's own factor is up to four, which on a
 * large machine lets hundreds of megabytes of text of manifests pile up; this costs a few percent of CPU time.
 */
const heapGrowingPercent = 20;

/**
 * By which factor a thread's room for what is new may grow: not at all. V8 doubles it while much survives, to 128 MB and
 * more in a process's main thread, which has no other limit; the small one it begins with costs no time that could be
 * measured.
 */
const semiSpaceGrowthFactor = 1;

/** Builds the engine: everything Larder does, without any shell. Throws `LarderError` when its home cannot be used. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  setFlagsFromString(`--semi-space-growth-factor=${semiSpaceGrowthFactor}`);
  const home = prepareHome(options.home);
  const fs = nodeFs;
  const clock = Date.now;
  const validate = options.validateOutput ?? false;
  const bus = new EventBus(validate);
  const emit = <N extends EventName>(name: N, data: EventData<N>): void => bus.emit(name, data);
  const opened = openDatabase({ fs, home, migrations, now: clock() });
  const db = opened.database;
  const log = createFileLog(fs, home);
  const pool = createThreadPool(options.poolWorkerUrl);
  const notices = new Notices(opened.notices, emit);
  const jobLog = new JobLog(db);
  const jobs = new JobRunner({ log: jobLog, now: clock, announce: (job) => emit('jobs.changed', { job }) });
  const settings = createSettings({ db, emit });
  // Stores tell how live they are, which only the usage capability knows, which is made of stores.
  const late: { usage?: Usage } = {};
  const liveOf = (id: string): Live => late.usage?.live(id) ?? { state: 'off' };
  const stores = new Stores({ db, fs, clock, liveOf });
  const layouts = new Layouts({ fs, pool });
  const secrets = new Secrets({ fs, home, clock, stores, vault: options.vault, keyFiles: options.keyFiles });
  const own = { home, fs, pool, db, clock, log, jobs, settings, live: options.live, emit };
  const context = { ...own, stores, layouts, secrets } satisfies EngineContext;

  const usage = createUsage(context);
  late.usage = usage;
  usage.onLive(() => emit('stores.changed', { stores: stores.list() }));
  const backups = createBackups(context);
  const compose = createCompose(context);
  const jobsCapability = createJobs(jobs, jobLog);
  const storesCapability = createStores({
    fs,
    registry: stores,
    layouts,
    secrets,
    detect: (path, signal) => detectIn(context, path, signal),
    emit,
    ...(options.live ? { noticeOthers: { everyMs: 2_000, log } } : {}),
    countBackups: (destination) => backups.count(destination),
  });
  const capabilities = {
    stores: storesCapability,
    layouts: createLayouts(context, layouts),
    usage,
    backups,
    restore: createRestore(context, backups),
    secrets: createSecrets(context, secrets),
    compose,
    setup: createSetup(context, {
      addStore: (input) => storesCapability.add(input),
      removeStore: (id) => stores.remove(id),
    }),
    discover: createDiscover(context, { addStore: (input) => storesCapability.add(input) }),
    health: createHealth({
      context,
      usage,
      backups,
      compose,
      jobs: jobsCapability,
      notices: () => notices.list(),
      version: options.version,
    }),
    jobs: jobsCapability,
    settings,
    system: createSystem({ context, notices, version: options.version, canCompressZstd: canCompressZstd() }),
    sample: createSample(context, (path, name) => storesCapability.add({ path, name })),
  } satisfies { readonly [D in keyof typeof domains]: Capability<D> };
  const handlers = collectHandlers(capabilities);
  for (const job of jobLog.settleInterrupted(clock()))
    log.warn({ job: job.id, title: job.title }, 'A job was interrupted');
  for (const notice of opened.notices) log.warn({ notice: notice.id }, notice.message);
  const parts: Pick<Capability<'stores'>, 'start' | 'stop'>[] = Object.values(capabilities);
  for (const part of parts) await part.start?.();

  const open = ({ paths, deliver }: OpenOptions): Session =>
    new Session({
      handlers,
      bus,
      grants: new PathGrants(paths, fs, stores),
      log,
      validateOutput: validate,
      deliver,
    });

  return {
    open,
    connect: ({ paths }) => connectInProcess((deliver) => open({ paths, deliver })),
    async stop() {
      await jobs.stop();
      for (const part of parts.toReversed()) await part.stop?.();
      await pool.close();
      db.close();
      log.close();
    },
  };
}

function prepareHome(wanted: string): string {
  const home = resolve(wanted);
  try {
    nodeFs.makeDirectory(home, { recursive: true, mode: 0o700 });
    const probe = join(home, `.write-test-${process.pid}`);
    nodeFs.close(nodeFs.open(probe, 'w', 0o600));
    nodeFs.unlink(probe);
    return home;
  } catch (error) {
    const reason = toLarderError(error, home);
    throw new LarderError(reason.code, `Larder's settings folder cannot be used: ${reason.message}`, {
      hint: 'Set LARDER_HOME to a folder that you can write.',
      cause: error,
    });
  }
}

/** Handlers by full name; proves at start that each procedure of the contract has exactly one. */
function collectHandlers(capabilities: Record<string, { handlers: object }>): Map<string, AnyHandler> {
  const handlers = new Map<string, AnyHandler>();
  for (const [domain, capability] of Object.entries(capabilities)) {
    for (const [name, handler] of Object.entries(capability.handlers)) {
      handlers.set(`${domain}.${name}`, handler as AnyHandler);
    }
  }
  const missing = [...procedures.keys()].filter((name) => !handlers.has(name));
  if (missing.length > 0) throw new Error(`The contract has procedures nobody answers: ${missing.join(', ')}.`);
  return handlers;
}
