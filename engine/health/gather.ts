import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Forecast, Job, Notice, Store, StoreLayout, UsageSummary } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Backups } from '../backup/index.ts';
import type { Compose } from '../compose/index.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { mountsBelow, readMounts } from '../usage/index.ts';
import type { Usage } from '../usage/index.ts';
import { envRules } from './env-files.ts';
import type {
  BackupFacts,
  Base,
  DiskFacts,
  FactName,
  Facts,
  Figures,
  Known,
  KnownFacts,
  LarderFacts,
} from './facts.ts';
import type { SeenFiles } from './seen-files.ts';
import { areasTask, destinationTask, envTask, lookTask, walkTask } from './tasks.ts';
import type { TreeFacts, WalkedArea, Wanted } from './tree-facts.ts';

/** The capabilities that know what health asks for. */
export interface Sources {
  readonly context: Pick<EngineContext, 'fs' | 'pool' | 'live'>;
  readonly usage: Pick<Usage, 'live' | 'summary' | 'handlers'>;
  readonly backups: Pick<Backups, 'handlers'>;
  readonly compose: Pick<Compose, 'checkStore'>;
  readonly jobs: Pick<Capability<'jobs'>, 'handlers'>;
  readonly notices: () => readonly Notice[];
  readonly seen: SeenFiles;
  readonly larder: (store: string) => Omit<LarderFacts, 'live' | 'notices'>;
  /** Entries a walk looks at before it gives up. */
  readonly mostEntries: number;
}

export type Progress = (phase: string, done: number, total?: number) => void;

/** Facts that can only be had from a store that is there. */
const ofDisk: readonly FactName[] = ['areas', 'figures', 'tree', 'integrity', 'immutable', 'disk', 'env', 'compose'];

/** Files of variables a store or its project usually has. */
const envNames = ['persistent.env', '.env'];

/** Gathers facts for one run, each once and only when asked for. What cannot be had is unknown, with the reason. */
export class Gatherer {
  readonly #sources: Sources;
  readonly #base: Base;
  readonly #signal: AbortSignal;
  readonly #progress: Progress;
  readonly #known = new Map<FactName, Promise<Known<unknown>>>();

  constructor(sources: Sources, base: Base, signal: AbortSignal, progress: Progress) {
    this.#sources = sources;
    this.#base = base;
    this.#signal = signal;
    this.#progress = progress;
  }

  async all(names: ReadonlySet<FactName>): Promise<KnownFacts> {
    const found = await Promise.all([...names].map(async (name) => [name, await this.#get(name)] as const));
    return Object.fromEntries(found);
  }

  #get<F extends FactName>(name: F): Promise<Known<Facts[F]>> {
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = this.#gather(name)));
    // Kept under the name it was gathered for.
    return known as Promise<Known<Facts[F]>>;
  }

  async #gather(name: FactName): Promise<Known<unknown>> {
    const { state, stateReason, path } = this.#base.store;
    if (state !== 'ok' && ofDisk.includes(name)) {
      return { unknown: `The store cannot be read: ${stateReason ?? displayName(path)}` };
    }
    try {
      return await this.#make(name);
    } catch (error) {
      const problem = toLarderError(error);
      if (problem.code === 'CANCELLED' || problem.code === 'INTERNAL') throw error;
      return { unknown: problem.message };
    }
  }

  async #make(name: FactName): Promise<Known<unknown>> {
    switch (name) {
      case 'areas':
        return { value: await this.#areas() };
      case 'figures':
        return this.#figures();
      case 'tree':
        return { value: await this.#walk() };
      case 'integrity':
        return this.#from('tree', async ({ candidates }) => {
          const files = candidates.first;
          const input = { root: this.#base.store.path, candidates: files, nowMs: this.#base.nowMs };
          const looked = await this.#sources.context.pool.run(lookTask, input, {
            signal: this.#signal,
            onMessage: (done) => this.#progress('Looking into files', Number(done), files.length),
          });
          return { ...looked, complete: candidates.count === files.length };
        });
      case 'immutable':
        return this.#from('tree', ({ immutable }) =>
          this.#sources.seen.compare(this.#base.store.id, immutable, this.#base.nowMs, this.#signal),
        );
      case 'disk':
        return { value: await this.#disk() };
      case 'backups':
        return { value: await this.#backups() };
      case 'env':
        return this.#env();
      case 'compose':
        this.#progress('Reading compose files', 0);
        return { value: await this.#sources.compose.checkStore(this.#base.store.id, this.#signal) };
      case 'larder': {
        const { id } = this.#base.store;
        const { larder, usage, notices } = this.#sources;
        return { value: { ...larder(id), live: usage.live(id), notices: notices() } satisfies LarderFacts };
      }
    }
  }

  async #from<F extends FactName, T>(name: F, make: (fact: Facts[F]) => Promise<T>): Promise<Known<T>> {
    const known = await this.#get(name);
    return 'unknown' in known ? known : { value: await make(known.value) };
  }

  async #areas(): Promise<Facts['areas']> {
    const { store, layout } = this.#base;
    const plain = layout.areas.filter(({ path }) => path !== '' && !path.includes('*'));
    return this.#sources.context.pool.run(
      areasTask,
      {
        root: store.path,
        areas: [{ path: '', folders: [] }, ...plain.map(({ path, folders = [] }) => ({ path, folders }))],
      },
      { signal: this.#signal },
    );
  }

  /** From the count that is kept up to date anyway; a single command has none, and the walk knows as much. */
  async #figures(): Promise<Known<Figures>> {
    const { context, usage } = this.#sources;
    const summary = context.live ? usage.summary(this.#base.store.id) : undefined;
    if (summary?.countedAtMs !== undefined) return { value: figuresOf(summary) };
    return this.#from('tree', ({ figures }) => Promise.resolve(figures));
  }

  async #walk(): Promise<TreeFacts> {
    const { store, layout, me, nowMs } = this.#base;
    const { context, usage, mostEntries } = this.#sources;
    const expected = usage.summary(store.id)?.files;
    const { closed } = mountsBelow(readMounts(context.fs), store.path, store.rules.crossMounts);
    return context.pool.run(
      walkTask,
      {
        root: store.path,
        areas: layout.areas.map((area) => walkedArea(area, layout)),
        want: wantedOf({}, layout),
        crossMounts: store.rules.crossMounts,
        closed: [...closed],
        own: insideOf(store),
        me,
        nowMs,
        mostEntries,
      },
      {
        signal: this.#signal,
        onMessage: (done) => this.#progress('Looking at files', Number(done), expected),
      },
    );
  }

  async #disk(): Promise<DiskFacts> {
    const { usage } = this.#sources;
    const { store } = this.#base;
    const call = { signal: this.#signal };
    const { disks } = await usage.handlers.disks({}, call);
    const isOn = (mountPoint: string): boolean =>
      store.path === mountPoint || store.path.startsWith(mountPoint.endsWith('/') ? mountPoint : `${mountPoint}/`);
    const own = disks
      .filter((disk) => disk.stores.includes(store.id))
      .sort(
        (a, b) => Number(isOn(b.mountPoint)) - Number(isOn(a.mountPoint)) || b.mountPoint.length - a.mountPoint.length,
      );
    if (own.length === 0) throw new LarderError('NOT_FOUND', 'Its disk could not be found.');
    const { forecasts } = await usage.handlers.forecast({}, call);
    const forecast = forecasts.find(({ mountPoint }: Forecast) => mountPoint === own[0]?.mountPoint);
    return { disks: own, forecast };
  }

  async #backups(): Promise<BackupFacts> {
    const { store } = this.#base;
    const { backups, jobs, context } = this.#sources;
    const call = { signal: this.#signal };
    const { backups: list, problems } = await backups.handlers.list({ store: store.id }, call);
    const { jobs: tried } = await jobs.handlers.list({ store: store.id, kind: 'backup', limit: 20 }, call);
    const destination = await context.pool.run(destinationTask, store.destination, { signal: this.#signal });
    const disk = await this.#get('disk');
    const sameDisk =
      'unknown' in disk ? undefined : disk.value.disks.some((each) => each.backupsShare.includes(store.id));
    return {
      backups: list,
      problems,
      jobs: tried.filter(({ status }: Job) => status !== 'running'),
      destination: { ...destination, sameDisk },
    };
  }

  async #env(): Promise<Known<Facts['env']>> {
    const { store, layout } = this.#base;
    const folders = new Set([
      '',
      'config',
      ...layout.areas.filter(({ role }) => role === 'config').map(({ path }) => path),
    ]);
    const inside = [...folders]
      .filter((folder) => !folder.includes('*'))
      .flatMap((folder) => envNames.map((name) => (folder === '' ? name : `${folder}/${name}`)))
      .map((path) => ({ path, absolute: join(store.path, path), inStore: true }));
    const beside = join(store.path, '..', '.env');
    const { files, unreadable } = await this.#sources.context.pool.run(
      envTask,
      {
        // Beside a folder nobody gave a layout anything may lie.
        files: [
          ...inside,
          ...(layout.environment.length === 0 ? [] : [{ path: beside, absolute: beside, inStore: false }]),
        ],
        rules: envRules(store.path, layout),
      },
      { signal: this.#signal },
    );
    const [first] = unreadable;
    if (first !== undefined && files.length === 0) return { unknown: `${displayName(first.path)} ${first.reason}.` };
    return { value: files };
  }
}

function figuresOf(summary: UsageSummary): Figures {
  return {
    bytes: summary.bytes,
    files: summary.files,
    newestMs: summary.newest,
    areas: summary.areas.map(({ path, role, guess, bytes, files, newest }) => ({
      path,
      role,
      guess: guess === true,
      bytes,
      files,
      newestMs: newest,
    })),
    atLeast: summary.atLeast,
  };
}

type Area = StoreLayout['areas'][number];
type Whole = Pick<StoreLayout, 'directoryMode' | 'fileMode' | 'scriptMode' | 'owner'>;

/** What is asked of permission in an area: its own, else what the layout says of the whole. */
export function wantedOf(area: Partial<Pick<Area, 'directoryMode' | 'fileMode' | 'owner'>>, whole: Whole): Wanted {
  const owner = area.owner ?? whole.owner;
  const [uid, gid] = owner?.split(':').map(Number) ?? [];
  return {
    directoryMode: octal(area.directoryMode ?? whole.directoryMode),
    fileMode: octal(area.fileMode ?? whole.fileMode),
    scriptMode: octal(whole.scriptMode),
    owner: uid === undefined || gid === undefined ? undefined : { uid, gid },
  };
}

function octal(mode: string | undefined): number | undefined {
  return mode === undefined ? undefined : parseInt(mode, 8);
}

function walkedArea(area: Area, layout: StoreLayout): WalkedArea {
  const { path, role, capture, immutable, cleanup, guess } = area;
  const isKept = capture === 'live' || role === 'database' || role === 'metrics';
  const isExplicit = area.directoryMode !== undefined || area.fileMode !== undefined || area.owner !== undefined;
  return {
    path,
    role,
    guess: guess === true,
    immutable: immutable === true,
    cleanup,
    want: wantedOf(area, layout),
    // The layout of a database itself says what the database wants of its folder.
    ofService: isKept && !isExplicit && !(path === '' && layout.areas.length === 1),
  };
}

/** Where Larder writes backups, when that is in the store. */
function insideOf({ path, destination }: Store): string[] {
  return destination.startsWith(`${path}/`) ? [destination.slice(path.length + 1)] : [];
}
